//! What Cost Explorer and Organizations say beside costs. Asked last: what the account spends and owns decides
//! which questions are worth the 0.01 USD that each costs.
//!
//! An answer that there is no data yet is no gap; a refusal is one, and what rests on it is unknown.

mod commitment_use;
mod membership;
mod outlook;
mod purchases;

use super::{
    Collector, costs, savings_plans,
    scope::{Incomplete, Scope},
};
use crate::{
    aws::Failure,
    domain::{
        commitment_advice::PURCHASES as PURCHASES_OF, cost::CostHistory, inventory::ResourceKind,
        money::MicroUsd, region::Region, snapshot::Snapshot, thresholds::Thresholds,
    },
};
use aws_sdk_costexplorer::types as sdk;
use jiff::{ToSpan, civil::Date};

pub(in crate::collect) use commitment_use::COLLECTOR as COMMITMENT_USE;
pub(in crate::collect) use membership::COLLECTOR as MEMBERSHIP;
pub(in crate::collect) use outlook::COLLECTOR as OUTLOOK;
pub(in crate::collect) use purchases::COLLECTOR as PURCHASES;

/// Cost Explorer has nothing on the matter: no commitment, or too few days.
const NO_DATA: &str = "DataUnavailableException";

/// Reads it all into the snapshot.
pub(super) async fn fetch(scope: &Scope<'_>, thresholds: &Thresholds, snapshot: &mut Snapshot) {
    if let Ok(plans) = savings_plans::fetch(scope).await {
        snapshot.inventory.savings_plans = plans;
        snapshot.coverage.add(ResourceKind::SavingsPlan, scope.region.clone());
    }
    snapshot.billing.organization = membership::fetch(scope).await.ok();
    // What is not known of these the rules say themselves, one by one.
    let decided_here = PURCHASES_OF.iter().map(|(kind, _)| *kind).chain([ResourceKind::Account]);
    for kind in decided_here {
        snapshot.coverage.add(kind, Region::global());
    }
    let Some(costs) = &snapshot.costs else { return };
    let today = snapshot.today();
    let spend =
        Spend { costs, today, minimum: MicroUsd::from_usd(thresholds.commitment_min_spend_usd.into()) };
    let (outlook, uses, purchases) = tokio::join!(
        outlook::fetch(scope, &spend),
        commitment_use::fetch(scope, &spend, &snapshot.inventory),
        purchases::fetch(scope, &spend),
    );
    snapshot.billing.forecast = outlook.forecast;
    snapshot.billing.anomaly_monitors = outlook.anomaly_monitors;
    snapshot.billing.coverage = uses.coverage;
    snapshot.billing.utilization = uses.utilization;
    snapshot.billing.purchases = purchases.advised;
    snapshot.billing.purchases_unknown = purchases.unknown;
}

/// What decides whether a question is worth its price.
struct Spend<'a> {
    costs: &'a CostHistory,
    today: Date,
    minimum: MicroUsd,
}

impl Spend<'_> {
    /// Whether some services cost enough in the last 30 days for a question to pay.
    fn is_enough(&self, services: &[&str]) -> bool {
        self.costs.last_month_of(services, self.today).is_some_and(|spent| spent >= self.minimum)
    }

    fn is_enough_in_all(&self) -> bool {
        self.is_enough(&self.costs.services())
    }

    /// The last 30 complete days as Cost Explorer wants them: without the end.
    fn last_month(&self) -> Option<sdk::DateInterval> {
        let (from, to) = CostHistory::days_of_spend(self.today);
        interval(from, to.checked_add(1.day()).ok()?)
    }
}

fn interval(from: Date, until: Date) -> Option<sdk::DateInterval> {
    sdk::DateInterval::builder().start(from.to_string()).end(until.to_string()).build().ok()
}

/// A payer would be told of its whole organisation: only the account itself.
fn of_account(scope: &Scope<'_>) -> sdk::Expression {
    dimension(sdk::Dimension::LinkedAccount, &scope.session.account().to_string())
}

fn of_account_and(scope: &Scope<'_>, service: &str) -> sdk::Expression {
    let service = dimension(sdk::Dimension::Service, service);
    sdk::Expression::builder().and(of_account(scope)).and(service).build()
}

fn dimension(key: sdk::Dimension, value: &str) -> sdk::Expression {
    let values = sdk::DimensionValues::builder().key(key).values(value);
    sdk::Expression::builder().dimensions(values.build()).build()
}

/// No data is an answer, too: nothing.
fn none_without_data<T>(
    scope: &Scope<'_>,
    action: &'static str,
    reply: Result<T, Failure>,
) -> Result<Option<T>, Incomplete> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(failure) if failure.code == NO_DATA => Ok(None),
        Err(failure) => Err(scope.missing(action, failure)),
    }
}

/// An amount as Cost Explorer writes it.
fn usd(text: Option<&String>) -> Option<MicroUsd> {
    costs::amount(text?)
}

/// `85.5` as 8,550 hundredths of a percent.
fn basis_points(text: Option<&String>) -> Option<u32> {
    u32::try_from(usd(text)?.get() / 10_000).ok()
}
