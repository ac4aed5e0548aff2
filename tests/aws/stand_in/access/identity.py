"""Who is calling: an assumed-role session, a key of some account, or Tuner's own account."""

from ..call import Call


def identify(state, call: Call) -> None:
    """Fills in the call's account and session."""
    from moto.iam.models import get_account_id_from

    call.session = state.sessions.get(call.access_key)
    call.account_id = call.session.account_id if call.session else get_account_id_from(call.access_key)


def caller_of(call: Call) -> dict:
    """The caller as trust policies see it; moto names ambient callers ``user/moto``."""
    if call.session:
        return {"accountId": call.account_id, "arn": call.session.arn, "roleArn": call.session.role_arn}
    return {"accountId": call.account_id, "arn": f"arn:aws:sts::{call.account_id}:user/moto"}
