"""What people do to their machines besides Tuner: make them, tag them, start and stop them, move the clock."""

from ..clock import parse_rfc3339
from .databases import is_cluster, put_status, rds_of
from .instances import backend_of, find_instances, put_state
from .makers import MAKERS


def make_resources(state, body: dict) -> dict:
    given = dict(body)
    kind, account_id, region = given.pop("kind"), given.pop("accountId"), given.pop("region")
    if "state" in given:
        given["state_"] = given.pop("state")
    return {"ids": MAKERS[kind](state, account_id, region, **given)}


def change_resource(state, body: dict) -> dict:
    """Changes tags (None removes one) and state of one resource, as its owner would."""
    account_id, region, kind, name = (body[key] for key in ("accountId", "region", "kind", "resourceId"))
    state.timeline.catch_up(account_id)
    resource = _find(account_id, region, kind, name)
    if body.get("tags"):
        _tag(resource, kind, body["tags"])
    if body.get("state"):
        (put_state if kind == "instance" else put_status)(state, resource, body["state"])
    for attribute, value in (body.get("attributes") or {}).items():
        if not hasattr(resource, attribute):
            raise ValueError(f"{kind} has no attribute {attribute!r}")
        setattr(resource, attribute, value)
    return _shown(resource, kind)


def list_resources(state, body: dict) -> list[dict]:
    """Every machine and database of an account, or of one region of it, as it is now."""
    account_id = body["accountId"]
    state.timeline.catch_up(account_id)
    return [
        {"region": region, **_shown(item, kind)}
        for region in _regions(account_id, body.get("region"))
        for kind, items in _all(account_id, region).items()
        for item in items
    ]


def _regions(account_id: str, region: str | None) -> list[str]:
    """Only those in which somebody has done something: a new backend costs time."""
    from moto.ec2 import ec2_backends
    from moto.rds import rds_backends

    return [region] if region else sorted({*ec2_backends[account_id].keys(), *rds_backends[account_id].keys()})


def _all(account_id: str, region: str) -> dict:
    rds = rds_of(account_id, region)
    machines = [i for r in backend_of(account_id, region).reservations.values() for i in r.instances]
    return {"instance": machines, "dbInstance": rds.databases.values(), "dbCluster": rds.clusters.values()}


def _find(account_id: str, region: str, kind: str, name: str):
    if kind == "instance":
        return find_instances(account_id, region, [name])[name]
    rds = rds_of(account_id, region)
    return {"dbInstance": rds.databases, "dbCluster": rds.clusters}[kind][name]


def _tag(resource, kind: str, tags: dict) -> None:
    if kind == "instance":
        own = resource.ec2_backend.tags[resource.id]
        own.update(tags)
        for key in [key for key, value in own.items() if value is None]:
            del own[key]
        return
    kept = {tag["Key"]: tag["Value"] for tag in resource.tags} | tags
    resource.tags = [{"Key": key, "Value": value} for key, value in kept.items() if value is not None]


def _shown(resource, kind: str) -> dict:
    if kind == "instance":
        own = resource.ec2_backend.tags.get(resource.id, {})
        return {"kind": kind, "resourceId": resource.id, "state": resource.state, "tags": dict(own),
                "stateReason": resource.state_reason.code}
    status = resource._status if is_cluster(resource) else resource.status
    tags = {tag["Key"]: tag["Value"] for tag in resource.tags}
    return {"kind": kind, "resourceId": resource.resource_id, "state": status, "tags": tags, "stateReason": None}


def move_clock(state, body: dict) -> dict:
    """By ``advanceSeconds`` or to ``now``; of one account if ``accountId`` is there, else of everybody."""
    account_id = body.get("accountId")
    seconds = body.get("advanceSeconds", 0)
    if body.get("now"):
        seconds = (parse_rfc3339(body["now"]) - _time(state, account_id)).total_seconds()
    state.clock.advance(seconds, account_id)
    return show_clock(state, body)


def show_clock(state, body: dict | None) -> dict:
    return {"now": _time(state, (body or {}).get("accountId")).isoformat()}


def _time(state, account_id: str | None):
    return state.clock.of(account_id) if account_id else state.clock.now()


def set_delays(state, body: dict) -> dict:
    given = dict(body)
    return state.timeline.set_delays(given.pop("accountId", None), given)


def list_calls(state, body: dict | None) -> list[dict]:
    account_id = (body or {}).get("accountId")
    return [entry for entry in state.power_log if account_id in (None, entry["accountId"])]


def clear_calls(state, body: dict | None) -> list:
    gone = {id(entry) for entry in list_calls(state, body)}
    state.power_log[:] = [entry for entry in state.power_log if id(entry) not in gone]
    return []
