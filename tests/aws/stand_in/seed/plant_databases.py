"""Plants RDS waste beside its healthy look-alikes."""

from ..metrics.series import constant, noise, office
from .databases import make_cluster, make_cluster_snapshot, make_db, make_db_snapshot
from .place import OFFICE_TAGS

IDLE, SIZE, OLD_GEN, ARM = "rds-instance-idle", "rds-instance-rightsize", "rds-instance-previous-gen", "rds-instance-graviton"
IOPS, SNAP_OLD, SNAP_GONE = "rds-storage-iops-overprovisioned", "rds-snapshot-old-manual", "rds-snapshot-orphaned"
STOPPED, MULTI, SCHEDULE, EXTENDED = (
    "rds-instance-stopped", "rds-multi-az-nonprod", "rds-instance-schedule", "rds-extended-support",
)
REPLICA, CLUSTER, MODEL, PAUSE = (
    "rds-read-replica-idle", "aurora-cluster-idle", "aurora-io-optimized-switch", "aurora-serverless-min-acu",
)
BACKUPS, INSIGHTS, UPCOMING = (
    "rds-backup-retention-excess", "rds-performance-insights-retention", "rds-extended-support-upcoming",
)
GP3, SPARE = "rds-storage-gp2-to-gp3", "rds-storage-overallocated"
AURORA = [CLUSTER, MODEL, PAUSE, BACKUPS, EXTENDED]
UNUSED = {"cpu": noise(1, 4), "connections": constant(0.0), "free_share": 0.8}
ROOMY = {"cpu": noise(5, 25), "connections": noise(5, 60), "free_share": 0.75}
NONPROD = {"env": "staging", "team": "orders"}


def plant_idle_databases(place) -> None:
    db = make_db(place, "survey-2024", "db.t4g.large", "mysql", metrics=UNUSED)
    place.plant(IDLE, db.db_instance_identifier, "no connection in 14 days")
    db = make_db(place, "poc-pg", "db.m5.large", metrics=UNUSED, storage=200)
    place.plant(IDLE, db.db_instance_identifier, "no connection in 14 days; x86")
    place.plant(ARM, db.db_instance_identifier, "x86 class, beside removing it", role="alternative")
    db = make_db(place, "archive", "db.t4g.medium", "mariadb", status="stopped", storage=250)
    place.plant(STOPPED, db.db_instance_identifier, "stopped: its 250 GiB are paid")
    db = make_db(place, "young-pg", "db.t4g.medium", metrics=UNUSED, age=7)
    place.healthy(db.db_instance_identifier, IDLE, "7 days old")
    db = make_db(place, "dark-pg", "db.t4g.medium", metrics=None)
    place.healthy(db.db_instance_identifier, [IDLE, SIZE], "no metrics: unknown")
    make_db(place, "catalog", "db.r6g.large", tags=OFFICE_TAGS)
    place.scheduled("dbInstance", "catalog", "the source of a read replica", follows=False)
    db = make_db(place, "catalog-replica", "db.r6g.large", metrics=UNUSED, replica_of="catalog", tags=OFFICE_TAGS)
    place.plant(REPLICA, db.db_instance_identifier, "nobody reads from the replica")
    place.scheduled("dbInstance", db.db_instance_identifier, "a read replica", follows=False)


def plant_sizes(place) -> None:
    db = make_db(place, "reviews", "db.r6g.xlarge", metrics=ROOMY)
    place.plant(SIZE, db.db_instance_identifier, "CPU 25 %, three quarters of the memory free")
    db = make_db(place, "sessions", "db.m6g.2xlarge", "mysql", metrics=ROOMY, multi_az=True, tags={"env": "prod"})
    place.plant(SIZE, db.db_instance_identifier, "the same at the Multi-AZ price")
    db = make_db(place, "buffer-pool", "db.r6g.xlarge", "mysql", metrics={**ROOMY, "free_share": 0.1})
    place.healthy(db.db_instance_identifier, SIZE, "the memory is used")
    db = make_db(place, "no-memory-metric", "db.r6g.xlarge", metrics={**ROOMY, "free_share": None})
    place.healthy(db.db_instance_identifier, SIZE, "FreeableMemory missing: unknown")
    db = make_db(place, "dynamics", "db.m5.xlarge", "sqlserver-se", metrics=ROOMY)
    place.healthy(db.db_instance_identifier, [SIZE, ARM], "SQL Server")


def plant_classes(place) -> None:
    db = make_db(place, "loyalty", "db.m4.2xlarge", "mysql")
    place.plant(OLD_GEN, db.db_instance_identifier, "m4 to m6i of the same size")
    db = make_db(place, "payments", "db.r5.large", "mysql")
    place.plant(ARM, db.db_instance_identifier, "r5 to r6g")
    make_cluster(place, "events", "aurora-postgresql")
    db = make_db(place, "events-1", "db.r5.large", "aurora-postgresql", cluster="events")
    place.plant(ARM, db.db_instance_identifier, "Aurora member on r5")
    make_cluster(place, "idle-cluster", "aurora-mysql", tags=OFFICE_TAGS, connections=constant(0.0))
    place.plant(CLUSTER, "idle-cluster", "no connection to any member in 14 days")
    place.scheduled("dbCluster", "idle-cluster", "a cluster under the schedule, its member with it")
    db = make_db(place, "idle-cluster-1", "db.r6g.large", "aurora-mysql", cluster="idle-cluster", metrics=UNUSED)
    place.healthy(db.db_instance_identifier, [IDLE, SIZE], "Aurora member: not judged")
    db = make_db(place, "small-db", "db.t2.small", "mysql")
    place.healthy(db.db_instance_identifier, OLD_GEN, "t3 costs the same")


def plant_storage_and_zones(place) -> None:
    db = make_db(place, "tickets", "db.r6g.large", storage=400, storage_type="io1", iops=8000, peak_iops=1500)
    place.plant(IOPS, db.db_instance_identifier, "8,000 IOPS bought, peak 1,500")
    db = make_db(place, "orders-hot", "db.r6g.large", storage=400, storage_type="io1", iops=4000, peak_iops=3900)
    place.healthy(db.db_instance_identifier, IOPS, "the IOPS are used")
    db = make_db(place, "staging-ha", "db.m6g.large", multi_az=True, tags=NONPROD)
    place.plant(MULTI, db.db_instance_identifier, "Multi-AZ in staging")
    db = make_db(place, "prod-ha", "db.m6g.large", multi_az=True, tags={"env": "prod"})
    place.healthy(db.db_instance_identifier, MULTI, "production")


def plant_db_schedule(place) -> None:
    daytime = {"cpu": office(2, 70), "connections": office(0, 30), "free_share": 0.15}
    db = make_db(place, "qa-db", "db.t4g.large", metrics=daytime, tags={"Stage": "test"})
    place.plant(SCHEDULE, db.db_instance_identifier, "not production; no connection on nights and weekends")
    cases = [("qa-db-managed", {"env": "qa", **OFFICE_TAGS}, "has Scheduler=Enabled already"),
             ("day-prod", {"env": "production"}, "production")]
    for name, tags, why in cases:
        db = make_db(place, name, "db.t4g.large", metrics=daytime, tags=tags)
        place.healthy(db.db_instance_identifier, SCHEDULE, why)
        if "Scheduler" in tags:
            place.scheduled("dbInstance", db.db_instance_identifier, "a test database under the schedule")


def plant_versions(place) -> None:
    db = make_db(place, "legacy-pg12", "db.m6g.large", version="12.22")
    place.plant(EXTENDED, db.db_instance_identifier, "PostgreSQL 12")
    db = make_db(place, "legacy-mysql57", "db.t4g.large", "mysql", version="5.7.44", multi_az=True, tags={"env": "prod"})
    place.plant(EXTENDED, db.db_instance_identifier, "MySQL 5.7, charged twice as Multi-AZ")
    db = make_db(place, "pinned-mysql57", "db.t4g.large", "mysql", version="5.7.44",
                 support="open-source-rds-extended-support-disabled")
    place.healthy(db.db_instance_identifier, EXTENDED, "extended support is switched off")


def plant_aurora(place) -> None:
    make_cluster(place, "clicks", "aurora-postgresql", ios=400_000)
    make_db(place, "clicks-1", "db.r6g.large", "aurora-postgresql", cluster="clicks")
    place.plant(MODEL, "clicks", "3.5 billion I/Os a month are paid one by one")
    make_cluster(place, "archive-search", "aurora-postgresql", gib=400, io_optimized=True)
    make_db(place, "archive-search-1", "db.r6g.large", "aurora-postgresql", cluster="archive-search")
    place.plant(MODEL, "archive-search", "I/O-Optimized for next to no I/O")
    make_cluster(place, "preview", "aurora-postgresql", min_acus=2.0, connections=office(0, 20))
    make_db(place, "preview-1", "db.serverless", "aurora-postgresql", cluster="preview", acus=3.0)
    place.plant(PAUSE, "preview", "two ACUs all night without a connection")
    make_cluster(place, "forum", "aurora-postgresql", version="12.22")
    make_db(place, "forum-1", "db.r6g.large", "aurora-postgresql", version="12.22", cluster="forum")
    make_db(place, "forum-2", "db.r6g.large", "aurora-postgresql", version="12.22", cluster="forum")
    place.plant(EXTENDED, "forum", "Aurora PostgreSQL 12: told once for both members")
    make_cluster(place, "staging-events", "aurora-postgresql", tags=NONPROD, backup_days=35, backup_gib=600)
    make_db(place, "staging-events-1", "db.r6g.large", "aurora-postgresql", cluster="staging-events")
    place.plant(BACKUPS, "staging-events", "35 days of backups in staging")
    make_cluster(place, "accounts", "aurora-mysql", min_acus=0.5, backup_days=35, backup_gib=300, ios=20_000)
    make_db(place, "accounts-1", "db.serverless", "aurora-mysql", cluster="accounts", acus=4.0)
    place.healthy("accounts", AURORA, "productive, always connected, little I/O")


def plant_care(place) -> None:
    db = make_db(place, "qa-history", "db.r6g.large", tags={"env": "qa"}, backup_days=30)
    place.plant(BACKUPS, db.db_instance_identifier, "30 days of backups in testing; RDS does not say how much", role="exposure")
    db = make_db(place, "slow-queries", "db.r6g.large", insights_days=731)
    place.plant(INSIGHTS, db.db_instance_identifier, "two years of Performance Insights")
    db = make_db(place, "watched", "db.r6g.large", insights_days=7, backup_days=35, tags={"env": "prod"})
    place.healthy(db.db_instance_identifier, [INSIGHTS, BACKUPS], "seven days are free; productive")
    db = make_db(place, "orders-pg14", "db.r6g.large", version="14.17")
    place.plant(UPCOMING, db.db_instance_identifier, "PostgreSQL 14 is charged from March on", role="exposure")
    db = make_db(place, "journal", "db.r6g.large", "mysql", storage=1000, storage_type="gp2", free_gib=900)
    place.plant(GP3, db.db_instance_identifier, "1,000 GiB of gp2 for speed, 100 used")
    db = make_db(place, "imports", "db.r6g.large", storage=300, free_gib=240)
    place.plant(SPARE, db.db_instance_identifier, "60 of 300 GiB used")
    db = make_db(place, "small-gp2", "db.r6g.large", "mysql", storage=100, storage_type="gp2", free_gib=20)
    place.healthy(db.db_instance_identifier, [GP3, SPARE], "gp3 costs the same")
    db = make_db(place, "recovery", "db.r6g.large", metrics=UNUSED)
    db.source_db_instance_identifier, db.is_replica = f"arn:aws:rds:us-west-2:{place.account.id}:db:main", True
    place.healthy(db.db_instance_identifier, [REPLICA, IDLE], "a replica of another Region, for recovery")


def plant_db_snapshots(place) -> None:
    catalog = place.rds.databases["catalog"]
    snapshot = make_db_snapshot(place, "catalog-before-17", age=200, db=catalog)
    place.plant(SNAP_OLD, snapshot.db_snapshot_identifier, "manual, 200 days old; its database lives on")
    snapshot = make_db_snapshot(place, "old-shop-final", age=60, gone="old-shop", size=300, engine="mysql")
    place.plant(SNAP_GONE, snapshot.db_snapshot_identifier, "its database is gone; 60 days old")
    names = [f"forum-final-{age}" for age in (500, 400)]
    for name, age in zip(names, (500, 400)):
        make_db_snapshot(place, name, age=age, gone="forum", size=150)
    for rule, role in ((SNAP_GONE, "best"), (SNAP_OLD, "alternative")):
        place.plant(rule, names[0], "two snapshots of one gone database count once", role=role, anyOf=names)
    make_cluster_snapshot(place, "events-2025", age=300, cluster="events", size=800)
    place.plant(SNAP_OLD, "events-2025", "a cluster snapshot, at Aurora's price")
    cases = [("tax-2020", 900, "ledger-2020", {"Keep": "10y"}, "keep tag"), ("late-exit", 8, "late", {}, "8 days old")]
    for name, age, gone, tags, why in cases:
        make_db_snapshot(place, name, age=age, gone=gone, tags=tags)
        place.healthy(name, [SNAP_OLD, SNAP_GONE], why)
    make_db_snapshot(place, "awsbackup:job-1", age=300, gone="backup-src")
    place.healthy("awsbackup:job-1", [SNAP_OLD, SNAP_GONE], "made by AWS Backup")
