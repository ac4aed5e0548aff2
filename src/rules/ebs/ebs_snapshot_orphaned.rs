//! Snapshots that have outlived their volume.

use super::{
    Case, Judgement, Meta, Rule,
    case::{Key, key, property},
    snapshot_removal::{removal, source_known},
    snapshot_use::SnapshotUse,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason, Verdicts},
    inventory::{ResourceKind, Snapshot},
};
use std::collections::HashSet;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "ebs-snapshot-orphaned",
    title: "Snapshot of a volume that no longer exists",
    condition: "The source volume is gone, the snapshot is at least ebs_snapshot_orphaned_days old, and no image, launch \
                template or launch configuration uses it. Left alone: copies without a source, snapshots of AWS Backup \
                and Data Lifecycle Manager, and those tagged keep, retain or golden.",
    formula: "size of the source volume * snapshot price: an upper bound, once for each source volume",
    pitfalls: "The last copy of deleted data may be wanted; snapshots shared with other accounts; legal hold. A snapshot \
               in the archive is billed for at least 90 days.",
    kind: ResourceKind::Snapshot,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::UpperBound,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &[
        "ec2:DescribeSnapshots",
        "ec2:DescribeVolumes",
        "ec2:DescribeImages",
        "ec2:DescribeLaunchTemplateVersions",
        "autoscaling:DescribeLaunchConfigurations",
    ],
    metrics: &[],
    thresholds: &["ebs_snapshot_orphaned_days"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let volumes: HashSet<Key<'_>> = inventory.volumes.iter().map(|v| key(&v.common)).collect();
    let usage = SnapshotUse::of(inventory);
    let needed =
        |s: &Snapshot| volumes.contains(&(&s.common.region, &s.volume_id)) || usage.users(key(&s.common)) > 0;
    case.judge_each(&inventory.snapshots, |case, snapshot| {
        let kept = snapshot.managed() || snapshot.common.tags.keep();
        if kept || !source_known(snapshot) || needed(snapshot) { Ok(None) } else { judge(case, snapshot) }
    })
}

/// Nothing that was listed needs the snapshot: was everything listed?
fn judge(case: &Case<'_>, snapshot: &Snapshot) -> Judgement {
    let minimum = i64::from(case.thresholds.ebs_snapshot_orphaned_days);
    let age = case.age_days(&snapshot.common)?;
    if age < minimum {
        return Ok(None);
    }
    let (coverage, region) = (&case.snapshot.coverage, &snapshot.common.region);
    if !coverage.complete(ResourceKind::Volume, region) || !coverage.all_complete(SnapshotUse::KINDS, region)
    {
        return Err(UnknownReason::InventoryIncomplete);
    }
    let mut finding = removal(case, snapshot, age, format!("at least {minimum} days"))?;
    finding.evidence.push(property("source volume", format!("{} is gone", snapshot.volume_id), None));
    Ok(Some(Finding {
        title: format!(
            "Delete the snapshot of {} GiB, {age} days old: its volume is gone",
            snapshot.volume_size_gib
        ),
        ..finding
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::Volume;
    use crate::rules::fixtures::{Lab, common, days_ago, image, snapshot, volume};

    fn lab(change: impl FnOnce(&mut Snapshot)) -> Lab {
        let mut orphan = snapshot("snap-1");
        change(&mut orphan);
        Lab::new().inventory(|i| i.snapshots.push(orphan))
    }

    #[test]
    fn an_orphan_saves_at_most_its_full_size() {
        let finding = lab(|_| {}).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "5.00");
        assert_eq!(finding.root.name, "EbsSnapshotChain/vol-gone");
        assert_eq!(finding.basis, SavingsBasis::UpperBound);
        let fix = "aws ec2 delete-snapshot --region us-east-1 --snapshot-id snap-1";
        assert_eq!(finding.remediation.commands, [fix]);
        let archived = lab(|s| s.archived = true).only_finding(&RULE);
        assert_eq!(archived.monthly_savings.to_string(), "1.25");
    }

    #[test]
    fn what_has_its_volume_or_no_known_source_is_fine() {
        lab(|_| {}).volume(volume("vol-gone")).nothing(&RULE);
        lab(|s| s.volume_id = Snapshot::UNKNOWN_SOURCE.into()).nothing(&RULE);
        let mut elsewhere = common("vol-gone");
        elsewhere.region = "eu-west-1".parse().unwrap();
        lab(|_| {}).volume(Volume { common: elsewhere, ..volume("vol-gone") }).only_finding(&RULE);
    }

    #[test]
    fn what_something_is_launched_from_is_fine() {
        lab(|_| {}).inventory(|i| i.images.push(image("ami-1", &["snap-1"]))).nothing(&RULE);
        let template = crate::domain::inventory::LaunchTemplate {
            common: common("lt-1"),
            image_ids: vec![],
            snapshot_ids: vec!["snap-1".into()],
        };
        lab(|_| {}).inventory(|i| i.launch_templates.push(template)).nothing(&RULE);
    }

    #[test]
    fn young_managed_and_kept_snapshots_are_fine() {
        lab(|s| s.common.created_at = Some(days_ago(29))).nothing(&RULE);
        lab(|s| s.common.created_at = Some(days_ago(30))).only_finding(&RULE);
        for tag in [("aws:backup:source-resource", "x"), ("dlm:managed", "true"), ("Keep", "yes")] {
            lab(|s| s.common.tags = [tag].into_iter().collect()).nothing(&RULE);
        }
    }

    #[test]
    fn an_incomplete_list_proves_nothing_gone() {
        for kind in SnapshotUse::KINDS.iter().chain([&ResourceKind::Volume]) {
            lab(|_| {}).incomplete(*kind).unknown(&RULE, UnknownReason::InventoryIncomplete);
        }
        lab(|_| {}).incomplete(ResourceKind::Volume).volume(volume("vol-gone")).nothing(&RULE);
        lab(|s| s.common.created_at = None).unknown(&RULE, UnknownReason::DateMissing);
    }
}
