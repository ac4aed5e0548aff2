//! Volumes and images that some like to look through. Nothing is promised, and nothing is on by default.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{Image, ResourceKind, Snapshot, Volume, VolumeType, backup_managed},
};
use serde_json::json;
use std::collections::HashMap;

pub const LARGE: Rule = Rule { meta: &LARGE_META, check: |case| volumes(case, judge_large) };
pub const HIGH_IOPS: Rule = Rule { meta: &HIGH_IOPS_META, check: |case| volumes(case, judge_iops) };
pub const MAGNETIC: Rule = Rule { meta: &MAGNETIC_META, check: |case| volumes(case, judge_magnetic) };
pub const OLD_IMAGE: Rule = Rule { meta: &OLD_IMAGE_META, check: check_images };

const REVIEW: Meta = Meta {
    id: "",
    title: "",
    condition: "",
    formula: "none: what it costs is shown, nothing is counted as saved",
    pitfalls: "Says nothing of use: a look, no waste.",
    kind: ResourceKind::Volume,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeVolumes"],
    metrics: &[],
    thresholds: &[],
    on_by_default: false,
};

static LARGE_META: Meta = Meta {
    id: "ebs-volume-large",
    title: "Volume is large",
    condition: "A volume above ebs_large_gib.",
    thresholds: &["ebs_large_gib"],
    ..REVIEW
};

static HIGH_IOPS_META: Meta = Meta {
    id: "ebs-volume-high-iops",
    title: "Volume has very many provisioned IOPS",
    condition: "An io1 or io2 volume above ebs_high_iops.",
    thresholds: &["ebs_high_iops"],
    ..REVIEW
};

static MAGNETIC_META: Meta = Meta {
    id: "ebs-volume-magnetic",
    title: "Volume is of the previous, magnetic generation",
    condition: "A volume of the type standard.",
    pitfalls: "Its price is low and its I/O is billed by the million: another type is faster, often not cheaper.",
    ..REVIEW
};

static OLD_IMAGE_META: Meta = Meta {
    id: "ami-old",
    title: "Image is old",
    condition: "An own image of at least ami_old_days, in use or not. Left alone: images of AWS Backup and Data Lifecycle \
                Manager, and those tagged keep, retain or golden.",
    pitfalls: "Its snapshots go only with it, and only where nothing else uses them.",
    kind: ResourceKind::Image,
    actions: &["ec2:DescribeImages", "ec2:DescribeSnapshots"],
    thresholds: &["ami_old_days"],
    ..REVIEW
};

type Look = fn(&Case<'_>, &Volume) -> Option<(String, String)>;

/// A title and the limit that it is above.
fn volumes(case: &Case<'_>, look: Look) -> Verdicts {
    case.judge_each(&case.snapshot.inventory.volumes, |case, volume| {
        let Some((title, limit)) = look(case, volume) else { return Ok(None) };
        let mut bill = case.bill();
        let cost = bill.volume(volume)?;
        let shape = format!("{} of {} GiB, {} IOPS", volume.volume_type, volume.size_gib, volume.iops);
        Ok(Some(Finding {
            title,
            current: json!({"volumeType": volume.volume_type, "sizeGib": volume.size_gib, "iops": volume.iops}),
            evidence: vec![property("volume", shape, Some(limit))],
            remediation: describe_volume(volume),
            ..case.finding(volume, Amounts { cost, savings: Figure::zero(), bill })
        }))
    })
}

fn judge_large(case: &Case<'_>, volume: &Volume) -> Option<(String, String)> {
    let limit = i64::from(case.thresholds.ebs_large_gib);
    let title = format!("Look whether the {} volume needs its {} GiB", volume.volume_type, volume.size_gib);
    (volume.size_gib > limit).then(|| (title, format!("above {limit} GiB")))
}

fn judge_iops(case: &Case<'_>, volume: &Volume) -> Option<(String, String)> {
    let limit = i64::from(case.thresholds.ebs_high_iops);
    let title = format!("Look whether the {} volume needs its {} IOPS", volume.volume_type, volume.iops);
    let many = volume.volume_type.provisioned_iops() && volume.iops > limit;
    many.then(|| (title, format!("above {limit} IOPS")))
}

fn judge_magnetic(_case: &Case<'_>, volume: &Volume) -> Option<(String, String)> {
    let title = format!("Look whether the magnetic volume of {} GiB should be gp3 or sc1", volume.size_gib);
    (volume.volume_type == VolumeType::Standard).then(|| (title, "type standard".to_owned()))
}

fn describe_volume(volume: &Volume) -> Remediation {
    let id = [("--volume-ids", &*volume.common.id)];
    looking(aws("ec2 describe-volumes", &volume.common.region, &id))
}

fn looking(command: String) -> Remediation {
    Remediation {
        commands: vec![command],
        rollback_commands: Vec::new(),
        notes: vec!["The command only reads.".into()],
    }
}

fn check_images(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let keyed = inventory.snapshots.iter().map(|s| (super::case::key(&s.common), s));
    let snapshots: HashMap<_, _> = keyed.collect();
    case.judge_each(&inventory.images, |case, image| {
        let own = image.snapshot_ids.iter().filter_map(|id| snapshots.get(&(&image.common.region, &**id)));
        judge_image(case, image, &own.copied().collect::<Vec<_>>())
    })
}

fn judge_image(case: &Case<'_>, image: &Image, snapshots: &[&Snapshot]) -> Judgement {
    if image.common.tags.keep() || backup_managed(&image.common.tags) {
        return Ok(None);
    }
    let (age, limit) = (case.age_days(&image.common)?, i64::from(case.thresholds.ami_old_days));
    if age < limit {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost: Figure = snapshots.iter().map(|s| bill.snapshot(s)).sum::<Result<_, UnknownReason>>()?;
    let id = [("--image-ids", &*image.common.id)];
    Ok(Some(Finding {
        title: format!("Look whether the image {} of {age} days is still wanted", image.image_name),
        current: json!({"imageName": image.image_name, "snapshots": image.snapshot_ids}),
        evidence: vec![property("age", format!("{age} days"), Some(format!("at least {limit} days")))],
        remediation: looking(aws("ec2 describe-images", &image.common.region, &id)),
        ..case.finding(image, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{money::MicroUsd, price::PriceKey};
    use crate::rules::fixtures::{Lab, days_ago, image, region, snapshot, volume};

    #[test]
    fn sizes_and_performance_above_a_limit_are_shown_and_not_counted() {
        let finding = Lab::new().volume(Volume { size_gib: 101, ..volume("vol-1") }).only_finding(&LARGE);
        assert_eq!(
            (finding.monthly_cost.to_string(), finding.monthly_savings),
            ("8.08".into(), MicroUsd::ZERO)
        );
        assert_eq!(finding.basis, SavingsBasis::Exposure);
        Lab::new().volume(volume("vol-1")).nothing(&LARGE);
        let io2 = |iops| Volume { volume_type: VolumeType::Io2, iops, ..volume("vol-1") };
        Lab::new().volume(io2(32_001)).only_finding(&HIGH_IOPS);
        Lab::new().volume(io2(32_000)).nothing(&HIGH_IOPS);
        Lab::new().volume(Volume { iops: 40_000, ..volume("vol-1") }).nothing(&HIGH_IOPS);
    }

    #[test]
    fn magnetic_volumes_are_shown() {
        let key = PriceKey::VolumeStorage { region: region(), volume_type: VolumeType::Standard };
        let magnetic = Volume { volume_type: VolumeType::Standard, ..volume("vol-1") };
        Lab::new().price(key, "0.05").volume(magnetic).only_finding(&MAGNETIC);
        Lab::new().volume(volume("vol-1")).nothing(&MAGNETIC);
    }

    #[test]
    fn an_old_image_costs_its_snapshots() {
        let lab = |age, tag: &str| {
            let mut old = image("ami-1", &["snap-1"]);
            old.common.created_at = Some(days_ago(age));
            old.common.tags = [(tag, "true")].into_iter().collect();
            Lab::new().inventory(|i| {
                i.snapshots.push(snapshot("snap-1"));
                i.images.push(old);
            })
        };
        assert_eq!(lab(365, "team").only_finding(&OLD_IMAGE).monthly_cost.to_string(), "5.00");
        lab(364, "team").nothing(&OLD_IMAGE);
        lab(700, "golden").nothing(&OLD_IMAGE);
        lab(700, "dlm:managed").nothing(&OLD_IMAGE);
    }
}
