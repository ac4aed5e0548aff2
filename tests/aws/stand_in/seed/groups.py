"""Makes Auto Scaling groups with their members, metrics and past activities, and capacity reservations."""

import datetime as dt
import hashlib

from ..metrics.series import constant, noise
from .compute import BUSY, make_instance
from .telemetry import group_metrics


def make_group(place, name, kind, members, *, low=1, high=8, age=200, tags=None, metrics=BUSY, system="linux",
               changed=2, in_service=None, configuration=None):
    """``changed`` is the number of days since the last change of capacity; ``in_service`` the greatest count."""
    own = {**(tags or {}), "aws:autoscaling:groupName": name}
    made = [
        make_instance(place, f"{name}-{n}", kind, system=system, age=min(age, 60), tags=own, metrics=metrics, zone=n % 2)
        for n in range(members)
    ]
    launch = {"LaunchConfigurationName": configuration} if configuration else {"LaunchTemplate": _template(place, name)}
    place.of(place.state.groups).append({
        "AutoScalingGroupName": name, "MinSize": low, "MaxSize": high, "DesiredCapacity": members, "DefaultCooldown": 300,
        "AvailabilityZones": place.zones[:2], "HealthCheckType": "EC2", "HealthCheckGracePeriod": 300,
        "CreatedTime": place.now - dt.timedelta(days=age), "Instances": [_member(item) for item in made], **launch,
        "Tags": [{"Key": key, "Value": value, "ResourceId": name, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": True}
                 for key, value in {"Name": name, **(tags or {})}.items()],
        "EnabledMetrics": [{"Metric": "GroupInServiceInstances", "Granularity": "1Minute"}] if in_service else [],
        "AutoScalingGroupARN": f"arn:aws:autoscaling:{place.region}:{place.account.id}:autoScalingGroup:{_uuid(name)}:autoScalingGroupName/{name}",
    })
    group_metrics(place, name, in_service and (constant(members) if in_service == members else noise(members, in_service)),
                  since=place.now.timestamp() - age * 86400, **(metrics or {}))
    _add_activities(place, name, members, changed)
    return name


def _template(place, name: str) -> dict:
    return {"LaunchTemplateId": f"lt-{_hash(place, name)}", "LaunchTemplateName": name, "Version": "1"}


def _hash(place, name: str) -> str:
    return hashlib.sha256(f"{place.account.id}{place.region}{name}".encode()).hexdigest()[:17]


def _uuid(name: str) -> str:
    text = hashlib.sha256(name.encode()).hexdigest()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))


def _member(instance) -> dict:
    return {
        "InstanceId": instance.id, "InstanceType": instance.instance_type, "AvailabilityZone": instance.placement.zone,
        "LifecycleState": "InService", "HealthStatus": "Healthy", "ProtectedFromScaleIn": False,
    }


def _add_activities(place, name: str, members: int, changed: float) -> None:
    """A replacement yesterday, which changes nothing, and a change of the capacity."""
    causes = [
        (1, f"an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped. "
            f"An instance was started in response to a difference between desired and actual capacity, increasing the capacity from {members - 1} to {members}."),
        (changed, f"a monitor alarm {name}-load in state ALARM triggered policy {name}-out changing the desired capacity from {members - 1} to {members}."),
    ]
    for days, cause in causes:
        at = place.now - dt.timedelta(days=days)
        place.of(place.state.activities).append({
            "ActivityId": _uuid(f"{name}{days}"), "AutoScalingGroupName": name, "Cause": f"At {at:%Y-%m-%dT%H:%M:%SZ} {cause}",
            "StartTime": at, "EndTime": at + dt.timedelta(minutes=2), "StatusCode": "Successful", "Progress": 100,
            "Description": "Launching a new EC2 instance",
        })


def make_reservation(place, name, kind, total, *, used, free=0, age=200, **more):
    """Of ``total`` places ``used`` are taken now, and ``free`` were free all the time."""
    found = f"cr-{_hash(place, name)}"
    place.of(place.state.capacity_reservations).append({
        "CapacityReservationId": found, "OwnerId": place.account.id, "InstanceType": kind, "InstancePlatform": "Linux/UNIX",
        "AvailabilityZone": place.zones[0], "Tenancy": "default", "TotalInstanceCount": total,
        "AvailableInstanceCount": total - used, "State": "active", "StartDate": place.now - dt.timedelta(days=age),
        "CreateDate": place.now - dt.timedelta(days=age), "EndDateType": "unlimited", "InstanceMatchCriteria": "open",
        "ReservationType": "default", "Tags": [{"Key": "Name", "Value": name}], **more,
    })
    own = {"CapacityReservationId": found}
    profile = noise(free, total - used) if total - used > free else constant(free)
    place.put_metric("AWS/EC2CapacityReservations", "AvailableInstanceCount", own, profile)
    for _ in range(total - used):
        place.account.ledger.add_instance(place.region, kind, "linux", "UnusedBox")
    return found
