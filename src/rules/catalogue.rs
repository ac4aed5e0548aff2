//! The list of rules, family by family. A rule exists once its family names it.

use super::{Rule, autoscaling, cost, ebs, ec2, network, rds};
use std::sync::LazyLock;

static FAMILIES: &[&[Rule]] =
    &[autoscaling::RULES, cost::RULES, ebs::RULES, ec2::RULES, network::RULES, rds::RULES];

/// All rules, sorted by id.
pub static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let mut rules: Vec<&Rule> = FAMILIES.iter().copied().flatten().collect();
    rules.sort_by_key(|rule| rule.meta.id);
    rules
});
