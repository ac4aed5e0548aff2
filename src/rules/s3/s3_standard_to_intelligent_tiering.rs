//! Standard storage that is hardly read, and would be cheaper where S3 moves it by its use.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    bucket_size::{Held, Size, monthly_reads_and_writes, rate},
    case::property,
    command::aws,
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{Bucket, ResourceKind},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.buckets, judge) };

static META: Meta = Meta {
    id: "s3-standard-to-intelligent-tiering",
    title: "Standard storage is hardly read: Intelligent-Tiering would cost less",
    condition: "At least s3_review_gb and nine tenths of the bucket in Standard, objects of 128 KB and more on average, and \
                no lifecycle rule that moves objects. Where the bucket's request metrics count all of it, the objects that \
                nobody read or wrote in 30 days decide; without them it is shown and not counted.",
    formula: "GB of untouched objects * (Standard - infrequent tier) - objects / 1,000 * monitoring fee. Untouched are \
              those that are more than the reads and writes of 30 days: at the least.",
    pitfalls: "The transition costs 0.01 USD for each 1,000 objects, once; objects below 128 KB stay and are not moved; \
               storage above 50 TB costs a little less than the price used here.",
    kind: ResourceKind::Bucket,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &[
        "s3:ListAllMyBuckets",
        "s3:GetLifecycleConfiguration",
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
    thresholds: &["s3_review_gb", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

/// Smaller objects are not moved, in 1/8,192 of a GB: 128 KB.
const MOVED_OBJECTS_OF_A_GB: i64 = 8_192;

fn judge(case: &Case<'_>, bucket: &Bucket) -> Judgement {
    let lifecycle = bucket.lifecycle.as_deref().ok_or(UnknownReason::InventoryIncomplete)?;
    if lifecycle.iter().any(|rule| rule.moves_objects) {
        return Ok(None);
    }
    let Some(size) = Size::measure(case, bucket)? else { return Ok(None) };
    let Some(standard) = size.standard() else { return Ok(None) };
    let objects = size.objects_at_least();
    let large = objects > 0 && standard.gb.saturating_mul(MOVED_OBJECTS_OF_A_GB) >= objects;
    let mostly = standard.gb.saturating_mul(10) >= size.gb().saturating_mul(9);
    if standard.gb < i64::from(case.thresholds.s3_review_gb) || !large || !mostly {
        return Ok(None);
    }
    // At most so many objects were read or written: each request may be another one.
    let requests =
        bucket.request_metrics.as_ref().map(|_| monthly_reads_and_writes(case, bucket)).transpose()?;
    let Some(touched) = requests else { return Ok(Some(shown(case, bucket, &size, standard)?)) };
    let untouched = objects.saturating_sub(touched);
    if untouched <= 0 {
        return Ok(None);
    }
    let gb = share(standard.gb, untouched, objects);
    let amounts = amounts(case, bucket, standard, gb, objects)?;
    if !amounts.savings.is_positive() {
        return Ok(None);
    }
    let mut finding = describe(case, bucket, &size, amounts);
    finding.title =
        format!("Move the bucket {} to Intelligent-Tiering: {gb} GB are not read", bucket.common.id);
    finding.confidence = Level::Medium;
    finding.evidence.push(property(
        "reads and writes in 30 days",
        format!("{touched}"),
        Some(format!("below {objects} objects")),
    ));
    Ok(Some(finding))
}

fn share(whole: i64, part: i64, of: i64) -> i64 {
    i64::try_from(i128::from(whole) * i128::from(part) / i128::from(of.max(1))).unwrap_or_default()
}

fn amounts<'a>(
    case: &Case<'a>,
    bucket: &Bucket,
    standard: &Held<'_>,
    untouched_gb: i64,
    objects: i64,
) -> Result<Amounts<'a>, UnknownReason> {
    let mut bill = case.bill();
    let now = rate(&mut bill, bucket, standard.class)?;
    let mut item = |item| bill.price(PriceKey::item(item, &bucket.common.region));
    let then = item(Item::S3TieringInfrequent)?.times(untouched_gb);
    let fee = item(Item::S3TieringMonitoring)?.times_ratio(objects, 1_000);
    let savings = now.times(untouched_gb) - then - fee;
    Ok(Amounts { cost: now.times(standard.gb), savings, bill })
}

/// Nobody counts the bucket's requests: worth a look.
fn shown(
    case: &Case<'_>,
    bucket: &Bucket,
    size: &Size<'_>,
    standard: &Held<'_>,
) -> Result<Finding, UnknownReason> {
    let mut bill = case.bill();
    let cost = rate(&mut bill, bucket, standard.class)?.times(standard.gb);
    let finding = describe(case, bucket, size, Amounts { cost, savings: Figure::zero(), bill });
    let title = format!("Look whether the {} GB of the bucket {} are read", standard.gb, bucket.common.id);
    Ok(Finding { title, basis: SavingsBasis::Exposure, confidence: Level::Low, ..finding })
}

fn describe(case: &Case<'_>, bucket: &Bucket, size: &Size<'_>, amounts: Amounts<'_>) -> Finding {
    let objects = size.objects_at_least();
    let mut evidence = size.evidence(case);
    evidence.push(property("objects", format!("at least {objects}"), None));
    Finding {
        current: json!({"storageClass": "STANDARD", "sizeGb": size.gb(), "objects": objects}),
        recommended: json!({"storageClass": "INTELLIGENT_TIERING"}),
        evidence,
        remediation: remediation(bucket, objects),
        ..case.finding(bucket, amounts)
    }
}

fn remediation(bucket: &Bucket, objects: i64) -> Remediation {
    let (region, name) = (&bucket.common.region, ("--bucket", &*bucket.common.id));
    let rule = json!({"Rules": [{"ID": "tier-by-use", "Status": "Enabled", "Filter": {},
                      "Transitions": [{"Days": 0, "StorageClass": "INTELLIGENT_TIERING"}]}]});
    let put = [name, ("--lifecycle-configuration", &*rule.to_string())];
    Remediation {
        commands: vec![
            aws("s3api get-bucket-lifecycle-configuration", region, &[name]),
            aws("s3api put-bucket-lifecycle-configuration", region, &put),
        ],
        rollback_commands: Vec::new(),
        notes: vec![
            "The second command replaces the whole lifecycle: add the rules that the first one shows to its document."
                .into(),
            format!("Moving the objects costs 0.01 USD for each 1,000 of them once: {objects} objects."),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{fixtures::Lab, s3::bucket_size::fixtures::lab};

    /// A million objects of 1 MB, and so many reads in the window.
    fn counted_bucket(reads: f64) -> Lab {
        lab(1_000, 1e6, |b| b.request_metrics = Some("all".into())).requests(reads + 14.0, reads, 0.0)
    }

    #[test]
    fn untouched_objects_save_the_difference_less_the_fee_for_all() {
        let finding = counted_bucket(0.0).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "8.00", "1000 * (0.023 - 0.0125) - 1000 * 0.0025");
        assert_eq!(finding.monthly_cost.to_string(), "23.00");
        assert_eq!(finding.basis, SavingsBasis::Modelled);
        assert_eq!(
            finding.calculation.monthly_savings,
            "1000 * 0.023 - 1000 * 0.0125 - 1000000 / 1000 * 0.0025"
        );
    }

    #[test]
    fn each_request_may_have_touched_another_object() {
        // 140,000 in 14 days are 300,000 in 30.
        let finding = counted_bucket(140_000.0).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "4.85", "700 * 0.0105 - 2.50");
        counted_bucket(467_000.0).nothing(&RULE);
    }

    #[test]
    fn a_fee_above_the_saving_is_no_finding() {
        lab(130, 1e6, |b| b.request_metrics = Some("all".into())).requests(14.0, 0.0, 0.0).nothing(&RULE);
    }

    #[test]
    fn without_request_metrics_it_is_only_shown() {
        let finding = lab(1_000, 1e6, |_| {}).only_finding(&RULE);
        assert_eq!((finding.basis, finding.monthly_savings.get()), (SavingsBasis::Exposure, 0));
    }

    #[test]
    fn small_objects_and_moved_ones_are_fine() {
        lab(100, 1e6, |_| {}).nothing(&RULE);
        lab(49, 1e3, |_| {}).nothing(&RULE);
        let moves = crate::domain::inventory::LifecycleRule {
            all_objects: false,
            aborts_uploads_after_days: None,
            moves_objects: true,
            ends_old_versions: false,
        };
        lab(1_000, 1e6, |b| b.lifecycle = Some(vec![moves])).nothing(&RULE);
    }

    #[test]
    fn metrics_that_were_switched_on_yesterday_prove_nothing() {
        let new = lab(1_000, 1e6, |b| b.request_metrics = Some("all".into()));
        new.daily(Metric::S3AllRequests, "logs", 1, 5.0).unknown(&RULE, UnknownReason::TooFewDatapoints);
    }
}
