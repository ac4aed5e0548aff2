//! Load balancers of both generations.

mod balancer;
mod clb_idle_traffic;
mod clb_to_alb;
mod elb_idle_traffic;
mod elb_no_instances_clb;
mod elb_no_targets;
#[cfg(test)]
mod fixtures;

use super::{Amounts, Case, Judgement, Meta, Rule, case, command};

pub const RULES: &[Rule] = &[
    clb_idle_traffic::RULE,
    clb_to_alb::RULE,
    elb_idle_traffic::RULE,
    elb_no_instances_clb::RULE,
    elb_no_targets::APPLICATION,
    elb_no_targets::GATEWAY,
    elb_no_targets::NETWORK,
];
