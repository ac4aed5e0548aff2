"""The record of every start and stop that was asked for: what tests of "no double, no opposite action" read."""

import re

from ..call import Call

RECORDED = re.compile(r"^(ec2:(Start|Stop|Reboot|Terminate)Instances|rds:(Start|Stop)DB(Instance|Cluster))$")
ID_FIELD = re.compile(r"^(?:InstanceId\.\d+|DBInstanceIdentifier|DBClusterIdentifier)$")
ERROR_CODE = re.compile(rb"<Code>([^<]+)</Code>")


def named_ids(call: Call) -> list[str]:
    """The machines and databases that a call names."""
    return [value for key, value in call.form.items() if ID_FIELD.match(key)]


def note_effect(state, call: Call, changes: list[dict]) -> None:
    """At once with the change, so that the record is in the order of what happened."""
    call.entry = _entry(state, call)
    call.entry.update(outcome="accepted", changed=changes)
    state.power_log.append(call.entry)


def note_answer(state, call: Call, reply) -> None:
    """What the caller saw of it; also of calls without any effect."""
    if not RECORDED.match(call.action):
        return
    found = ERROR_CODE.search(reply.body) if reply.status >= 300 else None
    seen = {"code": found[1].decode() if found else None, "status": reply.status}
    if call.entry is not None:
        call.entry.update(seen)
    else:
        outcome = "accepted" if 200 <= reply.status < 300 else "refused"
        state.power_log.append({**_entry(state, call), "outcome": outcome, "changed": [], **seen})


def _entry(state, call: Call) -> dict:
    session = call.session
    return {
        "at": state.clock.of(call.account_id).isoformat(), "accountId": call.account_id, "region": call.region,
        "operation": call.operation, "ids": named_ids(call), "roleArn": session and session.role_arn,
        "sessionName": session and session.session_name,
    }
