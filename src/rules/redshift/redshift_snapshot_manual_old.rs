//! A snapshot of a cluster that was taken by hand long ago and stays until somebody deletes it.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{RedshiftSnapshot, ResourceKind, backup_managed},
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.redshift_snapshots, judge) };

static META: Meta = Meta {
    id: "redshift-snapshot-manual-old",
    title: "Old manual snapshot of a cluster",
    condition: "Manual, without a day on which it expires, older than redshift_snapshot_old_days. Snapshots of AWS Backup and \
                those tagged keep, retain or golden are left alone.",
    formula: "what the snapshot alone added * backup price; where Redshift does not say, the whole size, counted once for all \
              snapshots of the same cluster",
    pitfalls: "At most: what a later snapshot shares stays. Some are kept by law: tag them keep.",
    kind: ResourceKind::RedshiftSnapshot,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::UpperBound,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["redshift:DescribeClusterSnapshots"],
    metrics: &[],
    thresholds: &["redshift_snapshot_old_days"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, snapshot: &RedshiftSnapshot) -> Judgement {
    let common = &snapshot.common;
    let kept = common.tags.keep() || backup_managed(&common.tags) || common.id.starts_with("awsbackup");
    if snapshot.expires || kept {
        return Ok(None);
    }
    let limit = i64::from(case.thresholds.redshift_snapshot_old_days);
    let age = case.age_days(common)?;
    if age <= limit {
        return Ok(None);
    }
    let mib = snapshot.added_mib.unwrap_or(snapshot.total_mib).max(0);
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::item(Item::RedshiftBackup, &common.region))?.times_ratio(mib, 1_024);
    let (gib, of) = (mib / 1_024, &snapshot.cluster_id);
    let mut finding = Finding {
        title: format!("Delete the {age} days old manual snapshot of {of} with up to {gib} GiB"),
        current: json!({"cluster": of, "ageDays": age, "mib": mib}),
        recommended: json!({"state": "deleted"}),
        evidence: vec![
            property("age", format!("{age} days"), Some(format!("more than {limit} days"))),
            property("retention", "until it is deleted", None),
        ],
        remediation: delete(snapshot),
        ..case.finding(snapshot, Amounts { savings: cost.clone(), cost, bill })
    };
    if snapshot.added_mib.is_none() {
        finding.root.name = format!("RedshiftSnapshotChain/{of}");
    }
    Ok(Some(finding))
}

fn delete(snapshot: &RedshiftSnapshot) -> Remediation {
    let names = [
        ("--snapshot-identifier", &*snapshot.common.id),
        ("--snapshot-cluster-identifier", &*snapshot.cluster_id),
    ];
    Remediation {
        commands: vec![aws("redshift delete-cluster-snapshot", &snapshot.common.region, &names)],
        rollback_commands: Vec::new(),
        notes: vec!["A deleted snapshot does not come back: unload what is still needed to S3 first.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::fixtures::{Lab, common, days_ago, region};

    fn lab(change: impl Fn(&mut RedshiftSnapshot)) -> Lab {
        let mut snapshot = RedshiftSnapshot {
            common: common("before-2025"),
            cluster_id: "warehouse".into(),
            total_mib: 1_024_000,
            added_mib: Some(102_400),
            expires: false,
        };
        change(&mut snapshot);
        Lab::new()
            .price(PriceKey::item(Item::RedshiftBackup, &region()), "0.023")
            .inventory(|i| i.redshift_snapshots.push(snapshot))
    }

    #[test]
    fn what_it_added_is_saved_at_most() {
        let finding = lab(|_| {}).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "2.30");
        assert_eq!(finding.root.name, "RedshiftSnapshot/before-2025");
    }

    #[test]
    fn where_redshift_does_not_say_a_cluster_counts_once() {
        let finding = lab(|snapshot| snapshot.added_mib = None).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "23.00");
        assert_eq!(finding.root.name, "RedshiftSnapshotChain/warehouse");
    }

    #[test]
    fn young_kept_managed_and_expiring_ones_are_left_alone() {
        lab(|snapshot| snapshot.common.created_at = Some(days_ago(90))).nothing(&RULE);
        lab(|snapshot| snapshot.common.tags = [("Keep", "")].into_iter().collect()).nothing(&RULE);
        let managed = |snapshot: &mut RedshiftSnapshot| {
            snapshot.common.tags = [("aws:backup:source-resource", "x")].into_iter().collect();
        };
        lab(managed).nothing(&RULE);
        lab(|snapshot| snapshot.expires = true).nothing(&RULE);
    }

    #[test]
    fn a_snapshot_without_a_date_is_unknown() {
        lab(|snapshot| snapshot.common.created_at = None).unknown(&RULE, UnknownReason::DateMissing);
    }
}
