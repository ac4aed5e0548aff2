//! The rules: pure functions from one snapshot of an account to findings.
//!
//! A rule is a [`Meta`] and a judge, named in its family's `RULES`: a file of its own, or a row of a table where
//! many ask the same. It cannot do I/O, await or read a clock. Its judge answers `Ok(None)` for fine, `Ok(Some(..))` for waste and `Err(..)` for what it cannot
//! know; unknown never becomes a finding.
//!
//! Invariant: same snapshot, same findings in the same order, whatever the order of the resources.

mod autoscaling;
mod aws;
mod bill;
mod case;
mod catalogue;
mod cloudwatch;
mod command;
mod commitments;
mod cost;
mod dynamodb;
mod ebs;
mod ec2;
mod ecs;
mod elasticache;
mod engine_version;
mod extended_support;
#[cfg(test)]
mod fixtures;
mod generations;
mod governance;
mod lambda;
mod load_balancing;
mod network;
mod quantity;
mod rds;
mod redshift;
mod resize;
mod s3;
mod secrets;
mod tagging;
mod week;

pub use bill::Bill;
pub use case::{Amounts, Case, Judgement};
pub use catalogue::RULES;
pub use commitments::resize_purchase;

use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, Verdicts},
    inventory::ResourceKind,
    metric::Metric,
    money::MicroUsd,
    price::PriceSource,
    region::Region,
    snapshot::Snapshot,
    thresholds::Thresholds,
};
use std::collections::HashMap;

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
    /// Off for what many would call noise: it runs where it is asked for.
    pub on_by_default: bool,
}

pub struct Rule {
    pub meta: &'static Meta,
    pub check: fn(&Case<'_>) -> Verdicts,
}

/// The rule of that id.
#[must_use]
pub fn find_rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.meta.id == id)
}

/// Names all rules, those that are off by default too.
pub const ALL: &str = "all";
/// Names no rule.
pub const NONE: &str = "none";

/// The rows of the catalogue of checks that no rule of ours decides: row, id, reason.
pub const LEFT_OUT: &str = include_str!("left_out.csv");

/// The rules that look at many kinds.
const OF_MANY_KINDS: [&str; 2] = [tagging::RESOURCE_UNTAGGED, commitments::RI_EXPIRING];

/// The kind whose list tells whether a finding of that rule is gone: of a rule that looks at many kinds, the
/// finding's own.
#[must_use]
pub fn listed_kind(meta: &Meta, found: Option<ResourceKind>) -> ResourceKind {
    found.filter(|_| OF_MANY_KINDS.contains(&meta.id)).unwrap_or(meta.kind)
}

/// Whether a rule runs where these are named.
#[must_use]
pub fn is_asked_for(meta: &Meta, only: &[String]) -> bool {
    if only.is_empty() { meta.on_by_default } else { only.iter().any(|id| id == meta.id || id == ALL) }
}

/// Runs some rules (where none are named, those that are on by default) over a snapshot.
#[must_use]
pub fn check(snapshot: &Snapshot, thresholds: &Thresholds, only: &[String]) -> Verdicts {
    let mut verdicts = Verdicts::default();
    for rule in RULES.iter().filter(|rule| is_asked_for(rule.meta, only)) {
        verdicts.merge((rule.check)(&Case::new(rule.meta, snapshot, thresholds)));
    }
    let floor = MicroUsd::from_usd(i64::from(thresholds.min_monthly_savings_usd));
    let together = cheap_together(&verdicts.findings);
    let worth_it = |f: &Finding| {
        let savings = together.get(&(f.rule, f.subject.region.clone())).copied();
        savings.unwrap_or(f.monthly_savings) >= floor
    };
    verdicts.findings.retain(|f| f.basis == SavingsBasis::Exposure || worth_it(f));
    verdicts.findings = aws::merge(verdicts.findings);
    commitments::warn(&mut verdicts.findings, snapshot);
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

/// What costs cents each and comes by the hundred: one is not worth a look, all of a region are.
const CHEAP: [ResourceKind; 2] = [ResourceKind::Alarm, ResourceKind::Secret];

/// What each rule saves on cheap things of a region together.
fn cheap_together(findings: &[Finding]) -> HashMap<(&'static str, Region), MicroUsd> {
    let mut together = HashMap::new();
    for finding in findings.iter().filter(|finding| CHEAP.contains(&finding.subject.kind)) {
        let key = (finding.rule, finding.subject.region.clone());
        *together.entry(key).or_insert(MicroUsd::ZERO) += finding.monthly_savings;
    }
    together
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn cheap_things_are_worth_a_look_together() {
        use crate::domain::{inventory::Secret, price::PriceKey, price_item::Item};
        let unused = |number: usize| Secret {
            common: fixtures::common(&format!("s{number}-AbCdEf")),
            secret_name: format!("s{number}").into(),
            last_accessed_at: None,
            rotates: false,
            owning_service: None,
            replica: false,
        };
        let found = |secrets| {
            let lab = fixtures::Lab::new().price(PriceKey::item(Item::Secret, &fixtures::region()), "0.40");
            let lab = lab.inventory(|i| i.secrets.extend((0..secrets).map(unused)));
            check(&lab.snapshot, &lab.thresholds, &["secretsmanager-unused".into()]).findings.len()
        };
        assert_eq!((found(2), found(3)), (0, 3), "0.80 and 1.20 USD");
    }

    #[test]
    fn every_rule_has_its_own_id_and_explains_itself() {
        let ids: BTreeSet<_> = RULES.iter().map(|r| r.meta.id).collect();
        assert_eq!(ids.len(), RULES.len());
        let known: BTreeSet<_> = Thresholds::default().describe().into_iter().map(|(n, ..)| n).collect();
        for Rule { meta, .. } in RULES.iter() {
            for text in [meta.title, meta.condition, meta.formula, meta.pitfalls] {
                assert!(text.len() > 10, "{} says too little: {text:?}", meta.id);
            }
            for name in meta.thresholds {
                assert!(known.contains(name), "{} names no threshold {name}", meta.id);
            }
        }
    }
}
