//! The list of rules: one line each. A rule exists once it stands here.

use super::{
    Rule, ebs_volume_unattached, ec2_instance_graviton, ec2_instance_idle, ec2_instance_previous_gen,
    ec2_instance_rightsize, ec2_instance_schedule, ec2_instance_stopped_long, rds_extended_support,
    rds_instance_graviton, rds_instance_idle, rds_instance_previous_gen, rds_instance_rightsize,
    rds_instance_schedule, rds_instance_stopped, rds_multi_az_nonprod, rds_snapshot_old_manual,
    rds_snapshot_orphaned, rds_storage_iops_overprovisioned,
};

/// All rules, sorted by id.
pub const RULES: &[Rule] = &[
    ebs_volume_unattached::RULE,
    ec2_instance_graviton::RULE,
    ec2_instance_idle::RULE,
    ec2_instance_previous_gen::RULE,
    ec2_instance_rightsize::RULE,
    ec2_instance_schedule::RULE,
    ec2_instance_stopped_long::RULE,
    rds_extended_support::RULE,
    rds_instance_graviton::RULE,
    rds_instance_idle::RULE,
    rds_instance_previous_gen::RULE,
    rds_instance_rightsize::RULE,
    rds_instance_schedule::RULE,
    rds_instance_stopped::RULE,
    rds_multi_az_nonprod::RULE,
    rds_snapshot_old_manual::RULE,
    rds_snapshot_orphaned::RULE,
    rds_storage_iops_overprovisioned::RULE,
];
