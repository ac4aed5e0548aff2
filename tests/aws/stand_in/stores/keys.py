"""Secrets by name, and the last use of KMS's keys (the attribute ``_last_used``, ``_tracked_since``)."""

import datetime as dt

from ..errors import AwsError
from ..serverless.paging import page, with_token


def list_secrets(state, call, params: dict) -> dict:
    """Those that wait for their deletion are shown only to who asks for them."""
    all_of_them = params.get("IncludePlannedDeletion")
    known = state.shelf(call.account_id, call.region, "secrets")
    secrets = [secret for secret in known if all_of_them or "DeletedDate" not in secret]
    found, token = page(secrets, params.get("NextToken"), params.get("MaxResults"), 100)
    return with_token({"SecretList": found}, "NextToken", token)


def get_key_last_usage(_state, call, params: dict) -> dict:
    from moto.kms import kms_backends

    key = kms_backends[call.account_id][call.region].keys.get(params["KeyId"].rpartition("/")[2])
    if key is None:
        raise AwsError("NotFoundException", f"Key '{params['KeyId']}' does not exist", 400)
    made = dt.datetime.fromtimestamp(key.creation_date, dt.timezone.utc)
    used = getattr(key, "_last_used", None)
    return {
        "KeyId": key.id, "KeyCreationDate": made, "TrackingStartDate": getattr(key, "_tracked_since", made),
        "KeyLastUsage": {"Operation": "Decrypt", "Timestamp": used} if used else {},
    }


OPERATIONS = {"secretsmanager:ListSecrets": list_secrets, "kms:GetKeyLastUsage": get_key_last_usage}
