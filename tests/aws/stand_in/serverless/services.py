"""ECS's clusters, services and task definitions."""

from ..errors import AwsError
from .paging import page, with_token


def _stock(state, call):
    return state.serverless.of(call.account_id, call.region)


def _cluster(state, call, name: str | None) -> str:
    name = (name or "default").rpartition("/")[2]
    arn = f"arn:aws:ecs:{call.region}:{call.account_id}:cluster/{name}"
    if arn not in _stock(state, call).clusters:
        raise AwsError("ClusterNotFoundException", "Cluster not found.", 400)
    return arn


def list_clusters(state, call, params: dict) -> dict:
    arns, token = page(list(_stock(state, call).clusters), params.get("nextToken"), params.get("maxResults"), 100)
    return with_token({"clusterArns": arns}, "nextToken", token)


def describe_clusters(state, call, params: dict) -> dict:
    known = _stock(state, call).clusters
    return _described(known, params.get("clusters") or [], params, "clusters", "TAGS", 100)


def _described(known: dict, wanted: list, params: dict, name: str, tags: str, most: int) -> dict:
    if len(wanted) > most:
        raise AwsError("InvalidParameterException", f"{name} can have at most {most} items.", 400)
    found = [known[arn] for arn in wanted if arn in known]
    if tags not in (params.get("include") or []):
        found = [{key: value for key, value in item.items() if key != "tags"} for item in found]
    return {name: found, "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known]}


def list_services(state, call, params: dict) -> dict:
    cluster = _cluster(state, call, params.get("cluster"))
    arns = [arn for arn, item in _stock(state, call).services.items() if item["clusterArn"] == cluster]
    found, token = page(arns, params.get("nextToken"), params.get("maxResults") or 10, 100)
    return with_token({"serviceArns": found}, "nextToken", token)


def describe_services(state, call, params: dict) -> dict:
    _cluster(state, call, params.get("cluster"))
    return _described(_stock(state, call).services, params["services"], params, "services", "TAGS", 10)


def describe_task_definition(state, call, params: dict) -> dict:
    found = _stock(state, call).task_definitions.get(params["taskDefinition"])
    if found is None:
        raise AwsError("ClientException", "Unable to describe task definition.", 400)
    return {"taskDefinition": found}


OPERATIONS = {
    "ecs:ListClusters": list_clusters,
    "ecs:DescribeClusters": describe_clusters,
    "ecs:ListServices": list_services,
    "ecs:DescribeServices": describe_services,
    "ecs:DescribeTaskDefinition": describe_task_definition,
}
