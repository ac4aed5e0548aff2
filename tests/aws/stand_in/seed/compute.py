"""Makes instances, volumes, snapshots and images in a place, with their cost and metrics."""

from types import SimpleNamespace

from ..metrics.series import noise
from .ledger import OTHER
from .telemetry import ec2_metrics, volume_metrics

GB_MONTH = {"gp2": 0.10, "gp3": 0.08, "io1": 0.125, "io2": 0.125, "st1": 0.045, "sc1": 0.015, "standard": 0.05}
SYSTEMS = {
    "linux": ("Linux/UNIX", "RunInstances"),
    "windows": ("Windows", "RunInstances:0002"),
    "sql-web": ("Windows with SQL Server Web", "RunInstances:0202"),
    "sql-ent": ("Windows with SQL Server Enterprise", "RunInstances:0102"),
    "rhel": ("Red Hat Enterprise Linux", "RunInstances:0010"),
}
BUSY = {"cpu": noise(30.0, 88.0), "net": noise(2e6, 3e7)}


def make_instance(place, name, kind, *, system="linux", age=200, tags=None, stopped=None, reason=None,
                  lifecycle=None, metrics=BUSY, zone=0, image=None, peak=88.0, bounds=None, root=30, code=None):
    """``stopped`` is the number of days; ``metrics`` None publishes none; ``peak`` is the p99.5 of the CPU."""
    from ..pricing.tables import ec2_types

    instance = _run(place, kind, zone, image.id if image else place.base_images[_base(system), ec2_types()[kind].arch].id)
    instance.launch_time = place.ago(age)
    instance.architecture = ec2_types()[kind].arch
    instance.virtualization_type, instance.root_device_name = "hvm", "/dev/xvda"
    instance.platform = "windows" if _base(system) == "windows" else None
    instance._details = SYSTEMS[system]
    instance.lifecycle = lifecycle
    if code:
        instance.product_codes = [{"ProductCodeId": code, "ProductCodeType": "marketplace"}]
    place.tag(instance.id, name, tags or {})
    make_volume(place, f"{name}-root", root, age=age, attach=(instance, "/dev/xvda"), tags=_team(tags))
    if stopped is not None:
        _stop(place, instance, stopped, reason)
    else:
        place.account.ledger.add_instance(place.region, kind, system)
        if metrics is not None:
            ec2_metrics(place, instance.id, kind, **metrics, **_bounds(place, age, bounds))
    place.facts.append({
        "instance": instance, "kind": kind, "system": system, "tags": tags or {}, "lifecycle": lifecycle,
        "running": stopped is None, "age": age, "peak": peak, "metrics": metrics, "code": code,
    })
    return instance


def _base(system: str) -> str:
    return "windows" if system.startswith("sql-") else system


def _team(tags: dict | None) -> dict:
    return {key: value for key, value in (tags or {}).items() if key in ("team", "env")}


def _bounds(place, age: float, bounds: dict | None) -> dict:
    return {"since": (place.now.timestamp() - age * 86400), **(bounds or {})}


def _run(place, kind: str, zone: int, image_id: str):
    subnet = place.subnets[place.zones[zone % len(place.zones)]]
    reservation = place.ec2.run_instances(
        image_id, 1, None, [], instance_type=kind, is_instance_type_default=False, placement=None,
        region_name=place.region, subnet_id=subnet.id, associate_public_ip=False, block_device_mappings=[],
    )
    return reservation.instances[0]


def _stop(place, instance, days: float, reason: str | None) -> None:
    from moto.ec2.models.instances import StateReason

    instance._state.name, instance._state.code = "stopped", 80
    at = place.ago(days).strftime("%Y-%m-%d %H:%M:%S GMT")
    instance._reason = f"User initiated ({at})" if reason is None else reason
    instance.state_reason = StateReason("Client.UserInitiatedShutdown: User initiated shutdown", "Client.UserInitiatedShutdown")


def make_volume(place, name, size, kind="gp3", *, age=200, attach=None, iops=None, throughput=None, tags=None,
                peak_iops=None, multi_attach=False, zone=0, bounds=None):
    zone_name = attach[0].placement.zone if attach else place.zones[zone]
    given = iops if kind in ("gp3", "io1", "io2") else None
    volume = place.ec2.create_volume(size, zone_name, volume_type=kind, iops=given, throughput=throughput)
    volume.create_time = place.ago(age)
    volume.iops = iops or {"gp3": 3000, "gp2": max(100, min(16000, 3 * size))}.get(kind)
    volume.throughput = (throughput or 125) if kind == "gp3" else None
    volume.multi_attach_enabled = multi_attach
    place.tag(volume.id, name, tags or {})
    if attach:
        _attach(place, volume, *attach, age)
    if peak_iops is not None:
        volume_metrics(place, volume.id, peak_iops, **_bounds(place, age, bounds))
    _charge_volume(place, volume)
    return volume


def _attach(place, volume, instance, device: str, age: float) -> None:
    place.ec2.attach_volume(volume.id, instance.id, device, delete_on_termination=device == "/dev/xvda")
    volume.attachment.attach_time = place.ago(age)
    instance.block_device_mapping[device].attach_time = place.ago(age)


def _charge_volume(place, volume) -> None:
    def charge(usage, usd, unit):
        place.account.ledger.add_monthly(OTHER, usage, place.region, usd, unit)

    kind = {"io1": "piops"}.get(volume.volume_type, volume.volume_type)
    ending = "" if kind == "standard" else f".{kind}"
    charge(f"EBS:VolumeUsage{ending}", volume.size * GB_MONTH[volume.volume_type], "GB-Mo")
    if volume.volume_type in ("io1", "io2"):
        charge(f"EBS:VolumeP-IOPS.{kind}", volume.iops * 0.065, "IOPS-Mo")
    if volume.volume_type == "gp3" and volume.iops > 3000:
        charge("EBS:VolumeP-IOPS.gp3", (volume.iops - 3000) * 0.005, "IOPS-Mo")
    if volume.volume_type == "gp3" and volume.throughput > 125:
        charge("EBS:VolumeP-Throughput.gp3", (volume.throughput - 125) * 0.04, "GiBps-mo")


def make_snapshot(place, name, *, age, volume=None, gone=None, size=None, tags=None, description="manual backup"):
    """Of a volume, or of a gone one named by its id."""
    source = volume or SimpleNamespace(id=gone, size=size, encrypted=False)
    place.ec2.volumes.setdefault(source.id, source)
    snapshot = place.ec2.create_snapshot(source.id, description)
    if volume is None:
        del place.ec2.volumes[source.id]
    snapshot.start_time = place.ago(age)
    place.tag(snapshot.id, name, tags or {})
    place.account.ledger.add_monthly(OTHER, "EBS:SnapshotUsage", place.region, source.size * 0.05, "GB-Mo")
    return snapshot


def make_image(place, name, *, age, sizes=(40,), tags=None, arch="arm64", system="linux", public=False):
    """An own image with one snapshot for each size."""
    from moto.ec2.models.amis import Ami
    from moto.ec2.utils import random_ami_id

    image = Ami(
        place.ec2, random_ami_id(), name=name, description=name, owner_id=place.account.id, public=public,
        virtualization_type="hvm", architecture=arch, hypervisor="xen", root_device_type="ebs",
        root_device_name="/dev/xvda", creation_date=place.ago(age), region_name=place.zones[0],
        image_location=f"{place.account.id}/{name}", platform="windows" if system == "windows" else None,
    )
    place.ec2.amis[image.id] = image
    del place.ec2.snapshots[image.ebs_snapshot.id]
    image._details = SYSTEMS[system]
    image._snapshots = [
        make_snapshot(place, f"{name}-{n}", age=age, gone="vol-ffffffff", size=size, tags=tags,
                      description=f"Created by CreateImage(i-0{n:016x}) for {image.id}")
        for n, size in enumerate(sizes)
    ]
    place.tag(image.id, name, tags or {})
    return image


def make_base_images(place) -> None:
    """What the fleet runs on: foreign images in effect, owned by a vendor's account."""
    place.base_images = {}
    for system, arch in (("linux", "x86_64"), ("linux", "arm64"), ("windows", "x86_64"), ("rhel", "x86_64")):
        place.base_images[system, arch] = SimpleNamespace(id=_vendor_id(place, system, arch))


def _vendor_id(place, system: str, arch: str) -> str:
    import hashlib

    return "ami-0" + hashlib.sha256(f"{place.region}{system}{arch}".encode()).hexdigest()[:16]
