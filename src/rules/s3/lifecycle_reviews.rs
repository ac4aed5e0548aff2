//! What a bucket's lifecycle lacks. How much it would free cannot be known without listing the bucket, so each is
//! shown with what the bucket costs, and nothing is promised.

use super::{Amounts, Case, Judgement, Meta, Rule, bucket_size::Size, case::property, command::aws};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Evidence, Finding, Level, Remediation, SavingsBasis,
        UnknownReason, Verdicts,
    },
    inventory::{Bucket, LifecycleRule, ResourceKind, Versioning},
};
use serde_json::{Value, json};

pub const NO_LIFECYCLE: Rule = Rule { meta: &NO_LIFECYCLE_META, check: |case| check(case, lacks_lifecycle) };
pub const INCOMPLETE_MULTIPART: Rule = Rule { meta: &MULTIPART_META, check: |case| check(case, keeps_parts) };
pub const NONCURRENT_VERSIONS: Rule =
    Rule { meta: &VERSIONS_META, check: |case| check(case, keeps_versions) };

const REVIEW: Meta = Meta {
    id: "",
    title: "",
    condition: "",
    formula: "none: what the bucket's storage costs is shown, nothing is counted as saved",
    pitfalls: "",
    kind: ResourceKind::Bucket,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &[
        "s3:ListAllMyBuckets",
        "s3:GetLifecycleConfiguration",
        "cloudwatch:ListMetrics",
        "cloudwatch:GetMetricData",
    ],
    metrics: &[crate::domain::metric::Metric::S3Standard, crate::domain::metric::Metric::S3Objects],
    thresholds: &["s3_review_gb", "look_back_days"],
    on_by_default: true,
};

static NO_LIFECYCLE_META: Meta = Meta {
    id: "s3-no-lifecycle",
    title: "Bucket has no lifecycle",
    condition: "At least s3_review_gb in Standard and no lifecycle rule that is enabled. Left alone: buckets with \
                archive tiers of Intelligent-Tiering, and those tagged keep, retain or golden.",
    pitfalls: "Buckets whose writers clear up themselves; data that has to stay as it is.",
    ..REVIEW
};

static MULTIPART_META: Meta = Meta {
    id: "s3-incomplete-multipart",
    title: "Bucket keeps the parts of uploads that never ended",
    condition: "At least s3_review_gb, and no lifecycle rule for all objects that aborts incomplete uploads within \
                s3_abort_upload_days. A rule for a prefix does not count.",
    pitfalls: "Where every upload ends there is nothing to free. Uploads that take longer than the limit are cut off.",
    thresholds: &["s3_review_gb", "s3_abort_upload_days", "look_back_days"],
    ..REVIEW
};

static VERSIONS_META: Meta = Meta {
    id: "s3-noncurrent-versions",
    title: "Bucket keeps all old versions for ever",
    condition: "At least s3_review_gb, versioning enabled or suspended, and no lifecycle rule for all objects that ends or \
                moves noncurrent versions. Buckets tagged keep, retain or golden are left alone.",
    pitfalls: "Object Lock, MFA delete and replication may want the old versions; where objects are never overwritten \
               nor deleted there are none.",
    rollback_possible: false,
    risk: Level::Medium,
    actions: &[
        "s3:ListAllMyBuckets",
        "s3:GetLifecycleConfiguration",
        "s3:GetBucketVersioning",
        "cloudwatch:ListMetrics",
        "cloudwatch:GetMetricData",
    ],
    ..REVIEW
};

/// What one of the rules has to say of a bucket that is large enough.
struct Lack {
    title: String,
    evidence: Evidence,
    rule: Value,
}

type Look = fn(&Case<'_>, &Bucket, &Size<'_>) -> Result<Option<Lack>, UnknownReason>;

fn check(case: &Case<'_>, look: Look) -> Verdicts {
    case.judge_each(&case.snapshot.inventory.buckets, |case, bucket| judge(case, bucket, look))
}

fn judge(case: &Case<'_>, bucket: &Bucket, look: Look) -> Judgement {
    let Some(size) = Size::measure(case, bucket)? else { return Ok(None) };
    if size.gb() < i64::from(case.thresholds.s3_review_gb) {
        return Ok(None);
    }
    let Some(lack) = look(case, bucket, &size)? else { return Ok(None) };
    let mut bill = case.bill();
    let cost = size.cost(&mut bill, bucket)?;
    let mut evidence = vec![lack.evidence];
    evidence.extend(size.evidence(case));
    Ok(Some(Finding {
        title: lack.title,
        current: json!({"sizeGb": size.gb(), "lifecycleRules": bucket.lifecycle.as_ref().map(Vec::len)}),
        recommended: json!({"lifecycleRule": lack.rule}),
        evidence,
        remediation: remediation(bucket, &lack.rule),
        ..case.finding(bucket, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

fn lifecycle(bucket: &Bucket) -> Result<&[LifecycleRule], UnknownReason> {
    bucket.lifecycle.as_deref().ok_or(UnknownReason::InventoryIncomplete)
}

fn lacks_lifecycle(case: &Case<'_>, bucket: &Bucket, size: &Size<'_>) -> Result<Option<Lack>, UnknownReason> {
    let gb = size.standard().map_or(0, |held| held.gb);
    let managed = bucket.intelligent_tiering == Some(true) || bucket.common.tags.keep();
    if !lifecycle(bucket)?.is_empty() || managed || gb < i64::from(case.thresholds.s3_review_gb) {
        return Ok(None);
    }
    Ok(Some(Lack {
        title: format!("Give the bucket {} a lifecycle: {gb} GB stay in Standard", bucket.common.id),
        evidence: property("lifecycle rules", "0", Some("at least 1".into())),
        rule: json!({"ID": "tier-by-use", "Status": "Enabled", "Filter": {},
                     "Transitions": [{"Days": 0, "StorageClass": "INTELLIGENT_TIERING"}]}),
    }))
}

fn keeps_parts(case: &Case<'_>, bucket: &Bucket, _size: &Size<'_>) -> Result<Option<Lack>, UnknownReason> {
    let limit = case.thresholds.s3_abort_upload_days;
    let soon = |days: i32| i64::from(days) <= i64::from(limit);
    let aborts = |rule: &LifecycleRule| rule.all_objects && rule.aborts_uploads_after_days.is_some_and(soon);
    if lifecycle(bucket)?.iter().any(aborts) {
        return Ok(None);
    }
    Ok(Some(Lack {
        title: format!("Let the bucket {} abort uploads that never end", bucket.common.id),
        evidence: property(
            "rules that abort uploads of all objects",
            "0",
            Some(format!("within {limit} days")),
        ),
        rule: json!({"ID": "abort-uploads", "Status": "Enabled", "Filter": {},
                     "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": limit}}),
    }))
}

fn keeps_versions(
    _case: &Case<'_>,
    bucket: &Bucket,
    _size: &Size<'_>,
) -> Result<Option<Lack>, UnknownReason> {
    let versioning = bucket.versioning.ok_or(UnknownReason::InventoryIncomplete)?;
    let ends = |rule: &LifecycleRule| rule.all_objects && rule.ends_old_versions;
    if versioning == Versioning::Off || bucket.common.tags.keep() || lifecycle(bucket)?.iter().any(ends) {
        return Ok(None);
    }
    Ok(Some(Lack {
        title: format!("Let old versions in the bucket {} expire", bucket.common.id),
        evidence: property("rules that end old versions of all objects", "0", Some("at least 1".into())),
        rule: json!({"ID": "end-old-versions", "Status": "Enabled", "Filter": {},
                     "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}),
    }))
}

/// S3 replaces a lifecycle as a whole: the rules that are there have to be part of the new one.
fn remediation(bucket: &Bucket, rule: &Value) -> Remediation {
    let (region, name) = (&bucket.common.region, ("--bucket", &*bucket.common.id));
    let document = json!({"Rules": [rule]}).to_string();
    let put = [name, ("--lifecycle-configuration", &document)];
    let none = bucket.lifecycle.as_ref().is_some_and(Vec::is_empty);
    Remediation {
        commands: vec![
            aws("s3api get-bucket-lifecycle-configuration", region, &[name]),
            aws("s3api put-bucket-lifecycle-configuration", region, &put),
        ],
        rollback_commands: if none { vec![aws("s3api delete-bucket-lifecycle", region, &[name])] } else { Vec::new() },
        notes: vec![
            "The second command replaces the whole lifecycle: add the rules that the first one shows to its document."
                .into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::MicroUsd;
    use crate::rules::{fixtures::Lab, s3::bucket_size::fixtures::lab};

    const RULE_FOR_ALL: LifecycleRule = LifecycleRule {
        all_objects: true,
        aborts_uploads_after_days: Some(7),
        moves_objects: false,
        ends_old_versions: true,
    };

    fn with_rule(rule: LifecycleRule) -> Lab {
        lab(100, 1e6, |b| {
            b.lifecycle = Some(vec![rule]);
            b.versioning = Some(Versioning::Enabled);
        })
    }

    #[test]
    fn a_bucket_without_a_lifecycle_is_shown_at_its_cost() {
        let finding = lab(100, 1e6, |_| {}).only_finding(&NO_LIFECYCLE);
        assert_eq!(
            (finding.monthly_cost.to_string(), finding.monthly_savings),
            ("2.30".into(), MicroUsd::ZERO)
        );
        lab(49, 1e6, |_| {}).nothing(&NO_LIFECYCLE);
        lab(100, 1e6, |b| b.intelligent_tiering = Some(true)).nothing(&NO_LIFECYCLE);
        lab(100, 1e6, |b| b.common.tags = [("keep", "")].into_iter().collect()).nothing(&NO_LIFECYCLE);
        with_rule(RULE_FOR_ALL).nothing(&NO_LIFECYCLE);
    }

    #[test]
    fn parts_are_aborted_only_by_a_rule_for_all_objects() {
        lab(100, 1e6, |_| {}).only_finding(&INCOMPLETE_MULTIPART);
        with_rule(RULE_FOR_ALL).nothing(&INCOMPLETE_MULTIPART);
        with_rule(LifecycleRule { all_objects: false, ..RULE_FOR_ALL }).only_finding(&INCOMPLETE_MULTIPART);
        let late = LifecycleRule { aborts_uploads_after_days: Some(8), ..RULE_FOR_ALL };
        with_rule(late).only_finding(&INCOMPLETE_MULTIPART);
    }

    #[test]
    fn old_versions_are_there_even_where_versioning_is_suspended() {
        let of = |versioning| lab(100, 1e6, move |b| b.versioning = Some(versioning));
        of(Versioning::Off).nothing(&NONCURRENT_VERSIONS);
        of(Versioning::Enabled).only_finding(&NONCURRENT_VERSIONS);
        of(Versioning::Suspended).only_finding(&NONCURRENT_VERSIONS);
        with_rule(RULE_FOR_ALL).nothing(&NONCURRENT_VERSIONS);
    }

    #[test]
    fn what_a_bucket_refuses_to_tell_is_unknown_not_absent() {
        for rule in [NO_LIFECYCLE, INCOMPLETE_MULTIPART] {
            lab(100, 1e6, |b| b.lifecycle = None).unknown(&rule, UnknownReason::InventoryIncomplete);
        }
        lab(100, 1e6, |b| b.versioning = None)
            .unknown(&NONCURRENT_VERSIONS, UnknownReason::InventoryIncomplete);
        lab(100, 1e6, |b| b.storage_types = None).unknown(&NO_LIFECYCLE, UnknownReason::MetricMissing);
    }

    #[test]
    fn the_fix_keeps_what_is_there_and_its_way_back_does_not_delete_it() {
        let fix = lab(100, 1e6, |_| {}).only_finding(&INCOMPLETE_MULTIPART).remediation;
        assert!(fix.commands[1].contains("\"DaysAfterInitiation\":7"), "{}", fix.commands[1]);
        assert!(
            fix.rollback_commands[0].ends_with("delete-bucket-lifecycle --region us-east-1 --bucket logs")
        );
        let partial = with_rule(LifecycleRule { all_objects: false, ..RULE_FOR_ALL });
        assert!(partial.only_finding(&INCOMPLETE_MULTIPART).remediation.rollback_commands.is_empty());
    }
}
