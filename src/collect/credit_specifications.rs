//! Which burstable instances may buy CPU credits: AWS lists those with unlimited credits when no instance is named.

use super::scope::Scope;
use crate::domain::inventory::{Instance, InstanceState, family_and_size};
use aws_sdk_ec2::operation::describe_instance_credit_specifications::DescribeInstanceCreditSpecificationsOutput;
use std::collections::HashSet;

pub(super) const ACTION: &str = "ec2:DescribeInstanceCreditSpecifications";

/// Where the list cannot be read to its end nothing is known of any instance; the gap is written down.
pub(super) async fn add_to(scope: &Scope<'_>, instances: &mut [Instance]) {
    if !instances.iter().any(|instance| instance.state == InstanceState::Running && is_burstable(instance)) {
        return;
    }
    let ec2 = scope.session.ec2(&scope.region);
    let fetch =
        |token| ec2.describe_instance_credit_specifications().max_results(1_000).set_next_token(token).send();
    let mut unlimited = HashSet::new();
    let take = |page: DescribeInstanceCreditSpecificationsOutput| {
        let found = page.instance_credit_specifications.unwrap_or_default().into_iter();
        let bought = found.filter(|spec| spec.cpu_credits.as_deref() == Some("unlimited"));
        unlimited.extend(bought.filter_map(|spec| spec.instance_id));
        page.next_token
    };
    if scope.page_through(ACTION, fetch, take).await.is_ok() {
        for instance in instances.iter_mut().filter(|instance| is_burstable(instance)) {
            instance.unlimited_credits = Some(unlimited.contains(&*instance.common.id));
        }
    }
}

fn is_burstable(instance: &Instance) -> bool {
    let family = family_and_size(&instance.instance_type).map_or("", |(family, _)| family);
    family.strip_prefix('t').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}
