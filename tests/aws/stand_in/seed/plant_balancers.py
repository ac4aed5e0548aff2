"""Plants load balancers that lead nowhere or that nobody uses, each beside its healthy look-alikes."""

from ..metrics.series import noise
from .balancers import (
    a_day, application_metrics, forward, id_of, make_balancer, make_classic, network_metrics, redirect,
)
from .compute import _stop, make_instance

ALB, NLB, GWLB, CLB = "elb-no-targets-alb", "elb-no-targets-nlb", "elb-no-targets-gwlb", "elb-no-instances-clb"
IDLE, CLASSIC_IDLE, TO_ALB, PUBLIC = "elb-idle-traffic", "clb-idle-traffic", "clb-to-alb", "public-ipv4-in-use"


def plant_balancers(place) -> None:
    web = make_instance(place, "edge-web", "t4g.large", tags={"team": "web", "env": "prod"})
    web.nics[0].public_ip = "203.0.113.80"
    place.plant(PUBLIC, web.nics[0].id, "a load balancer leads to it, and it has an address of AWS's own", role="exposure")
    place.account.ledger.add_monthly("Amazon Virtual Private Cloud", "PublicIPv4:InUseAddress", place.region, 3.65)
    plant_application(place, web)
    plant_network(place, web)
    plant_classic(place, web)


def plant_application(place, web) -> None:
    balancer = make_balancer(place, "campaign-2024")
    place.plant(ALB, id_of(balancer), "no listener, no target group; two addresses")
    balancer = make_balancer(place, "blue", tags={"team": "web"}, public=False)
    forward(place, balancer, [])
    place.plant(ALB, id_of(balancer), "its target group is empty")
    balancer = make_balancer(place, "old-domain")
    redirect(place, balancer)
    place.healthy(id_of(balancer), [ALB, IDLE], "redirects an old domain")
    balancer = make_balancer(place, "next-launch", age=2)
    place.healthy(id_of(balancer), ALB, "two days old")
    balancer = make_balancer(place, "functions")
    name = f"arn:aws:lambda:{place.region}:{place.account.id}:function:api"
    forward(place, balancer, [name], "lambda")
    application_metrics(place, balancer, RequestCount=noise(10, 500))
    place.healthy(id_of(balancer), [ALB, IDLE], "a function is its target")
    balancer = make_balancer(place, "intranet")
    forward(place, balancer, [web.id])
    application_metrics(place, balancer, RequestCount=a_day(3))
    place.plant(IDLE, id_of(balancer), "three requests a day")
    balancer = make_balancer(place, "moved-shop")
    forward(place, balancer, [web.id])
    application_metrics(place, balancer, HTTP_Redirect_Count=noise(1, 40))
    place.healthy(id_of(balancer), IDLE, "forwards nothing, but redirects")
    balancer = make_balancer(place, "dark-front")
    forward(place, balancer, [web.id])
    place.healthy(id_of(balancer), IDLE, "no metrics: unknown")


def plant_network(place, web) -> None:
    worker = make_instance(place, "edge-worker", "t4g.medium", tags={"team": "web"})
    balancer = make_balancer(place, "ingest-v1", "network", public=False)
    forward(place, balancer, [worker.id])
    _stop(place, worker, 4, None)
    place.facts[-1]["running"] = False
    place.plant(NLB, id_of(balancer), "its only target is stopped")
    balancer = make_balancer(place, "partner-link", "network", tags={"keep": "PrivateLink"})
    place.healthy(id_of(balancer), NLB, "carries a keep tag")
    balancer = make_balancer(place, "mqtt", "network")
    forward(place, balancer, [web.id])
    network_metrics(place, balancer, 0.0)
    place.plant(IDLE, id_of(balancer), "no flow in 14 days")
    balancer = make_balancer(place, "game", "network")
    forward(place, balancer, [web.id])
    network_metrics(place, balancer, 40.0)
    place.healthy(id_of(balancer), [NLB, IDLE], "carries flows")
    balancer = make_balancer(place, "inspection", "gateway", public=False)
    place.plant(GWLB, id_of(balancer), "no target group, in two zones")


def plant_classic(place, web) -> None:
    make_classic(place, "legacy-forum")
    place.plant(CLB, "legacy-forum", "no instance")
    make_classic(place, "legacy-shop", [web], requests=noise(5, 900))
    place.plant(TO_ALB, "legacy-shop", "in use, of the first generation", role="exposure")
    place.healthy("legacy-shop", [CLB, CLASSIC_IDLE], "serves requests")
    make_classic(place, "legacy-wiki", [web], requests=a_day(2))
    place.plant(CLASSIC_IDLE, "legacy-wiki", "two requests a day")
    place.plant(TO_ALB, "legacy-wiki", "of the first generation", role="exposure")
