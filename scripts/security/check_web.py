"""wapiti over all operations of the OpenAPI document. Only modules that need no other host than ours."""

import json
import tempfile
from pathlib import Path

from lab import CLEAN
from tools import Finding, program, run

MODULES = "cookieflags,crlf,csp,exec,file,http_headers,ldap,methods,redirect,shellshock,sql,timesql,upload,xss,permanentxss"
SECONDS = {"scan": 120, "module": 45}
# Class of finding, a word of it, and why it is none.
ACCEPTED = [
    ("HTTP Strict Transport Security (HSTS)", "", "the lab speaks plain HTTP; over TLS the header is sent (http/tests.rs)"),
]


def check(cache, lab):
    lab.seed()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        document = Path(folder) / "openapi.json"
        served = lab.call("GET", "/api/v1/openapi.json")[1]
        document.write_text(json.dumps(dict(served, servers=[{"url": lab.url}])))
        code, said = run(
            [
                program(cache, "web", "wapiti"), "-u", f"{lab.url}/", "--swagger", document, "--scope", "domain",
                "-H", f"Authorization: Bearer {lab.token}", "-m", MODULES, "--flush-session", "--no-bugreport",
                "--max-scan-time", str(SECONDS["scan"]), "--max-attack-time", str(SECONDS["module"]), "-v", "0",
                "--store-session", f"{folder}/session", "--store-config", f"{folder}/config", "-f", "json", "-o", report,
            ],
            env=dict(CLEAN, HOME=folder), cwd=folder,
        )
        if not report.exists():
            raise Finding(f"wapiti ends with {code} and no report\n{said[-4000:]}")
        seen = json.loads(report.read_text())
    found = [
        (kind, finding["info"], finding["method"], finding["path"])
        for part in ("vulnerabilities", "anomalies")
        for kind, findings in seen[part].items()
        for finding in findings
        if not any(kind == accepted and word in finding["info"] for accepted, word, _ in ACCEPTED)
    ]
    if seen["infos"].get("crawled_pages_nbr", 1) < 2:
        raise Finding(f"wapiti saw {seen['infos']} only")
    if found:
        raise Finding(f"wapiti: {found[0]}\n" + "\n".join(map(str, found[:50])))
    if lab.panics():
        raise Finding(f"the server panicked\n{lab.panics()}")
