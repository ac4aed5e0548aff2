"""sslyze against a server that ends TLS itself, with Mozilla's modern profile: TLS 1.3 and nothing else."""

import re
from pathlib import Path

from lab import Lab
from tools import HERE, Finding, NotRun, must_pass, program, run

# The one complaint that is not the server's: nobody trusts the authority that was made for this test.
ACCEPTED = "certificate_path_validation:"


def check(cache, lab):
    if "tls_certificate" not in lab.cli("config", "show"):
        raise NotRun("this server has no setting server.tls_certificate yet")
    python = program(cache, "tls", "python")
    folder = Path(lab.folder.name) / "tls"
    folder.mkdir(exist_ok=True)
    must_pass("the certificate", [python, HERE / "certificate.py", folder])
    settings = {
        "TUNER_SERVER__TLS_CERTIFICATE": str(folder / "server.pem"), "TUNER_SERVER__TLS_KEY": str(folder / "server.key"),
    }
    with Lab(lab.tuner, settings) as secure:
        where = re.match(r"https://(127\.0\.0\.1:\d+)", secure.url)
        if not where:
            raise Finding(f"the server says {secure.url} though it has a certificate")
        command = [python, "-m", "sslyze", "--mozilla_config", "modern", "--certinfo_ca_file", folder / "ca.pem", where[1]]
        code, said = run(command)
    _, verdict, faults = said.partition("COMPLIANCE AGAINST TLS CONFIGURATION")
    found = [line for line in re.findall(r"^ +\* (.+)$", faults, re.M) if not line.startswith(ACCEPTED)]
    if not verdict or "ERROR" in faults or found:
        raise Finding(f"sslyze: {found[0] if found else f'ends with {code}'}\n{said[-6000:]}")
