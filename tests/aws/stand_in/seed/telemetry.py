"""The metrics of each kind of resource, as AWS publishes them."""

from ..metrics.series import constant, noise

QUIET_NET = 20_000.0  # bytes per five minutes: 5.76 MB/day in total would be too much for "idle"


# Xen machines publish nothing of their volumes.
XEN = ("t1", "t2", "m1", "m2", "m3", "m4", "c1", "c3", "c4", "r3", "r4", "i2", "i3")


def ec2_metrics(place, instance_id: str, kind: str, cpu, net, mem=None, **bounds) -> None:
    own, family = {"InstanceId": instance_id}, kind.split(".")[0]
    _machine_metrics(place, own, cpu, net, mem, family not in XEN, **bounds)
    place.put_metric("AWS/EC2", "StatusCheckFailed", own, constant(0.0), **bounds)
    if family in ("t2", "t3", "t3a", "t4g"):
        place.put_metric("AWS/EC2", "CPUSurplusCreditsCharged", own, constant(0.0), **bounds)


def group_metrics(place, name: str, in_service, cpu, net, mem=None, **bounds) -> None:
    """What CloudWatch makes of all members together; ``in_service`` None where the group does not count them."""
    own = {"AutoScalingGroupName": name}
    _machine_metrics(place, own, cpu, net, mem, True, **bounds)
    if in_service:
        place.put_metric("AWS/AutoScaling", "GroupInServiceInstances", own, in_service, **bounds)


def _machine_metrics(place, own: dict, cpu, net, mem, has_volumes: bool, **bounds) -> None:
    place.put_metric("AWS/EC2", "CPUUtilization", own, cpu, **bounds)
    for name in ("NetworkIn", "NetworkOut"):
        place.put_metric("AWS/EC2", name, own, net, **bounds)
    for name, top in (("EBSReadBytes", 3e7), ("EBSWriteBytes", 6e7), ("EBSReadOps", 2e3), ("EBSWriteOps", 4e3)):
        if has_volumes:
            place.put_metric("AWS/EC2", name, own, noise(top / 10, top), **bounds)
    if mem is not None:
        place.put_metric("CWAgent", "mem_used_percent", own, mem, **bounds)


def volume_metrics(place, volume_id: str, peak_iops: float, **bounds) -> None:
    """Reads are two thirds of the operations; ``peak_iops`` is reached in the busiest five minutes."""
    own = {"VolumeId": volume_id}
    for name, share in (("VolumeReadOps", 2 / 3), ("VolumeWriteOps", 1 / 3)):
        place.put_metric("AWS/EBS", name, own, _up_to(peak_iops * share * 300), **bounds)
        place.put_metric("AWS/EBS", name.replace("Ops", "Bytes"), own, _up_to(peak_iops * share * 300 * 16384), **bounds)
    place.put_metric("AWS/EBS", "VolumeIdleTime", own, noise(100.0, 290.0), **bounds)


def _up_to(top: float):
    """Between 30 and 100 % of ``top``; slot 144 (noon) of each day is exactly ``top``."""

    def profile(rng, weekday):
        values = [top * (0.3 + 0.65 * rng.random()) for _ in range(288)]
        values[144] = top
        return values

    return profile


def nat_metrics(place, nat_id: str, connections, packets, carried=None, port_errors=0.0, **bounds) -> None:
    """``carried`` is the profile of the bytes of one direction; by default that of the packets."""
    own = {"NatGatewayId": nat_id}
    place.put_metric("AWS/NATGateway", "ActiveConnectionCount", own, connections, **bounds)
    for name in ("PacketsInFromSource", "PacketsInFromDestination", "PacketsOutToSource", "PacketsOutToDestination"):
        place.put_metric("AWS/NATGateway", name, own, packets, **bounds)
    for name in ("BytesInFromSource", "BytesInFromDestination", "BytesOutToSource", "BytesOutToDestination"):
        place.put_metric("AWS/NATGateway", name, own, carried or packets, **bounds)
    place.put_metric("AWS/NATGateway", "ErrorPortAllocation", own, constant(port_errors), **bounds)


def endpoint_metrics(place, endpoint, bytes_processed, kind="Interface", **bounds) -> None:
    """Published for the endpoint and for each of its subnets."""
    own = {
        "VPC Id": endpoint.vpc_id, "VPC Endpoint Id": endpoint.id, "Endpoint Type": kind,
        "Service Name": endpoint.service_name,
    }
    for dimensions in [own, *({**own, "Subnet Id": subnet} for subnet in endpoint.subnet_ids)]:
        place.put_metric("AWS/PrivateLinkEndpoints", "BytesProcessed", dimensions, bytes_processed, **bounds)
        place.put_metric("AWS/PrivateLinkEndpoints", "ActiveConnections", dimensions, bytes_processed, **bounds)


def rds_metrics(place, name: str, cpu, connections, free_bytes, peak_iops: float, free_storage=20e9, **bounds) -> None:
    """``free_bytes`` None leaves FreeableMemory out."""
    own = {"DBInstanceIdentifier": name}
    place.put_metric("AWS/RDS", "CPUUtilization", own, cpu, **bounds)
    place.put_metric("AWS/RDS", "DatabaseConnections", own, connections, **bounds)
    if free_bytes is not None:
        place.put_metric("AWS/RDS", "FreeableMemory", own, noise(free_bytes, free_bytes * 1.1), **bounds)
    place.put_metric("AWS/RDS", "ReadIOPS", own, _up_to(peak_iops * 2 / 3), **bounds)
    place.put_metric("AWS/RDS", "WriteIOPS", own, _up_to(peak_iops / 3), **bounds)
    for name, share in (("ReadThroughput", 2 / 3), ("WriteThroughput", 1 / 3)):
        place.put_metric("AWS/RDS", name, own, _up_to(peak_iops * share * 16384), **bounds)
    place.put_metric("AWS/RDS", "FreeStorageSpace", own, constant(free_storage), **bounds)


def aurora_metrics(place, name: str, connections, gib: float, ios: float, backup_gib: float, **bounds) -> None:
    """Of a whole cluster; ``ios`` are those of five minutes, a third of them writes."""
    own = {"DBClusterIdentifier": name}
    place.put_metric("AWS/RDS", "DatabaseConnections", own, connections, **bounds)
    place.put_metric("AWS/RDS", "VolumeReadIOPs", own, constant(ios * 2 / 3), **bounds)
    place.put_metric("AWS/RDS", "VolumeWriteIOPs", own, constant(ios / 3), **bounds)
    for metric, size in (("VolumeBytesUsed", gib), ("BackupRetentionPeriodStorageUsed", backup_gib),
                         ("TotalBackupStorageBilled", backup_gib)):
        place.put_metric("AWS/RDS", metric, own, constant(size * 1024**3), **bounds)
