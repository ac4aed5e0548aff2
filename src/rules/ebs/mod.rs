//! EBS volumes, snapshots and the images made of them.

mod ami_unused;
mod ebs_snapshot_fast_restore;
mod ebs_snapshot_old;
mod ebs_snapshot_orphaned;
mod ebs_snapshot_to_archive;
mod ebs_volume_gp2_to_gp3;
mod ebs_volume_gp3_extra_iops;
mod ebs_volume_gp3_extra_throughput;
mod ebs_volume_idle;
mod ebs_volume_io1_to_io2;
mod ebs_volume_iops_overprovisioned;
mod ebs_volume_on_stopped_instance;
mod ebs_volume_piops_to_gp3;
mod ebs_volume_unattached;
mod image_use;
mod reviews;
mod snapshot_removal;
mod snapshot_use;
mod volume_change;
mod volume_demand;
mod volume_removal;

use super::{Amounts, Case, Judgement, Meta, Rule, case, command, quantity};

pub const RULES: &[Rule] = &[
    ami_unused::RULE,
    ebs_snapshot_fast_restore::RULE,
    ebs_snapshot_old::RULE,
    ebs_snapshot_orphaned::RULE,
    ebs_snapshot_to_archive::RULE,
    ebs_volume_gp2_to_gp3::RULE,
    ebs_volume_gp3_extra_iops::RULE,
    ebs_volume_gp3_extra_throughput::RULE,
    ebs_volume_idle::RULE,
    ebs_volume_io1_to_io2::RULE,
    ebs_volume_iops_overprovisioned::RULE,
    ebs_volume_on_stopped_instance::RULE,
    ebs_volume_piops_to_gp3::RULE,
    ebs_volume_unattached::RULE,
    reviews::HIGH_IOPS,
    reviews::LARGE,
    reviews::MAGNETIC,
    reviews::OLD_IMAGE,
];
