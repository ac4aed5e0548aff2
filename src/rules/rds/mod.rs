//! RDS databases, Aurora clusters and their snapshots.

mod db_backup;
mod db_bill;
mod db_class;
mod db_move;
#[cfg(test)]
mod lab;
mod rds_extended_support;
mod rds_instance_graviton;
mod rds_instance_idle;
mod rds_instance_previous_gen;
mod rds_instance_rightsize;
mod rds_instance_schedule;
mod rds_instance_stopped;
mod rds_multi_az_nonprod;
mod rds_removal;
mod rds_snapshot_old_manual;
mod rds_snapshot_orphaned;
mod rds_storage_iops_overprovisioned;
mod rds_usage;

use super::{
    Amounts, Bill, Case, Judgement, Meta, Rule, case, command, extended_support, generations, quantity,
    resize, week,
};

pub const RULES: &[Rule] = &[
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
