//! The settings of one bucket, one call each. A bucket that vanished is no bucket, and no error.

use super::{Measured, wire};
use crate::{
    aws::Failure,
    collect::scope::Scope,
    domain::{
        inventory::{Bucket, BucketEncryption, Common, LifecycleRule, Versioning},
        tags::Tags,
    },
};
use aws_sdk_s3::{Client, types as sdk};

pub(super) const VERSIONING: &str = "s3:GetBucketVersioning";
pub(super) const LIFECYCLE: &str = "s3:GetLifecycleConfiguration";
pub(super) const TIERING: &str = "s3:GetIntelligentTieringConfiguration";
pub(super) const ENCRYPTION: &str = "s3:GetEncryptionConfiguration";
pub(super) const METRICS: &str = "s3:GetMetricsConfiguration";
pub(super) const TAGGING: &str = "s3:GetBucketTagging";

/// The bucket was deleted after it was listed.
struct Gone;

/// What one call gave: absent where it failed.
type Read<T> = Result<Option<T>, Gone>;

pub(super) async fn read(scope: &Scope<'_>, common: Common, measured: Option<&Measured>) -> Option<Bucket> {
    let bucket = Setup { client: scope.session.s3(&scope.region), scope, name: &common.id };
    // Boxed one by one: the futures of the SDK are large.
    let tags = Box::pin(bucket.tags()).await.ok()?;
    let versioning = Box::pin(bucket.versioning()).await.ok()?;
    let lifecycle = Box::pin(bucket.lifecycle()).await.ok()?;
    let intelligent_tiering = Box::pin(bucket.intelligent_tiering()).await.ok()?;
    let encryption = Box::pin(bucket.encryption()).await.ok()?;
    let request_metrics = Box::pin(bucket.request_metrics()).await.ok()?.flatten();
    let storage_types = measured.map(|measured| measured.get(&common.id).cloned().unwrap_or_default());
    Some(Bucket {
        common: Common { tags: tags.unwrap_or_default(), ..common },
        versioning,
        lifecycle,
        intelligent_tiering,
        encryption,
        request_metrics,
        storage_types,
    })
}

struct Setup<'a> {
    client: Client,
    scope: &'a Scope<'a>,
    name: &'a str,
}

impl Setup<'_> {
    /// S3 answers "not found" where a setting was never made.
    fn read<O, T>(
        &self,
        action: &'static str,
        reply: Result<O, Failure>,
        unset: (&str, T),
        map: impl FnOnce(O) -> T,
    ) -> Read<T> {
        match reply {
            Ok(reply) => Ok(Some(map(reply))),
            Err(failure) if failure.code == "NoSuchBucket" => Err(Gone),
            Err(failure) if failure.code == unset.0 => Ok(Some(unset.1)),
            Err(failure) => {
                self.scope.missing(action, failure);
                Ok(None)
            }
        }
    }

    async fn tags(&self) -> Read<Tags> {
        let reply = self.scope.call(TAGGING, self.client.get_bucket_tagging().bucket(self.name).send()).await;
        self.read(TAGGING, reply, ("NoSuchTagSet", Tags::default()), |reply| {
            wire::tags(Some(reply.tag_set), |tag| (Some(tag.key), Some(tag.value)))
        })
    }

    async fn versioning(&self) -> Read<Versioning> {
        let call = self.client.get_bucket_versioning().bucket(self.name).send();
        let reply = self.scope.call(VERSIONING, call).await;
        self.read(VERSIONING, reply, ("", Versioning::Off), |reply| match reply.status {
            None => Versioning::Off,
            Some(sdk::BucketVersioningStatus::Suspended) => Versioning::Suspended,
            Some(_) => Versioning::Enabled,
        })
    }

    async fn lifecycle(&self) -> Read<Vec<LifecycleRule>> {
        let call = self.client.get_bucket_lifecycle_configuration().bucket(self.name).send();
        let reply = self.scope.call(LIFECYCLE, call).await;
        self.read(LIFECYCLE, reply, ("NoSuchLifecycleConfiguration", Vec::new()), |reply| {
            let rules = reply.rules.unwrap_or_default();
            rules.iter().filter(|r| r.status == sdk::ExpirationStatus::Enabled).map(lifecycle_rule).collect()
        })
    }

    /// One page is enough to know whether there are any.
    async fn intelligent_tiering(&self) -> Read<bool> {
        let call = self.client.list_bucket_intelligent_tiering_configurations().bucket(self.name).send();
        let reply = self.scope.call(TIERING, call).await;
        self.read(TIERING, reply, ("NoSuchConfiguration", false), |reply| {
            !reply.intelligent_tiering_configuration_list.unwrap_or_default().is_empty()
        })
    }

    async fn encryption(&self) -> Read<BucketEncryption> {
        const UNSET: &str = "ServerSideEncryptionConfigurationNotFoundError";
        let call = self.client.get_bucket_encryption().bucket(self.name).send();
        let reply = self.scope.call(ENCRYPTION, call).await;
        self.read(ENCRYPTION, reply, (UNSET, BucketEncryption::S3), |reply| {
            let rules = reply.server_side_encryption_configuration.map(|c| c.rules).unwrap_or_default();
            rules.into_iter().next().map_or(BucketEncryption::S3, encryption_of)
        })
    }

    /// The configuration that counts all requests; S3 gives up to a hundred a page, and few have more than one.
    async fn request_metrics(&self) -> Read<Option<Box<str>>> {
        let call = self.client.list_bucket_metrics_configurations().bucket(self.name).send();
        let reply = self.scope.call(METRICS, call).await;
        self.read(METRICS, reply, ("NoSuchConfiguration", None), |reply| {
            let all = reply.metrics_configuration_list.unwrap_or_default();
            let whole = all.into_iter().filter(|configuration| configuration.filter.is_none());
            whole.map(|configuration| configuration.id.into_boxed_str()).min()
        })
    }
}

fn lifecycle_rule(rule: &sdk::LifecycleRule) -> LifecycleRule {
    LifecycleRule {
        all_objects: covers_all(rule),
        aborts_uploads_after_days: rule
            .abort_incomplete_multipart_upload
            .as_ref()
            .and_then(|abort| abort.days_after_initiation),
        moves_objects: !rule.transitions().is_empty(),
        ends_old_versions: rule.noncurrent_version_expiration.is_some()
            || !rule.noncurrent_version_transitions().is_empty(),
    }
}

#[allow(deprecated, reason = "rules of before 2016 carry their prefix outside of a filter")]
fn covers_all(rule: &sdk::LifecycleRule) -> bool {
    let empty = |prefix: &Option<String>| prefix.as_deref().unwrap_or_default().is_empty();
    empty(&rule.prefix)
        && rule.filter.as_ref().is_none_or(|filter| {
            let sizes = filter.object_size_greater_than.or(filter.object_size_less_than);
            empty(&filter.prefix) && filter.tag.is_none() && filter.and.is_none() && sizes.is_none()
        })
}

fn encryption_of(rule: sdk::ServerSideEncryptionRule) -> BucketEncryption {
    let bucket_key = rule.bucket_key_enabled.unwrap_or_default();
    match rule.apply_server_side_encryption_by_default.map(|default| default.sse_algorithm) {
        Some(sdk::ServerSideEncryption::AwsKms) => BucketEncryption::Kms { bucket_key },
        Some(sdk::ServerSideEncryption::AwsKmsDsse) => BucketEncryption::KmsTwice,
        _ => BucketEncryption::S3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> sdk::builders::LifecycleRuleBuilder {
        sdk::LifecycleRule::builder().status(sdk::ExpirationStatus::Enabled)
    }

    fn filtered(filter: sdk::LifecycleRuleFilter) -> bool {
        lifecycle_rule(&rule().filter(filter).build().unwrap()).all_objects
    }

    #[test]
    #[allow(deprecated, reason = "old rules are still there")]
    fn a_rule_for_some_objects_is_not_one_for_all() {
        let filter = sdk::LifecycleRuleFilter::builder;
        assert!(lifecycle_rule(&rule().build().unwrap()).all_objects);
        assert!(filtered(filter().build()));
        assert!(filtered(filter().prefix("").build()));
        assert!(!filtered(filter().prefix("tmp/").build()));
        assert!(!filtered(filter().object_size_greater_than(1).build()));
        assert!(!filtered(filter().and(sdk::LifecycleRuleAndOperator::builder().build()).build()));
        assert!(!lifecycle_rule(&rule().prefix("tmp/").build().unwrap()).all_objects);
    }

    #[test]
    fn a_rule_keeps_what_it_does() {
        let abort = sdk::AbortIncompleteMultipartUpload::builder().days_after_initiation(7).build();
        let old = sdk::NoncurrentVersionExpiration::builder().noncurrent_days(30).build();
        let kept = rule()
            .abort_incomplete_multipart_upload(abort)
            .noncurrent_version_expiration(old)
            .build()
            .unwrap();
        let kept = lifecycle_rule(&kept);
        assert_eq!(kept.aborts_uploads_after_days, Some(7));
        assert!(kept.ends_old_versions && !kept.moves_objects);
    }

    #[test]
    fn keys_of_kms_are_told_from_those_of_s3() {
        use sdk::ServerSideEncryption as Sse;
        let of = |algorithm, bucket_key| {
            let default =
                sdk::ServerSideEncryptionByDefault::builder().sse_algorithm(algorithm).build().unwrap();
            let rule = sdk::ServerSideEncryptionRule::builder();
            encryption_of(
                rule.apply_server_side_encryption_by_default(default).bucket_key_enabled(bucket_key).build(),
            )
        };
        assert_eq!(of(Sse::AwsKms, false), BucketEncryption::Kms { bucket_key: false });
        assert_eq!(of(Sse::AwsKmsDsse, true), BucketEncryption::KmsTwice);
        assert_eq!(of(Sse::Aes256, false), BucketEncryption::S3);
    }
}
