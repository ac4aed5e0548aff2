"""Adds up what the seeded fleet costs a day, at list price, and writes it as Cost Explorer lines.

Amounts move by one per cent from day to day. Services that have no seeded resources (S3, CloudWatch,
Tax) get a trend of their own.
"""

import datetime as dt
import random
from collections import defaultdict

from ..costs.store import CostLine
from ..pricing.products import regional
from ..pricing.tables import ec2_types, rds_types, regions

HOURS = 730
COMPUTE = "Amazon Elastic Compute Cloud - Compute"
OTHER = "EC2 - Other"
CLOUDWATCH = "AmazonCloudWatch"
RDS = "Amazon Relational Database Service"
VPC = "Amazon Virtual Private Cloud"
ELB = "Amazon Elastic Load Balancing"
HISTORY_DAYS = 95


class Ledger:
    def __init__(self, net_factor: float = 1.0):
        self.net_factor = net_factor
        self.daily: dict[tuple, float] = defaultdict(float)

    def add_monthly(self, service: str, usage: str, region: str, usd: float, unit: str = "Hrs") -> None:
        """``usd`` a month of 730 hours at us-east-1 prices."""
        usage_type = regions()[region]["prefix"] + usage
        self.daily[(service, usage_type, region, unit)] += regional(usd, region) / HOURS * 24

    def add_instance(self, region: str, name: str, system: str, usage: str = "BoxUsage") -> None:
        self.add_monthly(COMPUTE, f"{usage}:{name}", region, ec2_types()[name].usd_of(system) * HOURS)

    def add_database(self, region: str, name: str, column: str, multi_az: bool) -> None:
        usd = rds_types()[name].prices[column] * (2 if multi_az else 1)
        self.add_monthly(RDS, f"{'Multi-AZUsage' if multi_az else 'InstanceUsage'}:{name}", region, usd * HOURS)

    def lines(self) -> list[CostLine]:
        return [
            CostLine(service, usage, region, steady(usd, usage + region), 1.0, unit, net_factor=self.net_factor)
            for (service, usage, region, unit), usd in sorted(self.daily.items())
        ]


def steady(usd: float, name: str):
    return lambda day: usd * (0.99 + 0.02 * random.Random(f"{name}|{day}").random())


def step(before: float, after: float, change: dt.date, name: str):
    """A daily cost that jumps on a day."""
    low, high = steady(before, name), steady(after, name)
    return lambda day: high(day) if day >= change else low(day)
