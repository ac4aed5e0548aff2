//! Small objects in classes that bill each as 128 KB at least.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    bucket_size::{Held, Size, rate},
    command::aws,
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{Bucket, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.buckets, judge) };

static META: Meta = Meta {
    id: "s3-small-objects-in-ia",
    title: "Small objects are billed as 128 KB",
    condition: "CloudWatch measures bytes that Standard-IA, One Zone-IA or Glacier Instant Retrieval bill beyond the \
                objects' own size, at least a GB of them.",
    formula: "billed beyond the objects' size * the class's storage price: an upper bound, since the objects' own bytes cost \
              more in Standard",
    pitfalls: "Copying an object back costs a retrieval and a request. New small objects are kept out by a size in the \
               lifecycle rule's filter.",
    kind: ResourceKind::Bucket,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::UpperBound,
    effort: Effort::Medium,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["s3:ListAllMyBuckets", "cloudwatch:ListMetrics", "cloudwatch:GetMetricData"],
    metrics: &[Metric::S3InfrequentPadding, Metric::S3OneZonePadding, Metric::S3GlacierInstantPadding],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, bucket: &Bucket) -> Judgement {
    let Some(size) = Size::measure(case, bucket)? else { return Ok(None) };
    let padded: Vec<&Held<'_>> =
        size.classes.iter().filter(|held| held.class.padding && held.gb > 0).collect();
    if padded.is_empty() {
        return Ok(None);
    }
    let mut bill = case.bill();
    let savings: Figure = padded
        .iter()
        .map(|held| Ok(rate(&mut bill, bucket, held.class)?.times(held.gb)))
        .sum::<Result<_, UnknownReason>>()?;
    let cost = size.cost(&mut bill, bucket)?;
    let gb: i64 = padded.iter().map(|held| held.gb).sum();
    Ok(Some(Finding {
        title: format!(
            "Keep small objects of the bucket {} out of infrequent access: {gb} GB are billed for nothing",
            bucket.common.id
        ),
        current: json!({"sizeGb": size.gb(), "billedBeyondGb": gb}),
        recommended: json!({"storageClass": "STANDARD", "objects": "below 128 KB"}),
        confidence: Level::Medium,
        evidence: size.evidence(case),
        remediation: remediation(bucket),
        ..case.finding(bucket, Amounts { cost, savings, bill })
    }))
}

fn remediation(bucket: &Bucket) -> Remediation {
    let name = [("--bucket", &*bucket.common.id)];
    Remediation {
        commands: vec![aws("s3api get-bucket-lifecycle-configuration", &bucket.common.region, &name)],
        rollback_commands: Vec::new(),
        notes: vec![
            "Give the rules that move objects a filter with ObjectSizeGreaterThan 131072, and copy the small objects that \
             were moved back to Standard (S3 Batch Operations)."
                .into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::s3::bucket_size::fixtures::lab;

    #[test]
    fn what_is_billed_beyond_the_objects_is_saved_at_most() {
        let types = ["StandardStorage", "StandardIAStorage", "StandardIASizeOverhead"];
        let lab = lab(10, 1e6, |b| b.storage_types = Some(types.map(Into::into).to_vec()));
        let lab = lab.gb(Metric::S3Infrequent, 20).gb(Metric::S3InfrequentPadding, 400);
        let finding = lab.only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "5.00", "400 * 0.0125");
        assert_eq!(finding.monthly_cost.to_string(), "5.48", "10 * 0.023 + 420 * 0.0125");
    }

    #[test]
    fn a_bucket_without_padding_is_fine() {
        lab(10, 1e6, |_| {}).nothing(&RULE);
        lab(10, 1e6, |b| b.storage_types = Some(Vec::new())).nothing(&RULE);
    }
}
