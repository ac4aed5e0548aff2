"""Reserved instances and nodes by region, and Savings Plans of the account."""

from ..serverless.paging import page, with_token


def _listed(kind: str, name: str):
    """Query protocols: pages by Marker and MaxRecords."""
    def answer(state, call, params: dict) -> dict:
        known = state.shelf(call.account_id, call.region, kind)
        found, token = page(known, params.get("Marker"), params.get("MaxRecords"), 100)
        return with_token({name: found}, "Marker", token)
    return answer


def describe_reserved_instances(state, call, _params: dict) -> dict:
    return {"ReservedInstances": state.shelf(call.account_id, call.region, "reserved-instances")}


def describe_savings_plans(state, call, params: dict) -> dict:
    known = state.shelf(call.account_id, "global", "savings-plans")
    wanted = params.get("states")
    plans = [plan for plan in known if not wanted or plan["state"] in wanted]
    found, token = page(plans, params.get("nextToken"), params.get("maxResults"), 1000)
    return with_token({"savingsPlans": found}, "nextToken", token)


OPERATIONS = {
    "ec2:DescribeReservedInstances": describe_reserved_instances,
    "rds:DescribeReservedDBInstances": _listed("reserved-databases", "ReservedDBInstances"),
    "elasticache:DescribeReservedCacheNodes": _listed("reserved-cache-nodes", "ReservedCacheNodes"),
    "redshift:DescribeReservedNodes": _listed("reserved-nodes", "ReservedNodes"),
    "savingsplans:DescribeSavingsPlans": describe_savings_plans,
}
