//! What Redshift does to its clusters by the clock: pause, resume, resize.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{RedshiftAction, RedshiftScheduledAction, ResourceKind},
    region::Region,
    snapshot::Inventory,
    tags::Tags,
};
use aws_sdk_redshift::{operation::describe_scheduled_actions::DescribeScheduledActionsOutput, types as sdk};

const ACTION: &str = "redshift:DescribeScheduledActions";

pub(super) const COLLECTOR: Collector = Collector {
    name: "redshift scheduled actions",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::RedshiftScheduledAction,
        turn: Turn::Then(has_clusters),
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.redshift_scheduled_actions)),
    }),
};

fn has_clusters(found: &Inventory) -> bool {
    !found.redshift_clusters.is_empty()
}

async fn fetch(scope: &Scope<'_>, found: &mut Vec<RedshiftScheduledAction>) -> Result<(), Incomplete> {
    let client = scope.session.redshift(&scope.region);
    let fetch = |token| client.describe_scheduled_actions().max_records(100).set_marker(token).send();
    let take = |page: DescribeScheduledActionsOutput| {
        let actions = page.scheduled_actions.unwrap_or_default().into_iter();
        found.extend(actions.filter_map(|item| map(item, &scope.region)));
        page.marker
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(action: sdk::ScheduledAction, region: &Region) -> Option<RedshiftScheduledAction> {
    let target = action.target_action?;
    let pause = target.pause_cluster.map(|to| (RedshiftAction::Pause, to.cluster_identifier));
    let resume = target.resume_cluster.map(|to| (RedshiftAction::Resume, to.cluster_identifier));
    let resize = target.resize_cluster.map(|to| (RedshiftAction::Resize, to.cluster_identifier));
    let (does, cluster_id) = pause.or(resume).or(resize)?;
    Some(RedshiftScheduledAction {
        common: wire::common(region, action.scheduled_action_name, Tags::default(), None)?,
        cluster_id: wire::text(cluster_id),
        does,
        active: action.state == Some(sdk::ScheduledActionState::Active),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_names_its_cluster() {
        let pause = sdk::PauseClusterMessage::builder().cluster_identifier("warehouse").build();
        let action = sdk::ScheduledAction::builder()
            .scheduled_action_name("night")
            .target_action(sdk::ScheduledActionType::builder().pause_cluster(pause).build())
            .state(sdk::ScheduledActionState::Active)
            .build();
        let action = map(action, &Region::global()).unwrap();
        assert_eq!(
            (&*action.cluster_id, action.does, action.active),
            ("warehouse", RedshiftAction::Pause, true)
        );
    }
}
