//! What the bill itself shows.

mod cost_increase_month_over_month;

use super::{Amounts, Case, Meta, Rule, case, command};

pub const RULES: &[Rule] = &[cost_increase_month_over_month::RULE];
