"""What EC2 and Auto Scaling answer about groups, their activities, reserved capacity, Spot prices and credits.

Groups are the seed's: their members are instances of moto's, made beforehand.
"""

import datetime as dt

from .patches.paging import Paging, read_page, write_token
from .pricing.products import regional
from .pricing.tables import ec2_types

# Launched with unlimited credits unless the customer says otherwise; t2 is not.
UNLIMITED = ("t3.", "t3a.", "t4g.")
# What Spot costs of the on-demand price, by the zone's letter and the age of the price in hours.
SPOT_SHARES = {"a": (0.34, 0.36), "b": (0.31, 0.33), "c": (0.38, 0.35)}
SPOT_AGES = (30, 5)


def _paged(items: list, params: dict, paging: Paging) -> dict:
    size, start = read_page(params, paging)
    found = {paging.items: items[start : start + size]}
    return {**found, paging.token: write_token(start + size)} if start + size < len(items) else found


def describe_groups(state, call, params: dict) -> dict:
    wanted = params.get("AutoScalingGroupNames")
    groups = state.groups.get((call.account_id, call.region), [])
    found = [group for group in groups if not wanted or group["AutoScalingGroupName"] in wanted]
    return _paged(found, params, Paging("describe_auto_scaling_groups", "AutoScalingGroups", 1, 100, "MaxRecords"))


def describe_activities(state, call, params: dict) -> dict:
    """The newest first, of the last six weeks."""
    name, oldest = params.get("AutoScalingGroupName"), state.clock.now() - dt.timedelta(weeks=6)
    known = state.activities.get((call.account_id, call.region), [])
    found = [item for item in known if name in (None, item["AutoScalingGroupName"]) and item["StartTime"] >= oldest]
    found.sort(key=lambda item: item["StartTime"], reverse=True)
    return _paged(found, params, Paging("describe_scaling_activities", "Activities", 1, 100, "MaxRecords"))


def describe_reservations(state, call, params: dict) -> dict:
    found = state.capacity_reservations.get((call.account_id, call.region), [])
    return _paged(found, params, Paging("describe_capacity_reservations", "CapacityReservations", 1))


def describe_credits(state, call, params: dict) -> dict:
    """Without ids only the instances with unlimited credits are listed."""
    from moto.ec2 import ec2_backends

    ids = params.get("InstanceIds")
    backend = ec2_backends[call.account_id][call.region]
    instances = (item for reservation in backend.reservations.values() for item in reservation.instances)
    burstable = [item for item in instances if item.instance_type.startswith("t") and item.state != "terminated"]
    found = [{"InstanceId": item.id, "CpuCredits": _credits(item)} for item in burstable if not ids or item.id in ids]
    listed = [item for item in found if ids or item["CpuCredits"] == "unlimited"]
    paging = Paging("describe_instance_credit_specifications", "InstanceCreditSpecifications", ids="InstanceIds")
    return _paged(listed, params, paging)


def _credits(instance) -> str:
    by_default = "unlimited" if instance.instance_type.startswith(UNLIMITED) else "standard"
    return getattr(instance, "_cpu_credits", by_default)


def describe_spot_prices(state, call, params: dict) -> dict:
    """Each price from its change on; also the one that was in force at the start."""
    wanted = set(params.get("InstanceTypes") or ec2_types())
    products = params.get("ProductDescriptions")
    found = [
        item for kind in ec2_types().values() if kind.name in wanted
        for item in _spot_of(state.clock.now(), call.region, kind) if not products or item["ProductDescription"] in products
    ]
    return {"NextToken": "", **_paged(found, params, Paging("describe_spot_price_history", "SpotPriceHistory", 1))}


def _spot_of(now, region: str, kind):
    for product, usd in (("Linux/UNIX", kind.linux), ("Red Hat Enterprise Linux", kind.rhel), ("Windows", kind.windows)):
        for letter, shares in SPOT_SHARES.items() if usd else ():
            for share, hours in zip(shares, SPOT_AGES):
                yield {
                    "InstanceType": kind.name, "ProductDescription": product, "AvailabilityZone": region + letter,
                    "SpotPrice": f"{regional(usd, region) * share:.6f}", "Timestamp": now - dt.timedelta(hours=hours),
                }
