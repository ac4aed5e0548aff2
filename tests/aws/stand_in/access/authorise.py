"""Decides whether an assumed role may make a call: its own policies and the session policy must allow.

Callers with their own (ambient) keys may do everything in their account, as an administrator would.
"""

from .. import errors
from ..call import Call
from .policy import decide
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
}


def iam_action(call: Call) -> str:
    return ACTION_NAMES.get(call.action, call.action)


def check_allowed(call: Call) -> None:
    session: Session | None = call.session
    action = iam_action(call)
    if session is None or action in ALWAYS_ALLOWED:
        return
    context = {"aws:PrincipalAccount": session.account_id, "aws:RequestedRegion": call.region}
    role_says = decide(role_policies(session), action, context)
    session_says = "allow" if session.policy is None else decide([session.policy], action, context)
    if "deny" in (role_says, session_says):
        raise errors.denied(call, session.arn, " with an explicit deny in an identity-based policy")
    if role_says != "allow":
        raise errors.denied(call, session.arn, f" because no identity-based policy allows the {action} action")
    if session_says != "allow":
        raise errors.denied(call, session.arn, f" because no session policy allows the {action} action")


def role_policies(session: Session) -> list:
    """Inline and attached policies, read anew on every call so that a change counts at once."""
    role = find_role(session.account_id, session.role_name)
    if role is None:
        return []
    inline = [getattr(document, "policy_document", document) for document in role.policies.values()]
    return inline + [policy.document for policy in role.managed_policies.values()]
