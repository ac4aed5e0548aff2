"""Makes addresses, NAT gateways and interface endpoints in a place."""

from .ledger import HOURS, OTHER, VPC
from .telemetry import endpoint_metrics, nat_metrics


def make_address(place, name, *, tags=None, instance=None, pool="amazon"):
    address = place.ec2.allocate_address("vpc")
    address.public_ipv4_pool = pool
    address.network_border_group = place.region
    place.tag(address.allocation_id, name, tags or {})
    if instance:
        place.ec2.associate_address(instance=instance, allocation_id=address.allocation_id)
    if pool == "amazon":
        usage = "PublicIPv4:InUseAddress" if instance else "PublicIPv4:IdleAddress"
        place.account.ledger.add_monthly(VPC, usage, place.region, 0.005 * HOURS)
    return address


def make_nat(place, name, *, age=300, tags=None, connections=None, packets=None, zone=0, bounds=None):
    """``connections`` None publishes no metrics."""
    subnet = place.subnets[place.zones[zone]]
    address = place.ec2.allocate_address("vpc")
    address.public_ipv4_pool, address.network_border_group = "amazon", place.region
    place.tag(address.allocation_id, f"{name}-ip", {})
    nat = place.ec2.create_nat_gateway(subnet.id, address.allocation_id)
    nat._created_at = place.ago(age)
    place.tag(nat.id, name, tags or {})
    if connections is not None:
        since = place.now.timestamp() - age * 86400
        nat_metrics(place, nat.id, connections, packets, **{"since": since, **(bounds or {})})
    place.account.ledger.add_monthly(OTHER, "NatGateway-Hours", place.region, 0.045 * HOURS)
    place.account.ledger.add_monthly(VPC, "PublicIPv4:InUseAddress", place.region, 0.005 * HOURS)
    return nat


def make_endpoint(place, name, service, *, age=300, zones=2, traffic=None, kind="Interface", bounds=None):
    """``traffic`` None publishes no metrics."""
    subnets = [place.subnets[zone].id for zone in place.zones[:zones]]
    endpoint = place.ec2.create_vpc_endpoint(
        place.vpc.id, f"com.amazonaws.{place.region}.{service}", kind, None, [],
        subnet_ids=subnets if kind == "Interface" else [],
    )
    endpoint.creation_timestamp = place.ago(age)
    place.tag(endpoint.id, name, {})
    if kind != "Interface":
        return endpoint
    if traffic is not None:
        since = place.now.timestamp() - age * 86400
        endpoint_metrics(place, endpoint, traffic, **{"since": since, **(bounds or {})})
    place.account.ledger.add_monthly(VPC, "VpcEndpoint-Hours", place.region, 0.01 * HOURS * zones)
    return endpoint
