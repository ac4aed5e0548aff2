"""Whether a role's trust policy lets a caller of some account assume it with an external ID."""

import re

from .policy import as_list, conditions_hold, covers_action, read_statements

ROOT = re.compile(r"^arn:aws[\w-]*:iam::(\d{12}):root$")
PRINCIPAL = re.compile(r"^arn:aws[\w-]*:iam::(\d{12}):(?:role|user)/.+$")


def may_assume(trust_policy, caller: dict, external_id: str | None) -> bool:
    """``caller`` has ``accountId``, ``arn`` and, for an assumed role, ``roleArn``."""
    context = {"aws:PrincipalAccount": caller["accountId"], "aws:PrincipalArn": _principal_arn(caller)}
    if external_id is not None:
        context["sts:ExternalId"] = external_id
    allowed = False
    for statement in read_statements(trust_policy):
        if not covers_action(statement, "sts:AssumeRole") or not _covers_caller(statement, caller):
            continue
        if not conditions_hold(statement, context):
            continue
        if statement.get("Effect") == "Deny":
            return False
        allowed = True
    return allowed


def _principal_arn(caller: dict) -> str:
    return caller.get("roleArn") or caller["arn"]


def _covers_caller(statement: dict, caller: dict) -> bool:
    principal = statement.get("Principal", {})
    if principal == "*":
        return True
    return any(_names_caller(item, caller) for item in as_list(principal.get("AWS", [])))


def _names_caller(item: str, caller: dict) -> bool:
    """Ambient callers pass as any principal of their own account; assumed roles are compared exactly."""
    if item == "*" or item == caller["accountId"]:
        return True
    root = ROOT.match(item)
    if root:
        return root[1] == caller["accountId"]
    if caller.get("roleArn"):
        return item in (caller["roleArn"], caller["arn"])
    named = PRINCIPAL.match(item)
    return bool(named) and named[1] == caller["accountId"]
