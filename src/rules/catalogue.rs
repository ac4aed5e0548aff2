//! The list of rules, family by family. A rule exists once its family names it.

use super::{Rule, cost, dynamodb, ebs, ec2, ecs, lambda, network, rds};
use std::sync::LazyLock;

static FAMILIES: &[&[Rule]] = &[
    cost::RULES,
    dynamodb::RULES,
    ebs::RULES,
    ec2::RULES,
    ecs::RULES,
    lambda::RULES,
    network::RULES,
    rds::RULES,
];

/// All rules, sorted by id.
pub static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let mut rules: Vec<&Rule> = FAMILIES.iter().copied().flatten().collect();
    rules.sort_by_key(|rule| rule.meta.id);
    rules
});
