//! Buckets that ask KMS for each object, where one key for the bucket would do.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    bucket_size::{Size, monthly_reads_and_writes},
    case::property,
    command::aws,
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{Bucket, BucketEncryption, ResourceKind},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.buckets, judge) };

static META: Meta = Meta {
    id: "s3-bucket-key-off",
    title: "Bucket asks KMS for every object",
    condition: "Default encryption with a key of KMS and no bucket key, and something in it. Where the bucket's request metrics \
                count all of it, its reads and writes are priced; without them it is shown and not counted. Encryption in two \
                layers has no bucket keys.",
    formula: "reads and writes of a month / 1,000 * KMS request price * 99 %: AWS's figure, an upper bound",
    pitfalls: "Holds for objects that are written afterwards; older ones until they are copied. Policies on the encryption \
               context name the bucket then, not the object, and CloudTrail sees fewer events.",
    kind: ResourceKind::Bucket,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::UpperBound,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &[
        "s3:ListAllMyBuckets",
        "s3:GetEncryptionConfiguration",
        "s3:GetMetricsConfiguration",
        "cloudwatch:ListMetrics",
        "cloudwatch:GetMetricData",
    ],
    metrics: &[Metric::S3AllRequests, Metric::S3GetRequests, Metric::S3PutRequests],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, bucket: &Bucket) -> Judgement {
    let encryption = bucket.encryption.ok_or(UnknownReason::InventoryIncomplete)?;
    if encryption != (BucketEncryption::Kms { bucket_key: false }) {
        return Ok(None);
    }
    let Some(size) = Size::measure(case, bucket)? else { return Ok(None) };
    if size.objects_at_least() == 0 {
        return Ok(None);
    }
    let mut bill = case.bill();
    let asked =
        bucket.request_metrics.as_ref().map(|_| monthly_reads_and_writes(case, bucket)).transpose()?;
    let cost = match asked {
        Some(asked) => {
            bill.price(PriceKey::item(Item::KmsRequests, &bucket.common.region))?.times_ratio(asked, 1_000)
        }
        None => Figure::zero(),
    };
    let savings = cost.clone().scale(99, 100);
    let requests = asked.map_or_else(|| "not counted".to_owned(), |asked| format!("{asked} a month"));
    Ok(Some(Finding {
        title: format!("Switch on the bucket key of {}", bucket.common.id),
        current: json!({"encryption": "aws:kms", "bucketKey": false}),
        recommended: json!({"encryption": "aws:kms", "bucketKey": true}),
        basis: if asked.is_some() { case.meta.basis } else { SavingsBasis::Exposure },
        confidence: Level::Medium,
        evidence: vec![
            property("bucket key", "off", Some("on".into())),
            property("reads and writes", requests, None),
        ],
        remediation: remediation(bucket),
        ..case.finding(bucket, Amounts { cost, savings, bill })
    }))
}

/// The key's name is not read, so the command leaves it for its reader to fill in.
fn remediation(bucket: &Bucket) -> Remediation {
    let (region, name) = (&bucket.common.region, ("--bucket", &*bucket.common.id));
    let document = |on: bool| {
        let default = json!({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "KEY_ARN"});
        json!({"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": on}]})
            .to_string()
    };
    let put = |on| {
        let document = document(on);
        aws(
            "s3api put-bucket-encryption",
            region,
            &[name, ("--server-side-encryption-configuration", &document)],
        )
    };
    Remediation {
        commands: vec![aws("s3api get-bucket-encryption", region, &[name]), put(true)],
        rollback_commands: vec![put(false)],
        notes: vec!["Put the key that the first command shows in the place of KEY_ARN.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{fixtures::Lab, s3::bucket_size::fixtures::lab};

    fn kms(change: impl FnOnce(&mut Bucket)) -> Lab {
        lab(100, 1e6, |b| {
            b.encryption = Some(BucketEncryption::Kms { bucket_key: false });
            change(b);
        })
    }

    #[test]
    fn requests_to_kms_are_saved_but_for_one_in_a_hundred() {
        let lab = kms(|b| b.request_metrics = Some("all".into())).requests(15e6, 13e6, 1e6);
        let finding = lab.only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "90.00", "30,000 thousand * 0.003");
        assert_eq!(finding.monthly_savings.to_string(), "89.10");
        assert_eq!(finding.calculation.monthly_savings, "99 / 100 * 30000000 / 1000 * 0.003");
    }

    #[test]
    fn uncounted_requests_are_only_shown() {
        assert_eq!(kms(|_| {}).only_finding(&RULE).basis, SavingsBasis::Exposure);
    }

    #[test]
    fn other_encryption_and_bucket_keys_are_fine() {
        for encryption in
            [BucketEncryption::S3, BucketEncryption::KmsTwice, BucketEncryption::Kms { bucket_key: true }]
        {
            kms(|b| b.encryption = Some(encryption)).nothing(&RULE);
        }
        kms(|b| b.encryption = None).unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
