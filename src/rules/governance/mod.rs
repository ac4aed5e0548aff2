//! What keeps an eye on an account's costs, and where it is heading. Nothing is saved by these alone.

mod account;
mod advisers_not_opted_in;
mod anomaly_monitor_missing;
mod forecast_exceeds_last_month;
mod marketplace_new_charges;
mod outside_organization;

use super::{Amounts, Case, Meta, Rule, case, command};

pub const RULES: &[Rule] = &[
    advisers_not_opted_in::RULE,
    anomaly_monitor_missing::RULE,
    forecast_exceeds_last_month::RULE,
    marketplace_new_charges::RULE,
    outside_organization::RULE,
];
