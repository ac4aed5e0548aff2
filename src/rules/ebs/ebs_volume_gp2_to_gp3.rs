//! gp2 volumes, where gp3 of at least the same performance costs less.

use super::{Case, Judgement, Meta, Rule, case::property, volume_change::change};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{GP3_FREE_IOPS, GP3_FREE_MIBPS, ResourceKind, Volume, VolumeType},
};

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.volumes, judge) };

static META: Meta = Meta {
    id: "ebs-volume-gp2-to-gp3",
    title: "gp2 volume is dearer than gp3 of the same performance",
    condition: "A gp2 volume, attached or not, whose gp3 equivalent costs less: 3 IOPS per GiB between 3,000 and \
                16,000, and 250 MiB/s from 334 GiB on, else 125 MiB/s.",
    formula: "gp2 storage - (gp3 storage + IOPS above 3,000 + MiB/s above 125)",
    pitfalls: "Below 334 GiB gp2 gives a little more than 125 MiB/s (128 to 170 GiB, in bursts up to 250 above); a \
               volume that lives on that needs paid throughput. Volumes on Outposts have no gp3.",
    kind: ResourceKind::Volume,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exact,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeVolumes"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

/// gp2 gives 3 IOPS a GiB, at least 100 and at most 16,000.
const GP2_IOPS_PER_GIB: i64 = 3;
const GP2_MIN_IOPS: i64 = 100;
const GP2_MAX_IOPS: i64 = 16_000;
/// From this size on gp2 sustains 250 MiB/s; from the other it reaches them in bursts.
const GP2_FULL_THROUGHPUT_GIB: i64 = 334;
const GP2_BURST_THROUGHPUT_GIB: i64 = 171;
const GP2_MAX_MIBPS: i64 = 250;

fn judge(case: &Case<'_>, volume: &Volume) -> Judgement {
    let usable = volume.available || !volume.attached_to.is_empty();
    if volume.volume_type != VolumeType::Gp2 || !usable {
        return Ok(None);
    }
    let target = equivalent(volume);
    let Some(finding) = change(case, volume, &target)? else { return Ok(None) };
    let baseline = volume.size_gib.saturating_mul(GP2_IOPS_PER_GIB).clamp(GP2_MIN_IOPS, GP2_MAX_IOPS);
    let (gib, bursts) = (volume.size_gib, GP2_BURST_THROUGHPUT_GIB..GP2_FULL_THROUGHPUT_GIB);
    Ok(Some(Finding {
        title: format!(
            "Change the gp2 volume of {gib} GiB to gp3 with {} IOPS and {} MiB/s",
            target.iops, target.throughput_mibps
        ),
        confidence: if bursts.contains(&gib) { Level::Medium } else { Level::High },
        evidence: vec![
            property("volume type", "gp2", None),
            property("size", format!("{gib} GiB"), None),
            property("gp2 baseline", format!("{baseline} IOPS"), None),
        ],
        ..finding
    }))
}

fn equivalent(volume: &Volume) -> Volume {
    Volume {
        volume_type: VolumeType::Gp3,
        iops: volume.size_gib.saturating_mul(GP2_IOPS_PER_GIB).clamp(GP3_FREE_IOPS, GP2_MAX_IOPS),
        throughput_mibps: if volume.size_gib >= GP2_FULL_THROUGHPUT_GIB {
            GP2_MAX_MIBPS
        } else {
            GP3_FREE_MIBPS
        },
        ..volume.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::fixtures::{Lab, volume};

    fn gp2(size_gib: i64) -> Volume {
        let iops = (size_gib * 3).clamp(100, 16_000);
        Volume { volume_type: VolumeType::Gp2, size_gib, iops, throughput_mibps: 0, ..volume("vol-1") }
    }

    #[track_caller]
    fn saves(size_gib: i64, usd: &str) -> Finding {
        let finding = Lab::new().volume(gp2(size_gib)).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), usd);
        finding
    }

    #[test]
    fn the_target_matches_the_performance_of_its_size() {
        assert_eq!(saves(100, "2.00").confidence, Level::High);
        assert_eq!(saves(200, "4.00").confidence, Level::Medium);
        saves(334, "1.68");
        saves(1_000, "15.00");
        saves(2_000, "20.00");
        let huge = saves(10_000, "130.00");
        assert_eq!(huge.monthly_cost.to_string(), "1000.00");
        assert_eq!(huge.recommended["iops"], 16_000);
        assert_eq!(huge.root.parents, ["Ec2Instance/i-1"]);
    }

    #[test]
    fn the_fix_and_its_way_back_are_exact() {
        let fix = saves(1_000, "15.00").remediation;
        let start = "aws ec2 modify-volume --region us-east-1 --volume-id vol-1 --volume-type";
        assert_eq!(fix.commands, [format!("{start} gp3 --iops 3000 --throughput 250")]);
        assert_eq!(fix.rollback_commands, [format!("{start} gp2")]);
    }

    #[test]
    fn an_unattached_volume_counts_too() {
        let lab = Lab::new().volume(Volume { available: true, attached_to: vec![], ..gp2(100) });
        assert_eq!(lab.only_finding(&RULE).root.parents, Vec::<String>::new());
    }

    #[test]
    fn what_saves_nothing_is_no_finding() {
        // 33.40 against 30.06 + 5.00 for 250 MiB/s.
        let dear = crate::domain::price::PriceKey::VolumeStorage {
            region: crate::rules::fixtures::region(),
            volume_type: VolumeType::Gp3,
        };
        Lab::new().price(dear, "0.09").volume(gp2(334)).nothing(&RULE);
    }

    #[test]
    fn other_types_and_volumes_in_the_making_are_fine() {
        let creating = Volume { attached_to: vec![], ..gp2(100) };
        Lab::new().volume(volume("vol-1")).volume(creating).nothing(&RULE);
    }

    #[test]
    fn without_a_price_nothing_is_known() {
        let mut lab = Lab::new().volume(gp2(100));
        lab.snapshot.prices = crate::domain::price::PriceBook::default();
        lab.unknown(&RULE, UnknownReason::PriceMissing);
    }
}
