"""DescribeInstances for fleets of ten thousand: moto needs two milliseconds for each machine on each page.

Of the machines made by the admin route, those that look alike are written by moto once, and by exchanging ids,
addresses and names for the others. All other machines are written by moto each time. Filters are moto's, but for
plain ones on tags.
"""

import copy
import re
import uuid
from xml.sax.saxutils import escape

from .call import Call
from .errors import AwsError, Reply
from .patches.instance_index import find_indexed
from .patches.paging import EC2_PAGES, read_page, write_token
from .wire import check_params, read_params, write_result

PAGING = next(item for item in EC2_PAGES if item.method == "describe_instances")
MOST_KINDS = 500
MOST_VALUES = 200  # AWS's, of a filter
RESERVATION = re.compile(rb"<reservationSet>(.*)</reservationSet>", re.DOTALL)


def describe_instances(state, call: Call) -> Reply:
    params = read_params(call)
    check_params(call, params)
    size, start = read_page(params, PAGING)
    if params.get("DryRun"):
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
    found = _chosen(call, params)
    token = write_token(start + size) if start + size < len(found) else None
    return _written(call, found[start : start + size], token)


def _backend(call: Call):
    from moto.ec2 import ec2_backends

    return ec2_backends[call.account_id][call.region]


def _chosen(call: Call, params: dict) -> list:
    from moto.ec2.utils import filter_reservations

    from .power.instances import check_ids

    backend, ids = _backend(call), params.get("InstanceIds") or []
    check_ids(backend, ids)
    filters = {item["Name"]: item.get("Values") or [] for item in params.get("Filters") or []}
    if any(len(values) > MOST_VALUES for values in filters.values()):
        text = f"The maximum number of filter values specified on a single call is {MOST_VALUES}"
        raise AwsError("FilterLimitExceeded", text, 400)
    wanted = set(filters.pop("instance-id", ids)) if ids or "instance-id" in filters else None
    plain = {name: filters.pop(name) for name in list(filters) if _is_plain(name, filters[name])}
    found = _hits(backend, lambda item: (wanted is None or item.id in wanted) and _has_tags(backend, item, plain))
    if not filters:
        return found
    return [(part, part.instances) for part in filter_reservations([_part(*hit) for hit in found], filters)]


def _is_plain(name: str, values: list[str]) -> bool:
    return name.startswith("tag:") and not any(char in value for value in values for char in "*?\\")


def _has_tags(backend, instance, wanted: dict) -> bool:
    own = backend.tags.get(instance.id, {})
    return all(own.get(name[4:]) in values for name, values in wanted.items())


def _hits(backend, fits) -> list[tuple]:
    found = ((reservation, [item for item in reservation.instances if fits(item)]) for reservation in backend.reservations.values())
    return [hit for hit in found if hit[1]]


def _part(reservation, instances: list):
    """A copy: moto's own may not lose the instances that were not asked for."""
    part = copy.copy(reservation)
    part.instances = instances
    return part


def _written(call: Call, hits: list[tuple], token: str | None) -> Reply:
    request_id = str(uuid.uuid4())
    items = b"".join(_reservation(call, _part(*hit)) for hit in hits)
    more = f"<nextToken>{token}</nextToken>".encode() if token else b""
    body = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        b"<requestId>" + request_id.encode() + b"</requestId><reservationSet>" + items + b"</reservationSet>" + more
        + b"</DescribeInstancesResponse>"
    )
    return Reply(200, {"x-amzn-RequestId": request_id, "Content-Type": "text/xml;charset=UTF-8"}, body)


def _reservation(call: Call, reservation) -> bytes:
    single = reservation.instances[0] if len(reservation.instances) == 1 else None
    if single is None or not getattr(single, "_made", False):
        return _by_moto(call, reservation)
    own = _own(reservation, single)
    kind = (_looks(single), tuple(value is None for value in own))
    written = single.ec2_backend.__dict__.setdefault("_written_alike", {})
    if kind not in written:
        if len(written) > MOST_KINDS:
            written.clear()
        written[kind] = (own, _by_moto(call, reservation))
    others, text = written[kind]
    return text if others == own else _exchange(text, others, own)


def _exchange(text: bytes, others: tuple, own: tuple) -> bytes:
    """Only the whole content of an element is exchanged."""
    for old, new in zip(others, own):
        if old != new:
            text = text.replace(f">{old}<".encode(), f">{new}<".encode())
    return text


def _by_moto(call: Call, reservation) -> bytes:
    found = RESERVATION.search(write_result(call, {"Reservations": [reservation]}).body)
    return found[1] if found else b""


def _own(reservation, instance) -> tuple:
    """What no other machine has."""
    nic = instance.nics[0]
    disks = [disk.volume_id for disk in instance.block_device_mapping.values()]
    return (
        reservation.id, instance.id, instance.private_dns_name, nic.private_dns_name, nic.private_ip_address, nic.id,
        nic.mac_address, nic.attachment_id, nic.public_ip, escape(instance.ec2_backend.tags.get(instance.id, {}).get("Name", "")), *disks,
    )


def _looks(instance) -> tuple:
    """What moto writes of a machine that the admin route made, but for what is its own."""
    reason, tags = instance.state_reason, instance.ec2_backend.tags.get(instance.id, {})
    disks = tuple((name, disk.status) for name, disk in instance.block_device_mapping.items())
    return (
        instance.state, instance._reason, str(instance.operator), reason.code, reason.message, instance.launch_time, instance.instance_type,
        instance.lifecycle, instance.root_device_type, str(instance.disable_api_stop), instance._placement.tenancy,
        instance.monitoring_state, str(instance.ebs_optimized), len(instance.nics), instance.subnet_id, disks, "Name" in tags,
        tuple(item for item in sorted(tags.items()) if item[0] != "Name"),
    )
