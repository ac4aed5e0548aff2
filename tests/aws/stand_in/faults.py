"""Faults on demand: what AWS does on a bad day, for chosen accounts, regions and operations.

A fault answers before moto is asked, so a faulty call never changes anything.
"""

import time
from dataclasses import dataclass

from . import errors
from .call import Call
from .errors import Reply

KINDS = {"deny", "throttle", "error500", "garbage", "latency", "expired"}


@dataclass
class Fault:
    kind: str
    service: str = "*"
    operation: str = "*"
    accountId: str = "*"
    region: str = "*"
    times: int | None = None
    milliseconds: int = 0

    def covers(self, call: Call) -> bool:
        wanted = (self.service, self.operation, self.accountId, self.region)
        actual = (call.service, call.operation, call.account_id, call.region)
        return self.times != 0 and all(w in ("*", a) for w, a in zip(wanted, actual))


def parse_fault(item: dict) -> Fault:
    fault = Fault(**item)
    if fault.kind not in KINDS:
        raise ValueError(f"unknown kind {fault.kind!r}, know {sorted(KINDS)}")
    return fault


def take_faults(state, call: Call) -> list[Fault]:
    """The faults that hit this call; a limited one is used up by it."""
    with state.lock:
        hits = [fault for fault in state.faults if fault.covers(call)]
        for fault in hits:
            if fault.times is not None:
                fault.times -= 1
    return hits


def answer_fault(call: Call, fault: Fault, arn: str) -> Reply | None:
    """The faulty answer, or None when the call goes on (after a delay)."""
    if fault.kind == "latency":
        time.sleep(fault.milliseconds / 1000)
        return None
    if fault.kind == "garbage":
        return Reply(200, {"Content-Type": "text/xml"}, b'<?xml version="1.0"?><Describe')
    made = {
        "deny": lambda: errors.denied(call, arn, " because no identity-based policy allows it"),
        "throttle": lambda: errors.throttled(call),
        "error500": lambda: errors.internal(call),
        "expired": lambda: errors.expired(call),
    }
    return errors.error_reply(call, made[fault.kind]())
