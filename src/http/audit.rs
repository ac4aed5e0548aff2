//! Audits every request in one place, so that no handler can forget it.
//!
//! - An unsafe request writes its intent once its sender may send it, before its body is read; without that it
//!   is refused. The outcome follows before the answer leaves.
//! - A safe one, and one that is refused, is written when it has been answered.
//! - Whoever is not known stands in the chain of nobody.
//!
//! The action is the operation's id, the target what stands in the path. Deliberately no bodies and no queries.

use super::middleware::{client::origin, frame::request_id};
use crate::{
    app::App,
    domain::clock::Clock,
    error::Error,
    op::OpCx,
    service::audit::{AuditLog, Draft, Ending, Intent, Unwritten, refusal, unwritten},
};
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::{Method, StatusCode},
    web::Data,
};

#[cfg(test)]
mod tests;

/// The audit and its clock, in the app data.
#[derive(Clone)]
pub struct Trail {
    pub log: AuditLog,
    pub clock: Clock,
}

/// What the operations of one path are called, in the app data of its resource.
#[derive(Clone, Default)]
pub(super) struct Actions(Vec<(Method, String)>);

impl Actions {
    pub fn add(&mut self, method: Method, action: &str) {
        self.0.push((method, action.to_owned()));
    }
}

/// What no route takes.
const UNMATCHED: &str = "unmatched";

/// What an answer says of its target, where the path could not: the id of what was made. Put it into the
/// answer's extensions.
pub struct AuditTarget(pub String);

/// An answer that tells the audit what was made.
pub fn naming(mut response: HttpResponse, made: String) -> HttpResponse {
    response.extensions_mut().insert(AuditTarget(made));
    response
}

/// In the request's extensions from its permission until its answer. Dropped with it if that never comes.
struct Under(Intent);

fn action_of(request: &HttpRequest) -> &str {
    let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let actions = request.app_data::<Actions>();
    let found = actions.and_then(|actions| actions.0.iter().find(|(listed, _)| listed == method));
    found.map_or(UNMATCHED, |(_, action)| action)
}

/// What stands in the path. It comes from outside: only what looks like a name or an id is repeated.
fn on_target(request: &HttpRequest, mut draft: Draft) -> Draft {
    let mut others = Vec::new();
    for (name, value) in request.match_info().iter() {
        let account = if name == "accountId" { value.parse().ok() } else { None };
        match account {
            Some(account) => draft.event.account = Some(account),
            None => others.push(format!("{name}={}", if is_plain(value) { value } else { "?" })),
        }
    }
    draft.event.target = (!others.is_empty()).then(|| others.join(" "));
    draft
}

fn is_plain(value: &str) -> bool {
    value.len() <= 64 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn trail(request: &HttpRequest) -> Result<&Data<Trail>, Error> {
    request.app_data().ok_or_else(|| Error::internal("no Trail in the app data"))
}

/// The sender may send it: from here on it has an entry, however it ends.
pub(super) async fn enter(request: &HttpRequest, cx: &OpCx) -> Result<(), Error> {
    let draft = on_target(request, Draft::of(cx, action_of(request)));
    if request.method().is_safe() { expect(request, draft).await } else { begin(request, draft).await }
}

/// The sender is known and may not send it.
pub(super) async fn refuse(request: &HttpRequest, cx: &OpCx) -> Result<(), Error> {
    expect(request, on_target(request, Draft::of(cx, action_of(request)))).await
}

/// Anybody may send it. What changes nothing then tells nothing of anybody: it has no entry.
pub(super) async fn enter_unknown(request: &HttpRequest) -> Result<(), Error> {
    if request.method().is_safe() {
        return Ok(());
    }
    let now = trail(request)?.clock.now();
    let draft = Draft::of_unknown(action_of(request), request_id(request), origin(request), now);
    begin(request, on_target(request, draft)).await
}

async fn begin(request: &HttpRequest, draft: Draft) -> Result<(), Error> {
    let begun = trail(request)?.log.begin(draft).await;
    keep(request, begun)
}

async fn expect(request: &HttpRequest, draft: Draft) -> Result<(), Error> {
    let expected = trail(request)?.log.expect(draft).await;
    keep(request, expected)
}

fn keep(request: &HttpRequest, begun: Result<Intent, Unwritten>) -> Result<(), Error> {
    let intent = begun.map_err(|reason| match request.app_data::<Data<App>>() {
        Some(app) => unwritten(app, reason),
        None => refusal(reason),
    })?;
    request.extensions_mut().insert(Under(intent));
    Ok(())
}

/// The answer is known.
pub(super) async fn leave(request: &HttpRequest, response: &HttpResponse, error: Option<&Error>) {
    let status = response.status();
    let code = error.map(|error| error.code().as_str());
    let mut ending = Ending::answered(status.as_u16(), code);
    if let Some(AuditTarget(made)) = response.extensions().get() {
        match made.parse() {
            Ok(account) => ending.account = Some(account),
            Err(_) => ending.target = Some(made.clone()),
        }
    }
    let under = request.extensions_mut().remove::<Under>();
    match under {
        Some(Under(intent)) => intent.finish(ending).await,
        None if status.is_client_error() => stranger(request, status, ending),
        None => {}
    }
}

/// Refused before anybody was known. A flood of them must not become a flood of rows: whoever is over the limit
/// is counted, not written, and where the queue is full the others are, too.
fn stranger(request: &HttpRequest, status: StatusCode, ending: Ending) {
    let Ok(trail) = trail(request) else { return };
    if status == StatusCode::TOO_MANY_REQUESTS {
        return;
    }
    let now = trail.clock.now();
    let draft = Draft::of_unknown(action_of(request), request_id(request), origin(request), now);
    trail.log.offer(on_target(request, draft), ending);
}
