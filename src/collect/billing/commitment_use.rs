//! How far commitments cover what they could, and how far those that the account owns are used.
//!
//! Coverage is asked only of what costs enough, use only of what is owned.

use super::{
    Collector, Incomplete, Scope, Spend, basis_points, none_without_data, of_account, of_account_and, usd,
};
use crate::domain::{
    billing::{Commitment, CommitmentCoverage, CommitmentUtilization},
    commitment_advice::services_of,
    inventory::ResourceKind,
    money::MicroUsd,
    snapshot::Inventory,
};
use aws_sdk_costexplorer::types as sdk;

const SP_COVERAGE: &str = "ce:GetSavingsPlansCoverage";
const SP_USE: &str = "ce:GetSavingsPlansUtilization";
const RI_COVERAGE: &str = "ce:GetReservationCoverage";
const RI_USE: &str = "ce:GetReservationUtilization";

pub(in crate::collect) const COLLECTOR: Collector = Collector {
    name: "coverage and use of commitments",
    actions: &[SP_COVERAGE, SP_USE, RI_COVERAGE, RI_USE],
    listing: None,
};

#[derive(Default)]
pub(super) struct Uses {
    pub coverage: Vec<CommitmentCoverage>,
    pub utilization: Vec<CommitmentUtilization>,
}

const RDS: &str = "Amazon Relational Database Service";

pub(super) async fn fetch(scope: &Scope<'_>, spend: &Spend<'_>, inventory: &Inventory) -> Uses {
    let mut uses = Uses::default();
    if spend.is_enough(services_of(ResourceKind::ComputeSavingsPlans)) {
        uses.coverage.extend(plans_coverage(scope, spend).await.ok().flatten());
    }
    // Of EC2 the plans' coverage tells more: they and reservations cover the same hours.
    if spend.is_enough(&[RDS]) {
        uses.coverage.extend(reservations_coverage(scope, spend, RDS).await.ok().flatten());
    }
    if inventory.savings_plans.iter().any(|plan| plan.active) {
        uses.utilization.extend(plans_use(scope, spend).await.ok().flatten());
    }
    for service in reserved_services(inventory) {
        uses.utilization.extend(reservations_use(scope, spend, service).await.ok().flatten());
    }
    uses
}

/// The services of which the account owns reservations now.
fn reserved_services(inventory: &Inventory) -> Vec<&'static str> {
    let owned = [
        (ResourceKind::Ec2Reservation, inventory.ec2_reservations.iter().any(|r| r.is_active())),
        (ResourceKind::RdsReservation, inventory.rds_reservations.iter().any(|r| r.is_active())),
        (ResourceKind::CacheReservation, inventory.cache_reservations.iter().any(|r| r.is_active())),
        (ResourceKind::RedshiftReservation, inventory.redshift_reservations.iter().any(|r| r.is_active())),
    ];
    owned.iter().filter(|(_, owned)| *owned).flat_map(|(kind, _)| services_of(*kind)).copied().collect()
}

async fn plans_coverage(
    scope: &Scope<'_>,
    spend: &Spend<'_>,
) -> Result<Option<CommitmentCoverage>, Incomplete> {
    let call = scope.session.cost_explorer().get_savings_plans_coverage();
    let call = call.set_time_period(spend.last_month()).granularity(sdk::Granularity::Monthly);
    let call = call.metrics("SpendCoveredBySavingsPlans").filter(of_account(scope));
    let reply = scope.call(SP_COVERAGE, Box::pin(call.send())).await;
    let reply = none_without_data(scope, SP_COVERAGE, reply)?;
    let months = reply.map(|reply| reply.savings_plans_coverages).unwrap_or_default();
    Ok(sum_of_months(months.into_iter().filter_map(|month| month.coverage)))
}

/// Thirty days mostly lie in two months, which are told apart.
fn sum_of_months(months: impl Iterator<Item = sdk::SavingsPlansCoverageData>) -> Option<CommitmentCoverage> {
    let (mut covered, mut on_demand) = (MicroUsd::ZERO, MicroUsd::ZERO);
    for month in months {
        covered += usd(month.spend_covered_by_savings_plans.as_ref())?;
        on_demand += usd(month.on_demand_cost.as_ref())?;
    }
    let total = covered + on_demand;
    total.is_positive().then(|| CommitmentCoverage {
        commitment: Commitment::SavingsPlans,
        service: "",
        covered_basis_points: share(covered, total),
        on_demand,
    })
}

/// In hundredths of a percent.
fn share(part: MicroUsd, whole: MicroUsd) -> u32 {
    u32::try_from(MicroUsd::new(10_000).scale(part.get(), whole.get()).get()).unwrap_or(0)
}

async fn reservations_coverage(
    scope: &Scope<'_>,
    spend: &Spend<'_>,
    service: &'static str,
) -> Result<Option<CommitmentCoverage>, Incomplete> {
    let call = scope.session.cost_explorer().get_reservation_coverage();
    let call = call.set_time_period(spend.last_month()).filter(of_account_and(scope, service));
    let call = call.granularity(sdk::Granularity::Monthly).metrics("Hour").metrics("Cost");
    let reply = scope.call(RI_COVERAGE, Box::pin(call.send())).await;
    let total = none_without_data(scope, RI_COVERAGE, reply)?.and_then(|reply| reply.total);
    Ok(total.and_then(|total| {
        let hours = total.coverage_hours?;
        Some(CommitmentCoverage {
            commitment: Commitment::Reservations,
            service,
            covered_basis_points: basis_points(hours.coverage_hours_percentage.as_ref())?,
            on_demand: usd(total.coverage_cost?.on_demand_cost.as_ref())?,
        })
    }))
}

async fn plans_use(
    scope: &Scope<'_>,
    spend: &Spend<'_>,
) -> Result<Option<CommitmentUtilization>, Incomplete> {
    let call = scope.session.cost_explorer().get_savings_plans_utilization();
    let call = call.set_time_period(spend.last_month()).filter(of_account(scope));
    let reply = scope.call(SP_USE, Box::pin(call.send())).await;
    let total = none_without_data(scope, SP_USE, reply)?.and_then(|reply| reply.total);
    Ok(total.and_then(|total| total.utilization).and_then(|used| {
        Some(CommitmentUtilization {
            commitment: Commitment::SavingsPlans,
            service: "",
            used_basis_points: basis_points(used.utilization_percentage.as_ref())?,
            unused: usd(used.unused_commitment.as_ref())?,
            total: usd(used.total_commitment.as_ref())?,
        })
    }))
}

async fn reservations_use(
    scope: &Scope<'_>,
    spend: &Spend<'_>,
    service: &'static str,
) -> Result<Option<CommitmentUtilization>, Incomplete> {
    let call = scope.session.cost_explorer().get_reservation_utilization();
    let call = call.set_time_period(spend.last_month()).filter(of_account_and(scope, service));
    let call = call.granularity(sdk::Granularity::Monthly);
    let reply = scope.call(RI_USE, Box::pin(call.send())).await;
    let total = none_without_data(scope, RI_USE, reply)?.and_then(|reply| reply.total);
    Ok(total.and_then(|total| {
        Some(CommitmentUtilization {
            commitment: Commitment::Reservations,
            service,
            used_basis_points: basis_points(total.utilization_percentage.as_ref())?,
            unused: usd(total.ri_cost_for_unused_hours.as_ref())?,
            total: usd(total.total_amortized_fee.as_ref())?,
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coverage_of_two_months_is_one_share() {
        let month = |covered: &str, on_demand: &str| {
            let data = sdk::SavingsPlansCoverageData::builder().spend_covered_by_savings_plans(covered);
            data.on_demand_cost(on_demand).build()
        };
        let coverage = sum_of_months([month("10", "30"), month("20", "40")].into_iter()).unwrap();
        assert_eq!((coverage.covered_basis_points, coverage.on_demand.to_string()), (3_000, "70.00".into()));
        assert_eq!(sum_of_months(std::iter::empty()), None, "nothing to cover");
    }
}
