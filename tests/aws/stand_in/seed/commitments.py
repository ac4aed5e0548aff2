"""Makes what an account owns and is advised of: reservations, Savings Plans, AWS's answers about them."""

import datetime as dt
import uuid

YEAR = 31_536_000
EVERYWHERE = "global"


class Books:
    """What belongs to the account as a whole, beside its regions."""

    def __init__(self, state, account):
        self.state, self.account, self.now = state, account, state.clock.start

    def shelf(self, kind: str, region: str = EVERYWHERE) -> list:
        return self.state.shelf(self.account.id, region, kind)

    def put(self, kind: str, key: str, value: dict) -> None:
        self.shelf(kind).append({"key": key, "value": value})

    def plant(self, rule: str, resource_id: str, why: str, role: str = "best", region: str | None = None) -> None:
        found = {"accountId": self.account.id, "region": region, "rule": rule, "resourceId": resource_id}
        self.state.planted.append({**found, "role": role, "why": why})

    def healthy(self, resource_id: str, rule: str, why: str, region: str | None = None) -> None:
        found = {"accountId": self.account.id, "region": region, "resourceId": resource_id}
        self.state.healthy.append({**found, "mustNotFind": [rule], "why": why})

    def known(self, rule: str) -> dict:
        """The first resource of the account that was planted for a rule."""
        mine = (found for found in self.state.planted if found["accountId"] == self.account.id)
        return next(found for found in mine if found["rule"] == rule)

    def spend(self, *services: str) -> float:
        """A month of 730 hours of some services, after a private discount."""
        return self.account.ledger.monthly(*services) * self.account.ledger.net_factor

    def ending(self, days: float) -> tuple[dt.datetime, dt.datetime]:
        """Start and end of a year that ends in so many days."""
        end = (self.now + dt.timedelta(days=days)).replace(microsecond=0)
        return end - dt.timedelta(seconds=YEAR), end

    def uuid(self, name: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.account.id}/{name}"))


def reserve_instances(books: Books, region: str, name: str, kind: str, days: float, state: str = "active", hourly: float = 0.06) -> str:
    start, end = books.ending(days)
    reserved = books.uuid(name)
    books.shelf("reserved-instances", region).append({
        "ReservedInstancesId": reserved, "InstanceType": kind, "InstanceCount": 2, "ProductDescription": "Linux/UNIX",
        "State": state, "Start": start, "End": end, "Duration": YEAR, "FixedPrice": 0.0, "UsagePrice": 0.0,
        "CurrencyCode": "USD", "InstanceTenancy": "default", "OfferingClass": "standard", "OfferingType": "No Upfront",
        "Scope": "Region", "RecurringCharges": [{"Frequency": "Hourly", "Amount": hourly}], "Tags": [],
    })
    return reserved


def reserve_databases(books: Books, region: str, name: str, kind: str, days: float, state: str = "active") -> str:
    start, _end = books.ending(days)
    books.shelf("reserved-databases", region).append({
        "ReservedDBInstanceId": name, "ReservedDBInstancesOfferingId": books.uuid(name), "DBInstanceClass": kind,
        "StartTime": start, "Duration": YEAR, "FixedPrice": 0.0, "UsagePrice": 0.0, "CurrencyCode": "USD",
        "DBInstanceCount": 1, "ProductDescription": "mysql", "OfferingType": "No Upfront", "MultiAZ": False,
        "State": state, "RecurringCharges": [{"RecurringChargeAmount": 0.08, "RecurringChargeFrequency": "Hourly"}],
    })
    return name


def reserve_nodes(books: Books, region: str, name: str, kind: str, days: float, redshift: bool) -> str:
    start, _end = books.ending(days)
    shared = {
        "StartTime": start, "Duration": YEAR, "FixedPrice": 1200.0, "UsagePrice": 0.0, "State": "active",
        "RecurringCharges": [{"RecurringChargeAmount": 0.05, "RecurringChargeFrequency": "Hourly"}],
    }
    if redshift:
        books.shelf("reserved-nodes", region).append({
            "ReservedNodeId": name, "ReservedNodeOfferingId": books.uuid(name), "NodeType": kind, "NodeCount": 2,
            "CurrencyCode": "USD", "OfferingType": "Partial Upfront", **shared,
        })
    else:
        books.shelf("reserved-cache-nodes", region).append({
            "ReservedCacheNodeId": name, "ReservedCacheNodesOfferingId": books.uuid(name), "CacheNodeType": kind,
            "CacheNodeCount": 2, "ProductDescription": "redis", "OfferingType": "Partial Upfront", **shared,
        })
    return name


def buy_plan(books: Books, name: str, kind: str, days: float, hourly: str, state: str = "active", **more) -> str:
    start, end = books.ending(days)
    plan = books.uuid(name)
    books.shelf("savings-plans").append({
        "offeringId": books.uuid(f"{name}/offering"), "savingsPlanId": plan, "description": f"1 year {kind}",
        "savingsPlanArn": f"arn:aws:savingsplans::{books.account.id}:savingsplan/{plan}", "savingsPlanType": kind,
        "start": f"{start:%Y-%m-%dT%H:%M:%S}.000Z", "end": f"{end:%Y-%m-%dT%H:%M:%S}.000Z", "state": state,
        "paymentOption": "No Upfront", "currency": "USD", "commitment": hourly, "upfrontPaymentAmount": "0.0",
        "recurringPaymentAmount": hourly, "termDurationInSeconds": YEAR, "tags": {}, **more,
    })
    return plan


def advise_plan(books: Books, kind: str, on_demand: float, share: float, **details) -> None:
    """``on_demand`` a month, of which the plan saves a share."""
    books.put("purchases", kind, {
        "SavingsPlansDetails": {"OfferingId": books.uuid(kind), **details}, "AccountId": books.account.id, "CurrencyCode": "USD",
        "HourlyCommitmentToPurchase": f"{on_demand * (0.7 - share) / 730:.3f}", "EstimatedMonthlySavingsAmount": f"{on_demand * share:.6f}",
        "CurrentAverageHourlyOnDemandSpend": f"{on_demand / 730:.6f}", "UpfrontCost": "0.0", "EstimatedAverageUtilization": "99.1",
    })


def advise_reservation(books: Books, service: str, on_demand: float, share: float, hourly: float, instance: dict | None, capacity: dict | None = None) -> None:
    """As many units at ``hourly`` dollars as ``on_demand`` pays for a month, of which the reservation saves a share."""
    count = max(1, round(on_demand / hourly / 730))
    units = "RecommendedNumberOfInstancesToPurchase" if instance else "RecommendedNumberOfCapacityUnitsToPurchase"
    detail = {
        "AccountId": books.account.id, "CurrencyCode": "USD", units: str(count),
        "EstimatedMonthlySavingsAmount": f"{on_demand * share:.6f}", "EstimatedMonthlyOnDemandCost": f"{on_demand:.6f}",
        "UpfrontCost": "0", "AverageUtilization": "100",
    }
    if instance:
        detail["InstanceDetails"] = instance
    if capacity:
        detail["ReservedCapacityDetails"] = {"DynamoDBCapacityDetails": capacity}
    books.put("purchases", service, detail)


def hub_finding(books: Books, region: str, kind: str, resource_id: str, arn: str, action: str, usd: float, cost: float, **more) -> None:
    books.shelf("hub").append({
        "recommendationId": books.uuid(f"{arn}/{action}"), "accountId": books.account.id, "region": region,
        "resourceId": resource_id, "resourceArn": arn, "currentResourceType": kind, "recommendedResourceType": kind,
        "estimatedMonthlySavings": usd, "estimatedSavingsPercentage": 100.0 * usd / cost, "estimatedMonthlyCost": cost,
        "currencyCode": "USD", "implementationEffort": "Low", "restartNeeded": False, "actionType": action,
        "rollbackPossible": action != "Delete", "currentResourceSummary": "", "recommendedResourceSummary": "",
        "lastRefreshTimestamp": books.now - dt.timedelta(hours=7), "recommendationLookbackPeriodInDays": 14,
        "source": "ComputeOptimizer", **more,
    })
