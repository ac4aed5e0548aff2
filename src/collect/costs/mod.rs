//! What the account costs, from Cost Explorer: daily by service, and 30 days by usage type and purchase type.
//!
//! Each page costs 0.01 USD, so it is three questions a scan. A payer account would be told the costs of its whole
//! organisation: the filter keeps to the account itself.

mod amount;
mod daily;
mod usage;

pub(super) use amount::amount;
pub(super) use daily::fetch as fetch_daily;
pub(super) use usage::fetch as fetch_usage;

use super::{Collector, scope::Scope};
use aws_sdk_costexplorer::types as sdk;
use jiff::{ToSpan, civil::Date};

pub(super) const COLLECTOR: Collector = Collector { name: "costs", actions: &[GET], listing: None };
const GET: &str = "ce:GetCostAndUsage";

/// From the first day to the last one, both included. Cost Explorer leaves the end out.
fn days(from: Date, to: Date) -> Option<sdk::DateInterval> {
    let end = to.checked_add(1.days()).ok()?;
    sdk::DateInterval::builder().start(from.to_string()).end(end.to_string()).build().ok()
}

fn by(dimension: &str) -> sdk::GroupDefinition {
    sdk::GroupDefinition::builder().r#type(sdk::GroupDefinitionType::Dimension).key(dimension).build()
}

/// Of this account, and of some records.
fn of_account(scope: &Scope<'_>, records: sdk::Expression) -> sdk::Expression {
    let account = one_of(sdk::Dimension::LinkedAccount, &[&scope.session.account().to_string()]);
    sdk::Expression::builder().and(account).and(records).build()
}

fn one_of(dimension: sdk::Dimension, values: &[&str]) -> sdk::Expression {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    let dimensions = sdk::DimensionValues::builder().key(dimension).set_values(Some(values)).build();
    sdk::Expression::builder().dimensions(dimensions).build()
}
