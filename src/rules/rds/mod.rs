//! RDS databases, Aurora clusters and their snapshots.

mod aurora_cluster_idle;
mod aurora_io_optimized_switch;
mod aurora_serverless_min_acu;
mod db_backup;
mod db_bill;
mod db_class;
mod db_cluster;
mod db_move;
#[cfg(test)]
mod lab;
mod rds_backup_retention_excess;
mod rds_extended_support;
mod rds_extended_support_upcoming;
mod rds_instance_graviton;
mod rds_instance_idle;
mod rds_instance_previous_gen;
mod rds_instance_rightsize;
mod rds_instance_schedule;
mod rds_instance_stopped;
mod rds_multi_az_nonprod;
mod rds_performance_insights_retention;
mod rds_read_replica_idle;
mod rds_removal;
mod rds_snapshot_old_manual;
mod rds_snapshot_orphaned;
mod rds_storage_gp2_to_gp3;
mod rds_storage_iops_overprovisioned;
mod rds_storage_overallocated;
mod rds_usage;
mod storage_shrink;

use super::{
    Amounts, Bill, Case, Judgement, Meta, Rule, case, command, engine_version, extended_support, generations,
    quantity, resize, week,
};

pub const RULES: &[Rule] = &[
    aurora_cluster_idle::RULE,
    aurora_io_optimized_switch::RULE,
    aurora_serverless_min_acu::RULE,
    rds_backup_retention_excess::RULE,
    rds_extended_support::RULE,
    rds_extended_support_upcoming::RULE,
    rds_instance_graviton::RULE,
    rds_instance_idle::RULE,
    rds_instance_previous_gen::RULE,
    rds_instance_rightsize::RULE,
    rds_instance_schedule::RULE,
    rds_instance_stopped::RULE,
    rds_multi_az_nonprod::RULE,
    rds_performance_insights_retention::RULE,
    rds_read_replica_idle::RULE,
    rds_snapshot_old_manual::RULE,
    rds_snapshot_orphaned::RULE,
    rds_storage_gp2_to_gp3::RULE,
    rds_storage_iops_overprovisioned::RULE,
    rds_storage_overallocated::RULE,
];
