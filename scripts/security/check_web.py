"""wapiti over all operations of the OpenAPI document. Only modules that need no other host than ours."""

import json
import tempfile
from pathlib import Path

from control import Control
from lab import CLEAN
from tools import Finding, program, run

MODULES = "cookieflags,crlf,csp,exec,file,http_headers,ldap,methods,redirect,shellshock,sql,timesql,upload,xss,permanentxss"
SECONDS = {"scan": 120, "module": 45}
# Class of finding, a word of it, and why it is none.
ACCEPTED = [
    ("HTTP Strict Transport Security (HSTS)", "", "the lab speaks plain HTTP; over TLS the header is sent (src/http/middleware/headers.rs)"),
]


def attack(wapiti, url, modules, more):
    """What was found, as (class, what, method, path), and what wapiti says of its own work."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        code, said = run(
            [
                wapiti, "-u", f"{url}/", "--scope", "domain", "-m", modules, "--flush-session", "--no-bugreport",
                "--max-scan-time", str(SECONDS["scan"]), "--max-attack-time", str(SECONDS["module"]), "-v", "0",
                "--store-session", f"{folder}/session", "--store-config", f"{folder}/config", "-f", "json", "-o", report, *more,
            ],
            env=dict(CLEAN, HOME=folder), cwd=folder,
        )
        if not report.exists():
            raise Finding(f"wapiti ends with {code} and no report\n{said[-4000:]}")
        seen = json.loads(report.read_text())
    parts = (seen[part] for part in ("vulnerabilities", "anomalies"))
    found = [
        (kind, finding["info"], finding["method"], finding["path"])
        for part in parts for kind, findings in part.items() for finding in findings
    ]
    return found, seen["infos"]


def check(cache, lab):
    lab.seed()
    wapiti = program(cache, "web", "wapiti")
    with Control() as hole:
        found, infos = attack(wapiti, hole, "sql,xss", [])
    if not {"SQL Injection", "Reflected Cross Site Scripting"} <= {kind for kind, *_ in found}:
        raise Finding(f"wapiti does not find the holes that it was shown: {found} {infos}")
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        served = lab.call("GET", "/api/v1/openapi.json")[1]
        document.write_text(json.dumps(dict(served, servers=[{"url": lab.url}])))
        found, infos = attack(wapiti, lab.url, MODULES, ["--swagger", document, "-H", f"Authorization: Bearer {lab.token}"])
    found = [f for f in found if not any(f[0] == kind and word in f[1] for kind, word, _ in ACCEPTED)]
    if infos.get("crawled_pages_nbr", 0) < len(served["paths"]) // 2:
        raise Finding(f"wapiti saw little: {infos}")
    if found:
        raise Finding(f"wapiti: {found[0]}\n" + "\n".join(map(str, found[:50])))
    if lab.panics():
        raise Finding(f"the server panicked\n{lab.panics()}")
