//! What the bill itself shows.

mod cost_increase_month_over_month;
mod usage_charges;

use super::{Amounts, Case, Meta, Rule, case, command};

pub const RULES: &[Rule] =
    &[cost_increase_month_over_month::RULE, usage_charges::CROSS_ZONE, usage_charges::EARLY_DELETION];
