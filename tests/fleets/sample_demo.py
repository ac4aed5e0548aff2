#!/usr/bin/env python3
"""Writes samples.json: the resources that random fleets are made of, as Tuner stores them.

`tests/fleets/sample_demo.py TUNER` with a built binary and the stand-in's Python. Scans the demo's two customers and
keeps, for each rule, one place where its waste is planted and, for each kind, one of each form (field present, flag,
word of an enumeration), always together with what refers to it. Run it again when a kind or a field is added.
"""

import collections
import json
import re
import shutil
import sqlite3
import sys
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "demo"))
import demo  # noqa: E402  (the demo's own programs, roles and scans)

MOST_IN_A_GROUP = 12


def scan_demo(tuner):
    """All stored resources as (account, kind, body), and what is planted."""
    programs, folder = demo.Programs(), Path(tempfile.mkdtemp(prefix="tuner-samples-"))
    try:
        aws = demo.start_stand_in(programs, folder)
        url, setup, _ = demo.start_tuner(programs, tuner, folder, aws)
        api = f"{url}/api/v1"
        token = demo.call("POST", f"{api}/auth/setup", {"setupToken": setup, "name": "Samples"})["accessToken"]
        for account, name in demo.CUSTOMERS:
            demo.link(api, aws, token, account, name)
            demo.scan(api, token, account)
        planted = json.load(urllib.request.urlopen(f"{aws}/_stand-in/planted"))
        now = json.load(urllib.request.urlopen(f"{aws}/_stand-in/now"))["now"]
        database = next(file for file in (folder / "data").iterdir() if file.suffix in (".db", ".sqlite"))
        rows = sqlite3.connect(database).execute("SELECT hex(account_id), kind, body FROM resource ORDER BY kind, region, resource_id")
        return [(account, kind, json.loads(body)) for account, kind, body in rows], planted, now
    finally:
        programs.stop()
        shutil.rmtree(folder, ignore_errors=True)


def words_in(value):
    if isinstance(value, str):
        yield value
        yield from value.split("/")
    elif isinstance(value, (list, dict)):
        for item in value if isinstance(value, list) else value.values():
            yield from words_in(item)


def related(rows):
    """For each row the rows of its account and region that it names or that name it."""
    by_id = collections.defaultdict(set)
    for at, (account, _, body) in enumerate(rows):
        by_id[account, body["region"], body["id"]].add(at)
    near = collections.defaultdict(set)
    for at, (account, _, body) in enumerate(rows):
        for word in words_in({key: value for key, value in body.items() if key not in ("tags", "description", "imageName")}):
            for other in by_id.get((account, body["region"], word), ()):
                if other != at:
                    near[at].add(other)
                    near[other].add(at)
    return near


def group_around(at, near):
    """The row, what it is tied to, and what that is tied to, as far as there is room."""
    found, edge = [at], [at]
    while edge and len(found) < MOST_IN_A_GROUP:
        edge = [other for row in edge for other in sorted(near[row]) if other not in found]
        found.extend(list(dict.fromkeys(edge))[: MOST_IN_A_GROUP - len(found)])
    return sorted(found)


def forms(kind, body, path=""):
    """What makes a resource different in kind from another one."""
    for key, value in body.items():
        here = f"{kind}.{path}{key}"
        if isinstance(value, bool) or (isinstance(value, str) and re.fullmatch(r"[a-zA-Z-]{2,20}", value) and key not in ("id", "name")):
            yield f"{here}={value}" if not path.startswith("tags") else here
        elif isinstance(value, dict):
            yield from forms(kind, value, f"{path}{key}.")
        elif isinstance(value, list):
            yield f"{here}#{min(len(value), 2)}"
        elif isinstance(value, (int, float)):
            yield f"{here}:{value > 0}"
        else:
            yield here


def choose(rows, planted):
    near = related(rows)
    chosen, covered, used = [], set(), set()

    def take(at):
        group = group_around(at, near)
        used.update(group)
        chosen.append(group)
        for row in group:
            covered.update(forms(rows[row][1], rows[row][2]))

    rules = {}
    for plant in planted:
        for name in [plant.get("resourceId"), *(plant.get("anyOf") or [])]:
            rules.setdefault(plant["rule"], []).append((plant.get("region"), name))
    for rule in sorted(rules):
        at = [n for n, (_, _, body) in enumerate(rows) if (body["region"], body["id"]) in rules[rule]]
        if at and not used.intersection(at):
            take(at[0])
    for at, (_, kind, body) in enumerate(rows):
        if at not in used and not covered.issuperset(forms(kind, body)):
            take(at)
    return chosen


def main():
    rows, planted, now = scan_demo(sys.argv[1])
    groups, done = [], set()
    for group in choose(rows, planted):
        members = [[rows[at][1], rows[at][2]] for at in group if at not in done]
        done.update(group)
        groups.append(json.dumps({"region": rows[group[0]][2]["region"], "resources": members}, separators=(",", ":"), ensure_ascii=False))
    text = f'{{"takenAt":"{now}",\n"groups":[\n' + ",\n".join(groups) + "\n]}\n"
    (HERE / "samples.json").write_text(text)
    kinds = collections.Counter(kind for at in done for kind in [rows[at][1]])
    print(f"{len(groups)} groups, {len(done)} resources of {len(kinds)} kinds, {len(text) // 1024} KiB")


if __name__ == "__main__":
    main()
