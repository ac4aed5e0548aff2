//! What load balancers lead to: their target groups, the targets in them, and, where there are none, listeners that
//! answer by themselves.
//!
//! Invariant: a load balancer gets its targets only if all of its groups were read to their end.

use super::{
    load_balancers::{GONE, SIDE_BY_SIDE, arn, id_in},
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::inventory::{BalancerType, Listeners, LoadBalancer, Targets};
use aws_sdk_elasticloadbalancingv2::{
    operation::{
        describe_listeners::DescribeListenersOutput, describe_target_groups::DescribeTargetGroupsOutput,
    },
    types as sdk,
};
use futures_util::{StreamExt, stream};
use std::collections::BTreeMap;

pub(super) const GROUPS: &str = "elasticloadbalancing:DescribeTargetGroups";
pub(super) const HEALTH: &str = "elasticloadbalancing:DescribeTargetHealth";
pub(super) const LISTENERS: &str = "elasticloadbalancing:DescribeListeners";

/// A target group that went between two calls.
const GROUP_GONE: &str = "TargetGroupNotFound";

/// By load balancer; none where one of its groups could not be read.
type Found = BTreeMap<String, Option<Targets>>;

/// What cannot be read leaves a gap, and the load balancers without targets.
pub(super) async fn add(scope: &Scope<'_>, balancers: &mut [LoadBalancer]) {
    if balancers.is_empty() {
        return;
    }
    let Ok(mut targets) = targets(scope).await else { return };
    for balancer in &mut *balancers {
        let mut found = targets.remove(&*balancer.common.id).unwrap_or_else(|| Some(Targets::default()));
        if let Some(found) = &mut found {
            found.instance_ids.sort_unstable();
            found.instance_ids.dedup();
        }
        balancer.targets = found;
    }
    let unused = balancers.iter_mut().filter(|balancer| {
        balancer.balancer_type == BalancerType::Application
            && balancer.targets.as_ref().is_some_and(|targets| targets.in_use == 0)
    });
    let reads: Vec<_> = unused.map(|balancer| add_listeners(scope, balancer)).collect();
    stream::iter(reads).buffer_unordered(SIDE_BY_SIDE).collect::<()>().await;
}

async fn targets(scope: &Scope<'_>) -> Result<Found, Incomplete> {
    let groups = groups(scope).await?;
    let mut reads = stream::iter(groups)
        .map(|(arn, owners)| async move { (owners, health(scope, &arn).await) })
        .buffered(SIDE_BY_SIDE);
    let mut found = Found::new();
    while let Some((owners, health)) = reads.next().await {
        for owner in owners {
            let targets = found.entry(owner).or_insert_with(|| Some(Targets::default()));
            match (&health, targets.as_mut()) {
                (Ok(health), Some(targets)) => add_group(targets, health),
                _ => *targets = None,
            }
        }
    }
    Ok(found)
}

/// The groups that load balancers use, and which ones: the others cost nothing.
async fn groups(scope: &Scope<'_>) -> Result<Vec<(String, Vec<String>)>, Incomplete> {
    let client = scope.session.load_balancing(&scope.region);
    let mut found = Vec::new();
    let fetch = |token| client.describe_target_groups().page_size(400).set_marker(token).send();
    let take = |page: DescribeTargetGroupsOutput| {
        for group in page.target_groups.unwrap_or_default() {
            let owners = group.load_balancer_arns.unwrap_or_default();
            let owners: Vec<_> = owners.iter().filter_map(|arn| id_in(arn)).map(str::to_owned).collect();
            found.extend(group.target_group_arn.filter(|_| !owners.is_empty()).map(|arn| (arn, owners)));
        }
        page.next_marker
    };
    scope.page_through(GROUPS, fetch, take).await?;
    Ok(found)
}

async fn health(scope: &Scope<'_>, group: &str) -> Result<Vec<sdk::TargetHealthDescription>, Incomplete> {
    let client = scope.session.load_balancing(&scope.region);
    let call = client.describe_target_health().target_group_arn(group).send();
    match scope.call(HEALTH, Box::pin(call)).await {
        Ok(reply) => Ok(reply.target_health_descriptions.unwrap_or_default()),
        Err(failure) if failure.code == GROUP_GONE => Ok(Vec::new()),
        Err(failure) => Err(scope.missing(HEALTH, failure)),
    }
}

fn add_group(targets: &mut Targets, health: &[sdk::TargetHealthDescription]) {
    targets.groups += 1;
    for described in health {
        targets.registered += 1;
        let state = described.target_health.as_ref().and_then(|health| health.state.as_ref());
        let gone =
            matches!(state, Some(sdk::TargetHealthStateEnum::Unused | sdk::TargetHealthStateEnum::Draining));
        targets.in_use += u32::from(!gone);
        let id = described.target.as_ref().and_then(|target| target.id.clone());
        targets.instance_ids.extend(wire::some_text(id).filter(|id| id.starts_with("i-")));
    }
}

async fn add_listeners(scope: &Scope<'_>, balancer: &mut LoadBalancer) {
    let client = scope.session.load_balancing(&scope.region);
    let arn = arn(scope, &balancer.common.id);
    let mut found = Listeners::default();
    let fetch = |token| client.describe_listeners().load_balancer_arn(&arn).set_marker(token).send();
    let take = |page: DescribeListenersOutput| {
        for listener in page.listeners.unwrap_or_default() {
            found.count += 1;
            found.answering += u32::from(answers(listener.default_actions()));
        }
        page.next_marker
    };
    match scope.try_page_through(LISTENERS, fetch, take).await {
        Ok(()) => balancer.listeners = Some(found),
        Err(failure) if failure.code == GONE => {}
        Err(failure) => {
            let Incomplete = scope.missing(LISTENERS, failure);
        }
    }
}

fn answers(actions: &[sdk::Action]) -> bool {
    let by_itself = [sdk::ActionTypeEnum::Redirect, sdk::ActionTypeEnum::FixedResponse];
    actions.iter().any(|action| action.r#type.as_ref().is_some_and(|kind| by_itself.contains(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(id: &str, state: sdk::TargetHealthStateEnum) -> sdk::TargetHealthDescription {
        sdk::TargetHealthDescription::builder()
            .target(sdk::TargetDescription::builder().id(id).build())
            .target_health(sdk::TargetHealth::builder().state(state).build())
            .build()
    }

    #[test]
    fn a_stopped_instance_is_registered_but_not_in_use() {
        use sdk::TargetHealthStateEnum::{Draining, Healthy, Unavailable, Unhealthy, Unused};
        let mut targets = Targets::default();
        add_group(&mut targets, &[health("i-1", Unused), health("10.0.0.1", Draining)]);
        assert_eq!((targets.registered, targets.in_use), (2, 0));
        // A function has no health check; what fails its check is there all the same.
        let lambda = "arn:aws:lambda:us-east-1:123456789012:function:f";
        add_group(
            &mut targets,
            &[health("i-2", Healthy), health("i-3", Unhealthy), health(lambda, Unavailable)],
        );
        assert_eq!((targets.groups, targets.registered, targets.in_use), (2, 5, 3));
        assert_eq!(targets.instance_ids, ["i-1", "i-2", "i-3"].map(Box::from));
    }

    #[test]
    fn redirects_and_fixed_responses_are_answers() {
        let action = |kind| sdk::Action::builder().r#type(kind).build();
        assert!(answers(&[action(sdk::ActionTypeEnum::Redirect)]));
        assert!(answers(&[
            action(sdk::ActionTypeEnum::AuthenticateOidc),
            action(sdk::ActionTypeEnum::FixedResponse)
        ]));
        assert!(!answers(&[action(sdk::ActionTypeEnum::Forward)]));
    }
}
