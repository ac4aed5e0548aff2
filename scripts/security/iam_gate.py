"""`iam_gate.py FOLDER`: compares the policies in a folder with policy_sentry's table of actions."""

import json
import sys
from pathlib import Path

from policy_sentry.querying.actions import get_action_data

READS = {"Read", "List"}
START_STOP = {
    "ec2:StartInstances", "ec2:StopInstances", "rds:StartDBCluster", "rds:StartDBInstance", "rds:StopDBCluster",
    "rds:StopDBInstance",
}
# Younger than the table; the level is AWS's service reference's. To be taken out once the table has it.
YOUNGER = {"kms:GetKeyLastUsage": "Read", "rds:DescribeDBMajorEngineVersions": "List"}
TAGGED = {"StringEquals": {"aws:ResourceTag/Scheduler": "Enabled"}}


def access_level(action):
    """None where AWS knows no such action."""
    service, name = action.split(":")
    data = get_action_data(service, name)
    entries = data.get(service, []) if data else []
    levels = {entry["access_level"] for entry in entries if entry["action"].lower() == action.lower()}
    return levels.pop() if levels else None


def statements(path):
    for statement in json.loads(path.read_text())["Statement"]:
        actions = statement["Action"]
        yield statement, [actions] if isinstance(actions, str) else actions


def faults(folder):
    for _, actions in statements(folder / "read-only.json"):
        for action in actions:
            level = access_level(action) or YOUNGER.get(action)
            if level not in READS:
                yield f"read-only.json: {action} is {level or 'no action that AWS knows'}"
    written = set()
    for statement, actions in statements(folder / "scheduler.json"):
        for action in actions:
            level = access_level(action)
            if level is None:
                yield f"scheduler.json: AWS knows no action {action}"
            elif statement["Effect"] == "Allow" and level not in READS:
                written.add(action)
                if statement.get("Condition") != TAGGED:
                    yield f"scheduler.json: {action} is not bound to the tag"
    if written != START_STOP:
        yield f"scheduler.json writes {sorted(written)} instead of {sorted(START_STOP)}"


def main():
    found = list(faults(Path(sys.argv[1])))
    # The table itself is tried: an action that writes must be seen as such, and a wrong name as unknown.
    for action, level in [("ec2:TerminateInstances", "Write"), ("ec2:DescribeNothing", None)]:
        if access_level(action) != level:
            found.append(f"the table says {access_level(action)} of {action}, not {level}")
    print("\n".join(found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
