//! EC2 instances, their types, and the capacity that is reserved for them.

pub mod ec2_bill;
mod ec2_capacity_reservation_unused;
mod ec2_cheaper_region;
mod ec2_detailed_monitoring;
mod ec2_gpu_idle;
mod ec2_instance_amd_variant;
mod ec2_instance_burst_credits;
pub mod ec2_instance_graviton;
mod ec2_instance_idle;
mod ec2_instance_large;
mod ec2_instance_long_running;
mod ec2_instance_low_utilization;
mod ec2_instance_previous_gen;
mod ec2_instance_rightsize;
mod ec2_instance_schedule;
mod ec2_instance_stopped_long;
pub mod ec2_need;
mod ec2_projection;
pub mod ec2_rightsize;
pub mod ec2_shelf;
mod ec2_spot_candidate;
mod ec2_sqlserver;
pub mod ec2_usage;

use super::{Amounts, Bill, Case, Judgement, Meta, Rule, case, command, generations, quantity, resize, week};

pub const RULES: &[Rule] = &[
    ec2_capacity_reservation_unused::RULE,
    ec2_cheaper_region::RULE,
    ec2_detailed_monitoring::RULE,
    ec2_gpu_idle::RULE,
    ec2_instance_amd_variant::RULE,
    ec2_instance_burst_credits::RULE,
    ec2_instance_graviton::RULE,
    ec2_instance_idle::RULE,
    ec2_instance_large::RULE,
    ec2_instance_long_running::RULE,
    ec2_instance_low_utilization::RULE,
    ec2_instance_previous_gen::RULE,
    ec2_instance_rightsize::CROSS_FAMILY,
    ec2_instance_rightsize::SAME_FAMILY,
    ec2_instance_schedule::RULE,
    ec2_instance_stopped_long::RULE,
    ec2_spot_candidate::RULE,
    ec2_sqlserver::CONSOLIDATE,
    ec2_sqlserver::OVERPROVISIONED,
];
