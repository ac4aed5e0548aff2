//! Snapshots that are kept for long and would cost a quarter in the archive.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::{Key, key, property},
    command::aws,
    snapshot_removal::{root_of, source_known},
    snapshot_use::SnapshotUse,
};
use crate::domain::{
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{ResourceKind, Snapshot},
};
use serde_json::json;
use std::collections::HashMap;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "ebs-snapshot-to-archive",
    title: "Snapshot that is kept for long belongs into the archive",
    condition: "At least ebs_archive_days old, in the standard tier, the only snapshot of a known volume, and used by no \
                image, launch template or launch configuration. Those tagged keep, retain or golden are meant first of \
                all; those of AWS Backup and Data Lifecycle Manager are left alone.",
    formula: "size of the source volume * (standard - archive price): an upper bound. The only snapshot of a volume is a \
              full one, so the archive, which stores full copies, holds no more than is billed now.",
    pitfalls: "The archive bills at least 90 days; a restore costs 0.03 USD a GB and takes up to 72 hours. If the volume \
               lives on, its next snapshot is a full one again.",
    kind: ResourceKind::Snapshot,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::UpperBound,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &[
        "ec2:DescribeSnapshots",
        "ec2:DescribeImages",
        "ec2:DescribeLaunchTemplateVersions",
        "autoscaling:DescribeLaunchConfigurations",
    ],
    metrics: &[],
    thresholds: &["ebs_archive_days"],
    on_by_default: true,
};

/// The number of snapshots of each volume.
type Chains<'a> = HashMap<Key<'a>, usize>;

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let usage = SnapshotUse::of(inventory);
    let mut chains = Chains::new();
    for snapshot in &inventory.snapshots {
        *chains.entry((&snapshot.common.region, &snapshot.volume_id)).or_default() += 1;
    }
    case.judge_each(&inventory.snapshots, |case, snapshot| judge(case, snapshot, &usage, &chains))
}

fn judge(case: &Case<'_>, snapshot: &Snapshot, usage: &SnapshotUse<'_>, chains: &Chains<'_>) -> Judgement {
    let region = &snapshot.common.region;
    let only = source_known(snapshot) && chains.get(&(region, &*snapshot.volume_id)) == Some(&1);
    if snapshot.archived || snapshot.managed() || !only || usage.users(key(&snapshot.common)) > 0 {
        return Ok(None);
    }
    let (age, minimum) = (case.age_days(&snapshot.common)?, i64::from(case.thresholds.ebs_archive_days));
    if age < minimum {
        return Ok(None);
    }
    let coverage = &case.snapshot.coverage;
    if !coverage.all_complete(SnapshotUse::KINDS, region)
        || !coverage.complete(ResourceKind::Snapshot, region)
    {
        return Err(UnknownReason::InventoryIncomplete);
    }
    let mut bill = case.bill();
    let cost = bill.snapshot(snapshot)?;
    let archived = bill.snapshot_gib(region, true, snapshot.volume_size_gib)?;
    let savings = cost.clone() - archived;
    if !savings.is_positive() {
        return Ok(None);
    }
    let gib = snapshot.volume_size_gib;
    Ok(Some(Finding {
        root: root_of(snapshot),
        title: format!("Archive the snapshot of {gib} GiB, {age} days old"),
        current: json!({"sizeGib": gib, "tier": "standard", "sourceVolume": snapshot.volume_id}),
        recommended: json!({"tier": "archive"}),
        confidence: Level::Medium,
        evidence: vec![
            property("age", format!("{age} days"), Some(format!("at least {minimum} days"))),
            property("snapshots of its volume", "1", Some("1".into())),
        ],
        remediation: remediation(snapshot),
        ..case.finding(snapshot, Amounts { cost, savings, bill })
    }))
}

fn remediation(snapshot: &Snapshot) -> Remediation {
    let (region, id) = (&snapshot.common.region, ("--snapshot-id", &*snapshot.common.id));
    Remediation {
        commands: vec![aws("ec2 modify-snapshot-tier", region, &[id, ("--storage-tier", "archive")])],
        rollback_commands: vec![aws("ec2 restore-snapshot-tier", region, &[id, ("--permanent-restore", "")])],
        notes: vec!["A restore from the archive takes up to 72 hours.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, days_ago, image, snapshot};

    fn lab(change: impl FnOnce(&mut Snapshot)) -> Lab {
        let mut old = snapshot("snap-1");
        change(&mut old);
        Lab::new().inventory(|i| i.snapshots.push(old))
    }

    #[test]
    fn a_full_snapshot_costs_a_quarter_in_the_archive() {
        let finding = lab(|s| s.common.tags = [("keep", "2030")].into_iter().collect()).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "3.75", "100 * (0.05 - 0.0125)");
        assert_eq!(finding.root.name, "EbsSnapshotChain/vol-gone");
        assert!(finding.remediation.commands[0].ends_with("--snapshot-id snap-1 --storage-tier archive"));
    }

    #[test]
    fn incremental_snapshots_would_become_full_ones() {
        lab(|_| {}).inventory(|i| i.snapshots.push(snapshot("snap-2"))).nothing(&RULE);
        lab(|s| s.volume_id = Snapshot::UNKNOWN_SOURCE.into()).nothing(&RULE);
    }

    #[test]
    fn archived_young_managed_and_used_snapshots_are_fine() {
        lab(|s| s.archived = true).nothing(&RULE);
        lab(|s| s.common.created_at = Some(days_ago(89))).nothing(&RULE);
        lab(|s| s.common.tags = [("aws:backup:source", "x")].into_iter().collect()).nothing(&RULE);
        lab(|_| {}).inventory(|i| i.images.push(image("ami-1", &["snap-1"]))).nothing(&RULE);
    }

    #[test]
    fn an_incomplete_list_proves_nothing() {
        for kind in [ResourceKind::Snapshot, ResourceKind::Image] {
            lab(|_| {}).incomplete(kind).unknown(&RULE, UnknownReason::InventoryIncomplete);
        }
    }
}
