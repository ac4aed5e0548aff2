"""Reads IAM policy documents: which statements apply, and whether their conditions hold.

Covers what Tuner's policies use: Action and Resource with wildcards, the string operators, Null and Bool.
NotAction, NotPrincipal and NotResource are refused with an error rather than misread. As in IAM, keys of
conditions have no case, not even the key of a tag in them; its value has.
"""

import json
import re
from functools import lru_cache

TAG_KEYS = ("aws:resourcetag/", "ec2:resourcetag/", "rds:db-tag/", "rds:cluster-tag/")


def read_statements(document) -> list[dict]:
    if isinstance(document, str):
        document = json.loads(document)
    statements = as_list(document.get("Statement", []))
    for statement in statements:
        unread = {"NotAction", "NotPrincipal", "NotResource"} & statement.keys()
        if unread:
            raise ValueError(f"the stand-in does not evaluate {sorted(unread)}")
    return statements


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]


@lru_cache(maxsize=None)
def _pattern(text: str, flags: int = 0):
    parts = [{"*": ".*", "?": "."}.get(char, re.escape(char)) for char in text]
    return re.compile("".join(parts) + r"\Z", flags | re.DOTALL)


def matches(pattern: str, value: str, ignore_case: bool = False) -> bool:
    return bool(_pattern(pattern, re.IGNORECASE if ignore_case else 0).match(value))


def covers_action(statement: dict, action: str) -> bool:
    return any(matches(item, action, ignore_case=True) for item in as_list(statement.get("Action", [])))


def covers_resource(statement: dict, resource) -> bool:
    """A call that names no resource is covered by every statement."""
    return resource is None or any(matches(item, resource.arn) for item in as_list(statement.get("Resource", [])))


def conditions_hold(statement: dict, context: dict[str, str], tags_known: bool = True) -> bool:
    """All operators and keys must hold; keys and operators are compared without case."""
    known = {key.lower(): value for key, value in context.items()}
    return all(
        _holds(operator, known.get(key.lower()), [str(item) for item in as_list(wanted)])
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
        if tags_known or not key.lower().startswith(TAG_KEYS)
    )


def _holds(operator: str, value: str | None, wanted: list[str]) -> bool:
    name = operator.lower().rpartition(":")[2]
    if name == "null":
        return (value is None) == (wanted[0].lower() == "true")
    optional = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    if name not in OPERATORS:
        raise ValueError(f"the stand-in does not evaluate the condition operator {operator}")
    negative = name.startswith("stringnot") or name.startswith("arnnot")
    if value is None:
        return optional or negative
    found = any(OPERATORS[name](value, item) for item in wanted)
    return found != negative


OPERATORS = {
    "stringequals": lambda value, item: value == item,
    "stringnotequals": lambda value, item: value == item,
    "stringequalsignorecase": lambda value, item: value.lower() == item.lower(),
    "stringnotequalsignorecase": lambda value, item: value.lower() == item.lower(),
    "stringlike": lambda value, item: matches(item, value),
    "stringnotlike": lambda value, item: matches(item, value),
    "arnequals": lambda value, item: matches(item, value),
    "arnlike": lambda value, item: matches(item, value),
    "arnnotequals": lambda value, item: matches(item, value),
    "arnnotlike": lambda value, item: matches(item, value),
    "bool": lambda value, item: value.lower() == item.lower(),
}


def decide(documents: list, action: str, context: dict[str, str], resource=None) -> str:
    """``allow``, ``deny`` (explicit) or ``none`` of a set of permission policies."""
    tags_known = resource is None or resource.exists
    verdict = "none"
    for document in documents:
        for statement in read_statements(document):
            covered = covers_action(statement, action) and covers_resource(statement, resource)
            if covered and conditions_hold(statement, context, tags_known):
                if statement.get("Effect") == "Deny":
                    return "deny"
                verdict = "allow"
    return verdict
