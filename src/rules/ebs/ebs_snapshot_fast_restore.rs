//! Fast restores that nobody made a volume with.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{FastRestore, ResourceKind, Snapshot, days_between},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.fast_restores, judge) };

static META: Meta = Meta {
    id: "ebs-snapshot-fast-restore",
    title: "Fast snapshot restore is paid for and not used",
    condition: "Enabled for the whole window in a zone, and its credits never fell below the full: each volume made of the \
                snapshot takes one.",
    formula: "fast snapshot restore price * 730 h, for each snapshot and zone",
    pitfalls: "Kept for a recovery that has not come. Credits of snapshots below some 100 GiB are back within minutes: \
               CloudWatch may not have seen them fall.",
    kind: ResourceKind::FastRestore,
    action_type: ActionType::Configure,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeFastSnapshotRestores", "cloudwatch:GetMetricData"],
    metrics: &[Metric::FastRestoreCredits, Metric::FastRestoreBucket],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

/// A credit of a smaller snapshot comes back in less than five minutes or so.
const SURELY_SEEN_GIB: i64 = 100;

fn judge(case: &Case<'_>, restore: &FastRestore) -> Judgement {
    let enabled_at = restore.enabled_at.ok_or(UnknownReason::DateMissing)?;
    let days = days_between(enabled_at, case.now());
    if days < i64::from(case.thresholds.look_back_days) {
        return Err(UnknownReason::TooYoung);
    }
    let credits = case.summary(Metric::FastRestoreCredits, &restore.common)?;
    let bucket = case.summary(Metric::FastRestoreBucket, &restore.common)?;
    if credits.min < bucket.max {
        return Ok(None);
    }
    let region = &restore.common.region;
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::item(Item::FastSnapshotRestore, region))?.monthly(1);
    let (snapshot, zone) = (&restore.snapshot_id, &restore.zone);
    let seen = format!("never below {:.0}", credits.min);
    Ok(Some(Finding {
        title: format!("Disable the fast restore of {snapshot} in {zone}: no volume was made with it"),
        current: json!({"snapshot": snapshot, "zone": zone, "enabledForDays": days}),
        recommended: json!({"state": "disabled"}),
        confidence: if gib_of(case, restore) >= SURELY_SEEN_GIB { Level::High } else { Level::Low },
        evidence: vec![
            case.measured(Metric::FastRestoreCredits, credits, seen, format!("{:.0}", bucket.max)),
            property("enabled for", format!("{days} days"), None),
        ],
        remediation: remediation(restore),
        ..case.finding(restore, Amounts { savings: cost.clone(), cost, bill })
    }))
}

/// 0 where the snapshot is another account's, or was not listed.
fn gib_of(case: &Case<'_>, restore: &FastRestore) -> i64 {
    let own = |s: &&Snapshot| s.common.id == restore.snapshot_id && s.common.region == restore.common.region;
    case.snapshot.inventory.snapshots.iter().find(own).map_or(0, |snapshot| snapshot.volume_size_gib)
}

fn remediation(restore: &FastRestore) -> Remediation {
    let options =
        [("--availability-zones", &*restore.zone), ("--source-snapshot-ids", &*restore.snapshot_id)];
    let switch = |operation| aws(operation, &restore.common.region, &options);
    Remediation {
        commands: vec![switch("ec2 disable-fast-snapshot-restores")],
        rollback_commands: vec![switch("ec2 enable-fast-snapshot-restores")],
        notes: vec![
            "Volumes made of the snapshot afterwards read each block slowly once. Enabling again takes up to an \
             hour for each TiB."
                .into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, common, days_ago, region, snapshot};

    fn restore(days: i64) -> FastRestore {
        FastRestore {
            common: common("snap-1/us-east-1a"),
            snapshot_id: "snap-1".into(),
            zone: "us-east-1a".into(),
            enabled_at: Some(days_ago(days)),
        }
    }

    fn lab(days: i64) -> Lab {
        let lab = Lab::new().price(PriceKey::item(Item::FastSnapshotRestore, &region()), "0.75");
        lab.inventory(|i| {
            i.fast_restores.push(restore(days));
            i.snapshots.push(snapshot("snap-1"));
        })
    }

    fn with_credits(lowest: f64) -> Lab {
        let lab = lab(60).daily(Metric::FastRestoreCredits, "snap-1/us-east-1a", 14, lowest);
        lab.daily(Metric::FastRestoreBucket, "snap-1/us-east-1a", 14, 10.0)
    }

    #[test]
    fn unused_credits_cost_a_month_of_hours() {
        let finding = with_credits(10.0).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "547.50");
        assert_eq!(finding.confidence, Level::High);
        let fix = &finding.remediation.commands[0];
        assert!(fix.ends_with("--availability-zones us-east-1a --source-snapshot-ids snap-1"), "{fix}");
    }

    #[test]
    fn a_used_credit_is_use() {
        with_credits(9.0).nothing(&RULE);
    }

    #[test]
    fn small_snapshots_may_have_been_used_unseen() {
        let lab = with_credits(10.0).inventory(|i| i.snapshots[0].volume_size_gib = 8);
        assert_eq!(lab.only_finding(&RULE).confidence, Level::Low);
    }

    #[test]
    fn new_and_unmeasured_ones_are_unknown() {
        lab(60).unknown(&RULE, UnknownReason::MetricMissing);
        lab(13).unknown(&RULE, UnknownReason::TooYoung);
    }
}
