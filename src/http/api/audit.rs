//! `/audit-log`: what was done, as pages or as one stream, and whether it is as it was written.

use crate::{
    app::App,
    domain::{
        audit::{AuditOutcome, BreakKind},
        ids::AccountId,
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::filters::{blank, one_more, user},
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    op::OpCx,
    service::audit::{self, AuditCursor, AuditFilter, AuditOrder, AuditRecord, ChainReport},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ACCEPT, CONTENT_DISPOSITION},
    web::{Bytes, Data, Query},
};
use futures_util::stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

const NDJSON: &str = "application/x-ndjson";
/// Entries that a stream holds at a time.
const CHUNK: u32 = 1000;

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// From this time on
    #[param(value_type = Option<String>, format = "date-time")]
    from: Option<Timestamp>,
    /// Before this time
    #[param(value_type = Option<String>, format = "date-time")]
    to: Option<Timestamp>,
    /// The id of an operation, or the name of a security event
    action: Option<String>,
    user_id: Option<String>,
    account_id: Option<String>,
    /// `pending`, `succeeded`, `refused`, `failed` or `unknown`
    outcome: Option<String>,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<AuditCursor>>,
}

impl AuditQuery {
    fn filter(&self) -> Result<AuditFilter, Error> {
        Ok(AuditFilter {
            from: self.from,
            to: self.to,
            action: blank(self.action.as_deref()).map(str::to_owned),
            user: user(self.user_id.as_deref())?,
            account: blank(self.account_id.as_deref()).map(str::parse::<AccountId>).transpose()?,
            outcome: blank(self.outcome.as_deref()).map(parse_outcome).transpose()?,
        })
    }
}

fn parse_outcome(text: &str) -> Result<AuditOutcome, Error> {
    text.parse().map_err(|()| {
        let names: Vec<&str> = AuditOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
        Error::invalid_field("outcome", format!("use one of {}", names.join(", ")))
    })
}

/// Newest first, page by page. With `Accept: application/x-ndjson` all of them at once, oldest first, one a line.
#[utoipa::path(get, path = "/api/v1/audit-log", tag = "audit", params(AuditQuery), responses(
    (status = 200, content((Page<AuditRecord> = "application/json"), (String = "application/x-ndjson")))))]
async fn list_audit(
    access: Access<needs::ReadAudit>,
    request: HttpRequest,
    app: Data<App>,
    query: Query<AuditQuery>,
) -> Result<HttpResponse, Error> {
    let (filter, after) = (query.filter()?, query.cursor.as_ref().map(|cursor| cursor.0));
    if wants_stream(&request) {
        return Ok(export(app.into_inner(), access.cx, filter, after));
    }
    let (limit, order) = (query.limit, AuditOrder::NewestFirst);
    let records = audit::list(&app, &access.cx, &filter, order, after, one_more(limit)).await?;
    Ok(HttpResponse::Ok().json(Page::cut(records, limit, cursor_of)))
}

fn cursor_of(last: &AuditRecord) -> AuditCursor {
    AuditCursor { at_micros: last.at.as_microsecond(), sequence: last.sequence }
}

fn wants_stream(request: &HttpRequest) -> bool {
    let accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let mut types = accepted.flat_map(|value| value.split(',')).filter_map(|item| item.split(';').next());
    types.any(|media_type| media_type.trim().eq_ignore_ascii_case(NDJSON))
}

/// An error on the way breaks the connection off: half an export must not look like a whole one.
fn export(app: Arc<App>, cx: OpCx, filter: AuditFilter, after: Option<AuditCursor>) -> HttpResponse {
    let begin = Some((app, cx, filter, after));
    let chunks = stream::try_unfold(begin, |place| async move {
        let Some((app, cx, filter, after)) = place else { return Ok(None) };
        let records = audit::list(&app, &cx, &filter, AuditOrder::OldestFirst, after, CHUNK).await?;
        let last = records.last().map(cursor_of);
        let next = last.map(|last| (app, cx, filter, Some(last)));
        Ok::<_, Error>(Some((Bytes::from(lines(&records)?), next)))
    });
    HttpResponse::Ok()
        .content_type(NDJSON)
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"audit-log.ndjson\""))
        .streaming(chunks)
}

fn lines(records: &[AuditRecord]) -> Result<Vec<u8>, Error> {
    let mut lines = Vec::new();
    for record in records {
        serde_json::to_writer(&mut lines, record).map_err(Error::internal)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// The first entry that is not as it was written.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BrokenView {
    sequence: i64,
    kind: BreakKind,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerificationView {
    intact: bool,
    /// How many entries were compared; null where the chain is broken.
    entries: Option<u64>,
    /// The newest entry.
    sequence: Option<i64>,
    hash: Option<String>,
    /// What is up to here was deleted when its time was over.
    deleted_up_to_sequence: Option<i64>,
    /// The newest entry that the checkpoint outside of the database knows.
    checkpoint_sequence: Option<i64>,
    broken: Option<BrokenView>,
}

impl From<ChainReport> for VerificationView {
    fn from(report: ChainReport) -> Self {
        let intact = report.result.ok();
        let broken = report.result.err();
        Self {
            intact: intact.is_some(),
            entries: intact.map(|intact| intact.entries),
            sequence: intact.map(|intact| intact.head.sequence),
            hash: intact.map(|intact| hex::encode(intact.head.hash)),
            deleted_up_to_sequence: intact.map(|intact| intact.floor),
            checkpoint_sequence: intact.and_then(|intact| intact.marked),
            broken: broken.map(|broken| BrokenView { sequence: broken.sequence, kind: broken.kind }),
        }
    }
}

/// Reads the organisation's whole chain and compares it with itself and with the checkpoint.
#[utoipa::path(get, path = "/api/v1/audit-log/verify", tag = "audit",
    responses((status = 200, body = VerificationView)))]
async fn verify_audit(
    access: Access<needs::ReadAudit>,
    app: Data<App>,
) -> Result<Json<VerificationView>, Error> {
    Ok(Json(audit::verify(&app, &access.cx.scope, None).await?.into()))
}

pub fn routes() -> Routes {
    routes![list_audit, verify_audit]
}
