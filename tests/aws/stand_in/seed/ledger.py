"""Adds up what the seeded fleet costs a day, at list price, and writes it as Cost Explorer lines.

Amounts move by two per cent from day to day and are never below the list price of what runs. Services that have no seeded resources (S3, CloudWatch,
Tax) get a trend of their own.
"""

import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from ..costs.store import CostLine
from ..pricing.products import OTHERS, SAME_EVERYWHERE, regional
from ..pricing.tables import ec2_types, rds_types, read_csv, regions

HOURS = 730
COMPUTE = "Amazon Elastic Compute Cloud - Compute"
OTHER = "EC2 - Other"
CLOUDWATCH = "AmazonCloudWatch"
RDS = "Amazon Relational Database Service"
VPC = "Amazon Virtual Private Cloud"
ELB = "Amazon Elastic Load Balancing"
HISTORY_DAYS = 95


class Ledger:
    """What runs all month, by usage type: the quantity and its price; what commitments cover of it is a line apart."""

    def __init__(self, net_factor: float = 1.0):
        self.net_factor = net_factor
        self.quantities: dict[tuple, float] = defaultdict(float)
        self.commitments: list[Commitment] = []

    def add_monthly(self, service: str, usage: str, region: str, usd: float, unit: str = "Hrs", rate: float | None = None) -> None:
        """``usd`` a month of 730 hours and ``rate`` for one unit, both at us-east-1 prices."""
        rate = rate or _list_price(service, usage)
        self.quantities[(service, usage, region, unit, rate)] += usd / rate

    def add_instance(self, region: str, name: str, system: str, usage: str = "BoxUsage") -> None:
        usd = ec2_types()[name].usd_of(system)
        self.add_monthly(COMPUTE, f"{usage}:{name}", region, usd * HOURS, rate=usd)

    def add_database(self, region: str, name: str, column: str, multi_az: bool) -> None:
        usd = rds_types()[name].prices[column] * (2 if multi_az else 1)
        self.add_monthly(RDS, f"{'Multi-AZUsage' if multi_az else 'InstanceUsage'}:{name}", region, usd * HOURS, rate=usd)

    def monthly(self, *services: str) -> float:
        """What some services cost at list price, all of them where none is named."""
        listed = ((usage, region, rate, units) for (service, usage, region, _unit, rate), units in self.quantities.items()
                  if not services or service in services)
        return sum(units * _price_in(region, usage, rate) for usage, region, rate, units in listed)

    def lines(self) -> list[CostLine]:
        made = []
        for (service, usage, region, unit, rate), monthly in sorted(self.quantities.items()):
            price = _price_in(region, usage, rate)
            where = (service, regions()[region]["prefix"] + usage, region)
            by = next((c for c in self.commitments if (c.region, c.usage) == (region, usage)), None)
            covered = monthly * by.share if by else 0.0
            if monthly > covered:
                made.append(self._line(where, (monthly - covered) * price, price, unit))
            if by:
                made += by.lines(where, covered * price, price, unit)
        return made

    def _line(self, where: tuple, monthly_usd: float, price: float, unit: str) -> CostLine:
        daily = steady(monthly_usd / HOURS * 24, where[1] + where[2])
        return CostLine(*where, daily, 1 / price, unit, net_factor=self.net_factor)


@dataclass(frozen=True)
class Commitment:
    """Covers a share of the hours of a usage type at ``rate`` of the list price, without a payment upfront."""

    region: str
    usage: str
    share: float
    rate: float
    plan: bool = False  # a Savings Plan; else reserved instances

    def lines(self, where: tuple, monthly_usd: float, price: float, unit: str) -> list[CostLine]:
        daily = steady(monthly_usd / HOURS * 24, where[1] + where[2] + "covered")
        service, usage_type, region = where
        if not self.plan:
            kind = {"purchase_type": "Standard Reserved Instances"}
            fee = (service, f"{regions()[region]['prefix']}HeavyUsage:{self.usage.split(':')[1]}", region)
            return [
                CostLine(*where, daily, 1 / price, unit, record_type="DiscountedUsage", unblended=0.0, amortized=self.rate, **kind),
                CostLine(*fee, daily, 1 / price, unit, record_type="RIFee", unblended=self.rate, amortized=0.0, **kind),
            ]
        kind = {"purchase_type": "Savings Plans"}
        fee = ("Savings Plans for AWS Compute usage", "ComputeSP:1yrNoUpfront", region)
        return [
            CostLine(*where, daily, 1 / price, unit, record_type="SavingsPlanCoveredUsage", amortized=self.rate, **kind),
            CostLine(*where, daily, 1 / price, unit, record_type="SavingsPlanNegation", unblended=-1.0, amortized=0.0, **kind),
            CostLine(*fee, daily, 1.0, "Hrs", record_type="SavingsPlanRecurringFee", unblended=self.rate, amortized=0.0, **kind),
        ]


# Which service of the Pricing API lists what Cost Explorer's service bills.
LISTED_BY = {
    COMPUTE: ("AmazonEC2",), OTHER: ("AmazonEC2",), RDS: ("AmazonRDS",), VPC: ("AmazonVPC",), ELB: ("AWSELB",),
    CLOUDWATCH: ("AmazonCloudWatch",), "Amazon DynamoDB": ("AmazonDynamoDB",), "AWS Lambda": ("AWSLambda",),
    "Amazon Elastic Container Service": ("AmazonECS",), "Amazon Simple Storage Service": ("AmazonS3",),
    "AWS Secrets Manager": ("AWSSecretsManager",), "AWS Key Management Service": ("awskms",), "Amazon Redshift": ("AmazonRedshift",),
}


@lru_cache(maxsize=None)
def _list_price(service: str, usage: str) -> float:
    """Of one unit in us-east-1; 1 of what the price tables do not have: its quantity is its dollars."""
    tables = [row for table in OTHERS for row in read_csv(table)]
    listed = LISTED_BY.get(service, ())
    return next((float(row["usd"]) for row in tables if row["service"] in listed and row["usage"] == usage), 1.0)


def _price_in(region: str, usage: str, rate: float) -> float:
    return rate if usage.startswith(SAME_EVERYWHERE) else regional(rate, region)


def steady(usd: float, name: str):
    return lambda day: usd * (1.0 + 0.02 * random.Random(f"{name}|{day}").random())


def step(before: float, after: float, change: dt.date, name: str):
    """A daily cost that jumps on a day."""
    low, high = steady(before, name), steady(after, name)
    return lambda day: high(day) if day >= change else low(day)
