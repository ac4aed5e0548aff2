//! Compute Optimizer: what is idle, and licences of SQL Server that use less than they cost.

use super::{Collector, Incomplete, Scope, wire};
use crate::domain::{
    aws_finding::{Advice, AwsFinding},
    billing::FindingSource,
    finding::{ActionType, Effort},
    inventory::Instance,
    money::MicroUsd,
    region::Region,
};
use aws_sdk_computeoptimizer::{
    operation::{
        get_idle_recommendations::GetIdleRecommendationsOutput,
        get_license_recommendations::GetLicenseRecommendationsOutput,
    },
    types as sdk,
};
use std::collections::HashSet;

const STATUS: &str = "compute-optimizer:GetEnrollmentStatus";
const LICENSES: &str = "compute-optimizer:GetLicenseRecommendations";
const IDLE: &str = "compute-optimizer:GetIdleRecommendations";

pub(in crate::collect) const COLLECTOR: Collector =
    Collector { name: "compute optimizer", actions: &[STATUS, LICENSES, IDLE], listing: None };

/// Opting in is a matter of the whole account.
pub(super) async fn is_enrolled(scope: &Scope<'_>) -> Result<bool, Incomplete> {
    let call = Box::pin(scope.session.compute_optimizer(&scope.region).get_enrollment_status().send());
    let reply = scope.call(STATUS, call).await.map_err(|failure| scope.missing(STATUS, failure))?;
    Ok(reply.status == Some(sdk::Status::Active))
}

pub(super) async fn idle(scope: &Scope<'_>) -> Result<Vec<AwsFinding>, Incomplete> {
    let client = scope.session.compute_optimizer(&scope.region);
    let account = scope.session.account().to_string();
    let mut found = Vec::new();
    let fetch = |token| {
        let call = client.get_idle_recommendations().account_ids(&account).max_results(1_000);
        call.set_next_token(token).send()
    };
    let take = |page: GetIdleRecommendationsOutput| {
        let items = page.idle_recommendations.unwrap_or_default();
        found.extend(items.into_iter().filter_map(|item| of_idle(item, &scope.region)));
        page.next_token
    };
    scope.page_through(IDLE, fetch, take).await?;
    Ok(found)
}

/// Of machines that were found: a licence on one that is gone saves nothing.
pub(super) async fn licenses<'a>(
    scope: &Scope<'_>,
    machines: impl Iterator<Item = &'a Instance>,
) -> Vec<AwsFinding> {
    let client = scope.session.compute_optimizer(&scope.region);
    let account = scope.session.account().to_string();
    let known: HashSet<&str> = machines.map(|instance| &*instance.common.id).collect();
    let mut found = Vec::new();
    let fetch = |token| {
        let call = client.get_license_recommendations().account_ids(&account).max_results(1_000);
        call.set_next_token(token).send()
    };
    let take = |page: GetLicenseRecommendationsOutput| {
        let items = page.license_recommendations.unwrap_or_default();
        found.extend(items.into_iter().filter_map(|item| of_license(item, &scope.region)));
        page.next_token
    };
    // What came before a failure stays; the gap is written down.
    let _ = scope.page_through(LICENSES, fetch, take).await;
    found.retain(|finding| known.contains(&*finding.resource_id));
    found
}

/// Names of resource types as the hub has them.
fn hub_type(kind: &sdk::IdleRecommendationResourceType) -> &str {
    use sdk::IdleRecommendationResourceType as T;
    match kind {
        T::Ec2Instance => "Ec2Instance",
        T::AutoScalingGroup => "Ec2AutoScalingGroup",
        T::EbsVolume => "EbsVolume",
        T::EcsService => "EcsService",
        T::RdsDbInstance => "RdsDbInstance",
        other => other.as_str(),
    }
}

fn last_part(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or_default()
}

fn of_idle(item: sdk::IdleRecommendation, region: &Region) -> Option<AwsFinding> {
    let opportunity = item.savings_opportunity?;
    let savings = dollars(opportunity.estimated_monthly_savings)?;
    let kind = item.resource_type?;
    let resource_arn = wire::text(item.resource_arn);
    let stops = matches!(kind, sdk::IdleRecommendationResourceType::Ec2Instance);
    Some(AwsFinding {
        source: FindingSource::ComputeOptimizer,
        region: region.clone(),
        resource_type: hub_type(&kind).into(),
        resource_id: wire::some_text(item.resource_id).unwrap_or_else(|| last_part(&resource_arn).into()),
        resource_arn,
        advice: Advice::Action(if stops { ActionType::Stop } else { ActionType::Delete }),
        monthly_cost: whole(savings, opportunity.savings_opportunity_percentage),
        monthly_savings: savings,
        after_discounts: item
            .savings_opportunity_after_discounts
            .and_then(|after| dollars(after.estimated_monthly_savings)),
        effort: Effort::Low,
        restart_needed: false,
        rollback_possible: stops,
        current: wire::text(item.finding_description),
        recommended: "".into(),
        look_back_days: days(item.look_back_period_in_days),
        refreshed_at: wire::timestamp(item.last_refresh_timestamp),
    })
    .filter(|finding| finding.monthly_savings.is_positive())
}

fn dollars(amount: Option<sdk::IdleEstimatedMonthlySavings>) -> Option<MicroUsd> {
    amount.filter(|amount| amount.currency == Some(sdk::Currency::Usd)).map(|amount| wire::usd(amount.value))
}

/// AWS gives the saving and its share of the cost.
fn whole(savings: MicroUsd, percent: f64) -> MicroUsd {
    savings.scale(MicroUsd::from_usd(100).get(), wire::usd(percent).get()).max(savings)
}

fn days(look_back: f64) -> Option<u32> {
    format!("{look_back:.0}").parse().ok()
}

fn of_license(item: sdk::LicenseRecommendation, region: &Region) -> Option<AwsFinding> {
    if item.finding != Some(sdk::LicenseFinding::NotOptimized) {
        return None;
    }
    let option = item.license_recommendation_options?.into_iter().min_by_key(|option| option.rank)?;
    let opportunity = option.savings_opportunity?;
    let amount = opportunity.estimated_monthly_savings.filter(|a| a.currency == Some(sdk::Currency::Usd))?;
    let savings = wire::usd(amount.value);
    let resource_arn = wire::text(item.resource_arn);
    let now = item.current_license_configuration.and_then(|now| now.license_edition);
    Some(AwsFinding {
        source: FindingSource::ComputeOptimizer,
        region: region.clone(),
        resource_type: "Ec2Instance".into(),
        resource_id: last_part(&resource_arn).into(),
        resource_arn,
        advice: Advice::License,
        monthly_cost: whole(savings, opportunity.savings_opportunity_percentage),
        monthly_savings: savings,
        after_discounts: None,
        effort: Effort::Medium,
        restart_needed: true,
        rollback_possible: true,
        current: now.as_ref().map_or("", sdk::LicenseEdition::as_str).into(),
        recommended: option.license_edition.as_ref().map_or("", sdk::LicenseEdition::as_str).into(),
        look_back_days: days(item.lookback_period_in_days),
        refreshed_at: wire::timestamp(item.last_refresh_timestamp),
    })
    .filter(|finding| finding.monthly_savings.is_positive())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_that_costs_too_much_names_its_machine_and_both_editions() {
        let amount =
            sdk::EstimatedMonthlySavings::builder().currency(sdk::Currency::Usd).value(200.0).build();
        let saving = sdk::SavingsOpportunity::builder()
            .savings_opportunity_percentage(40.0)
            .estimated_monthly_savings(amount);
        let option = sdk::LicenseRecommendationOption::builder()
            .rank(1)
            .license_edition(sdk::LicenseEdition::Standard)
            .savings_opportunity(saving.build());
        let now =
            sdk::LicenseConfiguration::builder().license_edition(sdk::LicenseEdition::Enterprise).build();
        let item = sdk::LicenseRecommendation::builder()
            .resource_arn("arn:aws:ec2:us-east-1:123456789012:instance/i-1")
            .finding(sdk::LicenseFinding::NotOptimized)
            .current_license_configuration(now)
            .lookback_period_in_days(14.0)
            .license_recommendation_options(option.build());
        let found = of_license(item.clone().build(), &Region::global()).unwrap();
        assert_eq!(
            (&*found.resource_id, &*found.current, &*found.recommended),
            ("i-1", "Enterprise", "Standard")
        );
        assert_eq!(found.monthly_cost.to_string(), "500.00");
        assert_eq!(of_license(item.finding(sdk::LicenseFinding::Optimized).build(), &Region::global()), None);
    }

    #[test]
    fn what_is_idle_is_named_as_the_hub_names_it() {
        let amount =
            sdk::IdleEstimatedMonthlySavings::builder().currency(sdk::Currency::Usd).value(30.0).build();
        let saving = sdk::IdleSavingsOpportunity::builder()
            .savings_opportunity_percentage(100.0)
            .estimated_monthly_savings(amount);
        let item = sdk::IdleRecommendation::builder()
            .resource_arn("arn:aws:rds:us-east-1:123456789012:db:shop")
            .resource_type(sdk::IdleRecommendationResourceType::RdsDbInstance)
            .savings_opportunity(saving.build());
        let found = of_idle(item.build(), &Region::global()).unwrap();
        assert_eq!((&*found.resource_type, &*found.resource_id), ("RdsDbInstance", "shop"));
        assert_eq!(found.monthly_cost.to_string(), "30.00");
    }
}
