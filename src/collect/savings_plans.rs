//! Savings Plans of the account. One list for all regions, filed under the billing region.

use super::{
    Collector,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{Common, SavingsPlan, SavingsPlanType},
    region::Region,
};
use aws_sdk_savingsplans::{operation::describe_savings_plans::DescribeSavingsPlansOutput, types as sdk};

const ACTION: &str = "savingsplans:DescribeSavingsPlans";

pub(super) const COLLECTOR: Collector =
    Collector { name: "savings plans", actions: &[ACTION], listing: None };

pub(super) async fn fetch(scope: &Scope<'_>) -> Result<Vec<SavingsPlan>, Incomplete> {
    let client = scope.session.savings_plans();
    let mut found = Vec::new();
    let fetch = |token| client.describe_savings_plans().max_results(100).set_next_token(token).send();
    let take = |page: DescribeSavingsPlansOutput| {
        let items = page.savings_plans.unwrap_or_default();
        found.extend(items.into_iter().filter_map(|item| map(item, &scope.region)));
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await?;
    Ok(found)
}

/// None for a type of plan that is not known yet.
fn map(item: sdk::SavingsPlan, region: &Region) -> Option<SavingsPlan> {
    let plan_type = match item.savings_plan_type? {
        sdk::SavingsPlanType::Compute => SavingsPlanType::Compute,
        sdk::SavingsPlanType::Ec2Instance => SavingsPlanType::Ec2Instance,
        sdk::SavingsPlanType::Sagemaker => SavingsPlanType::SageMaker,
        sdk::SavingsPlanType::Database => SavingsPlanType::Database,
        _ => return None,
    };
    let tags = item.tags.unwrap_or_default().into_iter().collect();
    let started = item.start.and_then(|at| at.parse().ok());
    let common = wire::common(region, item.savings_plan_id, tags, None)?;
    // A plan that may be returned serves until it is.
    let active =
        matches!(item.state, Some(sdk::SavingsPlanState::Active | sdk::SavingsPlanState::PendingReturn));
    Some(SavingsPlan {
        common: Common { created_at: started, ..common },
        plan_type,
        active,
        ends_at: item.end.and_then(|at| at.parse().ok()),
        family: wire::some_text(item.ec2_instance_family),
        family_region: wire::some_text(item.region),
        hourly_commitment: item.commitment?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> aws_sdk_savingsplans::types::builders::SavingsPlanBuilder {
        sdk::SavingsPlan::builder()
            .savings_plan_id("sp-1")
            .savings_plan_type(sdk::SavingsPlanType::Ec2Instance)
            .state(sdk::SavingsPlanState::Active)
            .ec2_instance_family("m5")
            .region("eu-west-1")
            .start("2026-01-01T00:00:00.000Z")
            .end("2026-12-31T23:59:59.000Z")
            .commitment("0.35000000")
    }

    #[test]
    fn a_plan_of_a_family_says_which_and_where() {
        let plan = map(plan().build(), &Region::global()).unwrap();
        assert_eq!((plan.family.as_deref(), plan.family_region.as_deref()), (Some("m5"), Some("eu-west-1")));
        assert_eq!(plan.hourly_commitment.to_string(), "0.35");
        assert!(plan.active);
        assert_eq!(plan.ends_at.unwrap().to_string(), "2026-12-31T23:59:59Z");
    }

    #[test]
    fn a_plan_in_the_queue_does_not_serve_yet() {
        assert!(!map(plan().state(sdk::SavingsPlanState::Queued).build(), &Region::global()).unwrap().active);
    }

    #[test]
    fn a_type_that_is_not_known_is_left_out() {
        let other = plan().savings_plan_type(sdk::SavingsPlanType::from("Quantum"));
        assert_eq!(map(other.build(), &Region::global()), None);
    }
}
