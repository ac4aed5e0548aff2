"""Plants idle addresses, NAT gateways and endpoints, each beside its healthy look-alikes."""

from ..metrics.series import constant, noise, spiky
from .network import make_address, make_endpoint, make_nat

LOW, SAME = "nat-gateway-low-traffic", "nat-gateway-redundant-same-az"
EIP, NAT, VPCE = "eip-unassociated", "nat-gateway-idle", "vpce-interface-idle"


def plant_addresses(place, count: int) -> None:
    for number in range(count):
        address = make_address(place, f"unused-{number}", tags={"team": "platform"} if number else {"keep": "false"})
        place.plant(EIP, address.allocation_id, "associated with nothing" + ("" if number else "; keep=false"))
    address = make_address(place, "partner-allowlist", tags={"Keep": "partner firewall"})
    place.healthy(address.allocation_id, EIP, "carries a keep tag")
    address = make_address(place, "own-range", pool="ipv4pool-ec2-0123456789abcdef0")
    place.healthy(address.allocation_id, EIP, "our customer's own address range: AWS charges nothing")
    address = make_address(place, "wiki", instance=place.host)
    place.healthy(address.allocation_id, EIP, "in use by an instance")


def plant_nat(place) -> None:
    quiet = constant(0.0)
    nat = make_nat(place, "nat-old-vpc", connections=quiet, packets=quiet)
    place.plant(NAT, nat.id, "no connection and no packet in 14 days; takes its address along")
    place.healthy(nat.address_set[0]["allocationId"], EIP, "associated with the NAT gateway")
    nat = make_nat(place, "nat-main", connections=noise(20, 400), packets=noise(1e4, 1e6), zone=1)
    place.healthy(nat.id, NAT, "carries traffic")
    nat = make_nat(place, "nat-nightly", connections=spiky(0, 0, 3), packets=spiky(0, 0, 40), zone=1)
    place.healthy(nat.id, NAT, "one short burst a day")
    place.plant(LOW, nat.id, "moves a kilobyte in 14 days, beside a busy gateway")
    place.plant(SAME, nat.id, "the second gateway of its zone", role="alternative")
    nat = make_nat(place, "nat-new", age=6, connections=quiet, packets=quiet, zone=2)
    place.healthy(nat.id, NAT, "6 days old")
    nat = make_nat(place, "nat-dark", zone=2)
    place.healthy(nat.id, NAT, "no metrics: unknown")


def plant_endpoints(place) -> None:
    quiet = constant(0.0)
    endpoint = make_endpoint(place, "sqs-endpoint", "sqs", zones=3, traffic=quiet)
    place.plant(VPCE, endpoint.id, "no byte in 14 days in three zones")
    endpoint = make_endpoint(place, "kms-endpoint", "kms", zones=2, traffic=quiet)
    place.plant(VPCE, endpoint.id, "no byte in 14 days in two zones")
    endpoint = make_endpoint(place, "ecr-endpoint", "ecr.dkr", traffic=noise(1e5, 1e7))
    place.healthy(endpoint.id, VPCE, "carries traffic")
    endpoint = make_endpoint(place, "ssm-endpoint", "ssm")
    place.healthy(endpoint.id, VPCE, "no metrics: unknown")
    endpoint = make_endpoint(place, "sts-endpoint", "sts", age=4, traffic=quiet)
    place.healthy(endpoint.id, VPCE, "4 days old")
    endpoint = make_endpoint(place, "s3-gateway", "s3", kind="Gateway")
    place.healthy(endpoint.id, VPCE, "a gateway endpoint costs nothing")
