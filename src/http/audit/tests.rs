use super::AuditTarget;
use crate::{
    domain::{
        audit::{AuditActorKind, AuditEvent, AuditOutcome as Outcome, AuditPhase as Phase},
        permission::Role,
    },
    error::{Error, ErrorCode},
    http::{
        access::{Access, Public, needs},
        fixtures::{Database, bearer, frame_into},
        json::Json,
        routes::{Routes, routes},
        server::{Frame, app},
    },
    service::audit::{
        AuditLog,
        fixtures::{Memory, log_into},
    },
};
use actix_web::{
    HttpResponse,
    test::{TestRequest, init_service, try_call_service},
    web::Path,
};
use rstest::rstest;
use serde_json::Value;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Notify;

static RUNS: AtomicUsize = AtomicUsize::new(0);
static STARTED: Notify = Notify::const_new();

#[utoipa::path(post, path = "/api/v1/things/{accountId}/parts/{partId}", params(("accountId" = String, Path), ("partId" = String, Path)), responses((status = 200)))]
async fn change_part(_: Access<needs::ManageAccounts>, _: Path<(String, String)>) -> &'static str {
    "changed"
}

#[utoipa::path(post, path = "/api/v1/counted", responses((status = 200)))]
async fn count_run(_: Access<needs::ManageAccounts>) -> &'static str {
    RUNS.fetch_add(1, Ordering::SeqCst);
    "counted"
}

#[utoipa::path(get, path = "/api/v1/things", responses((status = 200)))]
async fn read_things(_: Access<needs::ViewSavings>) -> &'static str {
    "things"
}

#[utoipa::path(post, path = "/api/v1/things", responses((status = 201)))]
async fn make_thing(_: Access<needs::ManageAccounts>) -> HttpResponse {
    let mut response = HttpResponse::Created().finish();
    response.extensions_mut().insert(AuditTarget("thingId=7".to_owned()));
    response
}

#[utoipa::path(put, path = "/api/v1/things", responses((status = 200)))]
async fn refuse_thing(_: Access<needs::ManageAccounts>, _: Json<Value>) -> Result<String, Error> {
    Err(Error::new(ErrorCode::Conflict, "no"))
}

#[utoipa::path(delete, path = "/api/v1/things", responses((status = 200)))]
async fn panic_thing(_: Access<needs::ManageAccounts>) -> String {
    panic!("on purpose")
}

#[utoipa::path(patch, path = "/api/v1/things", responses((status = 200)))]
async fn hang_thing(_: Access<needs::ManageAccounts>) -> String {
    STARTED.notify_one();
    std::future::pending().await
}

#[utoipa::path(post, path = "/api/v1/door", responses((status = 200)))]
async fn knock(_: Public) -> &'static str {
    "come in"
}

fn all() -> Routes {
    routes![change_part, count_run, read_things, make_thing, refuse_thing, panic_thing, hang_thing, knock]
}

struct House {
    memory: Arc<Memory>,
    log: AuditLog,
    frame: Frame,
}

fn house() -> House {
    let memory = Arc::new(Memory::default());
    let log = log_into(&memory);
    let frame = frame_into(log.clone(), all(), &[], Database { answers: true });
    House { memory, log, frame }
}

impl House {
    async fn call(&self, request: TestRequest) -> u16 {
        let service = init_service(app(&self.frame)).await;
        match try_call_service(&service, request.to_request()).await {
            Ok(response) => response.status().as_u16(),
            Err(error) => error.error_response().status().as_u16(),
        }
    }

    async fn events(&self) -> Vec<AuditEvent> {
        self.log.flush().await;
        self.memory.events()
    }
}

fn request(method: &str, path: &str) -> TestRequest {
    let method = method.parse().unwrap();
    TestRequest::default().method(method).uri(path).insert_header(bearer(Role::Admin))
}

#[actix_web::test]
async fn an_effect_has_its_intent_and_its_outcome() {
    let house = house();
    let path = "/api/v1/things/123456789012/parts/p-7?secret=geheim";
    assert_eq!(house.call(request("POST", path)).await, 200);
    let events = house.events().await;
    let ends: Vec<_> = events.iter().map(|e| (e.phase, e.outcome, e.status)).collect();
    assert_eq!(
        ends,
        [(Phase::Intent, Outcome::Pending, None), (Phase::Outcome, Outcome::Succeeded, Some(200))]
    );
    for event in &events {
        assert_eq!(&*event.action, "change_part");
        assert_eq!(event.account, "123456789012".parse().ok());
        assert_eq!(event.target.as_deref(), Some("partId=p-7"));
        assert_eq!(event.request_id, events[0].request_id);
    }
    assert!(!format!("{events:?}").contains("geheim"), "queries are not kept");
}

#[rstest]
#[case::escape("%1b%5b2J")]
#[case::markup("%3Cscript%3E")]
#[case::long(&"x".repeat(65))]
#[actix_web::test]
async fn what_is_no_name_is_not_repeated(#[case] part: &str) {
    let house = house();
    house.call(request("POST", &format!("/api/v1/things/none/parts/{part}"))).await;
    assert_eq!(house.events().await[0].target.as_deref(), Some("accountId=none partId=?"));
}

#[actix_web::test]
async fn without_its_intent_nothing_runs() {
    let house = house();
    house.memory.refuses.store(true, Ordering::SeqCst);
    assert_eq!(house.call(request("POST", "/api/v1/counted")).await, 503);
    assert_eq!(RUNS.load(Ordering::SeqCst), 0);
    house.memory.refuses.store(false, Ordering::SeqCst);
    assert_eq!(house.call(request("POST", "/api/v1/counted")).await, 200);
    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
}

#[rstest]
#[case::error("PUT", Outcome::Failed, Some("unsupportedMediaType"))]
#[case::panic("DELETE", Outcome::Unknown, None)]
#[actix_web::test]
async fn an_effect_that_fails_says_so(
    #[case] method: &str,
    #[case] outcome: Outcome,
    #[case] code: Option<&str>,
) {
    let house = house();
    house.call(request(method, "/api/v1/things")).await;
    let last = house.events().await.pop().unwrap();
    assert_eq!((last.phase, last.outcome, last.code.as_deref()), (Phase::Outcome, outcome, code));
}

#[actix_web::test]
async fn a_caller_who_goes_away_leaves_an_unknown_outcome() {
    let house = house();
    tokio::select! {
        status = house.call(request("PATCH", "/api/v1/things")) => panic!("answered {status}"),
        () = STARTED.notified() => {}
    }
    let last = house.events().await.pop().unwrap();
    assert_eq!((last.phase, last.outcome), (Phase::Outcome, Outcome::Unknown));
}

#[actix_web::test]
async fn what_was_made_stands_in_the_outcome() {
    let house = house();
    house.call(request("POST", "/api/v1/things")).await;
    let targets: Vec<_> = house.events().await.into_iter().map(|e| e.target).collect();
    assert_eq!(targets, [None, Some("thingId=7".to_owned())]);
}

#[rstest]
#[case::get("GET")]
#[case::head("HEAD")]
#[actix_web::test]
async fn a_read_has_one_entry(#[case] method: &str) {
    let house = house();
    assert_eq!(house.call(request(method, "/api/v1/things")).await, 200);
    let events = house.events().await;
    assert_eq!(events.len(), 1);
    let read = &events[0];
    assert_eq!((read.phase, read.outcome, &*read.action), (Phase::Event, Outcome::Succeeded, "read_things"));
    assert_eq!(read.actor.kind, AuditActorKind::Member);
}

#[actix_web::test]
async fn who_is_refused_is_written_down() {
    let house = house();
    let forbidden = request("POST", "/api/v1/counted").insert_header(bearer(Role::Viewer));
    assert_eq!(house.call(forbidden).await, 403);
    let events = house.events().await;
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].phase, events[0].outcome), (Phase::Event, Outcome::Refused));
    assert_eq!(events[0].code.as_deref(), Some("forbidden"));
    assert!(events[0].actor.user.is_some());
}

#[rstest]
#[case::no_token("GET", "/api/v1/things", 401, "read_things")]
#[case::no_route("GET", "/api/v1/nothing", 404, "unmatched")]
#[case::no_method("POST", "/api/v1/things/1/parts", 404, "unmatched")]
#[actix_web::test]
async fn strangers_stand_in_the_chain_of_nobody(
    #[case] method: &str,
    #[case] path: &str,
    #[case] status: u16,
    #[case] action: &str,
) {
    let house = house();
    let stranger = TestRequest::default().method(method.parse().unwrap()).uri(path);
    assert_eq!(house.call(stranger).await, status);
    let event = house.events().await.pop().unwrap();
    assert_eq!((&*event.action, event.outcome), (action, Outcome::Refused));
    assert_eq!((event.actor.kind, event.actor.user), (AuditActorKind::Unknown, None));
}

#[actix_web::test]
async fn a_public_effect_has_its_intent_too() {
    let house = house();
    let knock = || TestRequest::post().uri("/api/v1/door");
    assert_eq!(house.call(knock()).await, 200);
    let events = house.events().await;
    assert_eq!(events.iter().map(|e| e.phase).collect::<Vec<_>>(), [Phase::Intent, Phase::Outcome]);
    house.memory.refuses.store(true, Ordering::SeqCst);
    assert_eq!(house.call(knock()).await, 503);
}

#[actix_web::test]
async fn probes_and_documents_leave_no_entry() {
    let house = house();
    for path in ["/healthz", "/readyz", "/api/v1/openapi.json", "/.well-known/jwks.json"] {
        assert_eq!(house.call(TestRequest::get().uri(path)).await, 200, "{path}");
    }
    assert_eq!(house.events().await, []);
}
