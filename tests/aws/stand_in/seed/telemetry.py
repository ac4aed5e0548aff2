"""The metrics of each kind of resource, as AWS publishes them."""

from ..metrics.series import constant, noise

QUIET_NET = 20_000.0  # bytes per five minutes: 5.76 MB/day in total would be too much for "idle"


def ec2_metrics(place, instance_id: str, cpu, net, mem=None, **bounds) -> None:
    own = {"InstanceId": instance_id}
    place.put_metric("AWS/EC2", "CPUUtilization", own, cpu, **bounds)
    place.put_metric("AWS/EC2", "NetworkIn", own, net, **bounds)
    place.put_metric("AWS/EC2", "NetworkOut", own, net, **bounds)
    place.put_metric("AWS/EC2", "StatusCheckFailed", own, constant(0.0), **bounds)
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


def rds_metrics(place, name: str, cpu, connections, free_bytes, peak_iops: float, **bounds) -> None:
    """``free_bytes`` None leaves FreeableMemory out."""
    own = {"DBInstanceIdentifier": name}
    place.put_metric("AWS/RDS", "CPUUtilization", own, cpu, **bounds)
    place.put_metric("AWS/RDS", "DatabaseConnections", own, connections, **bounds)
    if free_bytes is not None:
        place.put_metric("AWS/RDS", "FreeableMemory", own, noise(free_bytes, free_bytes * 1.1), **bounds)
    place.put_metric("AWS/RDS", "ReadIOPS", own, _up_to(peak_iops * 2 / 3), **bounds)
    place.put_metric("AWS/RDS", "WriteIOPS", own, _up_to(peak_iops / 3), **bounds)
    place.put_metric("AWS/RDS", "FreeStorageSpace", own, constant(20e9), **bounds)
