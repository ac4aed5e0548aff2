"""sqlmap over each parameter of each list, and over the ids in paths."""

import tempfile
import urllib.parse

from control import Control
from lab import ACCOUNT, CLEAN
from tools import Finding, program, run

# Values that reach the database; any other parameter gets a word.
VALUES = {
    "accountId": ACCOUNT, "status": "ANY", "service": "EBS", "region": "us-east-1", "tag": "Name=web", "limit": "5",
    "minMonthlySavings": "1", "sort": "resource", "kind": "EbsVolume", "groupBy": "day", "from": "2026-01-01",
    "to": "2026-12-28", "rule": "ebs-volume-unattached",
}
SOME_ID = "01a20166-ab8a-7143-b07a-8650a4d867c3"
# Kinds of injection: by boolean answers, by errors, by UNION, by stacked statements. Slow timing tests are left
# out: against a database in the same process they measure the machine.
TECHNIQUES = "BEUS"
FOUND = "identified the following injection point"
CLEAN_WORDS = ("do not appear to be injectable", "does not seem to be injectable")


def targets(lab):
    document = lab.call("GET", "/api/v1/openapi.json")[1]
    for path, methods in sorted(document["paths"].items()):
        parameters = methods.get("get", {}).get("parameters", [])
        where = path.replace("{accountId}", ACCOUNT)
        query = {p["name"]: VALUES.get(p["name"], "x") for p in parameters if p["in"] == "query" and p["name"] != "cursor"}
        if query:
            yield f"{lab.url}{fill(where, SOME_ID)}?{urllib.parse.urlencode(query)}"
        if "{" in where:
            # The star is where sqlmap injects.
            yield f"{lab.url}{fill(where, SOME_ID + '*')}"


def fill(path, value):
    while "{" in path:
        start, end = path.index("{"), path.index("}")
        path = path[:start] + value + path[end + 1:]
    return path


def attack(sqlmap, url, token):
    with tempfile.TemporaryDirectory() as folder:
        return run(
            [
                sqlmap, "-u", url, "--batch", "--level", "1", "--risk", "1", "--technique", TECHNIQUES, "--threads", "4",
                "--dbms", "sqlite", "--flush-session", "--disable-coloring", "--output-dir", folder, "--ignore-code", "*",
                "--headers", f"Authorization: Bearer {token}",
            ],
            env=dict(CLEAN, HOME=folder), cwd=folder,
        )


def check(cache, lab):
    lab.seed()
    sqlmap = program(cache, "sql", "sqlmap")
    with Control() as hole:
        code, said = attack(sqlmap, f"{hole}/list?name=web", "none")
    if FOUND not in said:
        raise Finding(f"sqlmap does not find the hole that it was shown ({code})\n{said[-4000:]}")
    for url in targets(lab):
        code, said = attack(sqlmap, url, lab.token)
        if FOUND in said:
            raise Finding(f"sqlmap finds an injection in {url}\n{said[-4000:]}")
        if not any(words in said for words in CLEAN_WORDS):
            raise Finding(f"sqlmap did not get to test {url} ({code})\n{said[-4000:]}")
    if lab.panics():
        raise Finding(f"the server panicked\n{lab.panics()}")
