"""What moto does not know of a bucket, or words otherwise than S3. Buckets carry it as plain attributes."""

from ..errors import AwsError


def _bucket(call, params: dict):
    from moto.s3 import s3_backends

    # SDKs that name the bucket in the path put a slash behind it.
    bucket = s3_backends[call.account_id]["aws"].buckets.get(params["Bucket"].rstrip("/"))
    if bucket is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
    return bucket


def get_versioning(_state, call, params: dict) -> dict:
    status = _bucket(call, params).versioning_status
    return {"Status": status} if status else {}


def list_metrics_configurations(_state, call, params: dict) -> dict:
    found = getattr(_bucket(call, params), "_request_metrics", [])
    return {"IsTruncated": False, "MetricsConfigurationList": found}


def list_tiering_configurations(_state, call, params: dict) -> dict:
    found = getattr(_bucket(call, params), "_tiering", [])
    return {"IsTruncated": False, "IntelligentTieringConfigurationList": found}


OPERATIONS = {
    "s3:GetBucketVersioning": get_versioning,
    "s3:ListBucketMetricsConfigurations": list_metrics_configurations,
    "s3:ListBucketIntelligentTieringConfigurations": list_tiering_configurations,
}
