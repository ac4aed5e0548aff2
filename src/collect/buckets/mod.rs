//! S3 buckets and how they are set up; never what they hold.
//!
//! S3 lists the buckets of one region where it is asked there, so buckets are read with their region like all
//! else, and a bucket's calls go to its own region. What `CloudWatch` measures of them is listed, not guessed.
//!
//! Invariant: a call that a bucket's own policy refuses leaves that fact absent, never "none".

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{Bucket, Common, ResourceKind, Shared},
    region::Region,
};
use aws_sdk_cloudwatch::operation::list_metrics::ListMetricsOutput;
use aws_sdk_s3::{operation::list_buckets::ListBucketsOutput, types as sdk};
use futures_util::{StreamExt, stream};
use std::collections::{BTreeMap, BTreeSet, HashMap};

mod setup;

const LIST: &str = "s3:ListAllMyBuckets";

pub(super) const COLLECTOR: Collector = Collector {
    name: "buckets",
    actions: &[
        LIST,
        setup::VERSIONING,
        setup::LIFECYCLE,
        setup::TIERING,
        setup::ENCRYPTION,
        setup::METRICS,
        setup::TAGGING,
        super::agent::LIST,
    ],
    listing: Some(Listing {
        kind: ResourceKind::Bucket,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.buckets)),
    }),
};

/// Buckets whose settings are read side by side.
const SIDE_BY_SIDE: usize = 8;

async fn fetch(scope: &Scope<'_>, found: &mut Vec<Bucket>) -> Result<(), Incomplete> {
    let mut names = Vec::new();
    let listed = fetch_names(scope, &mut names).await;
    if !names.is_empty() {
        let measured = fetch_storage_types(scope).await.ok();
        let measured = measured.as_ref();
        let buckets = stream::iter(names).map(|common| setup::read(scope, common, measured));
        found.extend(buckets.buffered(SIDE_BY_SIDE).filter_map(std::future::ready).collect::<Vec<_>>().await);
    }
    listed
}

async fn fetch_names(scope: &Scope<'_>, names: &mut Vec<Common>) -> Result<(), Incomplete> {
    let client = scope.session.s3(&scope.region);
    let fetch = |token| {
        let call = client.list_buckets().max_buckets(1_000).bucket_region(scope.region.as_str());
        call.set_continuation_token(token).send()
    };
    let take = |page: ListBucketsOutput| {
        let buckets = page.buckets.unwrap_or_default().into_iter();
        names.extend(buckets.filter_map(|bucket| map(bucket, &scope.region)));
        page.continuation_token
    };
    scope.page_through(LIST, fetch, take).await
}

/// A store that does not know the filter names each bucket's region; those of others are left to them.
fn map(bucket: sdk::Bucket, region: &Region) -> Option<Common> {
    let here = bucket.bucket_region.as_deref().is_none_or(|of| of == region.as_str());
    let tags = crate::domain::tags::Tags::default();
    wire::common(region, bucket.name.filter(|_| here), tags, bucket.creation_date)
}

/// The storage types of each bucket.
type Measured = HashMap<Box<str>, Vec<Shared>>;

/// One list for all buckets of the region; a bucket that is not in it has nothing to measure.
async fn fetch_storage_types(scope: &Scope<'_>) -> Result<Measured, Incomplete> {
    let client = scope.session.cloudwatch(&scope.region);
    let mut types = BTreeMap::<String, BTreeSet<String>>::new();
    let fetch = |token| {
        let call = client.list_metrics().namespace("AWS/S3").metric_name("BucketSizeBytes");
        call.set_next_token(token).send()
    };
    let take = |page: ListMetricsOutput| {
        for metric in page.metrics.unwrap_or_default() {
            add_storage_type(&mut types, metric);
        }
        page.next_token
    };
    scope.page_through(super::agent::LIST, fetch, take).await?;
    let shared = |types: BTreeSet<String>| types.into_iter().map(Shared::from).collect();
    Ok(types.into_iter().map(|(name, types)| (name.into_boxed_str(), shared(types))).collect())
}

fn add_storage_type(
    types: &mut BTreeMap<String, BTreeSet<String>>,
    metric: aws_sdk_cloudwatch::types::Metric,
) {
    let mut values: HashMap<String, String> = metric
        .dimensions
        .unwrap_or_default()
        .into_iter()
        .filter_map(|dimension| Some((dimension.name?, dimension.value?)))
        .collect();
    if let (Some(bucket), Some(storage_type)) = (values.remove("BucketName"), values.remove("StorageType")) {
        types.entry(bucket).or_default().insert(storage_type);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_of_other_regions_are_left_to_those() {
        let bucket = |region: Option<&str>| {
            let bucket = sdk::Bucket::builder().name("logs").set_bucket_region(region.map(str::to_owned));
            map(bucket.build(), &Region::global()).map(|common| common.id)
        };
        assert_eq!(bucket(Some("us-east-1")).as_deref(), Some("logs"));
        assert_eq!(bucket(None).as_deref(), Some("logs"));
        assert_eq!(bucket(Some("eu-west-1")), None);
    }

    #[test]
    fn storage_types_are_gathered_by_bucket() {
        let metric = |bucket: &str, storage_type: &str| {
            let dimension = |name: &str, value: &str| {
                aws_sdk_cloudwatch::types::Dimension::builder().name(name).value(value).build()
            };
            aws_sdk_cloudwatch::types::Metric::builder()
                .dimensions(dimension("StorageType", storage_type))
                .dimensions(dimension("BucketName", bucket))
                .build()
        };
        let mut types = BTreeMap::new();
        add_storage_type(&mut types, metric("logs", "StandardStorage"));
        add_storage_type(&mut types, metric("logs", "GlacierStorage"));
        add_storage_type(&mut types, aws_sdk_cloudwatch::types::Metric::builder().build());
        assert_eq!(types.len(), 1);
        assert_eq!(types["logs"].len(), 2);
    }
}
