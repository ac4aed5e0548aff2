//! S3 buckets.

mod bucket_size;
mod lifecycle_reviews;
mod s3_bucket_abandoned;
mod s3_bucket_key_off;
mod s3_bucket_large;
mod s3_small_objects_in_ia;
mod s3_standard_to_intelligent_tiering;

use super::{Amounts, Case, Judgement, Meta, Rule, case, command, quantity};

pub const RULES: &[Rule] = &[
    lifecycle_reviews::INCOMPLETE_MULTIPART,
    lifecycle_reviews::NONCURRENT_VERSIONS,
    lifecycle_reviews::NO_LIFECYCLE,
    s3_bucket_abandoned::RULE,
    s3_bucket_key_off::RULE,
    s3_bucket_large::RULE,
    s3_small_objects_in_ia::RULE,
    s3_standard_to_intelligent_tiering::RULE,
];
