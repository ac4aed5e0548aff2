//! Commitments that are paid for and not used, and spend that hardly any commitment covers. Nothing is promised:
//! what is paid is paid, and what to buy is told by the purchases.

use super::{Amounts, Case, Meta, Rule, case::property, command::aws};
use crate::domain::{
    billing::{Commitment, CommitmentCoverage, CommitmentUtilization},
    cost::CostHistory,
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, Subject, Unknown,
        UnknownReason, Verdicts,
    },
    inventory::ResourceKind,
    money::MicroUsd,
    region::Region,
    tags::Tags,
};
use jiff::ToSpan;
use serde_json::json;

pub const UNDERUTILIZED: Rule = Rule { meta: &UNUSED_META, check: check_use };
pub const COVERAGE_LOW: Rule = Rule { meta: &COVERAGE_META, check: check_coverage };

static UNUSED_META: Meta = Meta {
    id: "commitment-underutilized",
    title: "Commitment is not fully used",
    condition: "Of the Savings Plans or of one service's reservations that the account owns less than \
                commitment_used_percent was used in the last 30 complete days.",
    formula: "none: what is not used is shown; it is paid whether used or not",
    pitfalls: "Another account of the organisation may use the rest: Cost Explorer then counts it as used here only if \
               sharing is on. Convertible reservations can be exchanged, regional ones resized, EC2's \
               standard ones sold.",
    kind: ResourceKind::ServiceSpend,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: false,
    actions: &["ce:GetReservationUtilization", "ce:GetSavingsPlansUtilization"],
    metrics: &[],
    thresholds: &["commitment_used_percent"],
    on_by_default: true,
};

static COVERAGE_META: Meta = Meta {
    id: "commitment-coverage-low",
    title: "Commitments cover little",
    condition: "Savings Plans cover less than commitment_covered_percent of what they could in the last 30 complete days, \
                or reservations that share of the hours of RDS; what is left on demand is at least \
                commitment_min_spend_usd.",
    formula: "none: the purchases say what to buy and what it saves",
    pitfalls: "Spend that is about to end should not be covered. Spot usage is not part of it.",
    kind: ResourceKind::ServiceSpend,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ce:GetReservationCoverage", "ce:GetSavingsPlansCoverage"],
    metrics: &[],
    thresholds: &["commitment_covered_percent", "commitment_min_spend_usd"],
    on_by_default: false,
};

fn check_use(case: &Case<'_>) -> Verdicts {
    let known = &case.snapshot.billing.utilization;
    let limit = case.thresholds.commitment_used_percent * 100;
    let unused = known.iter().filter(|used| used.used_basis_points < limit && used.unused.is_positive());
    let findings = unused.map(|used| unused_finding(case, used)).collect();
    let of = |commitment| known.iter().any(|used| used.commitment == commitment);
    let missing = owned(case).into_iter().filter(|commitment| !of(*commitment));
    Verdicts { findings, unknown: missing.map(|commitment| unknown(case, commitment)).collect() }
}

/// What the account owns now.
fn owned(case: &Case<'_>) -> Vec<Commitment> {
    let inventory = &case.snapshot.inventory;
    let reserved = inventory.ec2_reservations.iter().any(|r| r.is_active())
        || inventory.rds_reservations.iter().any(|r| r.is_active())
        || inventory.cache_reservations.iter().any(|r| r.is_active())
        || inventory.redshift_reservations.iter().any(|r| r.is_active());
    let plans = inventory.savings_plans.iter().any(|plan| plan.active);
    let all = [(Commitment::SavingsPlans, plans), (Commitment::Reservations, reserved)];
    all.into_iter().filter(|(_, owns)| *owns).map(|(commitment, _)| commitment).collect()
}

fn unknown(case: &Case<'_>, commitment: Commitment) -> Unknown {
    case.unknown_whole(commitment.name(), UnknownReason::CostMissing)
}

fn unused_finding(case: &Case<'_>, used: &CommitmentUtilization) -> Finding {
    let name = name_of(used.commitment, used.service);
    let percent = percent(used.used_basis_points);
    let limit = format!("{} %", case.thresholds.commitment_used_percent);
    Finding {
        title: format!("{name}: {} USD of the last 30 days were paid and not used", used.unused.to_cents()),
        current: json!({ "usedPercent": percent, "unused": used.unused, "total": used.total }),
        recommended: json!({ "action": "move usage under it, exchange or sell it" }),
        evidence: vec![property("utilization", format!("{percent} %"), Some(limit))],
        remediation: remediation(case, used.commitment, "utilization", used.service),
        ..about(case, &name, used.total)
    }
}

fn check_coverage(case: &Case<'_>) -> Verdicts {
    let mut verdicts = Verdicts::default();
    if case.snapshot.costs.is_none() {
        verdicts.unknown.push(unknown(case, Commitment::SavingsPlans));
    }
    let (limit, least) = (
        case.thresholds.commitment_covered_percent * 100,
        MicroUsd::from_usd(case.thresholds.commitment_min_spend_usd.into()),
    );
    let low = case.snapshot.billing.coverage.iter();
    let low = low.filter(|covered| covered.covered_basis_points < limit && covered.on_demand >= least);
    verdicts.findings.extend(low.map(|covered| coverage_finding(case, covered)));
    verdicts
}

fn coverage_finding(case: &Case<'_>, covered: &CommitmentCoverage) -> Finding {
    let name = name_of(covered.commitment, covered.service);
    let percent = percent(covered.covered_basis_points);
    let limit = format!("{} %", case.thresholds.commitment_covered_percent);
    let left = covered.on_demand.to_cents();
    Finding {
        title: format!("{name} cover {percent} %; {left} USD of the last 30 days were paid on demand"),
        current: json!({ "coveredPercent": percent, "onDemand": covered.on_demand }),
        recommended: json!({ "action": "see what is advised to buy" }),
        evidence: vec![property("coverage", format!("{percent} %"), Some(limit))],
        remediation: remediation(case, covered.commitment, "coverage", covered.service),
        ..about(case, &name, covered.on_demand)
    }
}

/// `Savings Plans`, `Reservations of Amazon Redshift`.
fn name_of(commitment: Commitment, service: &str) -> String {
    if service.is_empty() { commitment.name().into() } else { format!("{} of {service}", commitment.name()) }
}

/// `85.5`
fn percent(basis_points: u32) -> String {
    format!("{}.{}", basis_points / 100, basis_points % 100 / 10)
}

/// The cost is what the 30 days of the bill say.
fn about(case: &Case<'_>, name: &str, cost: MicroUsd) -> Finding {
    let subject = Subject {
        kind: ResourceKind::ServiceSpend,
        region: Region::global(),
        id: name.into(),
        name: None,
        tags: Tags::default(),
    };
    let amounts = Amounts { cost: Figure::stated(cost), savings: Figure::zero(), bill: case.bill() };
    Finding { look_back_days: Some(30), ..case.finding_about(subject, amounts) }
}

fn remediation(case: &Case<'_>, commitment: Commitment, what: &str, service: &str) -> Remediation {
    let (from, to) = CostHistory::days_of_spend(case.today());
    let period = format!("Start={from},End={}", to.saturating_add(1.day()));
    let operation = match commitment {
        Commitment::SavingsPlans => format!("ce get-savings-plans-{what}"),
        Commitment::Reservations => format!("ce get-reservation-{what}"),
    };
    let filter = json!({"Dimensions": {"Key": "SERVICE", "Values": [service]}}).to_string();
    let mut options = vec![("--time-period", &*period)];
    if commitment == Commitment::Reservations {
        options.push(("--filter", &filter));
    }
    Remediation {
        commands: vec![aws(&operation, &Region::global(), &options)],
        rollback_commands: Vec::new(),
        notes: vec!["The command only reads; Cost Explorer charges 0.01 USD a request.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::inventory::{SavingsPlan, SavingsPlanType},
        rules::fixtures::{Lab, common},
    };

    fn used(basis_points: u32, unused: &str) -> Lab {
        let mut lab = Lab::new();
        lab.snapshot.billing.utilization = vec![CommitmentUtilization {
            commitment: Commitment::Reservations,
            service: "Amazon Redshift",
            used_basis_points: basis_points,
            unused: unused.parse().unwrap(),
            total: "300".parse().unwrap(),
        }];
        lab
    }

    #[test]
    fn what_is_paid_and_not_used_is_shown_and_not_promised() {
        let finding = used(8_555, "43.35").only_finding(&UNDERUTILIZED);
        assert_eq!(
            finding.title,
            "Reservations of Amazon Redshift: 43.35 USD of the last 30 days were paid and not used"
        );
        assert_eq!((&*finding.evidence[0].observed, finding.monthly_savings.get()), ("85.5 %", 0));
        let command = &finding.remediation.commands[0];
        assert!(
            command.starts_with("aws ce get-reservation-utilization --region us-east-1 --time-period"),
            "{command}"
        );
    }

    #[test]
    fn what_is_nearly_all_used_is_fine() {
        used(9_500, "15").nothing(&UNDERUTILIZED);
        used(9_499, "15.03").only_finding(&UNDERUTILIZED);
    }

    #[test]
    fn a_plan_whose_use_was_not_told_is_unknown() {
        let plan = SavingsPlan {
            common: common("sp-1"),
            plan_type: SavingsPlanType::Compute,
            active: true,
            ends_at: None,
            family: None,
            family_region: None,
            hourly_commitment: MicroUsd::from_usd(1),
        };
        let lab = Lab::new().inventory(|i| i.savings_plans.push(plan.clone()));
        lab.unknown(&UNDERUTILIZED, UnknownReason::CostMissing);
        Lab::new()
            .inventory(|i| i.savings_plans.push(SavingsPlan { active: false, ..plan }))
            .nothing(&UNDERUTILIZED);
    }

    fn covered(basis_points: u32, on_demand: &str) -> Lab {
        let mut lab = Lab::new();
        lab.snapshot.costs = Some(CostHistory::default());
        lab.snapshot.billing.coverage = vec![CommitmentCoverage {
            commitment: Commitment::SavingsPlans,
            service: "",
            covered_basis_points: basis_points,
            on_demand: on_demand.parse().unwrap(),
        }];
        lab
    }

    #[test]
    fn little_coverage_of_much_spend_is_shown() {
        let finding = covered(1_234, "500").only_finding(&COVERAGE_LOW);
        assert_eq!(
            finding.title,
            "Savings Plans cover 12.3 %; 500.00 USD of the last 30 days were paid on demand"
        );
        covered(8_000, "500").nothing(&COVERAGE_LOW);
        covered(1_234, "99").nothing(&COVERAGE_LOW);
        Lab::new().unknown(&COVERAGE_LOW, UnknownReason::CostMissing);
    }
}
