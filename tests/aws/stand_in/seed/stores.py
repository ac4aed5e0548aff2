"""Makes buckets, log groups, alarms, dashboards, secrets and keys in a place, with their cost and metrics."""

import datetime as dt
import json

from ..metrics.series import constant
from .ledger import CLOUDWATCH, HOURS, OTHER

GIB = 1024**3
S3, SECRETS, KMS = "Amazon Simple Storage Service", "AWS Secrets Manager", "AWS Key Management Service"
CLASSES = {
    "StandardStorage": ("TimedStorage-ByteHrs", 0.023), "IntelligentTieringFAStorage": ("TimedStorage-INT-FA-ByteHrs", 0.023),
    "StandardIAStorage": ("TimedStorage-SIA-ByteHrs", 0.0125),
    "StandardIASizeOverhead": ("TimedStorage-SIA-SmObjects", 0.0125),
}
# A lifecycle that leaves nothing to be said, as S3 takes it.
GOOD_RULE = {
    "ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""},
    "Transition": {"Days": "30", "StorageClass": "INTELLIGENT_TIERING"},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": "7"},
    "NoncurrentVersionExpiration": {"NoncurrentDays": "30"},
}


def _at(place, days: float) -> dt.datetime:
    return (place.now - dt.timedelta(days=days)).replace(microsecond=0)


def shelf(place, kind: str, region: str | None = None) -> list:
    return place.state.shelf(place.account.id, region or place.region, kind)


def make_bucket(place, name, sizes, objects, *, rules=(), versioning=None, encryption=None, requests=None, tags=None,
                age=400):
    """``sizes`` are GB by storage type; ``requests`` are all, reads and writes a day, all of the bucket counted."""
    from moto.s3 import s3_backends

    name = f"{place.account.name.lower().replace(' ', '-')}-{place.region}-{name}"
    backend = s3_backends[place.account.id]["aws"]
    bucket = backend.create_bucket(name, place.region)
    bucket.creation_date, bucket.versioning_status = _at(place, age), versioning
    if rules:
        backend.put_bucket_lifecycle(name, list(rules))
    if encryption:
        backend.put_bucket_encryption(name, {"Rule": encryption})
    backend.put_bucket_tagging(name, {"team": "data", **(tags or {})})
    since = place.now.timestamp() - age * 86400
    for storage_type, gb in sizes.items():
        _measure(place, "BucketSizeBytes", name, "StorageType", storage_type, gb * GIB, since)
        usage, usd = CLASSES[storage_type]
        place.account.ledger.add_monthly(S3, usage, place.region, gb * usd, "GB-Mo")
    _measure(place, "NumberOfObjects", name, "StorageType", "AllStorageTypes", objects, since)
    if requests:
        bucket._request_metrics = [{"Id": "EntireBucket"}]
        for metric, count in zip(("AllRequests", "GetRequests", "PutRequests"), requests):
            if count:
                _measure(place, metric, name, "FilterId", "EntireBucket", count / 288, since)
    return name


def _measure(place, metric: str, bucket: str, dimension: str, value: str, amount: float, since: float) -> None:
    place.put_metric("AWS/S3", metric, {"BucketName": bucket, dimension: value}, constant(amount), since=since)


def make_log_group(place, name, stored_gb, mb_a_day, *, retention=None, age=500, last=0, log_class="STANDARD",
                   metric_filters=0, subscribers=0):
    """``last`` is how many days ago something was logged; nothing came in the window where it is more than a week."""
    made = int(_at(place, age).timestamp() * 1000)
    arn = f"arn:aws:logs:{place.region}:{place.account.id}:log-group:{name}"
    logged = int(_at(place, last).timestamp() * 1000)
    filters = [{"filterName": f"to-{n}", "logGroupName": name, "filterPattern": "", "destinationArn": f"{arn}-sink"}
               for n in range(subscribers)]
    stream = {"logStreamName": "main", "creationTime": made, "lastIngestionTime": logged, "lastEventTimestamp": logged}
    group = {
        "logGroupName": name, "creationTime": made, "metricFilterCount": metric_filters, "arn": f"{arn}:*",
        "logGroupArn": arn, "storedBytes": int(stored_gb * GIB), "logGroupClass": log_class,
        "_streams": [stream], "_filters": filters,
    }
    shelf(place, "log-groups").append({**group, "retentionInDays": retention} if retention else group)
    place.account.ledger.add_monthly(CLOUDWATCH, "TimedStorage-ByteHrs", place.region, stored_gb * 0.03, "GB-Mo")
    if last <= 7:
        since = place.now.timestamp() - age * 86400
        bytes_each = mb_a_day * 1024**2 / 288
        place.put_metric("AWS/Logs", "IncomingBytes", {"LogGroupName": name}, constant(bytes_each), since=since)
        place.account.ledger.add_monthly(
            CLOUDWATCH, "DataProcessing-Bytes", place.region, mb_a_day / 1024 * 365 / 12 * 0.5, "GB")
    return name


def make_alarm(place, name, *, state="OK", days=200, namespace="Shop/Queues", dimensions=None, period=300):
    at = _at(place, days)
    shelf(place, "alarms").append({
        "AlarmName": name, "AlarmArn": f"arn:aws:cloudwatch:{place.region}:{place.account.id}:alarm:{name}",
        "AlarmConfigurationUpdatedTimestamp": _at(place, 400), "StateValue": state, "StateUpdatedTimestamp": at,
        "StateTransitionedTimestamp": at, "MetricName": "Depth", "Namespace": namespace, "Period": period,
        "Statistic": "Maximum", "EvaluationPeriods": 1, "Threshold": 100.0, "ComparisonOperator": "GreaterThanThreshold",
        "Dimensions": [{"Name": key, "Value": value} for key, value in (dimensions or {}).items()],
    })
    usage, usd = ("CW:HighResAlarmMonitorUsage", 0.3) if period < 60 else ("CW:AlarmMonitorUsage", 0.1)
    place.account.ledger.add_monthly(CLOUDWATCH, usage, place.region, usd, "Alarms")
    return name


def make_dashboard(place, name, *, days, namespace="AWS/EC2"):
    from ..stores.watching import EVERYWHERE

    body = json.dumps({"widgets": [{"type": "metric", "properties": {"metrics": [[namespace, "Depth", "Queue", "a"]]}}]})
    shelf(place, "dashboards", EVERYWHERE).append({
        "DashboardName": name, "DashboardArn": f"arn:aws:cloudwatch::{place.account.id}:dashboard/{name}",
        "LastModified": _at(place, days), "Size": len(body), "_body": body,
    })
    place.account.ledger.add_monthly(CLOUDWATCH, "DashboardsUsageHour-Basic", "us-east-1", 3.0, "Dashboards")
    return name


def make_metrics(place, namespace, count):
    for number in range(count):
        place.put_metric(namespace, "Depth", {"Queue": f"q-{number}"}, constant(1.0))
    place.account.ledger.add_monthly(CLOUDWATCH, "CW:MetricMonitorUsage", place.region, count * 0.3, "Metrics")


def make_secret(place, name, *, age=400, read=None, **more):
    """``read`` is how many days ago; None: never. Answers what stands behind `secret:` in the ARN."""
    suffix = f"{abs(hash_of(place, name)):x}"[:6]
    arn = f"arn:aws:secretsmanager:{place.region}:{place.account.id}:secret:{name}-{suffix}"
    secret = {"ARN": arn, "Name": name, "CreatedDate": _at(place, age), "Tags": [], **more}
    if read is not None:
        secret["LastAccessedDate"] = _at(place, read).replace(hour=0, minute=0, second=0)
    shelf(place, "secrets").append(secret)
    place.account.ledger.add_monthly(SECRETS, "AWSSecretsManager-Secrets", place.region, 0.4, "Secrets")
    return f"{name}-{suffix}"


def hash_of(place, name: str) -> int:
    import hashlib

    return int(hashlib.sha256(f"{place.account.id}{place.region}{name}".encode()).hexdigest()[:26], 16)


def make_key(place, description, *, age=500, used=None, tracked=None, state="Enabled", tags=None, manager="CUSTOMER"):
    """``used`` is how many days ago; None: never. KMS has watched the key for ``tracked`` days, or all along."""
    from moto.kms import kms_backends

    tags = [{"TagKey": key, "TagValue": value} for key, value in (tags or {}).items()]
    backend = kms_backends[place.account.id][place.region]
    key = backend.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", description, tags)
    key.creation_date, key.key_state, key.enabled = _at(place, age).timestamp(), state, state == "Enabled"
    key.key_manager, key._tracked_since = manager, _at(place, tracked or age)
    if state == "PendingDeletion":
        key.deletion_date = place.now.replace(tzinfo=None) + dt.timedelta(days=20)
    if used is not None:
        key._last_used = _at(place, used)
    if manager == "CUSTOMER" and state != "PendingDeletion":
        place.account.ledger.add_monthly(KMS, "KMS-Keys", place.region, 1.0, "Keys")
    return key.id


def make_fast_restore(place, snapshot, *, days=90, lowest=10.0):
    """``lowest`` is the number of credits, of ten, after the busiest hour of each day."""
    zone = place.zones[0]
    shelf(place, "fast-restores").append({
        "SnapshotId": snapshot.id, "AvailabilityZone": zone, "State": "enabled", "EnabledTime": _at(place, days),
        "OwnerId": place.account.id,
    })
    own = {"SnapshotId": snapshot.id, "AvailabilityZone": zone}
    since = place.now.timestamp() - days * 86400
    place.put_metric("AWS/EBS", "FastSnapshotRestoreCreditsBalance", own, constant(lowest), since=since)
    place.put_metric("AWS/EBS", "FastSnapshotRestoreCreditsBucketSize", own, constant(10.0), since=since)
    place.account.ledger.add_monthly(OTHER, "EBS:FastSnapshotRestore", place.region, 0.75 * HOURS, "DSU-Hours")
    return f"{snapshot.id}/{zone}"
