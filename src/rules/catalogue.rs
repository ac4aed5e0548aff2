//! The list of rules, family by family. A rule exists once its family names it.

use super::Rule;
use std::sync::LazyLock;

static FAMILIES: &[&[Rule]] = &[
    super::autoscaling::RULES,
    super::aws::RULES,
    super::cloudwatch::RULES,
    super::commitments::RULES,
    super::cost::RULES,
    super::dynamodb::RULES,
    super::ebs::RULES,
    super::ec2::RULES,
    super::ecs::RULES,
    super::elasticache::RULES,
    super::governance::RULES,
    super::lambda::RULES,
    super::load_balancing::RULES,
    super::network::RULES,
    super::rds::RULES,
    super::redshift::RULES,
    super::tagging::RULES,
    super::s3::RULES,
    super::secrets::RULES,
];

/// All rules, sorted by id.
pub static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let mut rules: Vec<&Rule> = FAMILIES.iter().copied().flatten().collect();
    rules.sort_by_key(|rule| rule.meta.id);
    rules
});
