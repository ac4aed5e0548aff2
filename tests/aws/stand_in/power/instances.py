"""StartInstances and StopInstances: one id that cannot be started or stopped fails the whole call."""

import datetime as dt
import re

from ..clock import naive
from ..errors import AwsError
from ..patches.instance_index import find_indexed
from .effects import hit_by
from .journal import note_effect

ID = re.compile(r"^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$")
RUNNING, STOPPED = "running", "stopped"
CODES = {"pending": 0, RUNNING: 16, "shutting-down": 32, "terminated": 48, "stopping": 64, STOPPED: 80}


def start_instances(state, call, params: dict) -> dict:
    chosen = _chosen(state, call, params)
    for instance in chosen:
        _check_start(instance)
    changes = [_change(instance, _start, state) for instance in chosen]
    return {"StartingInstances": _told(state, call, changes)}


def stop_instances(state, call, params: dict) -> dict:
    chosen = _chosen(state, call, params)
    for instance in chosen:
        _check_stop(instance)
    changes = [_change(instance, _stop, state) for instance in chosen]
    return {"StoppingInstances": _told(state, call, changes)}


def backend_of(account_id: str, region: str):
    from moto.ec2 import ec2_backends

    return ec2_backends[account_id][region]


def find_instances(account_id: str, region: str, ids) -> dict:
    """Those of the ids that exist."""
    backend = backend_of(account_id, region)
    found = {name: find_indexed(backend, name) for name in ids}
    return {name: instance for name, instance in found.items() if instance is not None}


def check_ids(backend, ids: list[str]) -> None:
    """Refuses what is no id, and then what does not exist: all of these are named."""
    for item in ids:
        if not ID.match(item):
            hint = "" if item.startswith("i-") else ' (expecting "i-...")'
            raise AwsError("InvalidInstanceID.Malformed", f'Invalid id: "{item}"{hint}', 400)
    missing = [item for item in ids if find_indexed(backend, item) is None]
    if missing:
        one = len(missing) == 1
        text = f"The instance ID{'' if one else 's'} '{', '.join(missing)}' do{'es' if one else ''} not exist"
        raise AwsError("InvalidInstanceID.NotFound", text, 400)


def _chosen(state, call, params: dict) -> list:
    ids = list(dict.fromkeys(params.get("InstanceIds") or []))
    if not ids:
        raise AwsError("MissingParameter", "The request must contain the parameter InstanceId", 400)
    backend = backend_of(call.account_id, call.region)
    check_ids(backend, ids)
    if params.get("DryRun"):
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
    return [find_indexed(backend, item) for item in ids]


def _check_start(instance) -> None:
    if instance.state not in ("pending", RUNNING, STOPPED):
        text = f"The instance '{instance.id}' is not in a state from which it can be started."
        raise AwsError("IncorrectInstanceState", text, 400)
    ebs = instance.root_device_type == "ebs"
    if instance.state == STOPPED and ebs and instance.root_device_name not in instance.block_device_mapping:
        text = (f"Invalid value '{instance.id}' for instanceId. Instance does not have a volume attached at root "
                f"({instance.root_device_name})")
        raise AwsError("InvalidParameterValue", text, 400)


def _check_stop(instance) -> None:
    if instance.state not in (RUNNING, "stopping", STOPPED):
        text = f"This instance '{instance.id}' is not in a state from which it can be stopped."
        raise AwsError("IncorrectInstanceState", text, 400)
    if instance.root_device_type != "ebs":
        text = f"The instance '{instance.id}' does not have an 'ebs' root device type and cannot be stopped."
        raise AwsError("UnsupportedOperation", text, 400)
    if instance.lifecycle == "spot" and getattr(instance, "_spot_request", "one-time") != "persistent":
        text = (f"You can't stop the Spot Instance '{instance.id}' because it is associated with a one-time Spot Instance "
                "request. You can only stop Spot Instances associated with persistent Spot Instance requests.")
        raise AwsError("UnsupportedOperation", text, 400)
    if instance.state == RUNNING and str(instance.disable_api_stop).lower() == "true":
        text = (f"The instance '{instance.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try "
                "again.")
        raise AwsError("OperationNotPermitted", text, 400)


def _change(instance, act, state) -> tuple:
    before = instance.state
    act(state, instance)
    return instance, before, instance.state


def _told(state, call, changes: list) -> list[dict]:
    moved = [{"id": i.id, "from": before, "to": after} for i, before, after in changes if before != after]
    note_effect(state, call, moved)
    return [
        {"InstanceId": i.id, "CurrentState": _state(after), "PreviousState": _state(before)}
        for i, before, after in changes
    ]


def _state(name: str) -> dict:
    return {"Code": CODES[name], "Name": name}


def set_state(instance, name: str) -> None:
    instance._state.name, instance._state.code = name, CODES[name]


def _start(state, instance) -> None:
    if instance.state != STOPPED:
        return
    account, now = instance.owner_id, state.clock.of(instance.owner_id)
    state.timeline.begin_turn(instance)
    instance.launch_time, instance._reason = naive(now), ""
    _give_reason(instance, "", "")
    set_state(instance, "pending")
    failure = hit_by(state, "fallback", account, instance.ec2_backend.region_name, instance)
    reached = (lambda at: _fall_back(instance, failure.reason, at)) if failure else (lambda _at: _reach_running(instance))
    state.timeline.plan(account, now + state.timeline.delay(account, "start"), instance, reached)


def _reach_running(instance) -> None:
    instance.start()
    set_state(instance, RUNNING)


FALL_BACKS = {
    "Client.InternalError": "Client error on launch",
    "Server.InsufficientInstanceCapacity": "There was insufficient capacity available to satisfy the launch request",
    "Client.VolumeLimitExceeded": "Volume limit exceeded",
    "Server.InternalError": "Internal error on launch",
}


def _fall_back(instance, reason: str, at: dt.datetime) -> None:
    instance.stop()
    instance._reason = reason
    _give_reason(instance, reason, f"{reason}: {FALL_BACKS[reason]}")


def _stop(state, instance) -> None:
    if instance.state != RUNNING:
        return
    account, now = instance.owner_id, state.clock.of(instance.owner_id)
    state.timeline.begin_turn(instance)
    set_state(instance, "stopping")
    _user_initiated(instance, now)
    due = now + state.timeline.delay(account, "stop")
    state.timeline.plan(account, due, instance, lambda at: _reach_stopped(state, instance, now, at))


def _reach_stopped(state, instance, asked: dt.datetime, at: dt.datetime) -> None:
    from .groups import replace_member

    instance.stop()
    _user_initiated(instance, asked)
    if "aws:autoscaling:groupName" in instance.ec2_backend.tags.get(instance.id, {}):
        due = at + state.timeline.delay(instance.owner_id, "replace")
        state.timeline.plan(instance.owner_id, due, instance, lambda then: replace_member(state, instance, then))


def _user_initiated(instance, at: dt.datetime) -> None:
    instance._reason = f"User initiated ({at:%Y-%m-%d %H:%M:%S} GMT)"
    _give_reason(instance, "Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown")


def _give_reason(instance, code: str, message: str) -> None:
    from moto.ec2.models.instances import StateReason

    instance.state_reason = StateReason(message, code)


def put_state(state, instance, name: str) -> None:
    """By somebody's hand: the state is there at once, and nothing else is to come."""
    if name not in CODES:
        raise ValueError(f"unknown state {name!r}, know {sorted(CODES)}")
    state.timeline.begin_turn(instance)
    if name == RUNNING:
        instance.launch_time = naive(state.clock.of(instance.owner_id))
        _give_reason(instance, "", "")
        _reach_running(instance)
        return
    if name == STOPPED:
        instance.stop()
    if name in (STOPPED, "stopping", "terminated", "shutting-down"):
        _user_initiated(instance, state.clock.of(instance.owner_id))
    set_state(instance, name)
