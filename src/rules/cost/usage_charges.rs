//! Charges that the bill shows and no resource does: traffic between zones, and objects that left S3 too early.
//!
//! Filed under the usage type of the bill: nothing promised, worth a look.

use super::{Amounts, Case, Meta, Rule, case::property, command::daily_costs};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{Common, Inventoried, ResourceKind},
    money::MicroUsd,
    region::Region,
    usage_cost::UsageCosts,
};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

const BETWEEN_ZONES: &str = "data-transfer-cross-az";
const EARLY: &str = "s3-early-deletion-charges";

pub const CROSS_ZONE: Rule = Rule { meta: &CROSS_ZONE_META, check: |case| check(case, &TRAFFIC) };
pub const EARLY_DELETION: Rule = Rule { meta: &EARLY_META, check: |case| check(case, &DELETIONS) };

static CROSS_ZONE_META: Meta = Meta {
    id: BETWEEN_ZONES,
    title: "Much is paid for traffic between availability zones",
    condition: "A region's usage DataTransfer-Regional-Bytes cost at least cross_zone_usd and cross_zone_percent of \
                all usage in the last 30 complete days.",
    formula: "none: 0.01 USD a GB in each direction is shown as it was billed, nothing is counted as saved",
    pitfalls: "Copies in several zones are what keeps a system up; traffic through public addresses and through load \
               balancers is billed alike.",
    effort: Effort::High,
    risk: Level::Medium,
    thresholds: &["cross_zone_percent", "cross_zone_usd"],
    ..EARLY_META
};

static EARLY_META: Meta = Meta {
    id: EARLY,
    title: "Objects left S3 before their storage class allows",
    condition: "A usage type of S3 for early deletion (EarlyDelete-…) cost at least early_deletion_usd in the last 30 \
                complete days.",
    formula: "none: the charge is shown as it was billed, nothing is counted as saved",
    pitfalls: "A clean-up that is done once is billed once; a rule that deletes or moves young objects is billed every \
               month.",
    kind: ResourceKind::ServiceSpend,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ce:GetCostAndUsage"],
    metrics: &[],
    thresholds: &["early_deletion_usd"],
    on_by_default: true,
};

/// A charge in the place of a resource.
#[derive(Serialize)]
struct Charge {
    /// The id is the usage type.
    common: Common,
    cost: MicroUsd,
}

impl Inventoried for Charge {
    const KIND: ResourceKind = ResourceKind::ServiceSpend;
    fn common(&self) -> &Common {
        &self.common
    }
}

/// Which usage types it is about, and when they are worth a look.
struct Kind {
    is: fn(&str) -> bool,
    /// In US dollars, and as a share of all usage.
    minimum: fn(&Case<'_>) -> (u32, u32),
    what: &'static str,
    advice: &'static str,
}

const TRAFFIC: Kind = Kind {
    is: |name| name.ends_with("DataTransfer-Regional-Bytes"),
    minimum: |case| (case.thresholds.cross_zone_usd, case.thresholds.cross_zone_percent),
    what: "Traffic between zones",
    advice: "keep what talks much in one zone, and reach AWS's services through gateway endpoints",
};

const DELETIONS: Kind = Kind {
    is: |name| name.contains("EarlyDelete"),
    minimum: |case| (case.thresholds.early_deletion_usd, 0),
    what: "Early deletion",
    advice: "let lifecycle rules wait for the class's shortest time: 30, 90 or 180 days",
};

fn check(case: &Case<'_>, kind: &Kind) -> Verdicts {
    let Some(usage) = case.snapshot.usage_costs.as_ref().filter(|usage| usage.foreign.is_empty()) else {
        let account = case.snapshot.account.to_string();
        return Verdicts {
            findings: Vec::new(),
            unknown: vec![case.unknown_whole(account, UnknownReason::CostMissing)],
        };
    };
    let all: MicroUsd = usage.types.values().flat_map(BTreeMap::values).map(|cost| cost.net_amortized).sum();
    let charges: Vec<Charge> = charges(usage, kind);
    case.judge_each(&charges, |case, charge| Ok(judge(case, charge, (kind, usage, all))))
}

/// Several services may bill a usage type.
fn charges(usage: &UsageCosts, kind: &Kind) -> Vec<Charge> {
    let mut sums: BTreeMap<&str, MicroUsd> = BTreeMap::new();
    for (found, costs) in usage.types.iter().filter(|(found, _)| (kind.is)(&found.name)) {
        *sums.entry(&found.name).or_default() += costs.values().map(|cost| cost.net_amortized).sum();
    }
    let charge = |(name, cost)| Charge { common: Common::new(Region::global(), name), cost };
    sums.into_iter().map(charge).collect()
}

fn judge(
    case: &Case<'_>,
    charge: &Charge,
    (kind, usage, all): (&Kind, &UsageCosts, MicroUsd),
) -> Option<Finding> {
    let (usd, percent) = (kind.minimum)(case);
    let enough = MicroUsd::from_usd(i64::from(usd));
    if charge.cost < enough || charge.cost < all.scale(i64::from(percent), 100) {
        return None;
    }
    let name = &*charge.common.id;
    let amounts = Amounts { cost: Figure::stated(charge.cost), savings: Figure::zero(), bill: case.bill() };
    let limit =
        if percent == 0 { format!("{usd} USD") } else { format!("{usd} USD and {percent} % of all usage") };
    let what = format!("cost of {name} from {} to {}", usage.from, usage.to);
    Some(Finding {
        title: format!("{} cost {} USD in 30 days ({name})", kind.what, charge.cost.to_cents()),
        current: json!({"usageType": name, "cost": charge.cost}),
        recommended: json!({"action": kind.advice}),
        look_back_days: Some(30),
        evidence: vec![property(&what, format!("{} USD", charge.cost.to_cents()), Some(limit))],
        remediation: remediation(name, usage),
        ..case.finding(charge, amounts)
    })
}

/// Nothing to change yet: the command shows the days of the charge.
fn remediation(name: &str, usage: &UsageCosts) -> Remediation {
    Remediation {
        commands: vec![daily_costs("USAGE_TYPE", name, (usage.from, usage.to))],
        rollback_commands: Vec::new(),
        notes: vec!["The command only reads; Cost Explorer charges 0.01 USD a request.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            cost::ForeignAmount,
            usage_cost::{PurchaseType, UsageCost, UsageType},
        },
        rules::fixtures::Lab,
    };
    use jiff::civil::Date;

    fn lab(costs: &[(&str, &str, i64)]) -> Lab {
        let mut usage = UsageCosts::new(Date::constant(2026, 5, 31), Date::constant(2026, 6, 29));
        for (name, service, usd) in costs {
            let net_amortized = MicroUsd::from_usd(*usd);
            let usage_type = UsageType { name: (*name).into(), service: (*service).into() };
            usage.add(
                usage_type,
                PurchaseType::OnDemand,
                UsageCost { net_amortized, ..UsageCost::default() },
            );
        }
        let mut lab = Lab::new();
        lab.snapshot.usage_costs = Some(usage);
        lab
    }

    #[test]
    fn traffic_between_zones_is_shown_by_region_whoever_bills_it() {
        let zones = "EU-DataTransfer-Regional-Bytes";
        let found = lab(&[(zones, "EC2 - Other", 40), (zones, "Amazon ELB", 20), ("BoxUsage", "EC2", 900)])
            .only_finding(&CROSS_ZONE);
        assert_eq!(
            found.title,
            "Traffic between zones cost 60.00 USD in 30 days (EU-DataTransfer-Regional-Bytes)"
        );
        assert_eq!((&*found.subject.id, found.monthly_savings), (zones, MicroUsd::ZERO));
        assert_eq!(found.evidence[0].threshold.as_deref(), Some("50 USD and 2 % of all usage"));
    }

    #[test]
    fn a_small_charge_or_a_small_share_is_left_alone() {
        lab(&[("DataTransfer-Regional-Bytes", "EC2", 49)]).nothing(&CROSS_ZONE);
        lab(&[("DataTransfer-Regional-Bytes", "EC2", 60), ("BoxUsage", "EC2", 3_000)]).nothing(&CROSS_ZONE);
        lab(&[("DataTransfer-Out-Bytes", "EC2", 900)]).nothing(&CROSS_ZONE);
    }

    #[test]
    fn early_deletions_are_shown_by_usage_type() {
        let found = lab(&[("EU-EarlyDelete-SIA", "Amazon S3", 5), ("EarlyDelete-GDA", "Amazon S3", 4)]);
        assert_eq!(&*found.only_finding(&EARLY_DELETION).subject.id, "EU-EarlyDelete-SIA");
    }

    #[test]
    fn without_costs_in_dollars_nothing_is_known() {
        Lab::new().unknown(&CROSS_ZONE, UnknownReason::CostMissing);
        let mut yuan = lab(&[("EarlyDelete-GDA", "Amazon S3", 40)]);
        let amount = ForeignAmount { currency: "CNY".into(), micros: 1 };
        yuan.snapshot.usage_costs.as_mut().unwrap().foreign.push(("x".into(), amount));
        yuan.unknown(&EARLY_DELETION, UnknownReason::CostMissing);
    }
}
