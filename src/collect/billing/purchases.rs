//! What AWS advises to buy: one year, without or with little upfront payment, from the last 30 days.
//!
//! One paid question a kind, asked only where what it covers costs enough to decide.

use super::{Collector, Incomplete, Scope, Spend, none_without_data, of_account, usd};
use crate::domain::{
    billing::{Purchase, PurchaseAmount, PurchaseOption},
    commitment_advice::{PURCHASES, services_of},
    inventory::ResourceKind as Kind,
    money::{HOURS_PER_MONTH, MicroUsd},
};
use aws_sdk_costexplorer::types as sdk;
use futures_util::future::join_all;

const PLANS: &str = "ce:GetSavingsPlansPurchaseRecommendation";
const RESERVATIONS: &str = "ce:GetReservationPurchaseRecommendation";

pub(in crate::collect) const COLLECTOR: Collector =
    Collector { name: "purchase advice", actions: &[PLANS, RESERVATIONS], listing: None };

#[derive(Default)]
pub(super) struct Purchases {
    pub advised: Vec<Purchase>,
    pub unknown: Vec<Kind>,
}

pub(super) async fn fetch(scope: &Scope<'_>, spend: &Spend<'_>) -> Purchases {
    let worth = PURCHASES.iter().filter(|(_, services)| spend.is_enough(services)).map(|(kind, _)| *kind);
    let asked = worth.map(|kind| async move { (kind, ask(scope, kind).await) });
    let mut purchases = Purchases::default();
    for (kind, options) in join_all(asked).await {
        match options {
            Ok(options) => purchases.advised.push(Purchase { kind, options }),
            Err(Incomplete) => purchases.unknown.push(kind),
        }
    }
    purchases
}

async fn ask(scope: &Scope<'_>, kind: Kind) -> Result<Vec<PurchaseOption>, Incomplete> {
    match plan_type(kind) {
        Some(plan) => ask_for_plans(scope, plan).await,
        None => ask_for_reservations(scope, kind).await,
    }
}

fn plan_type(kind: Kind) -> Option<sdk::SupportedSavingsPlansType> {
    match kind {
        Kind::ComputeSavingsPlans => Some(sdk::SupportedSavingsPlansType::ComputeSp),
        Kind::Ec2InstanceSavingsPlans => Some(sdk::SupportedSavingsPlansType::Ec2InstanceSp),
        Kind::SageMakerSavingsPlans => Some(sdk::SupportedSavingsPlansType::SagemakerSp),
        Kind::DatabaseSavingsPlans => Some(sdk::SupportedSavingsPlansType::DatabaseSp),
        _ => None,
    }
}

/// One page holds the largest; what comes behind it saves little.
async fn ask_for_plans(
    scope: &Scope<'_>,
    plan: sdk::SupportedSavingsPlansType,
) -> Result<Vec<PurchaseOption>, Incomplete> {
    let call = scope.session.cost_explorer().get_savings_plans_purchase_recommendation();
    let call = call
        .savings_plans_type(plan)
        .term_in_years(sdk::TermInYears::OneYear)
        .payment_option(sdk::PaymentOption::NoUpfront)
        .account_scope(sdk::AccountScope::Linked)
        .lookback_period_in_days(sdk::LookbackPeriodInDays::ThirtyDays)
        .filter(of_account(scope));
    let reply = none_without_data(scope, PLANS, scope.call(PLANS, Box::pin(call.send())).await)?;
    let advice = reply.and_then(|reply| reply.savings_plans_purchase_recommendation);
    let details = advice.and_then(|advice| advice.savings_plans_purchase_recommendation_details);
    Ok(details.unwrap_or_default().into_iter().filter_map(of_plan).collect())
}

fn of_plan(detail: sdk::SavingsPlansPurchaseRecommendationDetail) -> Option<PurchaseOption> {
    in_dollars(detail.currency_code.as_deref())?;
    let plan = detail.savings_plans_details.as_ref();
    let hourly = usd(detail.current_average_hourly_on_demand_spend.as_ref())?;
    Some(PurchaseOption {
        region: plan.and_then(|plan| plan.region.as_deref()).and_then(|region| region.parse().ok()),
        instance: plan.and_then(|plan| plan.instance_family.as_deref()).unwrap_or_default().into(),
        product: "".into(),
        amount: PurchaseAmount::Hourly(usd(detail.hourly_commitment_to_purchase.as_ref())?),
        offering_id: plan.and_then(|plan| plan.offering_id.as_deref()).map(Into::into),
        monthly_savings: usd(detail.estimated_monthly_savings_amount.as_ref())?,
        monthly_on_demand: hourly.scale(HOURS_PER_MONTH, 1),
    })
    .filter(|option| option.monthly_savings.is_positive())
}

async fn ask_for_reservations(scope: &Scope<'_>, kind: Kind) -> Result<Vec<PurchaseOption>, Incomplete> {
    let account = scope.session.account().to_string();
    let call = scope.session.cost_explorer().get_reservation_purchase_recommendation();
    let call = call
        .set_service(services_of(kind).first().map(|service| (*service).to_owned()))
        .account_id(&account)
        .account_scope(sdk::AccountScope::Linked)
        .term_in_years(sdk::TermInYears::OneYear)
        .payment_option(payment(kind))
        .lookback_period_in_days(sdk::LookbackPeriodInDays::ThirtyDays);
    let reply = scope.call(RESERVATIONS, Box::pin(call.send())).await;
    let advice = none_without_data(scope, RESERVATIONS, reply)?.and_then(|reply| reply.recommendations);
    let details = advice
        .unwrap_or_default()
        .into_iter()
        .flat_map(|advice| advice.recommendation_details.unwrap_or_default());
    // A payer is told of other accounts, too.
    let ours = details.filter(|detail| detail.account_id.as_deref().is_none_or(|id| id == account));
    Ok(ours.filter_map(of_reservation).collect())
}

/// DynamoDB sells capacity with a part of it upfront only.
fn payment(kind: Kind) -> sdk::PaymentOption {
    if kind == Kind::DynamoDbReservation {
        sdk::PaymentOption::PartialUpfront
    } else {
        sdk::PaymentOption::NoUpfront
    }
}

fn of_reservation(detail: sdk::ReservationPurchaseRecommendationDetail) -> Option<PurchaseOption> {
    in_dollars(detail.currency_code.as_deref())?;
    let what = Reserved::of(&detail).unwrap_or_default();
    let units = detail.recommended_number_of_instances_to_purchase.as_ref();
    let units = units.or(detail.recommended_number_of_capacity_units_to_purchase.as_ref());
    Some(PurchaseOption {
        region: what.region.and_then(|region| region.parse().ok()),
        instance: what.instance.into(),
        product: what.product.unwrap_or_default().into(),
        amount: PurchaseAmount::Units(usd(units)?.get() / MicroUsd::from_usd(1).get()),
        offering_id: None,
        monthly_savings: usd(detail.estimated_monthly_savings_amount.as_ref())?,
        monthly_on_demand: usd(detail.estimated_monthly_on_demand_cost.as_ref())?,
    })
    .filter(|option| option.monthly_savings.is_positive())
}

/// What is reserved, of whichever service.
#[derive(Default)]
struct Reserved<'a> {
    region: Option<&'a str>,
    instance: String,
    product: Option<&'a str>,
}

impl<'a> Reserved<'a> {
    fn of(detail: &'a sdk::ReservationPurchaseRecommendationDetail) -> Option<Self> {
        let new = |region: &'a Option<String>, instance: Option<&str>, product: Option<&'a String>| Self {
            region: region.as_deref(),
            instance: instance.unwrap_or_default().to_owned(),
            product: product.map(String::as_str),
        };
        if let Some(capacity) =
            detail.reserved_capacity_details.as_ref().and_then(|of| of.dynamo_db_capacity_details.as_ref())
        {
            return Some(new(&capacity.region, capacity.capacity_units.as_deref(), None));
        }
        let of = detail.instance_details.as_ref()?;
        if let Some(ec2) = &of.ec2_instance_details {
            return Some(new(&ec2.region, ec2.instance_type.as_deref(), ec2.platform.as_ref()));
        }
        if let Some(rds) = &of.rds_instance_details {
            return Some(new(&rds.region, rds.instance_type.as_deref(), rds.database_engine.as_ref()));
        }
        if let Some(cache) = &of.elasti_cache_instance_details {
            return Some(new(&cache.region, cache.node_type.as_deref(), cache.product_description.as_ref()));
        }
        if let Some(redshift) = &of.redshift_instance_details {
            return Some(new(&redshift.region, redshift.node_type.as_deref(), None));
        }
        if let Some(search) = &of.es_instance_details {
            let name = [search.instance_class.as_deref(), search.instance_size.as_deref()];
            let name = name.into_iter().flatten().collect::<Vec<_>>().join(".");
            return Some(new(&search.region, Some(&name), None));
        }
        let memory = of.memory_db_instance_details.as_ref()?;
        Some(new(&memory.region, memory.node_type.as_deref(), None))
    }
}

/// Advice in another currency is not added to dollars; AWS leaves the code out where it is USD.
fn in_dollars(currency: Option<&str>) -> Option<()> {
    currency.is_none_or(|code| code.is_empty() || code == "USD").then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(currency: &str) -> Option<PurchaseOption> {
        let details =
            sdk::SavingsPlansDetails::builder().region("eu-west-1").instance_family("m5").offering_id("o-1");
        let detail = sdk::SavingsPlansPurchaseRecommendationDetail::builder()
            .savings_plans_details(details.build())
            .currency_code(currency)
            .hourly_commitment_to_purchase("0.350")
            .current_average_hourly_on_demand_spend("0.5")
            .estimated_monthly_savings_amount("92.7");
        of_plan(detail.build())
    }

    #[test]
    fn a_plan_says_what_it_covers_and_what_that_costs_now() {
        let plan = plan("USD").unwrap();
        assert_eq!((&*plan.instance, plan.region.unwrap().as_str()), ("m5", "eu-west-1"));
        assert_eq!(plan.amount, PurchaseAmount::Hourly("0.35".parse().unwrap()));
        assert_eq!(plan.monthly_on_demand.to_string(), "365.00");
        assert_eq!(plan.offering_id.as_deref(), Some("o-1"));
    }

    #[test]
    fn advice_in_another_currency_is_left_out() {
        assert_eq!(plan("CNY"), None);
    }

    #[test]
    fn a_reservation_names_its_type_and_number() {
        let rds = sdk::RdsInstanceDetails::builder()
            .region("us-east-1")
            .instance_type("db.r6g.large")
            .database_engine("PostgreSQL");
        let detail = sdk::ReservationPurchaseRecommendationDetail::builder()
            .instance_details(sdk::InstanceDetails::builder().rds_instance_details(rds.build()).build())
            .recommended_number_of_instances_to_purchase("2")
            .estimated_monthly_savings_amount("60.5")
            .estimated_monthly_on_demand_cost("200");
        let option = of_reservation(detail.clone().build()).unwrap();
        assert_eq!((&*option.instance, &*option.product), ("db.r6g.large", "PostgreSQL"));
        assert_eq!(option.amount, PurchaseAmount::Units(2));
        assert_eq!(of_reservation(detail.estimated_monthly_savings_amount("0").build()), None);
    }
}
