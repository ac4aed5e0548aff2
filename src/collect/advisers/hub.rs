//! Cost Optimization Hub: one best recommendation for each resource, of everything that AWS's advisers know.

use super::{Answer, Collector, Incomplete, Scope, wire};
use crate::domain::{
    aws_finding::{Advice, AwsFinding},
    billing::FindingSource,
    finding::{ActionType, Effort},
};
use aws_sdk_costoptimizationhub::{operation::list_recommendations::ListRecommendationsOutput, types as sdk};

const STATUS: &str = "cost-optimization-hub:ListEnrollmentStatuses";
const LIST: &str = "cost-optimization-hub:ListRecommendations";

pub(in crate::collect) const COLLECTOR: Collector =
    Collector { name: "cost optimization hub", actions: &[STATUS, LIST], listing: None };

pub(super) async fn fetch(scope: &Scope<'_>) -> Result<Answer, Incomplete> {
    if !is_enrolled(scope).await? {
        return Ok(Answer::NotOptedIn);
    }
    let client = scope.session.cost_optimization_hub();
    let ours = sdk::Filter::builder().account_ids(scope.session.account().to_string()).build();
    let mut found = Vec::new();
    let fetch = |token| {
        let call = client.list_recommendations().filter(ours.clone()).max_results(1_000);
        call.set_next_token(token).send()
    };
    let take = |page: ListRecommendationsOutput| {
        found.extend(page.items.unwrap_or_default().into_iter().filter_map(map));
        page.next_token
    };
    scope.page_through(LIST, fetch, take).await?;
    Ok(Answer::Findings(found))
}

async fn is_enrolled(scope: &Scope<'_>) -> Result<bool, Incomplete> {
    let call = scope.session.cost_optimization_hub().list_enrollment_statuses();
    let call = call.account_id(scope.session.account().to_string());
    let reply = scope.call(STATUS, Box::pin(call.send())).await;
    let reply = reply.map_err(|failure| scope.missing(STATUS, failure))?;
    Ok(reply.items().iter().any(|item| item.status == Some(sdk::EnrollmentStatus::Active)))
}

/// None for what names no resource, and for amounts in another currency.
fn map(item: sdk::Recommendation) -> Option<AwsFinding> {
    if item.currency_code.as_deref().is_some_and(|code| code != "USD") {
        return None;
    }
    let resource_arn = wire::text(item.resource_arn);
    let id = wire::some_text(item.resource_id)
        .or_else(|| resource_arn.rsplit(['/', ':']).next().map(Into::into))?;
    let savings = wire::usd(item.estimated_monthly_savings?);
    Some(AwsFinding {
        source: FindingSource::CostOptimizationHub,
        region: item.region?.parse().ok()?,
        resource_type: wire::text(item.current_resource_type),
        resource_id: id,
        resource_arn,
        advice: Advice::Action(item.action_type?.parse::<ActionType>().ok()?),
        monthly_cost: item.estimated_monthly_cost.map_or(savings, wire::usd).max(savings),
        monthly_savings: savings,
        after_discounts: None,
        effort: item.implementation_effort.and_then(|effort| effort.parse().ok()).unwrap_or(Effort::Medium),
        restart_needed: item.restart_needed.unwrap_or(true),
        rollback_possible: item.rollback_possible.unwrap_or(false),
        current: wire::text(item.current_resource_summary),
        recommended: wire::text(item.recommended_resource_summary),
        look_back_days: item.recommendation_lookback_period_in_days.and_then(|days| u32::try_from(days).ok()),
        refreshed_at: wire::timestamp(item.last_refresh_timestamp),
    })
    .filter(|finding| finding.monthly_savings.is_positive())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item() -> sdk::builders::RecommendationBuilder {
        sdk::Recommendation::builder()
            .region("eu-west-1")
            .resource_id("i-1")
            .current_resource_type("Ec2Instance")
            .action_type("Rightsize")
            .estimated_monthly_savings(35.04)
            .estimated_monthly_cost(70.08)
            .implementation_effort("Medium")
    }

    #[test]
    fn a_recommendation_keeps_the_amounts_that_aws_states() {
        let found = map(item().build()).unwrap();
        assert_eq!(
            (found.monthly_savings.to_string(), found.monthly_cost.to_string()),
            ("35.04".into(), "70.08".into())
        );
        assert_eq!(found.advice, Advice::Action(ActionType::Rightsize));
    }

    #[test]
    fn what_is_not_in_dollars_or_saves_nothing_is_left_out() {
        assert_eq!(map(item().currency_code("CNY").build()), None);
        assert_eq!(map(item().estimated_monthly_savings(0.0).build()), None);
        assert_eq!(map(item().estimated_monthly_savings(f64::NAN).build()), None);
    }

    #[test]
    fn an_action_that_is_not_known_is_left_out() {
        assert_eq!(map(item().action_type("Teleport").build()), None);
    }
}
