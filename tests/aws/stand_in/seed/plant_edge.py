"""Plants gateways, endpoints, attachments and VPN connections that could go, each beside its healthy look-alikes."""

from ..metrics.series import constant, noise
from .compute import make_instance
from .network import (
    make_address, make_attachment, make_endpoint, make_nat, make_routes, make_vpc, make_vpn,
)

EIP, LOW, SAME, DEV = (
    "eip-on-stopped-instance", "nat-gateway-low-traffic", "nat-gateway-redundant-same-az", "nat-gateway-nonprod-per-az",
)
ACROSS, FREE = "nat-gateway-cross-az-transfer", "nat-gateway-no-gateway-endpoint"
GATEWAY_WORKS, INSPECTION = "vpce-interface-where-gateway-works", "gwlb-endpoint-idle"
ATTACHMENT, VPN = "tgw-attachment-idle", "vpn-connection-idle"


def plant_edge(place) -> None:
    plant_addresses(place)
    plant_gateways(place)
    plant_small_gateways(place)
    plant_endpoints(place)
    plant_wide_area(place)


def plant_addresses(place) -> None:
    for name, days in (("pilot", 12), ("lunch-break", 3)):
        machine = make_instance(place, name, "t4g.medium", stopped=days, age=200, root=8, tags={"team": "web"})
        address = make_address(place, name, instance=machine)
        if days >= 7:
            place.plant(EIP, address.allocation_id, f"its machine has been stopped for {days} days")
        else:
            place.healthy(address.allocation_id, EIP, f"stopped for {days} days only")
    subnet = place.subnets[place.zones[0]]
    for name, status in (("failover-ip", "available"), ("appliance", "in-use")):
        interface = place.ec2.create_network_interface(subnet, None)
        interface.status = status
        address = make_address(place, name)
        place.ec2.associate_address(eni=interface, allocation_id=address.allocation_id)
        if status == "available":
            place.plant(EIP, address.allocation_id, "its network interface is attached to nothing")
        else:
            place.healthy(address.allocation_id, EIP, "its network interface is in use")


def plant_gateways(place) -> None:
    """Two zones with a gateway each; the first zone has one too many, the third one that nearly nothing uses."""
    vpc, subnets = make_vpc(place, "apps", 20)
    a, b, c = (subnets[zone] for zone in place.zones[:3])
    first = make_nat(place, "apps-a", subnet=a, gb_a_day=30)
    tables = [make_routes(place, vpc, "apps-a", [a], first)]
    place.plant(FREE, first.id, "900 GB a month, and no endpoint for S3 or DynamoDB", role="exposure")
    second = make_nat(place, "apps-b", subnet=b, gb_a_day=20)
    table = make_routes(place, vpc, "apps-b", [b], second)
    for service in ("s3", "dynamodb"):
        make_endpoint(place, f"apps-b-{service}", service, kind="Gateway", vpc=vpc, tables=[table])
    place.healthy(second.id, [FREE, LOW, SAME], "its table has both endpoints; carries traffic")
    more = place.ec2.create_subnet(vpc.id, "10.20.9.0/24", availability_zone=place.zones[1])
    place.tag(more.id, "apps-b-batch", {})
    tables.append(make_routes(place, vpc, "apps-b-batch", [more], first))
    place.plant(ACROSS, tables[1].id, "a subnet of the second zone uses the first zone's gateway", role="exposure")
    place.healthy(tables[0].id, ACROSS, "uses its own zone's gateway")
    spare = make_nat(place, "apps-a-team2", subnet=a, gb_a_day=5)
    place.plant(SAME, spare.id, "the second gateway of its zone")
    small = make_nat(place, "apps-c", subnet=c, gb_a_day=0.02)
    place.plant(LOW, small.id, "20 MB a day, beside two busy gateways")
    place.plant(SAME, small.id, "beside a partner's own in its zone", role="alternative")
    kept = make_nat(place, "apps-c-partner", subnet=c, gb_a_day=3, tags={"keep": "partner allow list"})
    place.healthy(kept.id, [LOW, SAME], "carries a keep tag")


def plant_small_gateways(place) -> None:
    _vpc, subnets = make_vpc(place, "crawler", 21)
    a = subnets[place.zones[0]]
    for number in (1, 2):
        nat = make_nat(place, f"crawler-{number}", subnet=a, gb_a_day=60 * number, port_errors=3.0)
        place.healthy(nat.id, SAME, "runs out of ports: two gateways are needed")
    _vpc, subnets = make_vpc(place, "sandbox", 22)
    for number, gb in enumerate((3, 2)):
        nat = make_nat(place, f"sandbox-{number}", subnet=subnets[place.zones[number]], gb_a_day=gb, tags={"env": "dev"})
        if number:
            place.plant(DEV, nat.id, "a second zone's gateway outside of production")
        else:
            place.healthy(nat.id, DEV, "the gateway that stays")
    _vpc, subnets = make_vpc(place, "licence-server", 23)
    nat = make_nat(place, "licence-server", subnet=subnets[place.zones[0]], gb_a_day=0.01)
    place.plant(LOW, nat.id, "10 MB a day; its VPC's only one", role="exposure")


def plant_endpoints(place) -> None:
    endpoint = make_endpoint(place, "s3-interface", "s3", traffic=noise(1e5, 1e7))
    place.plant(GATEWAY_WORKS, endpoint.id, "interfaces for S3 in two zones")
    endpoint = make_endpoint(place, "logs-interface", "logs", traffic=noise(1e5, 1e7))
    place.healthy(endpoint.id, GATEWAY_WORKS, "no gateway endpoint for this service")
    service = f"com.amazonaws.vpce.{place.region}.vpce-svc-0123456789abcdef0"
    for name, traffic in (("inspect-old", 0.0), ("inspect-new", 5e6)):
        endpoint = make_endpoint(place, name, service, zones=1, traffic=constant(traffic), kind="GatewayLoadBalancer")
        if traffic:
            place.healthy(endpoint.id, INSPECTION, "carries traffic")
        else:
            place.plant(INSPECTION, endpoint.id, "no byte in 14 days")


def plant_wide_area(place) -> None:
    gateway = place.ec2.create_transit_gateway("core", {})
    place.tag(gateway.id, "core", {})
    cases = [("acquired", 31, 0.0, 300, None), ("branch", 32, 4e4, 300, None), ("new-site", 33, 0.0, 5, None),
             ("recovery", 34, 0.0, 300, {"keep": "disaster recovery"})]
    for name, block, traffic, age, tags in cases:
        vpc, _subnets = make_vpc(place, name, block)
        attachment = make_attachment(place, gateway, vpc, name, age=age, tags=tags, traffic=constant(traffic))
        if name == "acquired":
            place.plant(ATTACHMENT, attachment.id, "no byte in 14 days")
        else:
            place.healthy(attachment.id, ATTACHMENT, "carries traffic, 5 days old or kept")
    vpn = make_vpn(place, "old-office", 11, state=0.0)
    place.plant(VPN, vpn.id, "no tunnel was up in 14 days")
    vpn = make_vpn(place, "warehouse", 12, gateway=gateway, state=1.0)
    place.plant(VPN, vpn.id, "up, but silent; its attachment is paid for, too")
    for name, number, more, why in (
        ("office", 13, {"state": 1.0, "traffic": 5e5}, "carries traffic"),
        ("backup-line", 14, {"state": 0.0, "tags": {"keep": "beside Direct Connect"}}, "carries a keep tag"),
        ("dark-line", 15, {}, "no metrics: unknown"),
        ("young-line", 16, {"state": 0.0, "since": place.now.timestamp() - 3 * 86400}, "3 days of states"),
    ):
        place.healthy(make_vpn(place, name, number, **more).id, VPN, why)
