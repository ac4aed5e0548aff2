//! The tagged resources: how they were seen last, which schedule they follow, and what it will do.

use super::config;
use crate::{
    app::App,
    db::ScheduledFilter,
    domain::schedule::{Change, Desired, NoPlan, Prepared, ScheduleKey, ScheduledResource, Target},
    error::Error,
    op::OpCx,
};

/// The next ones that are shown.
const NEXT_CHANGES: usize = 10;

#[derive(Clone, Debug)]
pub struct FollowedResource {
    pub resource: ScheduledResource,
    /// As of now, by the present schedules: the last tick may have seen other ones.
    pub following: Result<Following, NoPlan>,
}

/// What a resource follows, overrides included.
#[derive(Clone, Debug)]
pub struct Following {
    pub name: String,
    pub key: ScheduleKey,
    pub desired: Desired,
    pub next_changes: Vec<Change>,
}

pub async fn get_resource(app: &App, cx: &OpCx, target: &Target) -> Result<FollowedResource, Error> {
    let resource = app.database.scoped(&cx.scope).get_scheduled(target).await?;
    let config = config(app, cx).await?;
    Ok(followed(&config.prepare(cx.now), resource))
}

/// In the order of their keys; `after` is the last one of the page before.
pub async fn list_resources(
    app: &App,
    cx: &OpCx,
    filter: &ScheduledFilter,
    after: Option<&Target>,
    limit: u32,
) -> Result<Vec<FollowedResource>, Error> {
    let found = app.database.scoped(&cx.scope).list_scheduled(filter, after, limit).await?;
    let config = config(app, cx).await?;
    let prepared = config.prepare(cx.now);
    Ok(found.into_iter().map(|resource| followed(&prepared, resource)).collect())
}

fn followed(prepared: &Prepared<'_>, resource: ScheduledResource) -> FollowedResource {
    let following = prepared.plan_for(&resource.observed).map(|plan| Following {
        name: plan.name.to_owned(),
        key: plan.key,
        desired: plan.desired_at(prepared.now()),
        next_changes: plan.next_changes(prepared.now(), NEXT_CHANGES),
    });
    FollowedResource { resource, following }
}
