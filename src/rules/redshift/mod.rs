//! Redshift: provisioned clusters and their manual snapshots.

mod cluster_use;
#[cfg(test)]
mod lab;
mod redshift_idle;
mod redshift_low_utilization;
mod redshift_pause_resume;
mod redshift_previous_gen;
mod redshift_rightsize;
mod redshift_snapshot_manual_old;

use super::{Amounts, Bill, Case, Judgement, Meta, Rule, case, command, quantity, week};

pub const RULES: &[Rule] = &[
    redshift_idle::RULE,
    redshift_low_utilization::RULE,
    redshift_pause_resume::RULE,
    redshift_previous_gen::RULE,
    redshift_rightsize::RULE,
    redshift_snapshot_manual_old::RULE,
];
