//! Commitments that AWS advises to buy: one rule a kind, one finding for all that is advised of it.
//!
//! The amounts are AWS's. What the other recommendations take away is subtracted once they are chosen
//! (`domain/commitment_advice.rs`), and of kinds that cover the same usage only one way counts.

use super::{
    Amounts, Case, Meta, Rule,
    case::property,
    offer::{recommended, remediation, title},
};
use crate::domain::{
    billing::{FindingSource, Purchase, PurchaseOption},
    commitment_advice::services_of,
    cost::CostHistory,
    figure::Figure,
    finding::{
        ActionType, Calculation, ConflictClass, Effort, Finding, Level, SavingsBasis, Subject, UnknownReason,
        Verdicts,
    },
    inventory::ResourceKind as Kind,
    money::MicroUsd,
    region::Region,
    tags::Tags,
};
use serde_json::json;

/// What all of them have in common.
const fn meta(
    id: &'static str,
    title: &'static str,
    kind: Kind,
    action_type: ActionType,
    actions: &'static [&'static str],
) -> Meta {
    Meta {
        id,
        title,
        condition: "What it covers cost commitment_min_spend_usd in the last 30 complete days, and AWS advises to buy \
                    for one year from the usage of these days. Without a saving after the other recommendations it \
                    is not shown.",
        formula: "AWS's estimate * what to buy / what AWS advises to buy. What to buy shrinks, in whole units, with what \
                  is left on demand after the recommendations that are counted; never more than is left",
        pitfalls: "A commitment cannot be given back. Do the other recommendations first: they are subtracted as a \
                   share of all that the kind covers, not family by family. A payer may own commitments that \
                   cover this account, too. Seasons longer than 30 days are not seen.",
        kind,
        action_type,
        class: ConflictClass::Commit,
        basis: SavingsBasis::Modelled,
        effort: Effort::VeryLow,
        risk: Level::Medium,
        restart_needed: false,
        rollback_possible: false,
        actions,
        metrics: &[],
        thresholds: &["commitment_min_spend_usd"],
        on_by_default: true,
    }
}

macro_rules! purchases {
    ($($rule:ident $meta:ident $id:literal $title:literal $kind:ident $of:ident;)*) => { $(
        pub const $rule: Rule = Rule { meta: &$meta, check };
        static $meta: Meta = meta($id, $title, Kind::$kind, ActionType::$of, purchases!(actions $of));
    )* };
    (actions PurchaseSavingsPlans) => { &["ce:GetCostAndUsage", "ce:GetSavingsPlansPurchaseRecommendation"] };
    (actions PurchaseReservedInstances) => { &["ce:GetCostAndUsage", "ce:GetReservationPurchaseRecommendation"] };
}

purchases! {
    COMPUTE_PLANS COMPUTE_META "sp-purchase-compute" "Compute Savings Plans would pay" ComputeSavingsPlans PurchaseSavingsPlans;
    EC2_PLANS EC2_PLANS_META "sp-purchase-ec2-instance" "EC2 Instance Savings Plans would pay" Ec2InstanceSavingsPlans PurchaseSavingsPlans;
    SAGEMAKER_PLANS SAGEMAKER_META "sp-purchase-sagemaker" "SageMaker Savings Plans would pay" SageMakerSavingsPlans PurchaseSavingsPlans;
    DATABASE_PLANS DATABASE_META "sp-purchase-database" "Database Savings Plans would pay" DatabaseSavingsPlans PurchaseSavingsPlans;
    EC2 EC2_META "ri-purchase-ec2" "Reserved EC2 instances would pay" Ec2Reservation PurchaseReservedInstances;
    RDS RDS_META "ri-purchase-rds" "Reserved databases would pay" RdsReservation PurchaseReservedInstances;
    ELASTICACHE ELASTICACHE_META "ri-purchase-elasticache" "Reserved cache nodes would pay" CacheReservation PurchaseReservedInstances;
    REDSHIFT REDSHIFT_META "ri-purchase-redshift" "Reserved Redshift nodes would pay" RedshiftReservation PurchaseReservedInstances;
    OPENSEARCH OPENSEARCH_META "ri-purchase-opensearch" "Reserved OpenSearch instances would pay" OpenSearchReservation PurchaseReservedInstances;
    MEMORYDB MEMORYDB_META "ri-purchase-memorydb" "Reserved MemoryDB nodes would pay" MemoryDbReservation PurchaseReservedInstances;
    DYNAMODB DYNAMODB_META "ri-purchase-dynamodb" "Reserved DynamoDB capacity would pay" DynamoDbReservation PurchaseReservedInstances;
}

/// The same at every scan: one finding a kind.
const ID: &str = "one-year";

fn check(case: &Case<'_>) -> Verdicts {
    let (billing, kind) = (&case.snapshot.billing, case.meta.kind);
    let mut verdicts = Verdicts::default();
    if !is_known(case) || billing.purchases_unknown.contains(&kind) {
        verdicts.unknown.push(case.unknown_whole(ID, UnknownReason::CostMissing));
    }
    let advised = billing.purchases.iter().filter(|purchase| purchase.kind == kind);
    verdicts.findings.extend(advised.filter(|p| !p.options.is_empty()).map(|p| finding(case, p)));
    verdicts
}

/// Asked, or not worth asking: without costs nobody knows which.
fn is_known(case: &Case<'_>) -> bool {
    let spent = |costs: &CostHistory| costs.last_month_of(services_of(case.meta.kind), case.today());
    case.snapshot.billing.purchases.iter().any(|purchase| purchase.kind == case.meta.kind)
        || case.snapshot.costs.as_ref().and_then(spent).is_some()
}

fn finding(case: &Case<'_>, purchase: &Purchase) -> Finding {
    let sum = |amount: fn(&PurchaseOption) -> Figure| purchase.options.iter().map(amount).sum::<Figure>();
    let cost = sum(|option| Figure::stated(option.monthly_on_demand));
    let savings = sum(|option| Figure::stated(option.monthly_savings)).min(cost.clone());
    let subject = Subject {
        kind: purchase.kind,
        region: Region::global(),
        id: ID.into(),
        name: None,
        tags: Tags::default(),
    };
    let hub = hub_agrees(case);
    Finding {
        title: title(purchase),
        current: json!({ "onDemand": cost.amount() }),
        recommended: recommended(purchase),
        look_back_days: Some(30),
        confidence: Level::Medium,
        evidence: vec![property(
            "AWS's purchase advice",
            format!(
                "{} USD a month saved of {} USD on demand",
                savings.amount().to_cents(),
                cost.amount().to_cents()
            ),
            None,
        )],
        sources: std::iter::once(FindingSource::CostExplorer).chain(hub).collect(),
        remediation: remediation(purchase),
        ..case.finding_about(subject, Amounts { cost, savings, bill: case.bill() })
    }
}

/// Less is bought where less is left to be covered than AWS starts from; none where that is not even one unit.
#[must_use]
pub fn resize(finding: Finding, purchases: &[Purchase]) -> Option<Finding> {
    let Some(purchase) = purchases.iter().find(|purchase| purchase.kind == finding.subject.kind) else {
        return Some(finding);
    };
    let advised: MicroUsd = purchase.options.iter().map(|option| option.monthly_on_demand).sum();
    let left = finding.monthly_cost;
    if left >= advised {
        return Some(finding);
    }
    let part = |option: &PurchaseOption| {
        let amount = option.amount.part(left, advised)?;
        let savings = Figure::stated(option.monthly_savings).scale(amount.get(), option.amount.get());
        Some((PurchaseOption { amount, ..option.clone() }, savings))
    };
    let (options, savings): (Vec<_>, Vec<_>) = purchase.options.iter().filter_map(part).unzip();
    let savings = savings.into_iter().sum::<Figure>().min(Figure::stated(left));
    let bought = Purchase { kind: purchase.kind, options };
    (!bought.options.is_empty()).then(|| Finding {
        title: title(&bought),
        recommended: recommended(&bought),
        remediation: remediation(&bought),
        monthly_savings: savings.amount(),
        calculation: Calculation { monthly_savings: savings.arithmetic().to_owned(), ..finding.calculation },
        ..finding
    })
}

/// The hub tells the same purchases again: named as a source, counted once.
fn hub_agrees(case: &Case<'_>) -> Option<FindingSource> {
    let same = |resource_type: &str| resource_type == case.meta.kind.as_str();
    let found = case.snapshot.aws_findings.iter().find(|finding| same(&finding.resource_type));
    found.map(|finding| finding.source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{billing::PurchaseAmount, cost::DailyCost},
        rules::fixtures::Lab,
    };
    use jiff::{ToSpan, civil::Date};

    fn lab(kind: Kind, options: Vec<PurchaseOption>) -> Lab {
        let mut lab = Lab::new();
        let last: Date = "2026-06-29".parse().unwrap();
        let cost = |n: i64| DailyCost {
            day: last.saturating_sub(n.days()),
            service: "Amazon S3".into(),
            amount: "1".parse().unwrap(),
        };
        lab.snapshot.costs =
            Some(CostHistory { days: (0..30).map(cost).collect(), ..CostHistory::default() });
        lab.snapshot.billing.purchases = vec![Purchase { kind, options }];
        lab
    }

    fn plan(savings: &str) -> PurchaseOption {
        PurchaseOption {
            region: None,
            instance: "".into(),
            product: "".into(),
            amount: PurchaseAmount::Hourly("0.35".parse().unwrap()),
            offering_id: Some("offer-1".into()),
            monthly_savings: savings.parse().unwrap(),
            monthly_on_demand: "400".parse().unwrap(),
        }
    }

    fn database(count: i64) -> PurchaseOption {
        PurchaseOption {
            region: Some("eu-west-1".parse().unwrap()),
            instance: "db.r6g.large".into(),
            product: "PostgreSQL".into(),
            amount: PurchaseAmount::Units(count),
            offering_id: None,
            ..plan("60.5")
        }
    }

    #[test]
    fn advice_becomes_one_finding_with_the_amounts_that_aws_states() {
        let finding = lab(Kind::ComputeSavingsPlans, vec![plan("92.7")]).only_finding(&COMPUTE_PLANS);
        assert_eq!(finding.title, "Compute Savings Plans: 0.35 USD an hour, for a year");
        assert_eq!(
            (finding.monthly_savings.to_string(), finding.monthly_cost.to_string()),
            ("92.70".into(), "400.00".into())
        );
        assert_eq!(finding.calculation.monthly_savings, "92.70");
        assert_eq!(finding.sources, [FindingSource::CostExplorer]);
        let command = "aws savingsplans create-savings-plan --region us-east-1 --savings-plan-offering-id offer-1 --commitment 0.35";
        assert_eq!(finding.remediation.commands, [command]);
    }

    #[test]
    fn several_lines_of_advice_are_one_purchase() {
        let finding = lab(Kind::RdsReservation, vec![database(2), database(1)]).only_finding(&RDS);
        assert_eq!(
            finding.title,
            "Reserved databases: 2 x db.r6g.large PostgreSQL in eu-west-1 and 1 more, for a year"
        );
        assert_eq!(finding.calculation.monthly_savings, "60.50 + 60.50");
        assert_eq!(finding.remediation.commands.len(), 2);
    }

    /// What becomes of advice where a part of what it covers is left.
    fn resized(kind: Kind, options: Vec<PurchaseOption>, left: &str, rule: &Rule) -> Option<Finding> {
        let lab = lab(kind, options);
        let finding = Finding { monthly_cost: left.parse().unwrap(), ..lab.only_finding(rule) };
        resize(finding, &lab.snapshot.billing.purchases)
    }

    #[test]
    fn less_is_bought_where_less_is_left() {
        let finding = resized(Kind::ComputeSavingsPlans, vec![plan("92.7")], "300", &COMPUTE_PLANS).unwrap();
        assert_eq!(
            finding.title, "Compute Savings Plans: 0.262 USD an hour, for a year",
            "0.2625 rounded down"
        );
        assert!(finding.remediation.commands[0].ends_with("--commitment 0.262"));
        assert_eq!(finding.calculation.monthly_savings, "262000 / 350000 * 92.70");
        assert_eq!(finding.monthly_savings.to_cents(), "69.39");
    }

    #[test]
    fn units_are_bought_whole() {
        let options = || vec![database(3), database(1)];
        let finding = resized(Kind::RdsReservation, options(), "600", &RDS).unwrap();
        assert_eq!(finding.title, "Reserved databases: 2 x db.r6g.large PostgreSQL in eu-west-1, for a year");
        assert_eq!(finding.calculation.monthly_savings, "2 / 3 * 60.50");
        assert_eq!(finding.remediation.commands.len(), 1);
        assert_eq!(resized(Kind::RdsReservation, options(), "200", &RDS), None, "not even one of three");
        let whole = resized(Kind::RdsReservation, options(), "800", &RDS).unwrap();
        assert!(whole.title.starts_with("Reserved databases: 3 x"), "{}", whole.title);
    }

    #[test]
    fn a_saving_is_never_more_than_its_cost() {
        let finding = lab(Kind::ComputeSavingsPlans, vec![plan("900")]).only_finding(&COMPUTE_PLANS);
        assert_eq!(finding.monthly_savings, finding.monthly_cost);
    }

    #[test]
    fn no_advice_is_fine_and_unread_advice_is_unknown() {
        lab(Kind::ComputeSavingsPlans, vec![]).nothing(&COMPUTE_PLANS);
        lab(Kind::ComputeSavingsPlans, vec![plan("92.7")]).nothing(&EC2_PLANS);
        let mut unread = lab(Kind::RdsReservation, vec![]);
        unread.snapshot.billing.purchases_unknown = vec![Kind::ComputeSavingsPlans];
        unread.unknown(&COMPUTE_PLANS, UnknownReason::CostMissing);
        Lab::new().unknown(&COMPUTE_PLANS, UnknownReason::CostMissing);
    }
}
