"""csp_evaluator over the Content-Security-Policy that the server really sends."""

import json
import os
import shutil
import subprocess
import zlib

from tools import HERE, Finding, must_pass

# csp_evaluator's severities; the rest are remarks that no policy is without.
SEVERE = {10: "high", 20: "syntax", 30: "medium"}

def check(cache, lab):
    policy = lab.headers("/healthz").get("content-security-policy", "")
    for word in ("'unsafe-inline'", "'unsafe-eval'", "*"):
        if word in policy.split():
            raise Finding(f"the policy allows {word}")
    if "frame-ancestors 'none'" not in policy:
        raise Finding("the policy lets others frame us")
    said = must_pass("csp_evaluator", ["node", install(cache) / "evaluate.cjs"], input=policy)
    found = [f for f in json.loads(said) if f["severity"] in SEVERE]
    if found:
        first = found[0]
        raise Finding(f"{SEVERE[first['severity']]}: {first['directive']}: {first['description']}")


def install(cache):
    """The pinned package in a folder of the cache, for each content of its lock file."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Finding("Node.js 18 or newer is missing: apt-get install nodejs npm")
    source = HERE / "csp"
    name = f"csp-evaluator-{zlib.crc32((source / 'package-lock.json').read_bytes())}"
    folder = type(source)(cache) / name
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(source / file, folder)
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(["npm", "ci", "--prefix", folder, *quiet], check=True, env=dict(os.environ), stdout=subprocess.DEVNULL)
        (folder / "complete").touch()
    shutil.copy(source / "evaluate.cjs", folder)
    return folder
