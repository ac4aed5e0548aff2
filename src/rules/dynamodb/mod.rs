//! DynamoDB tables, their indexes and backups.
//!
//! `LatestStreamLabel` is deliberately no sign of use: it says when a stream was switched on, not when something was
//! written. Global tables are left alone: what replication writes is not counted as consumed.

mod consumption;
mod dynamodb_autoscaling_fixed_range;
mod dynamodb_backups_extra;
mod dynamodb_gsi_unused;
mod dynamodb_no_autoscaling;
mod dynamodb_ondemand_to_provisioned;
mod dynamodb_overprovisioned;
mod dynamodb_pitr_review;
mod dynamodb_provisioned_to_ondemand;
mod dynamodb_table_class;
mod dynamodb_table_unused;
mod dynamodb_ttl_disabled;
#[cfg(test)]
mod lab;
mod scaling;
mod side;
mod tariff;
mod update;
mod whole;

use super::{Amounts, Bill, Case, Judgement, Meta, Rule, case, command, quantity};

pub const RULES: &[Rule] = &[
    dynamodb_autoscaling_fixed_range::RULE,
    dynamodb_backups_extra::RULE,
    dynamodb_gsi_unused::RULE,
    dynamodb_no_autoscaling::RULE,
    dynamodb_ondemand_to_provisioned::RULE,
    dynamodb_overprovisioned::RULE,
    dynamodb_pitr_review::RULE,
    dynamodb_provisioned_to_ondemand::RULE,
    dynamodb_table_class::TO_INFREQUENT_ACCESS,
    dynamodb_table_class::TO_STANDARD,
    dynamodb_table_unused::RULE,
    dynamodb_ttl_disabled::RULE,
];
