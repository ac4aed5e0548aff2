//! `/scheduler/resources`: what is tagged, what it follows, what it will do and why it does not.

use super::schedule_previews::ChangeView;
use crate::{
    app::App,
    domain::{
        ids::{AccountId, ScheduleId},
        money::MicroUsd,
        region::Region,
        schedule::cost::Coverage,
        schedule::{Desired, NoPlan, Power, Target, TargetKind},
        tags::Tags,
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::{
            filters::{blank, one_more, word},
            texts::AccountIdText,
        },
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::schedules::{self, FollowedResource, ScheduledFilter},
};
use actix_web::web;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduledResourceView {
    #[schema(value_type = AccountIdText)]
    account_id: AccountId,
    #[schema(value_type = String)]
    region: Region,
    kind: TargetKind,
    resource_id: String,
    name: Option<String>,
    #[schema(value_type = Object)]
    tags: Tags,
    /// As it was seen last.
    power: Power,
    /// AWS's own word for it.
    aws_state: String,
    #[schema(value_type = String, format = "date-time")]
    seen_at: Timestamp,
    /// When it was seen to be gone.
    #[schema(value_type = Option<String>, format = "date-time")]
    gone_at: Option<Timestamp>,
    eligible: bool,
    /// Why it is never started or stopped.
    ineligible_reason: Option<String>,
    schedule: Option<FollowedView>,
    /// Why it follows nothing now.
    no_schedule_reason: Option<NoPlan>,
    /// What the schedule, or an override, wants now.
    desired: Desired,
    /// What the last tick said of it: why something was done, or was not.
    reason: Option<String>,
    /// The next ten.
    next_changes: Vec<ChangeView>,
    /// Off because of Tuner since then; the time before stands in the savings.
    off: Option<OffSinceView>,
    retry: Option<RetryView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FollowedView {
    #[schema(value_type = String, format = Uuid)]
    schedule_id: ScheduleId,
    name: String,
    revision: i64,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OffSinceView {
    #[schema(value_type = String, format = "date-time")]
    since: Timestamp,
    /// Null: not known.
    #[schema(value_type = Option<String>)]
    hourly_price: Option<MicroUsd>,
    coverage: Coverage,
}

/// Tries that failed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetryView {
    failures: u32,
    code: String,
    #[schema(value_type = String, format = "date-time")]
    not_before: Timestamp,
}

impl From<FollowedResource> for ScheduledResourceView {
    fn from(found: FollowedResource) -> Self {
        let FollowedResource { resource, following } = found;
        let observed = resource.observed;
        let retry = resource.memory.and_then(|memory| memory.retry);
        let no_schedule_reason = following.as_ref().err().copied();
        let following = following.ok();
        let desired = following.as_ref().map_or(Desired::None, |following| following.desired);
        let mut view = Self {
            account_id: observed.target.account,
            region: observed.target.region,
            kind: observed.target.kind,
            resource_id: observed.target.id.into(),
            name: observed.name.map(Into::into),
            tags: observed.tags,
            power: observed.power,
            aws_state: observed.facts.aws_state.into(),
            seen_at: observed.seen_at,
            gone_at: resource.gone_at,
            eligible: resource.ineligible.is_none(),
            ineligible_reason: resource.ineligible,
            schedule: None,
            no_schedule_reason,
            desired,
            reason: resource.reason,
            next_changes: Vec::new(),
            off: resource.off.map(|off| OffSinceView {
                since: off.since,
                hourly_price: off.price,
                coverage: off.coverage,
            }),
            retry: retry.map(|retry| RetryView {
                failures: retry.failures,
                code: retry.code.into(),
                not_before: retry.not_before,
            }),
        };
        if let Some(following) = following {
            view.next_changes = following.next_changes.into_iter().map(ChangeView::from).collect();
            let (schedule_id, revision) = (following.key.id, following.key.revision);
            view.schedule = Some(FollowedView { schedule_id, name: following.name, revision });
        }
        view
    }
}

/// The last one of a page.
#[derive(Clone, Serialize, Deserialize)]
pub struct ResourceCursor {
    account: AccountId,
    region: Region,
    kind: TargetKind,
    id: Box<str>,
}

impl ResourceCursor {
    pub(super) fn of(target: &Target) -> Self {
        let Target { account, region, kind, id } = target.clone();
        Self { account, region, kind, id }
    }

    pub(super) fn into_target(self) -> Target {
        let Self { account, region, kind, id } = self;
        Target { account, region, kind, id }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScheduledQuery {
    account_id: Option<String>,
    region: Option<String>,
    /// `instance`, `dbInstance` or `dbCluster`
    #[param(pattern = "^(instance|dbInstance|dbCluster)?$")]
    kind: Option<String>,
    /// A schedule's name
    schedule: Option<String>,
    /// `running`, `stopped`, `changing` or `gone`
    #[param(pattern = "^(running|stopped|changing|gone)?$")]
    power: Option<String>,
    /// What the last tick said of it
    reason: Option<String>,
    eligible: Option<bool>,
    /// Off because of Tuner
    off: Option<bool>,
    /// Those that are gone, too
    gone: Option<bool>,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<ResourceCursor>>,
}

impl ScheduledQuery {
    fn filter(&self) -> Result<ScheduledFilter, Error> {
        let text = |text: &Option<String>| blank(text.as_deref()).map(str::to_owned);
        Ok(ScheduledFilter {
            account: blank(self.account_id.as_deref()).map(str::parse).transpose()?,
            region: super::filters::region(self.region.as_deref())?,
            kind: word("kind", self.kind.as_deref(), TargetKind::ALL)?,
            schedule: text(&self.schedule),
            power: word("power", self.power.as_deref(), Power::ALL)?,
            reason: text(&self.reason),
            ineligible: self.eligible.map(|eligible| !eligible),
            off: self.off,
            with_gone: self.gone == Some(true),
        })
    }
}

/// Everything that is tagged `Scheduler=Enabled`, as it was seen last.
#[utoipa::path(get, path = "/api/v1/scheduler/resources", tag = "scheduler", params(ScheduledQuery),
    responses((status = 200, body = Page<ScheduledResourceView>)))]
async fn list_scheduled_resources(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<ScheduledQuery>,
) -> Result<Json<Page<ScheduledResourceView>>, Error> {
    let query = query.into_inner();
    let filter = query.filter()?;
    let after = query.cursor.map(|cursor| cursor.0.into_target());
    let count = one_more(query.limit);
    let all = schedules::list_resources(&app, &access.cx, &filter, after.as_ref(), count).await?;
    let key = |last: &FollowedResource| ResourceCursor::of(&last.resource.observed.target);
    let page = Page::cut(all, query.limit, key);
    let items = page.items.into_iter().map(ScheduledResourceView::from).collect();
    Ok(Json(Page { items, next_cursor: page.next_cursor }))
}

#[utoipa::path(get, path = "/api/v1/scheduler/resources/{accountId}/{region}/{kind}/{resourceId}",
    tag = "scheduler",
    params(("accountId" = String, Path), ("region" = String, Path, pattern = "^[a-z]{2}(-[a-z]{1,12}){1,2}-[0-9]$"),
        ("kind" = TargetKind, Path), ("resourceId" = String, Path, pattern = "^[A-Za-z0-9-]{1,255}$")),
    responses((status = 200, body = ScheduledResourceView)))]
async fn get_scheduled_resource(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    path: web::Path<(AccountId, Region, TargetKind, Box<str>)>,
) -> Result<Json<ScheduledResourceView>, Error> {
    let (account, region, kind, id) = path.into_inner();
    let target = Target { account, region, kind, id };
    Ok(Json(schedules::get_resource(&app, &access.cx, &target).await?.into()))
}

pub fn routes() -> Routes {
    routes![list_scheduled_resources, get_scheduled_resource]
}
