//! The list of rules: one line each. A rule exists once it stands here.

use super::{
    Rule, ami_unused, cost_increase_month_over_month, ebs_snapshot_old, ebs_snapshot_orphaned,
    ebs_volume_gp2_to_gp3, ebs_volume_gp3_extra_iops, ebs_volume_iops_overprovisioned,
    ebs_volume_on_stopped_instance, ebs_volume_piops_to_gp3, ebs_volume_unattached, eip_unassociated,
    nat_gateway_idle, vpce_interface_idle,
};

/// All rules, sorted by id.
pub const RULES: &[Rule] = &[
    ami_unused::RULE,
    cost_increase_month_over_month::RULE,
    ebs_snapshot_old::RULE,
    ebs_snapshot_orphaned::RULE,
    ebs_volume_gp2_to_gp3::RULE,
    ebs_volume_gp3_extra_iops::RULE,
    ebs_volume_iops_overprovisioned::RULE,
    ebs_volume_on_stopped_instance::RULE,
    ebs_volume_piops_to_gp3::RULE,
    ebs_volume_unattached::RULE,
    eip_unassociated::RULE,
    nat_gateway_idle::RULE,
    vpce_interface_idle::RULE,
];
