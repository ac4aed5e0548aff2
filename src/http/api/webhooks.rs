//! `/webhooks`: where the organisation is told of failures and deviations. The address is shown as an origin,
//! the secret once.

use super::{
    filters::one_more,
    texts::{AccountIdText, NameText, WebhookUrlText},
};
use crate::{
    app::App,
    domain::{
        ids::{AccountId, DeliveryId, UserId, WebhookId},
        notice::NoticeEvent,
        webhook::{DeliveryFailure, DeliveryStatus, WebhookStatus},
    },
    error::Error,
    http::{
        access::{Access, needs},
        audit::naming,
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::webhooks::{self, KnownDelivery, KnownWebhook, MadeWebhook, WebhookChange, WebhookRequest},
};
use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookView {
    #[schema(value_type = String, format = Uuid)]
    webhook_id: WebhookId,
    name: String,
    /// Scheme, host and port: the rest of an address may be a secret.
    #[schema(example = "https://hooks.example.com")]
    origin: String,
    status: WebhookStatus,
    events: BTreeSet<NoticeEvent>,
    /// Null: all that its maker sees.
    #[schema(value_type = Option<Vec<AccountIdText>>)]
    account_ids: Option<BTreeSet<AccountId>>,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    /// All zeros: the command line.
    #[schema(value_type = String, format = Uuid)]
    created_by: UserId,
    #[schema(value_type = Option<String>, format = "date-time")]
    disabled_at: Option<Timestamp>,
    /// Until then the secret before the present one signs, too.
    #[schema(value_type = Option<String>, format = "date-time")]
    previous_secret_until: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    last_success_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    last_failure_at: Option<Timestamp>,
    last_failure: Option<DeliveryFailure>,
}

impl From<KnownWebhook> for WebhookView {
    fn from(known: KnownWebhook) -> Self {
        let KnownWebhook { webhook, status, origin } = known;
        Self {
            webhook_id: webhook.id,
            name: webhook.name,
            origin,
            status,
            events: webhook.events,
            account_ids: webhook.accounts,
            created_at: webhook.created_at,
            created_by: webhook.created_by,
            disabled_at: webhook.disabled_at,
            previous_secret_until: webhook.previous_until,
            last_success_at: webhook.last_success_at,
            last_failure_at: webhook.last_failure_at,
            last_failure: webhook.last_failure,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewWebhookView {
    #[serde(flatten)]
    webhook: WebhookView,
    /// What signatures are checked with. It is not shown again.
    #[schema(example = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")]
    secret: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewWebhookBody {
    #[schema(value_type = NameText)]
    name: String,
    #[schema(value_type = WebhookUrlText)]
    url: SecretString,
    #[schema(value_type = Vec<NoticeEvent>, min_items = 1)]
    events: BTreeSet<NoticeEvent>,
    /// Absent: all that you see.
    #[schema(value_type = Option<Vec<AccountIdText>>)]
    account_ids: Option<BTreeSet<AccountId>>,
}

fn shown_once(mut response: actix_web::HttpResponseBuilder, made: MadeWebhook) -> HttpResponse {
    let secret = made.secret.expose_secret().to_owned();
    let view = NewWebhookView { webhook: made.known.into(), secret };
    response.insert_header((CACHE_CONTROL, "no-store")).json(view)
}

/// Told from now on, of accounts that you see. The answer holds the secret that signs.
#[utoipa::path(post, path = "/api/v1/webhooks", tag = "scheduler", request_body = NewWebhookBody,
    responses((status = 201, body = NewWebhookView)))]
async fn create_webhook(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    Json(body): Json<NewWebhookBody>,
) -> Result<HttpResponse, Error> {
    let NewWebhookBody { name, url, events, account_ids: accounts } = body;
    let request = WebhookRequest { name, url, events, accounts };
    let made = webhooks::create(&app, &access.cx, request).await?;
    let target = format!("webhookId={}", made.known.webhook.id);
    Ok(naming(shown_once(HttpResponse::Created(), made), target))
}

#[derive(Serialize, ToSchema)]
pub struct WebhooksView {
    items: Vec<WebhookView>,
}

/// At most 20, so there are no pages.
#[utoipa::path(get, path = "/api/v1/webhooks", tag = "scheduler", responses((status = 200, body = WebhooksView)))]
async fn list_webhooks(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
) -> Result<Json<WebhooksView>, Error> {
    let all = webhooks::list(&app, &access.cx).await?;
    Ok(Json(WebhooksView { items: all.into_iter().map(WebhookView::from).collect() }))
}

#[utoipa::path(get, path = "/api/v1/webhooks/{webhookId}", tag = "scheduler",
    params(("webhookId" = String, Path, format = Uuid)), responses((status = 200, body = WebhookView)))]
async fn get_webhook(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<WebhookId>,
) -> Result<Json<WebhookView>, Error> {
    Ok(Json(webhooks::get(&app, &access.cx, *id).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookChangeBody {
    #[schema(value_type = Option<NameText>)]
    name: Option<String>,
    /// All that it is told of from now on.
    #[schema(value_type = Option<Vec<NoticeEvent>>, min_items = 1)]
    events: Option<BTreeSet<NoticeEvent>>,
    /// What waits for a webhook that is disabled is given up.
    disabled: Option<bool>,
}

/// What is named changes. Another address is another webhook.
#[utoipa::path(patch, path = "/api/v1/webhooks/{webhookId}", tag = "scheduler",
    params(("webhookId" = String, Path, format = Uuid)), request_body = WebhookChangeBody,
    responses((status = 200, body = WebhookView)))]
async fn change_webhook(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<WebhookId>,
    Json(body): Json<WebhookChangeBody>,
) -> Result<Json<WebhookView>, Error> {
    let disabled_at = body.disabled.map(|disabled| disabled.then_some(access.cx.now));
    let change = WebhookChange { name: body.name, events: body.events, disabled_at };
    Ok(Json(webhooks::update(&app, &access.cx, *id, change).await?.into()))
}

/// With what waits for it, and what was told.
#[utoipa::path(delete, path = "/api/v1/webhooks/{webhookId}", tag = "scheduler",
    params(("webhookId" = String, Path, format = Uuid)), responses((status = 204)))]
async fn delete_webhook(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<WebhookId>,
) -> Result<HttpResponse, Error> {
    webhooks::delete(&app, &access.cx, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookTestView {
    delivered: bool,
    /// The status of its answer, if there was one.
    answer_status: Option<u16>,
    failure: Option<DeliveryFailure>,
}

/// Sends one message of the type `webhook.test` and says what came of it.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhookId}/test", tag = "scheduler",
    params(("webhookId" = String, Path, format = Uuid)), responses((status = 200, body = WebhookTestView)))]
async fn test_webhook(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<WebhookId>,
) -> Result<Json<WebhookTestView>, Error> {
    let ended = webhooks::test(&app, &access.cx, *id).await?;
    let (answer_status, failure) = (ended.status, ended.failure);
    Ok(Json(WebhookTestView { delivered: failure.is_none(), answer_status, failure }))
}

/// A new secret; for 24 hours messages carry a signature of the one before it, too.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhookId}/rotate-secret", tag = "scheduler",
    params(("webhookId" = String, Path, format = Uuid)), responses((status = 200, body = NewWebhookView)))]
async fn rotate_webhook_secret(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<WebhookId>,
) -> Result<HttpResponse, Error> {
    Ok(shown_once(HttpResponse::Ok(), webhooks::rotate_secret(&app, &access.cx, *id).await?))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryView {
    /// The `webhook-id` of the message: the same at each attempt.
    #[schema(value_type = String, format = Uuid)]
    delivery_id: DeliveryId,
    #[serde(rename = "type")]
    #[schema(example = "scheduler.actionFailed")]
    event: String,
    #[schema(value_type = Option<AccountIdText>)]
    account_id: Option<AccountId>,
    status: DeliveryStatus,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    attempts: u32,
    #[schema(value_type = Option<String>, format = "date-time")]
    attempted_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    next_attempt_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    delivered_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    given_up_at: Option<Timestamp>,
    answer_status: Option<u16>,
    failure: Option<DeliveryFailure>,
}

impl From<KnownDelivery> for DeliveryView {
    fn from(known: KnownDelivery) -> Self {
        Self {
            delivery_id: known.id,
            event: known.event,
            account_id: known.account,
            status: known.status,
            created_at: known.created_at,
            attempts: known.attempts,
            attempted_at: known.attempted_at,
            next_attempt_at: known.next_at,
            delivered_at: known.delivered_at,
            given_up_at: known.given_up_at,
            answer_status: known.last_status,
            failure: known.last_failure,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<DeliveryId>>,
}

/// Newest first: what was told in the last 30 days, what waits, and what was given up.
#[utoipa::path(get, path = "/api/v1/webhooks/{webhookId}/deliveries", tag = "scheduler",
    params(("webhookId" = String, Path, format = Uuid), DeliveryQuery),
    responses((status = 200, body = Page<DeliveryView>)))]
async fn list_webhook_deliveries(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<WebhookId>,
    query: web::Query<DeliveryQuery>,
) -> Result<Json<Page<DeliveryView>>, Error> {
    let DeliveryQuery { limit, cursor } = query.into_inner();
    let before = cursor.map(|cursor| cursor.0);
    let all = webhooks::list_deliveries(&app, &access.cx, *id, before, one_more(limit)).await?;
    let views = all.into_iter().map(DeliveryView::from).collect();
    Ok(Json(Page::cut(views, limit, |last: &DeliveryView| last.delivery_id)))
}

pub fn routes() -> Routes {
    routes![
        create_webhook,
        list_webhooks,
        get_webhook,
        change_webhook,
        delete_webhook,
        test_webhook,
        rotate_webhook_secret,
        list_webhook_deliveries,
    ]
}
