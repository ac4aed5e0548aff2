"""CloudWatch's log groups, alarms and dashboards. An account has its dashboards in all Regions at once."""

from ..errors import AwsError
from ..serverless.paging import page, with_token

EVERYWHERE = "*"


def _group(state, call, name: str) -> dict:
    groups = state.shelf(call.account_id, call.region, "log-groups")
    found = next((group for group in groups if group["logGroupName"] == name), None)
    if found is None:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.", 400)
    return found


def _shown(group: dict) -> dict:
    return {key: value for key, value in group.items() if not key.startswith("_")}


def describe_log_groups(state, call, params: dict) -> dict:
    prefix = params.get("logGroupNamePrefix", "")
    groups = state.shelf(call.account_id, call.region, "log-groups")
    known = [_shown(group) for group in groups if group["logGroupName"].startswith(prefix)]
    known.sort(key=lambda group: group["logGroupName"])
    found, token = page(known, params.get("nextToken"), params.get("limit"), 50)
    return with_token({"logGroups": found}, "nextToken", token)


def describe_log_streams(state, call, params: dict) -> dict:
    streams = list(_group(state, call, params["logGroupName"])["_streams"])
    if params.get("orderBy") == "LastEventTime":
        streams.sort(key=lambda stream: stream.get("lastEventTimestamp", 0), reverse=params.get("descending", False))
    found, token = page(streams, params.get("nextToken"), params.get("limit"), 50)
    return with_token({"logStreams": found}, "nextToken", token)


def describe_subscription_filters(state, call, params: dict) -> dict:
    return {"subscriptionFilters": _group(state, call, params["logGroupName"])["_filters"]}


def describe_alarms(state, call, params: dict) -> dict:
    """Alarms that combine others are not seeded."""
    alarms = state.shelf(call.account_id, call.region, "alarms")
    found, token = page(alarms, params.get("NextToken"), params.get("MaxRecords"), 100)
    return with_token({"MetricAlarms": found, "CompositeAlarms": []}, "NextToken", token)


def list_dashboards(state, call, params: dict) -> dict:
    known = state.shelf(call.account_id, EVERYWHERE, "dashboards")
    entries = [{key: value for key, value in item.items() if key != "_body"} for item in known]
    found, token = page(entries, params.get("NextToken"), None, 1000)
    return with_token({"DashboardEntries": found}, "NextToken", token)


def get_dashboard(state, call, params: dict) -> dict:
    name = params["DashboardName"]
    for item in state.shelf(call.account_id, EVERYWHERE, "dashboards"):
        if item["DashboardName"] == name:
            return {"DashboardArn": item["DashboardArn"], "DashboardName": name, "DashboardBody": item["_body"]}
    raise AwsError("ResourceNotFound", f"Dashboard {name} does not exist", 404)


OPERATIONS = {
    "logs:DescribeLogGroups": describe_log_groups,
    "logs:DescribeLogStreams": describe_log_streams,
    "logs:DescribeSubscriptionFilters": describe_subscription_filters,
    "cloudwatch:DescribeAlarms": describe_alarms,
    "cloudwatch:ListDashboards": list_dashboards,
    "cloudwatch:GetDashboard": get_dashboard,
}
