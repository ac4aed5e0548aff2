//! What savings may never be: more than the cost, more than was spent, less than nothing.

use crate::{all_rules, check, fleet::Plan, plans, thresholds};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tuner::{
    domain::{
        cost::CostHistory, finding::SavingsBasis, ids::OrgKey, inventory::Service, money::MicroUsd,
        recommendation::Recommendation, rule_settings::RuleChoice, snapshot::Snapshot,
    },
    service::advice::{Advice, advise},
};

fn advice(snapshot: &Snapshot) -> Advice {
    let choice = RuleChoice::only(&all_rules());
    advise(OrgKey::from_uuid(uuid::Uuid::nil()), snapshot, &thresholds(), &choice)
}

/// The services of Cost Explorer that what we file under a service can be billed as.
fn billed_as(service: Service) -> &'static [&'static str] {
    match service {
        Service::Ebs => &["EC2 - Other"],
        Service::Ec2 => &[
            "Amazon Elastic Compute Cloud - Compute",
            "EC2 - Other",
            "Amazon Virtual Private Cloud",
            "AmazonCloudWatch",
        ],
        Service::Vpc => &["Amazon Virtual Private Cloud", "EC2 - Other"],
        Service::Rds => &["Amazon Relational Database Service"],
        Service::Redshift => &["Amazon Redshift"],
        Service::ElastiCache => &["Amazon ElastiCache"],
        Service::DynamoDb => &["Amazon DynamoDB"],
        Service::Lambda => &["AWS Lambda"],
        Service::Ecs => &["Amazon Elastic Container Service"],
        Service::ElasticLoadBalancing => &["Amazon Elastic Load Balancing", "Amazon Virtual Private Cloud"],
        _ => &[],
    }
}

/// What was spent on some services in a month of 730 hours, by the last 30 complete days.
fn spent(costs: &CostHistory, services: &[&str]) -> MicroUsd {
    let to = CostHistory::last_complete_day(crate::fleet::now().to_zoned(jiff::tz::TimeZone::UTC).date());
    let from = to.saturating_sub(jiff::Span::new().days(29));
    let all = services.iter().map(|service| costs.between(service, from, to)).sum::<MicroUsd>();
    all.scale(730, 720)
}

fn counted<'a>(list: impl IntoIterator<Item = &'a Recommendation>) -> MicroUsd {
    list.into_iter().map(|row| row.counted_monthly_savings).sum()
}

fn is_within_spend(plan: &Plan) -> Result<(), TestCaseError> {
    let snapshot = plan.world().snapshot();
    let list = advice(&snapshot).recommendations;
    let Some(costs) = &snapshot.costs else { return Ok(()) };
    let mut by_service: BTreeMap<Service, Vec<&Recommendation>> = BTreeMap::new();
    for row in &list {
        by_service.entry(row.service).or_default().push(row);
    }
    for (service, rows) in by_service {
        let services = billed_as(service);
        if !services.is_empty() {
            let (counted, spent) = (counted(rows), spent(costs, services));
            prop_assert!(counted <= spent, "{service} saves {counted} of {spent}");
        }
    }
    let (counted, spent) = (counted(&list), spent(costs, &costs.services()));
    prop_assert!(counted <= spent, "all together save {counted} of {spent}");
    Ok(())
}

proptest! {
    #![proptest_config(crate::cases(96))]

    #[test]
    fn nothing_saves_more_than_it_costs(plan in plans::wild()) {
        for finding in check(&plan.world().snapshot()).findings {
            let (cost, saving) = (finding.monthly_cost, finding.monthly_savings);
            let what = format!("{} of {}: {saving} of {cost}", finding.rule, finding.subject.id);
            prop_assert!(saving <= cost && saving >= MicroUsd::ZERO, "{what}");
        }
    }

    #[test]
    fn totals_never_exceed_what_was_spent(plan in plans::tame()) {
        is_within_spend(&plan)?;
    }

    #[test]
    fn each_counts_for_no_more_than_it_saves(plan in plans::wild()) {
        for row in advice(&plan.world().snapshot()).recommendations {
            let (counted, saving) = (row.counted_monthly_savings, row.estimated_monthly_savings);
            let what = format!("{} of {}: {counted} of {saving}", row.rule, row.resource_id);
            prop_assert!(counted <= saving && counted >= MicroUsd::ZERO, "{what}");
            prop_assert!(row.savings_basis != SavingsBasis::Exposure || counted == MicroUsd::ZERO, "{what}");
        }
    }
}
