"""Decides whether an assumed role may make a call: its own policies and the session policy must allow.

Each resource that the call names is judged by itself, with its tags; one that is refused refuses the call.
Callers with their own (ambient) keys may do everything in their account, as an administrator would.
"""

import hashlib

from .. import errors
from ..call import Call
from .policy import decide
from .resources import Resource, named_resources
from .sessions import Session, find_role

ALWAYS_ALLOWED = {"sts:GetCallerIdentity"}
# Operations whose IAM action has another name.
ACTION_NAMES = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:GetBucketLifecycle": "s3:GetLifecycleConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:ListBucketIntelligentTieringConfigurations": "s3:GetIntelligentTieringConfiguration",
    "s3:ListBucketMetricsConfigurations": "s3:GetMetricsConfiguration",
}


def iam_action(call: Call) -> str:
    return ACTION_NAMES.get(call.action, call.action)


def check_allowed(call: Call) -> None:
    session: Session | None = call.session
    if session is None or iam_action(call) in ALWAYS_ALLOWED:
        return
    policies = role_policies(session)
    for resource in named_resources(call) or [None]:
        _check_resource(call, session, policies, resource)


def _check_resource(call: Call, session: Session, policies: list, resource: Resource | None) -> None:
    action = iam_action(call)
    context = {"aws:PrincipalAccount": session.account_id, "aws:RequestedRegion": call.region}
    if resource:
        context.update(resource.context())
    role_says = decide(policies, action, context, resource)
    session_says = "allow" if session.policy is None else decide([session.policy], action, context, resource)
    if "deny" in (role_says, session_says):
        reason = " with an explicit deny in an identity-based policy"
    elif role_says != "allow":
        reason = f" because no identity-based policy allows the {action} action"
    elif session_says != "allow":
        reason = f" because no session policy allows the {action} action"
    else:
        return
    raise errors.denied(call, session.arn, (f" on resource: {resource.arn}" if resource else "") + reason + _encoded(call))


def _encoded(call: Call) -> str:
    """EC2 adds details that only the account's own administrators can decode."""
    if call.service != "ec2" or call.operation.startswith("Describe"):
        return ""
    return ". Encoded authorization failure message: " + "".join(hashlib.sha256(f"{call.action}{n}".encode()).hexdigest() for n in range(6))


def role_policies(session: Session) -> list:
    """Inline and attached policies, read anew on every call so that a change counts at once."""
    role = find_role(session.account_id, session.role_name)
    if role is None:
        return []
    inline = [getattr(document, "policy_document", document) for document in role.policies.values()]
    return inline + [policy.document for policy in role.managed_policies.values()]
