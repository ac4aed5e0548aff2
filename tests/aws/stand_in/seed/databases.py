"""Makes RDS instances, Aurora clusters and their snapshots in a place."""

from types import SimpleNamespace

from ..metrics.series import constant, noise
from ..pricing.tables import rds_types
from .ledger import HOURS, RDS
from .telemetry import aurora_metrics, rds_metrics

COLUMN = {"mariadb": "mysql", "aurora-mysql": "aurora", "aurora-postgresql": "aurora", "sqlserver-se": "sqlserver_se"}
LICENCE = {"postgres": "postgresql-license", "sqlserver-se": "license-included"}
VERSION = {"mysql": "8.4.5", "postgres": "17.4", "mariadb": "11.4.5", "sqlserver-se": "16.00.4185.3.v1",
           "aurora-mysql": "8.0.mysql_aurora.3.10.0", "aurora-postgresql": "17.4"}
GIB = 1024**3
SERVERLESS, IO_OPTIMIZED = "db.serverless", "aurora-iopt1"
BUSY_DB = {"cpu": noise(25.0, 75.0), "connections": noise(5.0, 60.0), "free_share": 0.15}


def make_db(place, name, kind, engine="postgres", *, version=None, age=300, storage=100, storage_type="gp3",
            iops=None, multi_az=False, tags=None, metrics=BUSY_DB, peak_iops=200.0, status="available",
            replica_of=None, cluster=None, support=None, bounds=None, free_gib=None, backup_days=1, insights_days=None,
            acus=2.0):
    """``metrics`` holds ``cpu``, ``connections`` and ``free_share`` of the memory (None: not published)."""
    settings = {
        "db_instance_identifier": name, "db_instance_class": kind, "engine": engine, "storage_type": storage_type,
        "engine_version": version or VERSION[engine], "allocated_storage": storage, "iops": iops,
        "multi_az": multi_az, "master_username": "app", "master_user_password": "not-a-secret",
        "tags": _tag_list({"Name": name, **(tags or {})}), "license_model": LICENCE.get(engine, "general-public-license"),
    }
    if cluster:
        settings["db_cluster_identifier"] = cluster
    db = place.rds.create_db_instance(settings)
    db.created = db.instance_create_time = place.ago(age)
    db.status = status
    db.dbi_resource_id = "db-" + f"{abs(hash_of(place, name)):026X}"[-26:]
    db.engine_lifecycle_support = support or _support(engine)
    if not cluster:
        db.backup_retention_period = backup_days
    if insights_days:
        db.performance_insights_enabled, db.performance_insights_retention_period = True, insights_days
    if replica_of:
        db.source_db_instance_identifier, db.is_replica = replica_of, True
        place.rds.databases[replica_of].replicas.append(name)
    if metrics is not None and status == "available":
        since = place.now.timestamp() - age * 86400
        free_storage = {} if free_gib is None else {"free_storage": free_gib * GIB}
        _publish(place, db, metrics, peak_iops, {"since": since, **free_storage, **(bounds or {})})
    if kind == SERVERLESS:
        place.put_metric("AWS/RDS", "ServerlessDatabaseCapacity", {"DBInstanceIdentifier": name}, constant(acus))
        place.account.ledger.add_monthly(RDS, "Aurora:ServerlessV2Usage", place.region, acus * 0.12 * HOURS, "ACU-Hr")
    else:
        _charge(place, db, engine, status, cluster)
    return db


def hash_of(place, name: str) -> int:
    import hashlib

    return int(hashlib.sha256(f"{place.account.id}{place.region}{name}".encode()).hexdigest()[:26], 16)


def _support(engine: str) -> str | None:
    open_source = engine in ("mysql", "postgres") or engine.startswith("aurora")
    return "open-source-rds-extended-support" if open_source else None


def _tag_list(tags: dict) -> list[dict]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _publish(place, db, metrics: dict, peak_iops: float, bounds: dict) -> None:
    share = metrics["free_share"]
    free = None if share is None or db.db_instance_class == SERVERLESS else rds_types()[db.db_instance_class].gib * GIB * share
    rds_metrics(place, db.db_instance_identifier, metrics["cpu"], metrics["connections"], free, peak_iops, **bounds)


# The usage type and a GB-month of each type of storage.
STORAGE = {
    "gp2": ("GP2-Storage", 0.115), "gp3": ("GP3-Storage", 0.115), "io1": ("PIOPS-Storage", 0.125),
    "io2": ("PIOPS-Storage-IO2", 0.125), "standard": ("StorageUsage", 0.10),
}
IOPS = {"io1": "PIOPS", "io2": "PIOPS-IO2"}
# Extended support by engine and major version, and a vCPU-hour of it: MySQL 5.7 is in its third year.
SUPPORT = {"postgres12": ("Yr1-Yr2:PostgreSQL12", 0.10), "mysql5": ("Yr3:MySQL5.7", 0.20)}


def _charge(place, db, engine: str, status: str, cluster: str | None) -> None:
    ledger, double = place.account.ledger, 2 if db.multi_az else 1
    if status != "stopped":
        ledger.add_database(place.region, db.db_instance_class, COLUMN.get(engine, engine), db.multi_az)
    if cluster:
        _charge_member(place, db, place.rds.clusters[cluster])
        return
    kind, usd = STORAGE[db.storage_type]
    where = "RDS:Multi-AZ-" if db.multi_az else "RDS:"
    ledger.add_monthly(RDS, where + kind, place.region, db.allocated_storage * usd * double, "GB-Mo")
    if db.storage_type in IOPS:
        ledger.add_monthly(RDS, where + IOPS[db.storage_type], place.region, int(db.iops) * 0.10 * double, "IOPS-Mo")
    if getattr(db, "performance_insights_retention_period", 0) > 7:
        family = db.db_instance_class.split(".")[1].upper()
        ledger.add_monthly(RDS, f"PI_LTR:{family}", place.region, rds_types()[db.db_instance_class].vcpu * 3.4141, "vCPU-Month")
    support = SUPPORT.get(engine + db.engine_version.split(".")[0])
    if support and not (db.engine_lifecycle_support or "").endswith("-disabled"):
        usage, usd = support
        vcpus = rds_types()[db.db_instance_class].vcpu * double
        ledger.add_monthly(RDS, f"ExtendedSupport:{usage}", place.region, vcpus * usd * HOURS, "vCPU-Hours")


def _charge_member(place, db, cluster) -> None:
    ledger, item = place.account.ledger, rds_types()[db.db_instance_class]
    if cluster.storage_type == IO_OPTIMIZED:
        usd = item.prices["aurora"] * 0.3 * HOURS
        ledger.add_monthly(RDS, f"InstanceUsageIOOptimized:{item.name}", place.region, usd)
    if cluster.engine_version.startswith("12"):
        usd = item.vcpu * 0.10 * HOURS
        ledger.add_monthly(RDS, "ExtendedSupport:Yr1-Yr2:AuroraPostgreSQL12", place.region, usd, "vCPU-Hours")


def make_cluster(place, name, engine, *, version=None, age=400, tags=None, connections=BUSY_DB["connections"], gib=50.0,
                 ios=100.0, io_optimized=False, min_acus=None, backup_days=1, backup_gib=0.0):
    """``ios`` are those of five minutes; ``backup_gib`` are billed."""
    cluster = place.rds.create_db_cluster({
        "db_cluster_identifier": name, "engine": engine, "engine_version": version or VERSION[engine], "master_username": "app",
        "master_user_password": "not-a-secret", "allocated_storage": 1, "storage_type": "aurora", "tags": _tag_list({"Name": name, **(tags or {})}),
    })
    cluster.created = cluster.cluster_create_time = place.ago(age)
    cluster.status = "available"
    cluster.engine_lifecycle_support = "open-source-rds-extended-support"
    cluster.backup_retention_period = backup_days
    if io_optimized:
        cluster.storage_type = IO_OPTIMIZED
    if min_acus is not None:
        cluster.serverless_v2_scaling_configuration = {"MinCapacity": min_acus, "MaxCapacity": 16.0}
    aurora_metrics(place, name, connections, gib, ios, backup_gib, since=place.now.timestamp() - age * 86400)
    ledger = place.account.ledger
    if io_optimized:
        ledger.add_monthly(RDS, "Aurora:IO-OptimizedStorageUsage", place.region, gib * 0.225, "GB-Mo")
    else:
        ledger.add_monthly(RDS, "Aurora:StorageUsage", place.region, gib * 0.10, "GB-Mo")
        ledger.add_monthly(RDS, "Aurora:StorageIOUsage", place.region, ios * 12 * HOURS * 0.0000002, "IOs")
    ledger.add_monthly(RDS, "Aurora:BackupUsage", place.region, backup_gib * 0.021, "GB-Mo")
    return cluster


def make_db_snapshot(place, name, *, age, db=None, gone=None, size=100, engine="postgres", tags=None):
    """Of a database, or of a gone one named by its identifier."""
    from moto.rds.models import DBSnapshot

    source = db or _gone_database(place, gone, size, engine)
    snapshot = DBSnapshot(place.rds, source, name, "manual", _tag_list({"Name": name, **(tags or {})}))
    snapshot.created = snapshot.original_snapshot_create_time = place.ago(age)
    snapshot.instance_create_time = source.created
    place.rds.database_snapshots[name] = snapshot
    place.account.ledger.add_monthly(RDS, "RDS:ChargedBackupUsage", place.region, snapshot.allocated_storage * 0.095, "GB-Mo")
    return snapshot


def _gone_database(place, name: str, size: int, engine: str) -> SimpleNamespace:
    return SimpleNamespace(
        db_instance_identifier=name, allocated_storage=size, engine=engine, engine_version=VERSION[engine],
        dbi_resource_id="db-" + f"{hash_of(place, name):026X}"[-26:], kms_key_id=None, storage_encrypted=False,
        enable_iam_database_authentication=False, created=place.ago(800), master_username="app", port=5432,
        copy_tags_to_snapshot=False, tags=[], availability_zone=place.zones[0], storage_type="gp3", iops=None,
        multi_az=False, license_model=LICENCE.get(engine, "general-public-license"), vpc_id=place.vpc.id,
        db_instance_arn=f"arn:aws:rds:{place.region}:{place.account.id}:db:{name}",
    )


def make_cluster_snapshot(place, name, *, age, cluster, size):
    place.rds.create_db_cluster_snapshot(cluster, name)
    snapshot = place.rds.cluster_snapshots[name]
    snapshot.created, snapshot.allocated_storage = place.ago(age), size
    place.account.ledger.add_monthly(RDS, "Aurora:BackupUsage", place.region, size * 0.021, "GB-Mo")
    return snapshot
