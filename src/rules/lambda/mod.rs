//! Lambda functions. A timeout and an unused function cost nothing by themselves: those are shown, not promised.

mod duration;
#[cfg(test)]
mod lab;
mod lambda_graviton;
mod lambda_high_error_rate;
mod lambda_memory_rightsize;
mod lambda_provisioned_concurrency;
mod lambda_timeouts;
mod lambda_unused;

use super::{Amounts, Bill, Case, Judgement, Meta, Rule, case, command, quantity};

pub const RULES: &[Rule] = &[
    lambda_graviton::RULE,
    lambda_high_error_rate::RULE,
    lambda_memory_rightsize::RULE,
    lambda_provisioned_concurrency::RULE,
    lambda_timeouts::RULE,
    lambda_unused::RULE,
];
