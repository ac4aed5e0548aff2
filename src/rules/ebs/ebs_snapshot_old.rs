//! Snapshots that nobody has cleared away for a long time.

use super::{Case, Judgement, Meta, Rule, case::key, snapshot_removal::removal, snapshot_use::SnapshotUse};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason, Verdicts},
    inventory::{ResourceKind, Snapshot},
};

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "ebs-snapshot-old",
    title: "Snapshot is old",
    condition: "More than ebs_snapshot_old_days old and used by no image, launch template or launch configuration. Left \
                alone: snapshots of AWS Backup and Data Lifecycle Manager, and those tagged keep, retain or golden.",
    formula: "size of the source volume * snapshot price: an upper bound, once for each source volume",
    pitfalls: "Snapshots are incremental: deleting one frees only the blocks that are its own; legal hold; snapshots \
               shared with other accounts. A snapshot in the archive is billed for at least 90 days.",
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
        "ec2:DescribeImages",
        "ec2:DescribeLaunchTemplateVersions",
        "autoscaling:DescribeLaunchConfigurations",
    ],
    metrics: &[],
    thresholds: &["ebs_snapshot_old_days"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let usage = SnapshotUse::of(inventory);
    case.judge_each(&inventory.snapshots, |case, snapshot| judge(case, snapshot, &usage))
}

fn judge(case: &Case<'_>, snapshot: &Snapshot, usage: &SnapshotUse<'_>) -> Judgement {
    let kept = snapshot.managed() || snapshot.common.tags.keep();
    if kept || usage.users(key(&snapshot.common)) > 0 {
        return Ok(None);
    }
    let limit = i64::from(case.thresholds.ebs_snapshot_old_days);
    let age = case.age_days(&snapshot.common)?;
    if age <= limit {
        return Ok(None);
    }
    if !case.snapshot.coverage.all_complete(SnapshotUse::KINDS, &snapshot.common.region) {
        return Err(UnknownReason::InventoryIncomplete);
    }
    Ok(Some(Finding {
        title: format!("Delete the snapshot of {} GiB, {age} days old", snapshot.volume_size_gib),
        // While its volume lives, a snapshot shares most blocks with newer ones.
        confidence: Level::Low,
        ..removal(case, snapshot, age, format!("more than {limit} days"))?
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, days_ago, image, snapshot, volume};

    fn lab(change: impl FnOnce(&mut Snapshot)) -> Lab {
        let mut old = snapshot("snap-1");
        change(&mut old);
        Lab::new().inventory(|i| i.snapshots.push(old))
    }

    #[test]
    fn an_old_snapshot_saves_at_most_its_full_size() {
        let finding = lab(|_| {}).volume(volume("vol-gone")).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "5.00");
        assert_eq!(finding.title, "Delete the snapshot of 100 GiB, 365 days old");
    }

    #[test]
    fn snapshots_of_one_volume_share_a_root_and_copies_do_not() {
        assert_eq!(lab(|_| {}).only_finding(&RULE).root.name, "EbsSnapshotChain/vol-gone");
        let copy = lab(|s| s.volume_id = Snapshot::UNKNOWN_SOURCE.into()).only_finding(&RULE);
        assert_eq!(copy.root.name, "EbsSnapshot/snap-1");
    }

    #[test]
    fn young_managed_and_kept_snapshots_are_fine() {
        lab(|s| s.common.created_at = Some(days_ago(90))).nothing(&RULE);
        lab(|s| s.common.created_at = Some(days_ago(91))).only_finding(&RULE);
        for tag in [("aws:dlm:lifecycle-policy-id", "x"), ("aws:backup:source", "x"), ("retain", "2030")] {
            lab(|s| s.common.tags = [tag].into_iter().collect()).nothing(&RULE);
        }
        lab(|s| s.common.tags = [("keep", "false")].into_iter().collect()).only_finding(&RULE);
    }

    #[test]
    fn a_snapshot_of_an_image_is_left_to_the_image() {
        lab(|_| {}).inventory(|i| i.images.push(image("ami-1", &["snap-1"]))).nothing(&RULE);
    }

    #[test]
    fn what_may_be_used_or_has_no_date_is_unknown() {
        for kind in SnapshotUse::KINDS {
            lab(|_| {}).incomplete(*kind).unknown(&RULE, UnknownReason::InventoryIncomplete);
        }
        lab(|s| s.common.created_at = None).unknown(&RULE, UnknownReason::DateMissing);
    }
}
