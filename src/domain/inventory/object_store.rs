//! S3 buckets: how they are set up, never what lies in them.

use super::{Common, Shared};
use serde::{Deserialize, Serialize};

/// What could not be read of a bucket is absent: a bucket's own policy may refuse what the role allows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bucket {
    #[serde(flatten)]
    pub common: Common,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versioning: Option<Versioning>,
    /// The rules that are enabled; none where the bucket has no lifecycle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Vec<LifecycleRule>>,
    /// Has archive tiers of Intelligent-Tiering set up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intelligent_tiering: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<BucketEncryption>,
    /// The request metrics that count all of the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_metrics: Option<Box<str>>,
    /// What `CloudWatch` measures of it: `StandardStorage`, say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_types: Option<Vec<Shared>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Versioning {
    Off,
    Enabled,
    /// No new versions are kept; the old ones are still there.
    Suspended,
}

/// What an enabled rule does, as far as rules ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LifecycleRule {
    /// Neither prefix, tag nor size narrows it.
    pub all_objects: bool,
    pub aborts_uploads_after_days: Option<i32>,
    pub moves_objects: bool,
    pub ends_old_versions: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BucketEncryption {
    /// By keys of S3: nothing is asked of KMS.
    S3,
    Kms {
        bucket_key: bool,
    },
    /// Two layers with KMS, for which there are no bucket keys.
    KmsTwice,
}
