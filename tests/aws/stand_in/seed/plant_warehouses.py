"""Plants waste of ElastiCache and Redshift beside its healthy look-alikes."""

from ..metrics.series import constant, noise, office
from .warehouses import (
    BUSY_CACHE, BUSY_WAREHOUSE, SILENT_CACHE, make_cache, make_cache_group, make_pause, make_warehouse,
    make_warehouse_snapshot,
)

IDLE, SIZE, NODES = "elasticache-idle", "elasticache-rightsize", "elasticache-previous-gen-graviton"
VALKEY, SUPPORT, REPLICAS = "elasticache-redis-to-valkey", "elasticache-extended-support", "elasticache-excess-replicas-nonprod"
CACHES = [IDLE, SIZE, NODES, VALKEY, SUPPORT, REPLICAS]
UNUSED, LOW, FEWER = "redshift-idle", "redshift-low-utilization", "redshift-rightsize"
PAUSE, OLD, SNAPSHOT = "redshift-pause-resume", "redshift-previous-gen", "redshift-snapshot-manual-old"
WAREHOUSES = [UNUSED, LOW, FEWER, PAUSE, OLD]


def plant_warehouses(place) -> None:
    for plant in (plant_caches, plant_cache_engines, healthy_caches, plant_clusters, healthy_clusters, plant_snapshots):
        plant(place)


def plant_caches(place) -> None:
    make_cache_group(place, "cart-v1", "cache.r6g.large", use=SILENT_CACHE)
    place.plant(IDLE, "cart-v1", "clients are connected and ask for nothing")
    make_cache(place, "fragments-v1", "cache.t4g.medium", engine="memcached", use=SILENT_CACHE)
    place.plant(IDLE, "fragments-v1", "neither read nor written for 14 days")
    make_cache_group(place, "products", "cache.r6g.xlarge", use={**BUSY_CACHE, "cpu": 20.0, "memory": 25.0}, tags={"env": "prod"})
    place.plant(SIZE, "products", "CPU 20 %, a quarter of the memory used")
    make_cache_group(place, "rates", "cache.r5.large")
    place.plant(NODES, "rates", "r5 to r6g")
    make_cache(place, "fragments", "cache.m5.large", engine="memcached", nodes=2)
    place.plant(NODES, "fragments", "m5 to m6g")
    make_cache_group(place, "staging-cache", "cache.t4g.medium", tags={"env": "staging"})
    place.plant(REPLICAS, "staging-cache", "a replica in staging")


def plant_cache_engines(place) -> None:
    make_cache_group(place, "sessions-store", "cache.r6g.large", engine="redis")
    place.plant(VALKEY, "sessions-store", "Redis OSS 7.1 costs a quarter more than Valkey")
    make_cache(place, "legacy-queue", "cache.m6g.large", engine="redis", version="5.0.6")
    place.plant(SUPPORT, "legacy-queue", "Redis OSS 5")
    place.plant(VALKEY, "legacy-queue", "Redis OSS, beside its extended support")


def healthy_caches(place) -> None:
    make_cache_group(place, "bus", "cache.t4g.small", use={**SILENT_CACHE, "memory": 60.0, "messages": 500.0})
    place.healthy("bus", CACHES, "publishes messages, has no keys")
    make_cache_group(place, "evicting", "cache.r6g.xlarge", use={**BUSY_CACHE, "cpu": 10.0, "memory": 20.0, "evictions": 3.0})
    place.healthy("evicting", CACHES, "keys have to leave")
    make_cache_group(place, "next-cart", "cache.r6g.large", use=SILENT_CACHE, age=5)
    place.healthy("next-cart", CACHES, "5 days old")
    make_cache(place, "dark-cache", "cache.t4g.small", use=None)
    place.healthy("dark-cache", CACHES, "no metrics: unknown")


def plant_clusters(place) -> None:
    make_warehouse(place, "reporting-2023", "ra3.xlplus", 2, use={**BUSY_WAREHOUSE, "connections": constant(0.0)})
    place.plant(UNUSED, "reporting-2023", "no connection in 14 days")
    make_warehouse(place, "events-dwh", "ra3.xlplus", 4, use={**BUSY_WAREHOUSE, "cpu": noise(12, 22), "disk": 30.0})
    place.plant(FEWER, "events-dwh", "CPU 22 % and disk 30 % on four nodes")
    daytime = {**BUSY_WAREHOUSE, "connections": office(0, 25)}
    make_warehouse(place, "bi", "ra3.large", 2, use=daytime)
    place.plant(PAUSE, "bi", "nobody connects on nights and weekends")
    make_warehouse(place, "dense", "ds2.xlarge", 6, use={**BUSY_WAREHOUSE, "cpu": constant(58.0), "disk": 10.0})
    place.plant(OLD, "dense", "four ra3.xlplus with managed storage cost less")
    make_warehouse(place, "playground", "dc2.large", 2, use={**BUSY_WAREHOUSE, "cpu": noise(1, 5)})
    place.plant(LOW, "playground", "CPU 5 % at most", role="exposure")


def healthy_clusters(place) -> None:
    daytime = {**BUSY_WAREHOUSE, "connections": office(0, 25)}
    make_warehouse(place, "finance", "ra3.large", 2, use=daytime)
    make_pause(place, "finance-night", "finance")
    place.healthy("finance", WAREHOUSES, "a scheduled action pauses it")
    make_warehouse(place, "core", "ra3.large", 2, use=daytime, multi_az=True)
    place.healthy("core", WAREHOUSES, "with a second zone it cannot be paused")
    make_warehouse(place, "year-end", "ra3.xlplus", 2, status="paused")
    place.healthy("year-end", WAREHOUSES, "paused")


def plant_snapshots(place) -> None:
    make_warehouse_snapshot(place, "events-before-ra3", "events-dwh", age=300, gib=400)
    place.plant(SNAPSHOT, "events-before-ra3", "made by hand 300 days ago, kept for ever")
    cases = [("bi-release", 10, -1, {}, "10 days old"), ("audit-2022", 900, -1, {"Keep": "10y"}, "keep tag"),
             ("bi-quarter", 120, 365, {}, "expires by itself")]
    for name, age, keep_days, tags, why in cases:
        make_warehouse_snapshot(place, name, "bi", age=age, gib=100, keep_days=keep_days, tags=tags)
        place.healthy(name, SNAPSHOT, why)
