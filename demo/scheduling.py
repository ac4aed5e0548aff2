"""The scheduler's part of the demo: a schedule is made, shown, run, and what it did is looked up.

What is running and what is not is asked from AWS's stand-in, not from Tuner.
"""

import datetime as dt
import json
import subprocess
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from client import DemoError, call, cut

# Offices over the globe: in one of them it is evening or weekend.
OFFICES = [("Berlin", "Europe/Berlin"), ("New York", "America/New_York"), ("Los Angeles", "America/Los_Angeles"),
           ("Singapore", "Asia/Singapore"), ("Auckland", "Pacific/Auckland")]
# As long before it opens or after it closes, so that nothing changes while somebody watches.
QUIET_HOURS = 2
# What a run tells of besides, as it should.
EXPECTED = {"waitingForApproval"}


def show_scheduler(tuner, env, api, aws, token, folder):
    place, schedule = choose_office()
    file = folder / "office.json"
    file.write_text(json.dumps(schedule, indent=2))
    period = schedule["periods"][0]
    print(f"\nScheduling: “office” runs machines from {period['begin']} to {period['end']} on weekdays in {place}, where it is", end=" ")
    print(f"{dt.datetime.now(ZoneInfo(schedule['timezone'])):%A %H:%M}.")
    apply(tuner, env, file)
    before = states(aws)
    first = run_by_cron(tuner, env)
    preview(api, token)
    approved = approve(api, token)
    last = call("POST", f"{api}/scheduler/run", {}, token) if approved else first
    show_run("POST /api/v1/scheduler/run" if approved else "Done", last)
    show_fleet(aws, before)
    show_audit(tuner, env, api, token)


def choose_office():
    for place, zone in OFFICES:
        try:
            now = dt.datetime.now(ZoneInfo(zone))
        except ZoneInfoNotFoundError:
            raise DemoError("the demo needs the time zones of the system (package tzdata)") from None
        if all(is_closed(now + dt.timedelta(hours=hours)) for hours in range(QUIET_HOURS + 1)):
            break
    weekdays = {"begin": "07:00", "end": "19:00", "weekdays": ["mon-fri"]}
    return place, {"name": "office", "timezone": zone, "periods": [weekdays]}


def is_closed(local):
    return local.weekday() > 4 or not 7 <= local.hour < 19


def apply(tuner, env, file):
    """As a customer would from a pipeline: twice, the second time nothing changes."""
    for _ in range(2):
        done = subprocess.run([tuner, "schedule", "apply", file], env=env, capture_output=True, text=True)
        if done.returncode:
            raise DemoError(f"tuner schedule apply ended with {done.returncode}: {done.stderr.strip()}")
        print(f"  $ tuner schedule apply {file.name}:  {done.stdout.strip().splitlines()[-1]}")


def preview(api, token):
    schedule = next(row for row in call("GET", f"{api}/schedules", token=token)["items"] if row["name"] == "office")
    seen = call("GET", f"{api}/schedules/{schedule['scheduleId']}/preview", token=token)
    print(f"  Preview: {hours(seen['hoursOffPerMonth'])} of 730 hours off a month, worth {float(seen['estimatedMonthlySavings']):,.2f} USD.", end=" ")
    print(f"{seen['resourceCount']} machines and databases name it; {seen['ineligibleCount']} of them are never stopped.")
    print("  Next:    " + "  ·  ".join(f"{change['at'][:16].replace('T', ' ')} {change['state']}" for change in seen["changes"][1:5]) + "   (UTC)")


def hours(text):
    return f"{float(text):,.0f}"


def run_by_cron(tuner, env):
    """The same tick that the server makes by itself each minute; the server runs beside."""
    done = subprocess.run([tuner, "schedule", "run", "--format", "json"], env=env, capture_output=True, text=True)
    if done.returncode not in (0, 4):
        raise DemoError(f"tuner schedule run ended with {done.returncode}: {done.stderr.strip()}")
    report = json.loads(done.stdout)
    show_run("$ tuner schedule run", report)
    return report


def show_run(what, report):
    counts = report["counts"]
    waiting = f", {counts['waitingForApproval']} wait for approval" if counts["waitingForApproval"] else ""
    print(f"  {what}:  {counts['resources']} tagged in {counts['accounts']} accounts, {counts['stopped']} stopped, {counts['started']} started{waiting}, {report['status']}")
    for left in [item for item in report["notDone"] if item["code"] not in EXPECTED][:3]:
        print(f"    {left['accountId']} {left['resourceId'] or ''}: {cut(left['message'], 90)}")


def approve(api, token):
    """More than half of an account's machines at once is not done without asking."""
    waiting = call("GET", f"{api}/scheduler/approvals?status=open", token=token)["items"]
    for approval in sorted(waiting, key=lambda row: row["accountId"]):
        url = f"{api}/scheduler/approvals/{approval['approvalId']}/approve"
        call("POST", url, {"note": "the first evening under the schedule"}, token)
        print(f"  Asked:   {approval['accountId']} to {approval['action']} {approval['resourceCount']}: {cut(approval['reason'], 70)}. Approved.")
    return bool(waiting)


def states(aws):
    accounts = sorted({row["accountId"] for row in call("GET", f"{aws}/_stand-in/scheduled")})
    return {
        (account, row["region"], row["kind"], row["resourceId"]): row
        for account in accounts
        for row in call("GET", f"{aws}/_stand-in/resources?accountId={account}")
    }


def show_fleet(aws, before):
    """What AWS's stand-in says: who was stopped, and that the look-alikes were left alone."""
    now, listed = states(aws), call("GET", f"{aws}/_stand-in/scheduled")
    follows = {key_of(row) for row in listed if row["follows"]}
    moved = {key for key, row in now.items() if row["state"] != before[key]["state"]}
    members = {key for key in moved - follows if key[2] == "dbInstance" and now[key]["state"] == "stopped"}
    print(f"\n  {'Account':12}  {'Region':13} {'Kind':11} {'Name':26} {'Was':10} Is, at AWS")
    for key in sorted(moved & follows):
        print("  " + line(key, before, now))
    print(f"  {len(moved & follows)} were stopped (and {len(members)} members of their clusters).")
    print("\n  Left alone, though they look alike (those of one account and region):")
    place = listed[0]["accountId"], "us-east-1"
    for row in sorted((row for row in listed if not row["follows"] and key_of(row)[:2] == place), key=lambda row: row["why"]):
        print(f"  {line(key_of(row), before, now)}   {row['why']}")
    print(f"  {len(now) - len(moved)} machines and databases of both accounts are as they were.")
    check(moved, follows, members)


def key_of(row):
    return row["accountId"], row["region"], row["kind"], row["resourceId"]


def line(key, before, now):
    account, region, kind, name = key
    label = now[key]["tags"].get("Name", name)
    return f"{account}  {region:13} {kind:11} {cut(label, 25):26} {before[key]['state']:10} {now[key]['state']}"


def check(moved, follows, members):
    """The demo is also a test: what is tagged has moved, and nothing else has."""
    wrong, missed = moved - follows - members, follows - moved
    if wrong:
        raise DemoError(f"{len(wrong)} resources moved that should not have: {sorted(wrong)[:3]}")
    if missed:
        raise DemoError(f"{len(missed)} resources should have been stopped and were not: {sorted(missed)[:3]}")


def show_audit(tuner, env, api, token):
    """Each stop was written down before its call, and what came of it afterwards: both are read back and paired."""
    stops = [action for action in pages(f"{api}/scheduler/actions", token) if action["action"] == "stop"]
    written = {entry["sequence"]: entry for entry in pages(f"{api}/audit-log", token)}
    outcomes = {entry["intentSequence"]: entry for entry in written.values() if entry["intentSequence"]}
    pairs = [(action, written[action["auditSequence"]], outcomes.get(action["auditSequence"])) for action in stops]
    print("\n  Audit (the intent before the call, the outcome after it):")
    for action, intent, outcome in pairs[:3]:
        print(f"  #{intent['sequence']}  {clock(intent['at'])}  {intent['action']} {cut(intent['target'], 58)}, because of {action['scheduleName']}: {action['reason']}")
        print(f"  #{outcome['sequence']}  {clock(action['finishedAt'])}  {outcome['outcome']}, AWS request {action['requestId']}")
    if not all(outcome and intent["at"] <= action["calledAt"] and outcome["sequence"] > intent["sequence"] for action, intent, outcome in pairs):
        raise DemoError("a stop has no intent before its call or no outcome after it")
    print(f"  … {len(pairs)} pairs, one for each stop.")
    done = subprocess.run([tuner, "audit", "verify"], env=env, capture_output=True, text=True)
    print(f"  $ tuner audit verify:  {(done.stdout or done.stderr).strip().splitlines()[-1]}")


def clock(instant):
    return f"{instant[11:23]:12}"


def pages(url, token):
    """All items of a list."""
    cursor = ""
    while cursor is not None:
        page = call("GET", f"{url}?limit=500{cursor and '&cursor=' + cursor}", token=token)
        yield from page["items"]
        cursor = page.get("nextCursor")
