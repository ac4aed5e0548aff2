"""Makes caches and Redshift's clusters in a place, with their cost and metrics."""

import datetime as dt

from ..metrics.series import constant, noise
from ..pricing.tables import read_csv
from .ledger import HOURS

ELASTICACHE, REDSHIFT = "Amazon ElastiCache", "Amazon Redshift"
VERSION = {"redis": "7.1.0", "valkey": "8.0.1", "memcached": "1.6.22"}
# Commands in five minutes, and percent; ``messages`` are published without a key.
BUSY_CACHE = {"reads": 9e4, "writes": 3e4, "messages": 0.0, "cpu": 55.0, "memory": 70.0, "evictions": 0.0}
SILENT_CACHE = {**BUSY_CACHE, "reads": 0.0, "writes": 0.0, "cpu": 2.0, "memory": 30.0}
BUSY_WAREHOUSE = {"connections": noise(4, 40), "cpu": noise(30, 59), "disk": 65.0}


def _at(place, age: float) -> dt.datetime:
    return (place.now - dt.timedelta(days=age)).replace(microsecond=0)


def _shelf(place, kind: str) -> list:
    return place.state.shelf(place.account.id, place.region, kind)


def _tags(name: str, tags: dict | None) -> list[dict]:
    return [{"Key": key, "Value": value} for key, value in {"Name": name, **(tags or {})}.items()]


def _usd_of_node(kind: str) -> float:
    return next(float(row["usd"]) for row in read_csv("caches.csv") if row["node"] == kind)


def make_cache_group(place, name, kind, *, engine="valkey", version=None, members=2, age=300, tags=None, use=BUSY_CACHE,
                     failover="enabled"):
    """One shard: a primary and its replicas, each a cluster of its own."""
    arn = f"arn:aws:elasticache:{place.region}:{place.account.id}:replicationgroup:{name}"
    ids = [f"{name}-{number:03}" for number in range(1, members + 1)]
    _shelf(place, "replication-groups").append({
        "ReplicationGroupId": name, "ARN": arn, "Status": "available", "Description": name, "MemberClusters": ids,
        "NodeGroups": [{"NodeGroupId": "0001", "Status": "available"}], "AutomaticFailover": failover,
        "ClusterEnabled": False, "CacheNodeType": kind, "Engine": engine,
        "ReplicationGroupCreateTime": _at(place, age), "_tags": _tags(name, tags),
    })
    for node in ids:
        make_cache(place, node, kind, engine=engine, version=version, age=age, use=use, group=name)
    return name


def make_cache(place, name, kind, *, engine="valkey", version=None, nodes=1, age=300, tags=None, use=BUSY_CACHE, group=None):
    version = version or VERSION[engine]
    made = {
        "CacheClusterId": name, "ARN": f"arn:aws:elasticache:{place.region}:{place.account.id}:cluster:{name}",
        "CacheNodeType": kind, "Engine": engine, "EngineVersion": version, "CacheClusterStatus": "available",
        "NumCacheNodes": nodes, "CacheClusterCreateTime": _at(place, age), "_tags": _tags(name, tags),
    }
    if group:
        made["ReplicationGroupId"] = group
    _shelf(place, "cache-clusters").append(made)
    listed, ledger = _usd_of_node(kind), place.account.ledger
    usd = listed * (0.8 if engine == "valkey" else 1.0)
    ledger.add_monthly(ELASTICACHE, f"NodeUsage:{kind}", place.region, usd * nodes * HOURS, rate=usd)
    if engine == "redis" and version[0] in "45":
        support = listed * 0.8
        ledger.add_monthly(
            ELASTICACHE, f"ExtendedSupportYr1_Yr2-NodeUsage:{kind}", place.region, support * nodes * HOURS, rate=support)
    if use:
        _measure_cache(place, name, engine, use, place.now.timestamp() - age * 86400)
    return name


def _measure_cache(place, name: str, engine: str, use: dict, since: float) -> None:
    def put(metric: str, profile) -> None:
        place.put_metric("AWS/ElastiCache", metric, {"CacheClusterId": name}, profile, since=since)

    # Clients stay connected, whether they ask for something or not.
    put("CurrConnections", noise(3, 12))
    put("CPUUtilization", noise(use["cpu"] / 4, use["cpu"]))
    reads, writes = ("CmdGet", "CmdSet") if engine == "memcached" else ("GetTypeCmds", "SetTypeCmds")
    put(reads, constant(use["reads"]))
    put(writes, constant(use["writes"]))
    put("Evictions", constant(use["evictions"]))
    if engine != "memcached":
        put("DatabaseMemoryUsagePercentage", noise(use["memory"] * 0.9, use["memory"]))
        # EvalBasedCmds is left out where no script runs, as CloudWatch does.
        put("PubSubBasedCmds", constant(use["messages"]))


def make_warehouse(place, name, kind, nodes, *, age=500, tags=None, use=BUSY_WAREHOUSE, status="available", multi_az=False):
    _shelf(place, "redshift-clusters").append({
        "ClusterIdentifier": name, "NodeType": kind, "NumberOfNodes": nodes, "ClusterStatus": status,
        "ClusterCreateTime": _at(place, age), "VpcId": place.vpc.id, "AutomatedSnapshotRetentionPeriod": 1,
        "MultiAZ": "Enabled" if multi_az else "Disabled", "DBName": "dev", "MasterUsername": "admin",
        "Tags": _tags(name, tags),
    })
    if status == "paused":
        return name
    usd = next(float(row["usd"]) for row in read_csv("warehouses.csv") if row["usage"] == f"Node:{kind}")
    place.account.ledger.add_monthly(REDSHIFT, f"Node:{kind}", place.region, usd * nodes * HOURS)
    since = place.now.timestamp() - age * 86400
    profiles = {"DatabaseConnections": use["connections"], "CPUUtilization": use["cpu"],
                "PercentageDiskSpaceUsed": constant(use["disk"])}
    for metric, profile in profiles.items():
        place.put_metric("AWS/Redshift", metric, {"ClusterIdentifier": name}, profile, since=since)
    return name


def make_pause(place, name, cluster) -> None:
    _shelf(place, "redshift-actions").append({
        "ScheduledActionName": name, "State": "ACTIVE", "Schedule": "cron(0 19 ? * MON-FRI *)",
        "TargetAction": {"PauseCluster": {"ClusterIdentifier": cluster}},
        "IamRole": f"arn:aws:iam::{place.account.id}:role/warehouse-scheduler",
    })


def make_warehouse_snapshot(place, name, cluster, *, age, gib, keep_days=-1, tags=None):
    """Made by hand; ``gib`` is what it added, a tenth of what it holds."""
    _shelf(place, "redshift-snapshots").append({
        "SnapshotIdentifier": name, "ClusterIdentifier": cluster, "SnapshotType": "manual", "Status": "available",
        "SnapshotCreateTime": _at(place, age), "ManualSnapshotRetentionPeriod": keep_days,
        "TotalBackupSizeInMegaBytes": gib * 10240.0, "ActualIncrementalBackupSizeInMegaBytes": gib * 1024.0,
        "Tags": _tags(name, tags),
    })
    place.account.ledger.add_monthly(REDSHIFT, "Redshift:PaidSnapshots", place.region, gib * 0.023, "GB-Mo")
    return name
