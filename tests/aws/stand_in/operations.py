"""Names the operation of a REST call (S3, Lambda), from botocore's service models.

A path that no model knows is named ``Unknown`` and is then judged and counted under that name.
"""

import re
from functools import lru_cache
from urllib.parse import parse_qsl

import botocore.session

_SESSION = botocore.session.get_session()


@lru_cache(maxsize=None)
def service_model(name: str):
    return _SESSION.get_service_model(name)


def rest_operation(service: str, environ: dict) -> str:
    path = environ.get("PATH_INFO", "/")
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    best = ("Unknown", -1)
    for name, method, pattern, needed in _routes(service):
        if method != environ.get("REQUEST_METHOD") or not pattern.match(path):
            continue
        if all(query.get(key) == value or (value == "" and key in query) for key, value in needed):
            score = len(needed) * 1000 + len(pattern.pattern)
            best = max(best, (name, score), key=lambda found: found[1])
    return best[0]


@lru_cache(maxsize=None)
def _routes(service: str) -> list:
    if service not in _SESSION.get_available_services():
        return []
    model = service_model(service)
    return [_route(model.operation_model(name)) for name in model.operation_names]


def _route(operation) -> tuple:
    path, _, query = operation.http["requestUri"].partition("?")
    pattern = re.sub(r"\\{\w+(\\\+)?\\}", lambda m: ".+" if m[1] else "[^/]+", re.escape(path))
    needed = parse_qsl(query, keep_blank_values=True) + _needed_by_members(operation)
    return (operation.name, operation.http["method"], re.compile(f"^{pattern}/?$"), needed)


def _needed_by_members(operation) -> list:
    """S3 tells one configuration from the list of them by the ``id`` alone."""
    shape = operation.input_shape
    members = [shape.members[name].serialization for name in shape.required_members] if shape else []
    return [(member["name"], "") for member in members if member.get("location") == "querystring"]
