"""Makes load balancers of both generations in a place, with their targets and metrics."""

from ..metrics.series import constant
from .ledger import ELB, HOURS, VPC

PER_HOUR = {"application": 0.0225, "network": 0.0225, "gateway": 0.0125}
PROTOCOLS = {"application": ("HTTP", "80"), "network": ("TCP", "443")}


def a_day(count: int):
    """So many ones a day, and no datapoint beside: AWS leaves out what is zero."""

    def profile(rng, weekday):
        values = [float("nan")] * 288
        for slot in rng.sample(range(288), count):
            values[slot] = 1.0
        return values

    return profile


def make_balancer(place, name, kind="application", *, age=300, tags=None, public=True, zones=2):
    subnets = [place.subnets[zone].id for zone in place.zones[:zones]]
    scheme = "internet-facing" if public else "internal"
    balancer = place.elbv2.create_load_balancer(name, [], subnets, scheme=scheme, loadbalancer_type=kind)
    balancer.created_time = place.ago(age).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    given = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    place.elbv2.tagging_service.tag_resource(balancer.arn, given)
    hours = PER_HOUR[kind] * HOURS * (zones if kind == "gateway" else 1)
    place.account.ledger.add_monthly(ELB, "LoadBalancerUsage", place.region, hours, rate=PER_HOUR[kind])
    if public and kind != "gateway":
        place.account.ledger.add_monthly(VPC, "PublicIPv4:InUseAddress", place.region, 0.005 * HOURS * zones)
    return balancer


def id_of(balancer) -> str:
    return balancer.arn.split(":loadbalancer/")[1]


def forward(place, balancer, targets, target_type="instance"):
    """A listener that leads to a new group of these targets."""
    protocol, port = PROTOCOLS[balancer.type]
    where = {} if target_type == "lambda" else {"vpc_id": place.vpc.id, "protocol": protocol, "port": "8080"}
    group = place.elbv2.create_target_group(
        f"{balancer.name}-targets", **{"vpc_id": None, "protocol": None, "port": None, **where}, target_type=target_type
    )
    place.elbv2.register_targets(group.arn, [{"Id": target} for target in targets])
    actions = [{"Type": "forward", "TargetGroupArn": group.arn}]
    place.elbv2.create_listener(balancer.arn, protocol, port, None, None, actions)
    return group


def redirect(place, balancer) -> None:
    to = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    place.elbv2.create_listener(balancer.arn, "HTTP", "80", None, None, [{"Type": "redirect", "RedirectConfig": to}])


def application_metrics(place, balancer, **values) -> None:
    """``RequestCount=profile`` and so on, beside what is always reported."""
    own = {"LoadBalancer": id_of(balancer)}
    for name, profile in {"ConsumedLCUs": constant(0.002), **values}.items():
        place.put_metric("AWS/ApplicationELB", name, own, profile)


def network_metrics(place, balancer, flows: float) -> None:
    own = {"LoadBalancer": id_of(balancer)}
    place.put_metric("AWS/NetworkELB", "ActiveFlowCount", own, constant(flows))
    if flows:
        place.put_metric("AWS/NetworkELB", "ProcessedBytes", own, constant(flows * 900))


def make_classic(place, name, instances=(), *, age=900, tags=None, requests=None):
    """``requests`` None publishes no metrics."""
    ports = [{"Protocol": "http", "LoadBalancerPort": 80, "InstancePort": 8080}]
    balancer = place.elb.create_load_balancer(name, place.zones[:2], ports)
    balancer.created_time = place.ago(age)
    balancer.tags.update(tags or {})
    if instances:
        place.elb.register_instances(name, [instance.id for instance in instances])
    if requests is not None:
        place.put_metric("AWS/ELB", "RequestCount", {"LoadBalancerName": name}, requests)
        place.put_metric("AWS/ELB", "HealthyHostCount", {"LoadBalancerName": name}, constant(1.0))
    place.account.ledger.add_monthly(ELB, "LoadBalancerUsage", place.region, 0.025 * HOURS, rate=0.025)
    return balancer
