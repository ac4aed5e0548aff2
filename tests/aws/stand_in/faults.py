"""Faults on demand: what AWS does on a bad day, for chosen accounts, regions, operations, machines and places.

A fault answers before moto is asked, so a faulty call changes nothing; with ``after`` the call has its effect first
and the fault is what the caller sees of it. ``fallback`` answers nothing: a start is accepted and comes to nothing.
"""

import time
from dataclasses import dataclass, field

from . import errors
from .call import Call
from .errors import AwsError, Reply
from .power.journal import named_ids

KINDS = {"deny", "throttle", "rate", "error500", "garbage", "latency", "expired", "capacity", "error", "cut", "fallback"}
# What EC2 and RDS say when a start does not succeed for want of something.
CODES = {
    "InsufficientInstanceCapacity": (500, "Insufficient capacity."),
    "InsufficientHostCapacity": (500, "Insufficient capacity on the Dedicated Host."),
    "InstanceLimitExceeded": (400, "Your quota allows for 0 more running instance(s). You requested at least 1"),
    "VcpuLimitExceeded": (400, "You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance "
                               "bucket that the specified instance type belongs to. Please visit "
                               "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."),
    "ServerInternal": (500, "An internal error has occurred"),
    "Unavailable": (503, "The service is unavailable. Please try again shortly."),
    "InsufficientDBInstanceCapacity": (400, "Insufficient capacity for the requested DB instance class."),
    "InvalidVPCNetworkStateFault": (400, "The DB subnet group is not in a valid state."),
    "InvalidSubnet": (400, "The requested subnet is invalid."),
    "DBSubnetGroupDoesNotCoverEnoughAZs": (400, "DB Subnet Group doesn't meet availability zone coverage requirement."),
    "KMSKeyNotAccessibleFault": (400, "The specified KMS key is not accessible."),
    "AuthorizationNotFound": (404, "The specified CIDR range or security group isn't authorized."),
}
CUT = Reply(0, {}, b"")


@dataclass
class Fault:
    kind: str
    service: str = "*"
    operation: str = "*"
    accountId: str = "*"
    region: str = "*"
    times: int | None = None
    milliseconds: int = 0
    after: bool = False
    resourceId: str = "*"
    instanceType: str = "*"
    zone: str = "*"
    code: str = ""
    message: str = ""
    status: int | None = None
    reason: str = "Server.InsufficientInstanceCapacity"
    perSecond: float = 2.0
    burst: float = 5.0
    buckets: dict = field(default_factory=dict, init=False, repr=False)

    def covers(self, call: Call) -> bool:
        wanted = (self.service, self.operation, self.accountId, self.region)
        actual = (call.service, call.operation, call.account_id, call.region)
        if self.kind == "fallback" or self.times == 0 or not _all_match(wanted, actual):
            return False
        return self.resourceId in ("*", *named_ids(call)) and self._covers_machines(call) and not self._has_token(call)

    def _has_token(self, call: Call) -> bool:
        """AWS's buckets: one for each account, region and operation. They fill in real time."""
        if self.kind != "rate":
            return False
        key, now = (call.account_id, call.region, call.action), time.monotonic()
        left, since = self.buckets.get(key, (self.burst, now))
        left = min(self.burst, left + (now - since) * self.perSecond)
        self.buckets[key] = (left - 1 if left >= 1 else left, now)
        return left >= 1

    def _covers_machines(self, call: Call) -> bool:
        """Any machine that is named, and for a want of capacity any that is off."""
        if (self.instanceType, self.zone) == ("*", "*") and self.kind != "capacity":
            return True
        from .power.instances import find_instances

        found = find_instances(call.account_id, call.region, named_ids(call)).values()
        return any(self._fits(item) and (self.kind != "capacity" or item.state == "stopped") for item in found)

    def covers_instance(self, account_id: str, region: str, instance) -> bool:
        return _all_match((self.accountId, self.region, self.resourceId), (account_id, region, instance.id)) and self._fits(instance)

    def _fits(self, instance) -> bool:
        return _all_match((self.instanceType, self.zone), (instance.instance_type, instance.availability_zone))


def _all_match(wanted: tuple, actual: tuple) -> bool:
    return all(w in ("*", a) for w, a in zip(wanted, actual))


def parse_fault(item: dict) -> Fault:
    from .power.instances import FALL_BACKS

    fault = Fault(**item)
    if fault.kind not in KINDS:
        raise ValueError(f"unknown kind {fault.kind!r}, know {sorted(KINDS)}")
    if fault.reason not in FALL_BACKS:
        raise ValueError(f"unknown reason {fault.reason!r}, know {sorted(FALL_BACKS)}")
    if fault.kind == "error" and not (fault.code in CODES or (fault.code and fault.message and fault.status)):
        raise ValueError(f"an error needs code, message and status, or one of these codes: {sorted(CODES)}")
    if fault.kind == "capacity":
        fault.service, fault.operation = "ec2", "StartInstances"
    return fault


def take_faults(state, call: Call, after: bool = False) -> list[Fault]:
    """The faults that hit this call (or, ``after``, its answer); a limited one is used up by it."""
    with state.lock:
        hits = [fault for fault in state.faults if fault.after == after and fault.covers(call)]
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
    if fault.kind == "cut":
        return CUT
    made = {
        "deny": lambda: errors.denied(call, arn, " because no identity-based policy allows it"),
        "throttle": lambda: errors.throttled(call),
        "rate": lambda: errors.throttled(call),
        "error500": lambda: errors.internal(call),
        "expired": lambda: errors.expired(call),
        "capacity": lambda: _error("InsufficientInstanceCapacity", fault),
        "error": lambda: _error(fault.code, fault),
    }
    return errors.error_reply(call, made[fault.kind]())


def _error(code: str, fault: Fault) -> AwsError:
    status, message = CODES.get(code, (400, ""))
    return AwsError(code, fault.message or message, fault.status or status)
