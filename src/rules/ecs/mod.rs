//! ECS services on Fargate, and clusters. Machines of a cluster are judged as instances.

mod ecs_cluster_low_utilization;
mod ecs_cluster_unused;
mod ecs_fargate_spot_nonprod;
mod ecs_graviton;
mod ecs_service_idle;
mod ecs_service_no_autoscaling;
mod ecs_service_rightsize;
mod fargate;
#[cfg(test)]
mod lab;

use super::{Amounts, Bill, Case, Judgement, Meta, Rule, case, command, quantity};

pub const RULES: &[Rule] = &[
    ecs_cluster_low_utilization::RULE,
    ecs_cluster_unused::RULE,
    ecs_fargate_spot_nonprod::RULE,
    ecs_graviton::RULE,
    ecs_service_idle::RULE,
    ecs_service_no_autoscaling::RULE,
    ecs_service_rightsize::RULE,
];
