"""Caches and Redshift's clusters as they are read: seeded only, nothing of them can be made or changed through the API.

Keys that begin with ``_`` are the stand-in's own.
"""

from ..errors import AwsError
from ..serverless.paging import page, with_token


def _listing(kind: str, member: str, wanted: str | None = None):
    """All of a kind, in pages; or the one that ``wanted`` names."""

    def answer(state, call, params: dict) -> dict:
        items = state.shelf(call.account_id, call.region, kind)
        if wanted and params.get(wanted):
            items = [item for item in items if item[wanted] == params[wanted]]
            if not items:
                raise AwsError(f"{wanted.removesuffix('Id').removesuffix('Identifier')}NotFound", "There is none.", 404)
        found, token = page(items, params.get("Marker"), params.get("MaxRecords"), 100)
        shown = [{key: value for key, value in item.items() if not key.startswith("_")} for item in found]
        return with_token({member: shown}, "Marker", token)

    return answer


def list_cache_tags(state, call, params: dict) -> dict:
    for kind in ("cache-clusters", "replication-groups"):
        for item in state.shelf(call.account_id, call.region, kind):
            if item["ARN"] == params["ResourceName"]:
                return {"TagList": item["_tags"]}
    raise AwsError("CacheClusterNotFound", "There is no such resource.", 404)


OPERATIONS = {
    "elasticache:DescribeCacheClusters": _listing("cache-clusters", "CacheClusters", "CacheClusterId"),
    "elasticache:DescribeReplicationGroups": _listing("replication-groups", "ReplicationGroups", "ReplicationGroupId"),
    "elasticache:ListTagsForResource": list_cache_tags,
    "redshift:DescribeClusters": _listing("redshift-clusters", "Clusters", "ClusterIdentifier"),
    "redshift:DescribeClusterSnapshots": _listing("redshift-snapshots", "Snapshots"),
    "redshift:DescribeScheduledActions": _listing("redshift-actions", "ScheduledActions"),
}
