"""Plants waste around instances: processors, credits, monitoring, licences, GPUs, reserved capacity.

By-products (Spot candidates, long-running and large machines, cheaper regions) are worked out in ``byproducts.py``.
"""

import datetime as dt

from ..metrics.series import constant, noise, spiky
from .compute import BUSY, make_instance
from .groups import make_reservation
from .ledger import CLOUDWATCH, OTHER

AMD, LOW, CREDITS = "ec2-instance-amd-variant", "ec2-instance-low-utilization", "ec2-instance-burst-credits"
MONITORING, GPU, IDLE = "ec2-detailed-monitoring", "ec2-gpu-idle", "ec2-instance-idle"
SQL_OVER, SQL_SMALL = "ec2-sqlserver-overprovisioned", "ec2-sqlserver-consolidate"
RESERVED, ACROSS = "ec2-capacity-reservation-unused", "ec2-instance-rightsize-cross-family"
PROD = {"env": "prod", "team": "web"}


def plant_capacity(place) -> None:
    found = make_instance(place, "intel-web", "m6i.xlarge", tags=PROD)
    place.plant(AMD, found.id, "m6a of the same size is cheaper")
    found = make_instance(place, "amd-web", "m6a.xlarge", tags=PROD)
    place.healthy(found.id, AMD, "runs on AMD already")
    found = make_instance(place, "reports", "t4g.medium", tags=PROD, peak=3.0,
                          metrics={"cpu": spiky(0.5, 2, 70), "net": noise(2000, 5000)})
    place.plant(LOW, found.id, "wakes up once a day, 2 MB a day", role="exposure")
    _plant_credits(place)
    found = make_instance(place, "watched", "t4g.medium", tags=PROD)
    found.monitoring_state = "enabled"
    place.account.ledger.add_monthly(CLOUDWATCH, "CW:MetricMonitorUsage", place.region, 2.10, "Metrics")
    place.plant(MONITORING, found.id, "measured each minute")
    member = make_instance(place, "watched-member", "t4g.medium", tags={**PROD, "aws:autoscaling:groupName": "workers"})
    member.monitoring_state = "enabled"
    place.healthy(member.id, MONITORING, "its group may scale by it")
    _plant_sql_server(place)
    _plant_gpus(place)
    _plant_reservations(place)


def _plant_credits(place) -> None:
    hot = {"cpu": noise(60, 98), "net": noise(2e6, 3e7)}
    found = make_instance(place, "burst-ci", "t3a.large", tags=PROD, peak=98.0, metrics=hot)
    _charge_credits(place, found, 7.0)
    place.plant(CREDITS, found.id, "buys 34 vCPU-hours a day: a steady machine is cheaper")
    found = make_instance(place, "burst-mail", "t3a.large", tags=PROD, peak=98.0, metrics=hot)
    _charge_credits(place, found, 0.05)
    place.healthy(found.id, CREDITS, "buys a quarter of a vCPU-hour a day: cheaper than a steady machine")


def _charge_credits(place, instance, each_five_minutes: float) -> None:
    place.put_metric("AWS/EC2", "CPUSurplusCreditsCharged", {"InstanceId": instance.id}, constant(each_five_minutes))
    hours = each_five_minutes * 288 / 60 / 24 * 730
    place.account.ledger.add_monthly(OTHER, "CPUCredits:t3a", place.region, hours * 0.05, "vCPU-Hours")


def _plant_sql_server(place) -> None:
    found = make_instance(place, "erp-sql", "m6a.12xlarge", system="sql-web", tags=PROD)
    place.plant(SQL_OVER, found.id, "Web edition uses 32 of its 48 vCPUs")
    found = make_instance(place, "hr-sql", "m6a.8xlarge", system="sql-web", tags=PROD)
    place.healthy(found.id, [SQL_OVER, SQL_SMALL], "as many vCPUs as the edition uses")
    found = make_instance(place, "books-sql", "m6a.xlarge", system="sql-ent", tags=PROD)
    place.healthy(found.id, [SQL_OVER, SQL_SMALL], "four vCPUs of the Enterprise edition")
    for name in ("cms-sql", "crm-sql"):
        found = make_instance(place, name, "r6a.large", system="sql-web", tags=PROD)
        place.plant(SQL_SMALL, found.id, "two vCPUs pay for four, twice", role="exposure")


def _plant_gpus(place) -> None:
    calm, still = {"cpu": noise(1, 8), "net": noise(1e6, 4e7)}, {"cpu": noise(0.5, 3.5), "net": noise(2000, 5000)}
    found = make_instance(place, "gpu-notebook", "g4dn.xlarge", tags=PROD, peak=8.0, metrics=calm)
    _publish_gpu(place, found, constant(0.0))
    place.plant(GPU, found.id, "CPU and network work, the GPU does not", role="exposure")
    found = make_instance(place, "gpu-forgotten", "g4dn.xlarge", tags=PROD, peak=3.5, metrics=still)
    _publish_gpu(place, found, constant(0.0))
    place.plant(GPU, found.id, "neither GPU nor CPU does anything")
    place.plant(IDLE, found.id, "the same, by its CPU", role="alternative")
    found = make_instance(place, "gpu-render", "g4dn.xlarge", tags=PROD, peak=8.0, metrics=calm)
    _publish_gpu(place, found, noise(20, 95))
    place.healthy(found.id, GPU, "its GPU works")


def _publish_gpu(place, instance, profile) -> None:
    """As the agent files it: one series for each GPU."""
    own = {"InstanceId": instance.id, "index": "0", "name": "Tesla T4", "arch": "Turing"}
    place.put_metric("CWAgent", "nvidia_smi_utilization_gpu", own, profile)


def _plant_reservations(place) -> None:
    found = make_reservation(place, "black-friday", "m6g.large", 4, used=1, free=2)
    place.plant(RESERVED, found, "two of four places free at all times")
    found = make_reservation(place, "in-use", "m6g.large", 2, used=2)
    place.healthy(found, RESERVED, "all places are taken")
    found = make_reservation(place, "at-night", "m6g.large", 2, used=0)
    place.healthy(found, RESERVED, "free now, taken at times")
    until = place.now + dt.timedelta(days=60)
    found = make_reservation(place, "promised", "m6g.large", 1, used=0, free=1,
                             CommitmentInfo={"CommittedInstanceCount": 1, "CommitmentEndDate": until})
    place.healthy(found, RESERVED, "committed for 60 more days")
