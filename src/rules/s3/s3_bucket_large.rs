//! Large buckets, for those who want to look through them. Off by default.

use super::{Amounts, Case, Judgement, Meta, Rule, bucket_size::Size, command::aws};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{Bucket, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.buckets, judge) };

static META: Meta = Meta {
    id: "s3-bucket-large",
    title: "Bucket is large",
    condition: "A bucket above s3_large_gb in all storage classes together.",
    formula: "none: what its storage costs is shown, nothing is counted as saved",
    pitfalls: "Says nothing of use: a look, no waste.",
    kind: ResourceKind::Bucket,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["s3:ListAllMyBuckets", "cloudwatch:ListMetrics", "cloudwatch:GetMetricData"],
    metrics: &[Metric::S3Standard, Metric::S3Objects],
    thresholds: &["s3_large_gb", "look_back_days"],
    on_by_default: false,
};

fn judge(case: &Case<'_>, bucket: &Bucket) -> Judgement {
    let Some(size) = Size::measure(case, bucket)? else { return Ok(None) };
    if size.gb() <= i64::from(case.thresholds.s3_large_gb) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = size.cost(&mut bill, bucket)?;
    let name = [("--bucket", &*bucket.common.id)];
    Ok(Some(Finding {
        title: format!("Look through the {} GB of the bucket {}", size.gb(), bucket.common.id),
        current: json!({"sizeGb": size.gb(), "objects": size.objects_at_least()}),
        evidence: size.evidence(case),
        remediation: Remediation {
            commands: vec![aws("s3api get-bucket-lifecycle-configuration", &bucket.common.region, &name)],
            rollback_commands: Vec::new(),
            notes: vec!["The command only reads.".into()],
        },
        ..case.finding(bucket, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::s3::bucket_size::fixtures::lab;

    #[test]
    fn a_bucket_above_the_limit_is_shown_at_its_cost() {
        assert_eq!(lab(101, 5.0, |_| {}).only_finding(&RULE).monthly_cost.to_string(), "2.323");
        lab(100, 5.0, |_| {}).nothing(&RULE);
    }
}
