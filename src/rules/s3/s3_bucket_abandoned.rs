//! Buckets that nobody writes to and nobody reads.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    bucket_size::{Size, reads_and_writes},
    case::property,
    command::aws,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{Bucket, ResourceKind},
    metric::{Metric, Summary},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.buckets, judge) };

static META: Meta = Meta {
    id: "s3-bucket-abandoned",
    title: "Bucket is neither written nor read",
    condition: "Size and number of objects did not change in the window, its request metrics count all of it, nothing was \
                read or written, and all requests together (tools look at every bucket) are at most s3_abandoned_requests. \
                Unknown without request metrics. Buckets tagged keep, retain or golden are left alone.",
    formula: "storage of all classes",
    pitfalls: "Backups and archives for the law look the same; so does a website in summer.",
    kind: ResourceKind::Bucket,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::UpperBound,
    effort: Effort::Medium,
    risk: Level::High,
    restart_needed: false,
    rollback_possible: false,
    actions: &[
        "s3:ListAllMyBuckets",
        "s3:GetMetricsConfiguration",
        "cloudwatch:ListMetrics",
        "cloudwatch:GetMetricData",
    ],
    metrics: &[
        Metric::S3Standard,
        Metric::S3Objects,
        Metric::S3AllRequests,
        Metric::S3GetRequests,
        Metric::S3PutRequests,
    ],
    thresholds: &["s3_abandoned_requests", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, bucket: &Bucket) -> Judgement {
    if bucket.common.tags.keep() {
        return Ok(None);
    }
    let Some(size) = Size::measure(case, bucket)? else { return Ok(None) };
    let still = steady(size.objects) && size.classes.iter().all(|held| steady(held.summary));
    if !still || size.gb() == 0 {
        return Ok(None);
    }
    if bucket.request_metrics.is_none() {
        return Err(UnknownReason::MetricMissing);
    }
    let used = reads_and_writes(case, bucket)?;
    let requests = case.summary(Metric::S3AllRequests, &bucket.common)?;
    let limit = case.thresholds.s3_abandoned_requests;
    if used > 0.0 || requests.sum > f64::from(limit) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = size.cost(&mut bill, bucket)?;
    let observed = format!("{:.0}, none of them a read or a write", requests.sum);
    let mut evidence =
        vec![case.measured(Metric::S3AllRequests, requests, observed, format!("at most {limit}"))];
    evidence.push(property("objects", format!("{:.0} all along", size.objects.max), None));
    evidence.extend(size.evidence(case));
    Ok(Some(Finding {
        title: format!("Look whether anybody misses the bucket {} with {} GB", bucket.common.id, size.gb()),
        current: json!({"sizeGb": size.gb(), "objects": size.objects_at_least()}),
        recommended: json!({"state": "deleted, or moved to an archive"}),
        confidence: Level::Low,
        evidence,
        remediation: remediation(bucket),
        ..case.finding(bucket, Amounts { savings: cost.clone(), cost, bill })
    }))
}

#[allow(clippy::float_cmp, reason = "the same number day after day, not a result of arithmetic")]
fn steady(summary: &Summary) -> bool {
    summary.min == summary.max
}

/// Emptying a bucket is left to its owner: a command that deletes everything is no command to paste.
fn remediation(bucket: &Bucket) -> Remediation {
    let (region, name) = (&bucket.common.region, [("--bucket", &*bucket.common.id)]);
    Remediation {
        commands: vec![
            aws("s3api get-bucket-policy", region, &name),
            aws("s3api delete-bucket", region, &name),
        ],
        rollback_commands: Vec::new(),
        notes: vec![
            "delete-bucket refuses while the bucket holds anything: empty it first, once its owner agrees. A lifecycle \
             rule that expires everything, or moves it to Glacier Deep Archive, does so without a request for each object."
                .into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{fixtures::Lab, s3::bucket_size::fixtures::lab};

    fn counted_bucket(change: impl FnOnce(&mut Bucket)) -> Lab {
        lab(100, 1e3, |b| {
            b.request_metrics = Some("all".into());
            change(b);
        })
    }

    #[test]
    fn a_still_bucket_saves_at_most_its_storage() {
        let finding = counted_bucket(|_| {}).requests(84.0, 0.0, 0.0).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "2.30");
        assert!(!finding.rollback_possible);
    }

    #[test]
    fn reads_writes_and_many_requests_are_use() {
        counted_bucket(|_| {}).requests(84.0, 14.0, 0.0).nothing(&RULE);
        counted_bucket(|_| {}).requests(84.0, 0.0, 14.0).nothing(&RULE);
        counted_bucket(|_| {}).requests(2_800.0, 0.0, 0.0).nothing(&RULE);
        counted_bucket(|b| b.common.tags = [("retain", "law")].into_iter().collect()).nothing(&RULE);
    }

    #[test]
    fn a_bucket_that_changes_is_used() {
        let mut lab = counted_bucket(|_| {}).requests(84.0, 0.0, 0.0);
        let growing = Summary::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0], 14);
        let series = crate::domain::metric::Series::Summary(growing);
        lab.snapshot.metrics.insert(Metric::S3Objects, &crate::rules::fixtures::region(), "logs", series);
        lab.nothing(&RULE);
    }

    #[test]
    fn without_counted_requests_nobody_knows() {
        lab(100, 1e3, |_| {}).unknown(&RULE, UnknownReason::MetricMissing);
        counted_bucket(|_| {}).unknown(&RULE, UnknownReason::MetricMissing);
    }
}
