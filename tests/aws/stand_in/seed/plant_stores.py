"""Plants what is stored for nothing: buckets, logs, alarms, metrics, dashboards, secrets and keys, beside look-alikes."""

from .stores import (
    GOOD_RULE, KMS, make_alarm, make_bucket, make_dashboard, make_key, make_log_group, make_metrics, make_secret,
)

NO_LIFECYCLE, PARTS, VERSIONS = "s3-no-lifecycle", "s3-incomplete-multipart", "s3-noncurrent-versions"
TIERING, ABANDONED, LARGE = "s3-standard-to-intelligent-tiering", "s3-bucket-abandoned", "s3-bucket-large"
BUCKET_KEY, SMALL = "s3-bucket-key-off", "s3-small-objects-in-ia"
FOR_EVER, UNUSED_LOGS, INFREQUENT = "cw-logs-no-retention", "cw-logs-unused", "cw-logs-infrequent-access"
STALE, METRICS, DASHBOARDS = "cw-alarms-stale", "cw-custom-metrics-unused", "cw-dashboards-extra"
SECRET, KEY = "secretsmanager-unused", "kms-cmk-unused"
KMS_KEY = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": "false"}
KMS_BUCKET_KEY = {**KMS_KEY, "BucketKeyEnabled": "true"}


def plant_stores(place, _number: int) -> None:
    for plant in (plant_unread, plant_odd_buckets, plant_encrypted, healthy_buckets, plant_logs, healthy_logs,
                  plant_alarms, plant_metrics, plant_secrets, plant_keys):
        plant(place)


def _shown(place, name: str, *rules: str) -> None:
    for rule in rules:
        place.plant(rule, name, "beside the planted finding: worth a look", role="exposure")


def plant_unread(place) -> None:
    name = make_bucket(place, "raw-events", {"StandardStorage": 4000}, 2e6, requests=(2000, 900, 100))
    place.plant(TIERING, name, "2 million objects of 2 MB in Standard, 1,000 reads and writes a day")
    _shown(place, name, NO_LIFECYCLE, PARTS, LARGE)
    name = make_bucket(place, "backups-2022", {"StandardStorage": 300}, 1e4, requests=(24, 0, 0))
    place.plant(ABANDONED, name, "nothing changes, nothing is read; tools look at it once an hour")
    place.plant(TIERING, name, "nothing is read", role="alternative")
    _shown(place, name, NO_LIFECYCLE, PARTS, LARGE)
    name = make_bucket(place, "exports", {"StandardStorage": 500}, 1e5)
    _shown(place, name, TIERING, NO_LIFECYCLE, PARTS, LARGE)
    place.healthy(name, ABANDONED, "nobody counts its requests: unknown")


def plant_odd_buckets(place) -> None:
    sizes = {"StandardStorage": 60, "StandardIAStorage": 200, "StandardIASizeOverhead": 400}
    narrow = {**GOOD_RULE, "ID": "tmp", "Filter": {"Prefix": "tmp/"}}
    name = make_bucket(place, "reports", sizes, 3e7, rules=[narrow], versioning="Enabled")
    place.plant(SMALL, name, "400 GB are billed beyond the objects in Standard-IA")
    _shown(place, name, PARTS, VERSIONS, LARGE)


def plant_encrypted(place) -> None:
    small = {"StandardStorage": 80}
    name = make_bucket(place, "thumbnails", small, 1e6, rules=[GOOD_RULE], encryption=KMS_KEY, requests=(4e5, 3e5, 2e4))
    place.plant(BUCKET_KEY, name, "320,000 reads and writes a day, each asks KMS")
    place.account.ledger.add_monthly(KMS, "KMS-Requests", place.region, 9600 * 0.003, "Requests")
    name = make_bucket(place, "invoices", small, 1e6, rules=[GOOD_RULE], encryption=KMS_KEY)
    place.plant(BUCKET_KEY, name, "nobody counts its requests", role="exposure")
    name = make_bucket(place, "contracts", small, 1e6, rules=[GOOD_RULE], encryption=KMS_BUCKET_KEY, requests=(4e5, 3e5, 2e4))
    place.healthy(name, BUCKET_KEY, "has a bucket key")


def healthy_buckets(place) -> None:
    sizes = {"StandardStorage": 40, "IntelligentTieringFAStorage": 700}
    name = make_bucket(place, "lake", sizes, 5e5, rules=[GOOD_RULE], versioning="Enabled", requests=(9e5, 7e5, 1e5))
    _shown(place, name, LARGE)
    place.healthy(name, [NO_LIFECYCLE, PARTS, VERSIONS, TIERING, ABANDONED], "a lifecycle for everything")
    name = make_bucket(place, "hot", {"StandardStorage": 600}, 1e5, rules=[{**GOOD_RULE, "Transition": []}],
                       requests=(9e5, 7e5, 1e5))
    _shown(place, name, LARGE)
    place.healthy(name, [TIERING, ABANDONED], "every object is read many times a day")
    name = make_bucket(place, "tfstate", {"StandardStorage": 1}, 400, versioning="Enabled")
    place.healthy(name, [NO_LIFECYCLE, PARTS, VERSIONS, TIERING, ABANDONED], "a single GB")
    name = make_bucket(place, "new-import", {"StandardStorage": 900}, 1e4, age=5)
    place.healthy(name, [NO_LIFECYCLE, PARTS, TIERING, ABANDONED, LARGE], "5 days old")
    name = make_bucket(place, "audit-vault", {"StandardStorage": 90}, 1e7, tags={"Keep": "2032"}, versioning="Suspended")
    _shown(place, name, PARTS)
    place.healthy(name, [NO_LIFECYCLE, VERSIONS, TIERING], "carries a keep tag; small objects")


def plant_logs(place) -> None:
    place.plant(FOR_EVER, make_log_group(place, "/shop/checkout", 120, 100), "kept for ever; 100 MB a day come in")
    name = make_log_group(place, "/shop/legacy-app", 80, 0, last=200)
    place.plant(UNUSED_LOGS, name, "nothing was logged for 200 days")
    place.plant(FOR_EVER, name, "kept for ever", role="alternative")
    name = make_log_group(place, "/shop/audit-trail", 500, 2000, retention=400)
    place.plant(INFREQUENT, name, "2 GB a day without any filter")


def healthy_logs(place) -> None:
    every = [FOR_EVER, UNUSED_LOGS, INFREQUENT]
    cases = [
        (("/shop/api", 90, 3000), {"retention": 30, "metric_filters": 2}, "metric filters need the class Standard"),
        (("/shop/stream", 90, 3000), {"retention": 30, "subscribers": 1}, "a subscriber needs the class Standard"),
        (("/aws/containerinsights/main/performance", 90, 3000), {"retention": 7}, "needs the class Standard"),
        (("/shop/clicks", 90, 3000), {"retention": 30, "log_class": "INFREQUENT_ACCESS"}, "of the cheaper class already"),
        (("/shop/new", 50, 100), {"age": 20}, "younger than the retention that would be proposed"),
        (("/shop/seasonal", 50, 0), {"retention": 400, "last": 40}, "logged 40 days ago"),
        (("/shop/tiny", 0.002, 0.1), {}, "not a GB"),
    ]
    for given, more, why in cases:
        place.healthy(make_log_group(place, *given, **more), every, why)


def plant_alarms(place) -> None:
    for number in range(12):
        name = make_alarm(place, f"old-queue-{number}", state="INSUFFICIENT_DATA", days=120)
        place.plant(STALE, name, "no data for 120 days; ten cents each, more than a dollar together")
    gone = {"InstanceId": "i-0dead0dead0dead00"}
    name = make_alarm(place, "cpu-of-old-web", namespace="AWS/EC2", dimensions=gone)
    place.plant(STALE, name, "its instance does not exist")
    own = {"InstanceId": place.host.id}
    cases = [
        (make_alarm(place, "queue-new", state="INSUFFICIENT_DATA", days=3), "no data for 3 days only"),
        (make_alarm(place, "queue-main"), "has data"),
        (make_alarm(place, "cpu-of-wiki", namespace="AWS/EC2", dimensions=own), "its instance is there"),
        (make_alarm(place, "TargetTracking-table/orders-AlarmLow-1", state="INSUFFICIENT_DATA"), "made by target tracking"),
        (make_alarm(place, "payments-slow", namespace="Shop/Payments", period=10), "has data, in high resolution"),
    ]
    for name, why in cases:
        place.healthy(name, STALE, why)


def plant_metrics(place) -> None:
    make_metrics(place, "Shop/Legacy", 150)
    place.plant(METRICS, "Shop/Legacy", "150 metrics that no alarm and no dashboard names", role="exposure")
    for namespace, count, why in (("Shop/Orders", 120, "shown on a dashboard"), ("Shop/Payments", 110, "an alarm watches one"),
                                  ("Shop/Few", 20, "a few metrics")):
        make_metrics(place, namespace, count)
        place.healthy(namespace, METRICS, why)
    ages = {"orders": (3, "Shop/Orders"), "edge": (20, "AWS/EC2"), "costs": (40, "AWS/EC2"), "launch-2023": (900, "AWS/EC2"),
            "load-test": (500, "AWS/EC2"), "on-call": (200, "AWS/EC2")}
    for name, (days, namespace) in ages.items():
        make_dashboard(place, name, days=days, namespace=namespace)
        if days > 365:
            place.plant(DASHBOARDS, name, f"unchanged for {days} days, beyond the free ones", role="exposure", region="us-east-1")


def plant_secrets(place) -> None:
    for name, read in (("legacy/db", 200), ("legacy/smtp", None), ("trial/api-key", 95), ("old/partner", 400)):
        place.plant(SECRET, make_secret(place, name, read=read, age=500), "not read for three months; 0.40 USD each")
    cases = [
        (make_secret(place, "prod/db", read=1), "read yesterday"),
        (make_secret(place, "new/db", age=20), "20 days old"),
        (make_secret(place, "rds!db-1", OwningService="rds"), "RDS manages it"),
        (make_secret(place, "break-glass", Tags=[{"Key": "keep", "Value": "emergency"}]), "carries a keep tag"),
        (make_secret(place, "prod/copy", PrimaryRegion="us-west-2"), "a copy of another Region's"),
    ]
    for name, why in cases:
        place.healthy(name, SECRET, why)


def plant_keys(place) -> None:
    place.plant(KEY, make_key(place, "backups of 2023", used=200), "not used for 200 days")
    place.plant(KEY, make_key(place, "old payments", state="Disabled"), "disabled, and never used since KMS watches it")
    cases = [
        (make_key(place, "orders", used=1), "used yesterday"),
        (make_key(place, "archive", used=300, tags={"Keep": "law"}), "carries a keep tag"),
        (make_key(place, "leaving", used=300, state="PendingDeletion"), "waits for its deletion: costs nothing"),
        (make_key(place, "watched since lately", tracked=30), "watched for 30 days: unknown"),
        (make_key(place, "aws/ebs", manager="AWS"), "AWS's own"),
        (make_key(place, "new", age=20), "20 days old"),
    ]
    for key, why in cases:
        place.healthy(key, KEY, why)
