//! The rules: pure functions from one snapshot of an account to findings.
//!
//! A rule is a file with a [`Meta`] and a judge, named in [`RULES`]. It cannot do I/O, await or read a
//! clock. Its judge answers `Ok(None)` for fine, `Ok(Some(..))` for waste and `Err(..)` for what it cannot
//! know; unknown never becomes a finding.
//!
//! Invariant: same snapshot, same findings in the same order, whatever the order of the resources.

mod ami_unused;
mod bill;
mod case;
mod catalogue;
mod command;
mod cost_increase_month_over_month;
mod db_backup;
mod db_bill;
mod db_class;
mod db_move;
mod ebs_snapshot_old;
mod ebs_snapshot_orphaned;
mod ebs_volume_gp2_to_gp3;
mod ebs_volume_gp3_extra_iops;
mod ebs_volume_iops_overprovisioned;
mod ebs_volume_on_stopped_instance;
mod ebs_volume_piops_to_gp3;
mod ebs_volume_unattached;
mod ec2_bill;
mod ec2_instance_graviton;
mod ec2_instance_idle;
mod ec2_instance_previous_gen;
mod ec2_instance_rightsize;
mod ec2_instance_schedule;
mod ec2_instance_stopped_long;
mod ec2_need;
mod ec2_shelf;
mod ec2_usage;
mod eip_unassociated;
mod engine_version;
mod extended_support;
#[cfg(test)]
mod fixtures;
mod generations;
mod image_use;
mod nat_gateway_idle;
mod quantity;
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
mod resize;
mod snapshot_removal;
mod snapshot_use;
mod volume_change;
mod volume_demand;
mod vpce_interface_idle;
mod week;

pub use bill::Bill;
pub use case::{Amounts, Case, Judgement};
pub use catalogue::RULES;

use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Level, SavingsBasis, Verdicts},
    inventory::ResourceKind,
    metric::Metric,
    money::MicroUsd,
    price::PriceSource,
    snapshot::Snapshot,
    thresholds::Thresholds,
};

/// What people and the rest of the code know of a rule without running it.
#[derive(Debug)]
pub struct Meta {
    /// As in the catalogue of checks: `ebs-volume-gp2-to-gp3`.
    pub id: &'static str,
    /// One line: what is wrong.
    pub title: &'static str,
    /// When exactly it speaks, and what it leaves alone.
    pub condition: &'static str,
    /// How the saving is computed.
    pub formula: &'static str,
    /// What can make it wrong.
    pub pitfalls: &'static str,
    pub kind: ResourceKind,
    pub action_type: ActionType,
    pub class: ConflictClass,
    pub basis: SavingsBasis,
    pub effort: Effort,
    pub risk: Level,
    pub restart_needed: bool,
    pub rollback_possible: bool,
    /// The IAM actions without which it knows nothing.
    pub actions: &'static [&'static str],
    pub metrics: &'static [Metric],
    /// Names in [`Thresholds`].
    pub thresholds: &'static [&'static str],
}

pub struct Rule {
    pub meta: &'static Meta,
    pub check: fn(&Case<'_>) -> Verdicts,
}

/// The rule of that id.
#[must_use]
pub fn find_rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.meta.id == id)
}

/// Runs some rules (all where none are named) over a snapshot.
#[must_use]
pub fn check(snapshot: &Snapshot, thresholds: &Thresholds, only: &[String]) -> Verdicts {
    let mut verdicts = Verdicts::default();
    for rule in RULES.iter().filter(|r| only.is_empty() || only.iter().any(|id| id == r.meta.id)) {
        verdicts.merge((rule.check)(&Case::new(rule.meta, snapshot, thresholds)));
    }
    let floor = MicroUsd::from_usd(i64::from(thresholds.min_monthly_savings_usd));
    verdicts.findings.retain(|f| f.basis == SavingsBasis::Exposure || f.monthly_savings >= floor);
    for finding in &mut verdicts.findings {
        if finding.prices.iter().any(|p| p.source == PriceSource::BuiltInOtherRegion) {
            finding.confidence = Level::Low;
        }
    }
    verdicts.findings.sort_by(|a, b| {
        (a.rule, &a.subject.region, &a.subject.id).cmp(&(b.rule, &b.subject.region, &b.subject.id))
    });
    verdicts.unknown.sort();
    verdicts
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_has_its_own_id_and_explains_itself() {
        let ids: BTreeSet<_> = RULES.iter().map(|r| r.meta.id).collect();
        assert_eq!(ids.len(), RULES.len());
        assert!(RULES.iter().map(|r| r.meta.id).is_sorted(), "keep the list sorted by id");
        let known: BTreeSet<_> = Thresholds::default().describe().into_iter().map(|(n, ..)| n).collect();
        for Rule { meta, .. } in RULES {
            for text in [meta.title, meta.condition, meta.formula, meta.pitfalls] {
                assert!(text.len() > 10, "{} says too little: {text:?}", meta.id);
            }
            for name in meta.thresholds {
                assert!(known.contains(name), "{} names no threshold {name}", meta.id);
            }
        }
    }
}
