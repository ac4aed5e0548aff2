"""Makes ECS clusters and services in a place."""

import datetime as dt

from ..metrics.series import constant
from .ledger import HOURS
from .tables import make_target

ECS = "Amazon Elastic Container Service"


def make_cluster(place, name, *, machines=0, tasks=0, use=None, tags=None) -> str:
    """``use`` is the CPU and the memory of its machines in percent."""
    stock = place.state.serverless.of(place.account.id, place.region)
    arn = f"arn:aws:ecs:{place.region}:{place.account.id}:cluster/{name}"
    stock.clusters[arn] = {
        "clusterArn": arn, "clusterName": name, "status": "ACTIVE", "registeredContainerInstancesCount": machines,
        "runningTasksCount": tasks, "pendingTasksCount": 0, "activeServicesCount": 0, "tags": _tags(tags),
    }
    if use:
        _measure(place, {"ClusterName": name}, use)
    return name


def make_service(place, cluster, name, *, cpu=1024, memory=2048, count=2, use=None, arch="X86_64", system="LINUX",
                 provider=None, launch="FARGATE", tags=None, age=200, scaled=True) -> str:
    """``use`` is CPU and memory in percent; None publishes none. Answers `CLUSTER/SERVICE`."""
    stock = place.state.serverless.of(place.account.id, place.region)
    front = f"arn:aws:ecs:{place.region}:{place.account.id}"
    definition = f"{front}:task-definition/{name}:7"
    secret = {"name": "PASSWORD", "value": "never-to-be-seen"}
    stock.task_definitions[definition] = {
        "taskDefinitionArn": definition, "family": name, "revision": 7, "cpu": str(cpu), "memory": str(memory),
        "runtimePlatform": {"cpuArchitecture": arch, "operatingSystemFamily": system},
        "containerDefinitions": [{"name": name, "image": f"{name}:1", "environment": [secret]}],
    }
    owner, arn = f"{front}:cluster/{cluster}", f"{front}:service/{cluster}/{name}"
    service = {
        "serviceArn": arn, "serviceName": name, "clusterArn": owner, "status": "ACTIVE", "desiredCount": count,
        "runningCount": count, "pendingCount": 0, "taskDefinition": definition, "tags": _tags(tags),
        "createdAt": (place.now - dt.timedelta(days=age)).replace(microsecond=0),
        "loadBalancers": [{"containerName": name, "containerPort": 80}],
    }
    if provider:
        service["capacityProviderStrategy"] = [{"capacityProvider": provider, "weight": 1, "base": 0}]
    else:
        service["launchType"] = launch
    stock.services[arn] = service
    stock.clusters[owner]["activeServicesCount"] += 1
    stock.clusters[owner]["runningTasksCount"] += count
    if scaled:
        make_target(place, f"service/{cluster}/{name}", "ecs:service:DesiredCount", 1, count)
    if use:
        since = place.now.timestamp() - age * 86400
        _measure(place, {"ClusterName": cluster, "ServiceName": name}, use, since=since)
    if launch == "FARGATE":
        _charge(place, cpu, memory, count, arch)
    return f"{cluster}/{name}"


def _tags(tags: dict | None) -> list[dict]:
    return [{"key": key, "value": value} for key, value in (tags or {}).items()]


def _measure(place, own: dict, use: tuple, **bounds) -> None:
    for name, value in zip(("CPUUtilization", "MemoryUtilization"), use):
        place.put_metric("AWS/ECS", name, own, constant(value), **bounds)


def _charge(place, cpu: int, memory: int, count: int, arch: str) -> None:
    usd = (0.03238, 0.00356) if arch == "ARM64" else (0.04048, 0.004445)
    more = "ARM-" if arch == "ARM64" else ""
    ledger = place.account.ledger
    ledger.add_monthly(ECS, f"Fargate-{more}vCPU-Hours:perCPU", place.region, usd[0] * cpu / 1024 * count * HOURS)
    ledger.add_monthly(ECS, f"Fargate-{more}GB-Hours", place.region, usd[1] * memory / 1024 * count * HOURS)
