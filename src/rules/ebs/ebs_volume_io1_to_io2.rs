//! io1 volumes with so many IOPS that io2 sells the upper ones for less.

use super::{Case, Judgement, Meta, Rule, case::property, volume_change::change};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{ResourceKind, Volume, VolumeType},
};

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.volumes, judge) };

static META: Meta = Meta {
    id: "ebs-volume-io1-to-io2",
    title: "io2 gives the same IOPS for less",
    condition: "An io1 volume with more than 32,000 provisioned IOPS: below that, both cost the same. With Multi-Attach \
                it is left alone: AWS does not modify it.",
    formula: "io1 IOPS price * IOPS - io2 IOPS price by tier (to 32,000, to 64,000, above); storage costs the same",
    pitfalls: "More than 32,000 IOPS of io2 need an instance type built on Nitro.",
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

/// Where io2's first tier ends.
const SAME_PRICE_UP_TO: i64 = 32_000;

fn judge(case: &Case<'_>, volume: &Volume) -> Judgement {
    let many = volume.volume_type == VolumeType::Io1 && volume.iops > SAME_PRICE_UP_TO;
    if !many || volume.multi_attach {
        return Ok(None);
    }
    let target = Volume { volume_type: VolumeType::Io2, ..volume.clone() };
    let Some(finding) = change(case, volume, &target)? else { return Ok(None) };
    Ok(Some(Finding {
        title: format!("Make the io1 volume with {} IOPS an io2 volume", volume.iops),
        evidence: vec![property(
            "provisioned IOPS",
            volume.iops.to_string(),
            Some(format!("above {SAME_PRICE_UP_TO}")),
        )],
        ..finding
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, volume};

    fn io1(iops: i64) -> Volume {
        Volume { volume_type: VolumeType::Io1, iops, throughput_mibps: 0, ..volume("vol-1") }
    }

    #[test]
    fn the_upper_tier_is_saved() {
        let finding = Lab::new().volume(io1(40_000)).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "156.00", "8000 * (0.065 - 0.0455)");
        assert!(finding.remediation.commands[0].ends_with("--volume-type io2 --iops 40000"));
    }

    #[test]
    fn the_first_tier_costs_the_same() {
        Lab::new().volume(io1(32_000)).nothing(&RULE);
        Lab::new().volume(Volume { multi_attach: true, ..io1(40_000) }).nothing(&RULE);
        Lab::new().volume(Volume { volume_type: VolumeType::Io2, ..io1(40_000) }).nothing(&RULE);
    }
}
