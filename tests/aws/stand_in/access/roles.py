"""Plays the customer: makes roles in their accounts, changes them, and expires sessions."""

import json


def put_role(state, body: dict) -> dict:
    """Creates the role, or replaces the given ones of its trust policy and inline policy.

    ``trustPolicy`` and ``policy`` are JSON values or text; ``policy`` becomes the only inline policy.
    """
    from moto.iam import iam_backends

    from .sessions import find_role

    backend = iam_backends[body["accountId"]]["aws"]
    role = find_role(body["accountId"], body["roleName"])
    if role is None:
        role = _create_role(backend, body)
    elif body.get("trustPolicy") is not None:
        role.assume_role_policy_document = _text(body["trustPolicy"])
    if body.get("policy") is not None:
        role.policies.clear()
        backend.put_role_policy(role.name, "access", _text(body["policy"]))
    return {"roleArn": role.arn}


def _create_role(backend, body: dict):
    return backend.create_role(
        role_name=body["roleName"],
        assume_role_policy_document=_text(body["trustPolicy"]),
        path="/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration=str(body.get("maxSessionDuration", 3600)),
    )


def _text(document) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def set_expired(state, body: dict) -> dict:
    """Expires (or, with ``expired: false``, revives) the sessions of an access key, role or account."""
    hits = [
        session
        for key, session in state.sessions.items()
        if body.get("accessKeyId") in (None, key)
        and body.get("roleArn") in (None, session.role_arn)
        and body.get("accountId") in (None, session.account_id)
    ]
    for session in hits:
        session.expired = body.get("expired", True)
    return {"sessions": len(hits)}
