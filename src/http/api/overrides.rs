//! `/overrides`: somebody decides instead of a schedule, for a while.

use crate::{
    app::App,
    domain::{
        ids::{AccountId, OverrideId, ScheduleId, UserId},
        region::Region,
        schedule::{OverrideScope, OverrideState, Target, TargetKind},
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::{
            filters::{blank, one_more},
            texts::{AccountIdText, ReasonText, RegionText},
        },
        audit::naming,
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::{
        object,
        schedules::{self, KeptOverride, NewOverride, OverrideFilter},
    },
};
use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What an override of one resource is about.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceName {
    #[schema(value_type = AccountIdText)]
    account_id: AccountId,
    #[schema(value_type = RegionText)]
    region: Region,
    kind: TargetKind,
    /// AWS's own id: `i-…`, or the identifier of a database.
    #[schema(min_length = 1, max_length = 255)]
    resource_id: String,
}

impl ResourceName {
    fn of(target: Target) -> Self {
        Self {
            account_id: target.account,
            region: target.region,
            kind: target.kind,
            resource_id: target.id.into(),
        }
    }

    fn into_target(self) -> Target {
        Target { account: self.account_id, region: self.region, kind: self.kind, id: self.resource_id.into() }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverrideView {
    #[schema(value_type = String, format = Uuid)]
    override_id: OverrideId,
    /// Of a schedule, or else of a resource.
    #[schema(value_type = Option<String>, format = Uuid)]
    schedule_id: Option<ScheduleId>,
    resource: Option<ResourceName>,
    state: OverrideState,
    reason: String,
    #[schema(value_type = String, format = "date-time")]
    from: Timestamp,
    /// As it was set.
    #[schema(value_type = String, format = "date-time")]
    until: Timestamp,
    /// When somebody ended it before that.
    #[schema(value_type = Option<String>, format = "date-time")]
    ended_at: Option<Timestamp>,
    /// Whether it decides now.
    active: bool,
    #[schema(value_type = String, format = Uuid)]
    created_by: UserId,
    created_by_name: String,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
}

impl OverrideView {
    pub(crate) fn of(kept: KeptOverride, now: Timestamp) -> Self {
        let active = (kept.what.from..kept.what.until).contains(&now);
        let (schedule_id, resource) = match kept.what.scope {
            OverrideScope::Schedule(id) => (Some(id), None),
            OverrideScope::Resource(target) => (None, Some(ResourceName::of(target))),
        };
        Self {
            override_id: kept.what.id,
            schedule_id,
            resource,
            state: kept.what.state,
            reason: kept.what.reason,
            from: kept.what.from,
            until: kept.planned_until,
            ended_at: kept.ended_at,
            active,
            created_by: kept.what.actor,
            created_by_name: kept.what.actor_name,
            created_at: kept.created_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewOverrideBody {
    /// This or `resource`.
    #[schema(value_type = Option<String>, format = Uuid)]
    schedule_id: Option<ScheduleId>,
    #[serde(default, deserialize_with = "object::optional")]
    resource: Option<ResourceName>,
    state: OverrideState,
    #[schema(value_type = ReasonText)]
    reason: String,
    /// Absent: now. At most a year ahead.
    #[schema(value_type = Option<String>, format = "date-time")]
    from: Option<Timestamp>,
    /// At most 90 days after its beginning.
    #[schema(value_type = String, format = "date-time")]
    until: Timestamp,
}

impl NewOverrideBody {
    fn into_new(self) -> Result<NewOverride, Error> {
        let scope = match (self.schedule_id, self.resource) {
            (Some(id), None) => OverrideScope::Schedule(id),
            (None, Some(resource)) => OverrideScope::Resource(resource.into_target()),
            _ => {
                let detail = "name a schedule or a resource: one of them";
                return Err(Error::invalid_field("scheduleId", detail));
            }
        };
        let Self { state, reason, from, until, .. } = self;
        Ok(NewOverride { scope, state, reason, from, until })
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OverrideQuery {
    #[param(value_type = Option<String>, format = Uuid)]
    schedule_id: Option<ScheduleId>,
    account_id: Option<String>,
    /// Those that are over, too; absent or `false`: those in force and to come
    over: Option<bool>,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<OverrideId>>,
}

/// At its end the schedule's present state is applied.
#[utoipa::path(post, path = "/api/v1/overrides", tag = "scheduler", request_body = NewOverrideBody,
    responses((status = 201, body = OverrideView)))]
async fn create_override(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    Json(body): Json<NewOverrideBody>,
) -> Result<HttpResponse, Error> {
    let kept = schedules::create_override(&app, &access.cx, body.into_new()?).await?;
    let id = kept.what.id.to_string();
    Ok(naming(HttpResponse::Created().json(OverrideView::of(kept, access.cx.now)), id))
}

/// The newest first.
#[utoipa::path(get, path = "/api/v1/overrides", tag = "scheduler", params(OverrideQuery),
    responses((status = 200, body = Page<OverrideView>)))]
async fn list_overrides(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<OverrideQuery>,
) -> Result<Json<Page<OverrideView>>, Error> {
    let (query, now) = (query.into_inner(), access.cx.now);
    let filter = OverrideFilter {
        schedule: query.schedule_id,
        account: blank(query.account_id.as_deref()).map(str::parse).transpose()?,
        not_over_at: (query.over != Some(true)).then_some(now),
        ..OverrideFilter::default()
    };
    let before = query.cursor.map(|cursor| cursor.0);
    let all = schedules::list_overrides(&app, &access.cx, &filter, before, one_more(query.limit)).await?;
    let views = all.into_iter().map(|kept| OverrideView::of(kept, now)).collect();
    Ok(Json(Page::cut(views, query.limit, |last: &OverrideView| last.override_id)))
}

#[utoipa::path(get, path = "/api/v1/overrides/{overrideId}", tag = "scheduler",
    params(("overrideId" = String, Path)), responses((status = 200, body = OverrideView)))]
async fn get_override(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    id: web::Path<OverrideId>,
) -> Result<Json<OverrideView>, Error> {
    let kept = schedules::get_override(&app, &access.cx, *id).await?;
    Ok(Json(OverrideView::of(kept, access.cx.now)))
}

/// Ends it now; it stays in the list of those that are over.
#[utoipa::path(delete, path = "/api/v1/overrides/{overrideId}", tag = "scheduler",
    params(("overrideId" = String, Path)), responses((status = 200, body = OverrideView)))]
async fn end_override(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<OverrideId>,
) -> Result<Json<OverrideView>, Error> {
    let kept = schedules::end_override(&app, &access.cx, *id).await?;
    Ok(Json(OverrideView::of(kept, access.cx.now)))
}

pub fn routes() -> Routes {
    routes![create_override, list_overrides, get_override, end_override]
}
