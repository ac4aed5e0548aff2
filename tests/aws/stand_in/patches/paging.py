"""Pages Describe calls that moto answers in one piece, by MaxResults or MaxRecords.

Tokens are opaque to clients but not checked against the filters of the first page.
"""

import base64
from dataclasses import dataclass

from moto.core.responses import ActionResult

from ..errors import AwsError


@dataclass(frozen=True)
class Paging:
    method: str
    items: str
    smallest: int = 5
    largest: int = 1000
    size: str = "MaxResults"
    token: str = "NextToken"
    ids: str | None = None  # not allowed together with the size
    answer: str | None = None  # the token's name in the reply, where it is another one

    def error(self, text: str) -> AwsError:
        return AwsError("InvalidParameterValue", text, 400)


EC2_PAGES = [
    Paging("describe_instances", "Reservations", ids="InstanceIds"),
    Paging("describe_volumes", "Volumes", ids="VolumeIds"),
    Paging("describe_snapshots", "Snapshots"),
    Paging("describe_images", "Images", smallest=1),
    Paging("describe_nat_gateways", "NatGateways"),
    Paging("describe_vpc_endpoints", "VpcEndpoints"),
    Paging("describe_network_interfaces", "NetworkInterfaces"),
    Paging("describe_launch_templates", "LaunchTemplates", smallest=1, largest=200),
    Paging("describe_launch_template_versions", "LaunchTemplateVersions", smallest=1, largest=200),
    Paging("describe_instance_types", "InstanceTypes", largest=100),
    Paging("describe_route_tables", "RouteTables", largest=100),
    Paging("describe_subnets", "Subnets"),
    Paging("describe_transit_gateway_attachments", "TransitGatewayAttachments"),
]
ELBV2_PAGES = [
    Paging(f"describe_{name}", items, 1, 400, "PageSize", "Marker", answer="NextMarker")
    for name, items in (
        ("load_balancers", "LoadBalancers"), ("target_groups", "TargetGroups"), ("listeners", "Listeners"),
    )
]
ELB_PAGES = [
    Paging("describe_load_balancers", "LoadBalancerDescriptions", 1, 400, "PageSize", "Marker", answer="NextMarker"),
]
RDS_PAGES = [
    Paging(f"describe_db_{name}", items, 20, 100, "MaxRecords", "Marker")
    for name, items in (
        ("instances", "DBInstances"), ("snapshots", "DBSnapshots"), ("clusters", "DBClusters"),
        ("cluster_snapshots", "DBClusterSnapshots"),
    )
]


def patch_paging() -> None:
    from moto.ec2.responses import EC2Response
    from moto.elb.responses import ELBResponse
    from moto.elbv2.responses import ELBV2Response
    from moto.rds.responses import RDSResponse

    for paging in EC2_PAGES:
        _wrap(EC2Response, paging)
    for paging in ELBV2_PAGES:
        _wrap(ELBV2Response, paging)
    for paging in ELB_PAGES:
        _wrap(ELBResponse, paging)
    for paging in RDS_PAGES:
        _wrap(RDSResponse, paging)


def _wrap(response_class, paging: Paging) -> None:
    whole = getattr(response_class, paging.method)

    def paged(self):
        size, start = read_page(self.params, paging)
        # moto must not page on its own.
        self.params.pop(paging.token, None)
        self.params[paging.size] = 10**6
        result = dict(whole(self).result)
        items = list(result[paging.items])
        result[paging.items] = items[start : start + size]
        more = start + size < len(items)
        result[paging.answer or paging.token] = write_token(start + size) if more else None
        return ActionResult(result)

    setattr(response_class, paging.method, paged)


def read_page(params: dict, paging: Paging) -> tuple[int, int]:
    asked = params.pop(paging.size, None)
    if asked is not None and paging.ids and params.get(paging.ids):
        raise paging.error(f"The parameter {paging.ids} cannot be used with the parameter {paging.size}")
    size = paging.largest if asked is None else int(asked)
    if not paging.smallest <= size <= paging.largest:
        raise paging.error(
            f"Value ({size}) for parameter {paging.size} is invalid. "
            f"Expecting a value between {paging.smallest} and {paging.largest}."
        )
    return size, _read_token(params.get(paging.token), paging)


def write_token(start: int) -> str:
    return base64.urlsafe_b64encode(f"page:{start}".encode()).decode()


def _read_token(token: str | None, paging: Paging) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("page:"))
    except ValueError:
        raise paging.error("Invalid value for the pagination token.") from None
