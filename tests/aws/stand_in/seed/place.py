"""One region of one customer's account, as the seed sees it, and the record of what was planted."""

import datetime as dt
from dataclasses import dataclass, field

from .ledger import Ledger

# The tags that put a resource under the demo's schedule.
OFFICE_TAGS = {"Scheduler": "Enabled", "Schedule": "office"}


@dataclass
class Account:
    id: str
    name: str
    ledger: Ledger
    facts: list[dict] = field(default_factory=list)  # of the machines of all regions


class Place:
    """Where resources are made; ``facts`` lists the instances, for their by-products."""

    def __init__(self, state, account: Account, region: str):
        from moto.autoscaling import autoscaling_backends
        from moto.ec2 import ec2_backends
        from moto.elb import elb_backends
        from moto.elbv2 import elbv2_backends
        from moto.moto_api._internal import mock_random
        from moto.rds import rds_backends

        self.state, self.account, self.region = state, account, region
        self.now = state.clock.start
        self.ec2 = ec2_backends[account.id][region]
        self.rds = rds_backends[account.id][region]
        self.elb = elb_backends[account.id][region]
        self.elbv2 = elbv2_backends[account.id][region]
        self.autoscaling = autoscaling_backends[account.id][region]
        # New backends draw ids of their own: start anew behind them, so that ours are always the same.
        mock_random.seed(f"{account.id}/{region}")
        self.vpc = self.ec2.default_vpc
        found = sorted(self.ec2.describe_subnets(), key=lambda subnet: subnet.availability_zone)
        self.subnets = {subnet.availability_zone: subnet for subnet in found}
        self.zones = list(self.subnets)
        self.facts: list[dict] = []

    def ago(self, days: float) -> dt.datetime:
        """Naive UTC, as moto keeps its times."""
        return (self.now - dt.timedelta(days=days)).replace(tzinfo=None, microsecond=0)

    def tag(self, resource_id: str, name: str, tags: dict) -> None:
        # Written straight into the backend: AWS's own tags begin with aws: and cannot be created.
        self.ec2.tags[resource_id].update({"Name": name, **tags})

    def of(self, by_place: dict[tuple, list]) -> list:
        """This place's part of what the state keeps by account and region."""
        return by_place.setdefault((self.account.id, self.region), [])

    def plant(self, rule: str, resource_id: str, why: str, role: str = "best", **more) -> None:
        found = {"accountId": self.account.id, "region": self.region, "rule": rule, "resourceId": resource_id}
        self.state.planted.append({**found, "role": role, "why": why, **more})

    def healthy(self, resource_id: str, rules: list[str] | str, why: str) -> None:
        rules = [rules] if isinstance(rules, str) else rules
        found = {"accountId": self.account.id, "region": self.region, "resourceId": resource_id}
        self.state.healthy.append({**found, "mustNotFind": rules, "why": why})

    def scheduled(self, kind: str, resource_id: str, why: str, follows: bool = True) -> None:
        """Carries the scheduler's tags, or nearly; ``follows`` says whether the schedule ``office`` may move it."""
        found = {"accountId": self.account.id, "region": self.region, "kind": kind, "resourceId": resource_id}
        self.state.scheduled.append({**found, "follows": follows, "why": why})

    def put_metric(self, namespace: str, name: str, dimensions: dict, profile, **bounds) -> None:
        self.state.metrics.put(self.account.id, self.region, namespace, name, dimensions, profile, **bounds)
