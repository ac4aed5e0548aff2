"""The admin routes under ``/_stand-in``: what a test sets up, and what it reads back.

They have no access control: whoever reaches the port may do everything.
"""

import json
import traceback
from urllib.parse import parse_qsl

from .access.roles import put_role, set_expired
from .errors import Reply
from .faults import parse_fault
from .power import hands
from .seed import seed_fleet, reset_all

PREFIX = "/_stand-in/"


def answer_admin(state, environ: dict) -> Reply:
    path = environ["PATH_INFO"][len(PREFIX) :].strip("/")
    answer = ROUTES.get((environ["REQUEST_METHOD"], path))
    if answer is None:
        return _json({"error": f"no such route; there are {sorted(' '.join(r) for r in ROUTES)}"}, 404)
    try:
        with state.lock:
            return _json(answer(state, _read_json(environ)))
    except (ValueError, KeyError, TypeError) as error:
        return _json({"error": f"{type(error).__name__}: {error}", "at": traceback.format_exc(limit=-1)}, 400)


def _read_json(environ: dict):
    """The body, or else the query string as an object."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = json.loads(environ["wsgi.input"].read(length)) if length else None
    return dict(parse_qsl(environ.get("QUERY_STRING", ""))) or None if body is None else body


def _json(value, status: int = 200) -> Reply:
    return Reply(status, {"Content-Type": "application/json"}, json.dumps(value).encode())


def _put_faults(state, body):
    state.faults.extend(parse_fault(item) for item in body)
    return {"faults": len(state.faults)}


def _clear_faults(state, body):
    """All of them, or those of one account."""
    account_id = (body or {}).get("accountId")
    state.faults[:] = [fault for fault in state.faults if account_id not in (None, fault.accountId)]
    return {"faults": len(state.faults)}


def _list_calls(state, _body):
    names = ("accountId", "service", "operation", "region")
    return [{**dict(zip(names, key)), "count": count} for key, count in sorted(state.calls.items())]


def _clear_calls(state, _body):
    state.calls.clear()
    return []


def _clear_sessions(state, _body):
    state.session_log.clear()
    return []


def _seed(state, body):
    seed_fleet(state, body["fleet"])
    return {"planted": len(state.planted), "healthy": len(state.healthy)}


def _reset(state, _body):
    reset_all(state)
    return {}


ROUTES = {
    ("GET", "now"): hands.show_clock,
    ("GET", "clock"): hands.show_clock,
    ("POST", "clock"): hands.move_clock,
    ("PUT", "delays"): hands.set_delays,
    ("GET", "resources"): hands.list_resources,
    ("POST", "resources"): hands.make_resources,
    ("PATCH", "resources"): hands.change_resource,
    ("GET", "power-calls"): hands.list_calls,
    ("DELETE", "power-calls"): hands.clear_calls,
    ("GET", "sessions"): lambda state, body: state.session_log,
    ("GET", "attempts"): lambda state, body: state.attempt_log,
    ("DELETE", "sessions"): _clear_sessions,
    ("POST", "sessions/expire"): set_expired,
    ("POST", "faults"): _put_faults,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "calls"): _list_calls,
    ("DELETE", "calls"): _clear_calls,
    ("POST", "reset"): _reset,
    ("POST", "seed"): _seed,
    ("POST", "roles"): put_role,
    ("PUT", "roles"): put_role,
    ("GET", "planted"): lambda state, body: state.planted,
    ("GET", "healthy"): lambda state, body: state.healthy,
    ("GET", "scheduled"): lambda state, body: state.scheduled,
}
