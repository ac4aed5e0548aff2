"""Makes addresses, NAT gateways, endpoints, transit gateway attachments and VPN connections in a place."""

from ..metrics.series import constant, noise
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


def make_vpc(place, name: str, block: int):
    """A VPC of its own with a subnet in each zone; answers both."""
    vpc = place.ec2.create_vpc(f"10.{block}.0.0/16")
    place.tag(vpc.id, name, {})
    subnets = {}
    for number, zone in enumerate(place.zones):
        subnet = place.ec2.create_subnet(vpc.id, f"10.{block}.{number}.0/24", availability_zone=zone)
        place.tag(subnet.id, f"{name}-{zone[-1]}", {})
        subnets[zone] = subnet
    return vpc, subnets


def make_nat(place, name, *, age=300, tags=None, connections=None, packets=None, zone=0, bounds=None, subnet=None,
             gb_a_day=None, port_errors=0.0):
    """``connections`` None publishes no metrics; ``gb_a_day`` is moved half each way."""
    subnet = subnet or place.subnets[place.zones[zone]]
    address = place.ec2.allocate_address("vpc")
    address.public_ipv4_pool, address.network_border_group = "amazon", place.region
    place.tag(address.allocation_id, f"{name}-ip", {})
    nat = place.ec2.create_nat_gateway(subnet.id, address.allocation_id)
    nat._created_at = place.ago(age)
    nat._eni.status, nat._eni.interface_type, nat._eni.requester_managed = "in-use", "nat_gateway", True
    place.tag(nat.id, name, tags or {})
    since = {"since": place.now.timestamp() - age * 86400, **(bounds or {})}
    if gb_a_day is not None:
        half = constant(gb_a_day * 5e8 / 288)
        nat_metrics(place, nat.id, noise(1, 90), noise(10, 9e4), carried=half, port_errors=port_errors, **since)
        usd = gb_a_day * HOURS / 24 * 0.045
        place.account.ledger.add_monthly(OTHER, "NatGateway-Bytes", place.region, usd, "GB")
    elif connections is not None:
        nat_metrics(place, nat.id, connections, packets, **since)
    place.account.ledger.add_monthly(OTHER, "NatGateway-Hours", place.region, 0.045 * HOURS)
    place.account.ledger.add_monthly(VPC, "PublicIPv4:InUseAddress", place.region, 0.005 * HOURS)
    return nat


def make_routes(place, vpc, name, subnets, nat):
    """A route table of some subnets that leads to a NAT gateway."""
    table = place.ec2.create_route_table(vpc.id)
    place.tag(table.id, name, {})
    place.ec2.create_route(table.id, "0.0.0.0/0", nat_gateway_id=nat.id)
    for subnet in subnets:
        place.ec2.associate_route_table(table.id, subnet_id=subnet.id)
    return table


def make_endpoint(place, name, service, *, age=300, zones=2, traffic=None, kind="Interface", bounds=None, vpc=None,
                  tables=()):
    """``traffic`` None publishes no metrics; ``service`` that begins with ``com.`` is a whole name."""
    subnets = [place.subnets[zone].id for zone in place.zones[:zones]]
    name_of_service = service if service.startswith("com.") else f"com.amazonaws.{place.region}.{service}"
    endpoint = place.ec2.create_vpc_endpoint(
        (vpc or place.vpc).id, name_of_service, kind, None, [table.id for table in tables],
        subnet_ids=[] if kind == "Gateway" else subnets,
    )
    endpoint.creation_timestamp = place.ago(age)
    place.tag(endpoint.id, name, {})
    if kind == "Gateway":
        return endpoint
    if traffic is not None:
        since = place.now.timestamp() - age * 86400
        endpoint_metrics(place, endpoint, traffic, kind, **{"since": since, **(bounds or {})})
    usage = "VpcEndpoint-Hours" if kind == "Interface" else "VpcEndpoint-GWLBE-Hours"
    place.account.ledger.add_monthly(VPC, usage, place.region, 0.01 * HOURS * zones)
    return endpoint


def make_attachment(place, gateway, vpc, name, *, age=300, tags=None, traffic=None):
    """A VPC at a transit gateway; ``traffic`` None publishes no metrics."""
    subnets = [subnet.id for subnet in place.ec2.subnets[place.zones[0]].values() if subnet.vpc_id == vpc.id]
    attachment = place.ec2.create_transit_gateway_vpc_attachment(gateway.id, vpc.id, subnets)
    attachment._created_at = place.ago(age)
    place.tag(attachment.id, name, tags or {})
    if traffic is not None:
        own = {"TransitGateway": gateway.id, "TransitGatewayAttachment": attachment.id}
        for metric in ("BytesIn", "BytesOut", "PacketsIn", "PacketsOut"):
            place.put_metric("AWS/TransitGateway", metric, own, traffic)
    place.account.ledger.add_monthly(VPC, "TransitGateway-Hours", place.region, 0.05 * HOURS)
    return attachment


def make_vpn(place, name, number: int, *, gateway=None, tags=None, state=None, traffic=0.0, since=0.0):
    """To a transit gateway, or to a gateway of the VPC; ``state`` None publishes no metrics."""
    device = place.ec2.create_customer_gateway("ipsec.1", f"198.51.100.{number}", "65000")
    owner = {"transit_gateway_id": gateway.id} if gateway else {"vpn_gateway_id": f"vgw-0{number:016x}"}
    vpn = place.ec2.create_vpn_connection("ipsec.1", device.id, **owner)
    place.tag(vpn.id, name, tags or {})
    if gateway:
        attachment = place.ec2.create_transit_gateway_vpn_attachment(vpn.id, gateway.id)
        attachment._created_at = place.ago(300)
        place.account.ledger.add_monthly(VPC, "TransitGateway-Hours", place.region, 0.05 * HOURS)
    if state is not None:
        values = (("TunnelState", state), ("TunnelDataIn", traffic), ("TunnelDataOut", traffic))
        for metric, value in values:
            place.put_metric("AWS/VPN", metric, {"VpnId": vpn.id}, constant(value), since=since)
    place.account.ledger.add_monthly(VPC, "VPN-Usage-Hours:ipsec.1", place.region, 0.05 * HOURS)
    return vpn
