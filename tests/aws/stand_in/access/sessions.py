"""Assumed-role sessions: issuing them (after the checks), remembering and expiring them.

moto makes the credentials, so that it serves them with the target account's resources; the
parameter checks, the trust policy and the record are made here.
"""

import datetime as dt
import json
import re
from dataclasses import dataclass

from ..call import Call
from ..clock import Clock
from ..errors import AwsError
from .trust import may_assume

ROLE_ARN = re.compile(r"^arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):role/(?:[\w+=,.@/-]*/)?([\w+=,.@-]{1,64})$")
ACCESS_KEY = re.compile(rb"<AccessKeyId>([^<]+)</AccessKeyId>")
SESSION_NAME = re.compile(r"^[\w+=,.@-]{2,64}$")
EXTERNAL_ID = re.compile(r"^[\w+=,.@:\\/-]{2,1224}$")


@dataclass
class Session:
    account_id: str
    role_arn: str
    role_name: str
    session_name: str
    policy: str | None
    expires: dt.datetime
    expired: bool = False

    @property
    def arn(self) -> str:
        partition = self.role_arn.split(":")[1]
        return f"arn:{partition}:sts::{self.account_id}:assumed-role/{self.role_name}/{self.session_name}"

    def is_expired(self, clock: Clock) -> bool:
        return self.expired or clock.now() >= self.expires


def find_role(account_id: str, role_name: str):
    from moto.iam import iam_backends

    roles = iam_backends[account_id]["aws"].roles.values()
    return next((role for role in roles if role.name == role_name), None)


def check_assume_role(state, call: Call, caller: dict) -> None:
    """Raises what STS would answer when this caller may not have the role."""
    form = call.form
    _check_parameters(form)
    arn = form.get("RoleArn", "")
    parts = ROLE_ARN.match(arn)
    if not parts:
        raise AwsError("ValidationError", f"{arn} is invalid", 400)
    role = find_role(parts[2], parts[3])
    trusted = role and role.arn == arn and may_assume(role.assume_role_policy_document, caller, form.get("ExternalId"))
    if not trusted:
        text = f"User: {caller['arn']} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        raise AwsError("AccessDenied", text, 403)
    _check_duration(form, role)


def _check_parameters(form: dict) -> None:
    if not SESSION_NAME.match(form.get("RoleSessionName", "")):
        raise _constraint("roleSessionName", "Member must satisfy regular expression pattern: [\\w+=,.@-]*")
    if "ExternalId" in form and not EXTERNAL_ID.match(form["ExternalId"]):
        raise _constraint("externalId", "Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]*")
    policy = form.get("Policy")
    if policy is None:
        return
    if len(policy) > 2048:
        raise _constraint("policy", "Member must have length less than or equal to 2048")
    try:
        json.loads(policy)
    except ValueError:
        raise AwsError("MalformedPolicyDocument", "The policy is not in the valid JSON format.", 400) from None


def _constraint(field: str, text: str) -> AwsError:
    return AwsError("ValidationError", f"1 validation error detected: Value at '{field}' failed to satisfy constraint: {text}", 400)


def _check_duration(form: dict, role) -> None:
    seconds = int(form.get("DurationSeconds", 3600))
    if not 900 <= seconds <= 43200:
        raise _constraint("durationSeconds", "Member must have value between 900 and 43200")
    if seconds > int(role.max_session_duration or 3600):
        text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise AwsError("ValidationError", text, 400)


def record_attempt(state, call: Call) -> None:
    """Remembers that a role was asked for, whatever comes of it."""
    form = call.form
    state.attempt_log.append({
        "roleArn": form.get("RoleArn"), "externalId": form.get("ExternalId"), "policy": form.get("Policy"),
    })


def record_session(state, call: Call, reply_body: bytes) -> None:
    """Remembers the session that moto has just issued, by the access key in its reply."""
    form = call.form
    parts = ROLE_ARN.match(form["RoleArn"])
    seconds = int(form.get("DurationSeconds", 3600))
    now = state.clock.now()
    session = Session(
        parts[2], form["RoleArn"], parts[3], form["RoleSessionName"], form.get("Policy"),
        now + dt.timedelta(seconds=seconds),
    )
    found = ACCESS_KEY.search(reply_body)
    with state.lock:
        state.sessions[found[1].decode()] = session
        state.session_log.append({
            "roleArn": session.role_arn, "sessionName": session.session_name,
            "externalId": form.get("ExternalId"), "policy": form.get("Policy"),
            "durationSeconds": seconds, "at": now.isoformat(), "accessKeyId": found[1].decode(),
        })
