//! The frame through actix in memory. One file: every test drives the same few sample routes and helpers below.

use super::{
    access::{Access, Public, needs},
    api,
    fixtures::{Database, bearer, frame_with},
    json::Json,
    openapi,
    paging::{Cursor, Limit, Page},
    routes::{Routes, routes},
    server::{Bound, Frame, app, bind},
};
use crate::domain::{
    ids::AccountId,
    permission::{Permission, Role},
};
use actix_web::{
    body::to_bytes,
    http::{Method, StatusCode, header::HeaderMap},
    test::{TestRequest, init_service, try_call_service},
    web::{Path, Query},
};
use rstest::rstest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, Mutex, OnceLock},
};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Thing {
    #[schema(value_type = String)]
    account_id: AccountId,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListThings {
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<(i64, String)>>,
}

#[utoipa::path(post, path = "/api/v1/things", request_body = Thing, responses((status = 200, body = Thing)))]
async fn create_thing(_: Access<needs::ManageAccounts>, body: Json<Thing>) -> Json<Thing> {
    body
}

#[utoipa::path(get, path = "/api/v1/things", params(ListThings), responses((status = 200, body = Page<Thing>)))]
async fn list_things(_: Access<needs::ViewSavings>, query: Query<ListThings>) -> Json<Page<u16>> {
    let shown = query.cursor.as_ref().map_or(query.limit.get(), |_| 0);
    Json(Page { items: vec![shown], next_cursor: None })
}

#[utoipa::path(get, path = "/api/v1/things/{accountId}", params(("accountId" = String, Path)), responses((status = 200)))]
async fn get_thing(_: Access<needs::ViewSavings>, id: Path<AccountId>) -> String {
    id.to_string()
}

#[utoipa::path(get, path = "/api/v1/things/best", responses((status = 200)))]
async fn get_best_thing(_: Public) -> &'static str {
    "best"
}

#[utoipa::path(delete, path = "/api/v1/things/{accountId}", params(("accountId" = String, Path)), responses((status = 204)))]
async fn delete_thing(_: Access<needs::DeleteAccounts>, _: Path<AccountId>) -> String {
    panic!("the password is geheim")
}

fn things() -> Routes {
    routes![create_thing, list_things, get_thing, get_best_thing, delete_thing]
}

fn frame() -> Frame {
    frame_with(things(), &[], Database { answers: true })
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and code; checks what every problem must have.
    fn problem(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(body["status"], self.status);
        assert_eq!(body["type"], "about:blank");
        assert_eq!(body["instance"], format!("urn:uuid:{}", self.header("x-request-id")));
        (self.status, body["code"].as_str().unwrap().to_owned())
    }
}

async fn call_on(frame: &Frame, request: TestRequest) -> Answer {
    let service = init_service(app(frame)).await;
    match try_call_service(&service, request.to_request()).await {
        Ok(response) => {
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            read(status, headers, response.into_body()).await
        }
        Err(error) => {
            let response = error.error_response();
            read(response.status().as_u16(), response.headers().clone(), response.into_body()).await
        }
    }
}

async fn read(status: u16, headers: HeaderMap, body: actix_web::body::BoxBody) -> Answer {
    let body = to_bytes(body).await.unwrap();
    Answer { status, headers, text: String::from_utf8(body.to_vec()).unwrap() }
}

async fn call(request: TestRequest) -> Answer {
    call_on(&frame(), request).await
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path).insert_header(bearer(Role::Viewer))
}

fn post(body: &str) -> TestRequest {
    TestRequest::post()
        .uri("/api/v1/things")
        .insert_header(bearer(Role::Admin))
        .insert_header(("content-type", "application/json"))
        .set_payload(body.to_owned())
}

#[actix_web::test]
async fn without_a_token_one_is_asked_for() {
    let answer = call(TestRequest::get().uri("/api/v1/auth/me")).await;
    assert_eq!(answer.problem(), (401, "unauthenticated".into()));
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[rstest]
#[case("Basic YTpi")]
#[case("Bearer")]
#[case("Bearer ")]
#[case("Bearer a.b.c")]
#[actix_web::test]
async fn a_wrong_token_is_refused(#[case] header: &'static str) {
    let request = TestRequest::get().uri("/api/v1/auth/me").insert_header(("authorization", header));
    assert_eq!(call(request).await.problem(), (401, "unauthenticated".into()));
}

#[actix_web::test]
async fn two_authorization_headers_are_refused() {
    let request = get("/api/v1/auth/me").append_header(("authorization", "Bearer x"));
    assert_eq!(call(request).await.problem(), (401, "unauthenticated".into()));
}

#[actix_web::test]
async fn signing_in_comes_before_reading_the_body() {
    let request = TestRequest::post().uri("/api/v1/things").set_payload("nonsense");
    assert_eq!(call(request).await.problem(), (401, "unauthenticated".into()));
}

/// The directory of the fixtures answers late: a body that fails at once must still wait for it.
#[rstest]
#[case("application/json", "{}")]
#[case("application/json", "nonsense")]
#[case("text/plain", "{}")]
#[actix_web::test]
async fn a_lower_role_is_forbidden_whatever_it_sends(
    #[case] media_type: &'static str,
    #[case] body: &'static str,
) {
    let request = post(body).insert_header(bearer(Role::User)).insert_header(("content-type", media_type));
    assert_eq!(call(request).await.problem(), (403, "forbidden".into()));
}

#[actix_web::test]
async fn one_sees_who_one_is() {
    let me = call(get("/api/v1/auth/me")).await.json();
    assert_eq!(
        me,
        json!({
            "userId": "00000000-0000-0000-0000-000000000000", "subject": "ann", "organizationId": "acme",
            "role": "TUNER_VIEWER", "permissions": ["savings:view", "profile:manage"],
            "accountIds": ["123456789012"],
        })
    );
    let request = get("/api/v1/auth/me").insert_header(bearer(Role::OrganizationAdmin));
    assert_eq!(call(request).await.json()["accountIds"], Value::Null);
}

#[rstest]
#[case(r#"{"accountId": "123456789012", "colour": 1}"#, "unknownField", Some("colour"))]
#[case(r#"{"name": "x"}"#, "invalidRequest", Some("accountId"))]
#[case(r#"{"accountId": "123456789012", "accountId": "123456789013"}"#, "invalidRequest", Some("accountId"))]
#[case(r#"{"accountId": "12345678901"}"#, "invalidAccountId", None)]
#[case(r#"{"accountId": 123456789012}"#, "invalidRequest", None)]
#[case(r#"{"accountId": "123456789012"} {}"#, "invalidRequest", None)]
#[case("", "invalidRequest", None)]
#[actix_web::test]
async fn a_wrong_body_is_a_problem(
    #[case] body: &'static str,
    #[case] code: &'static str,
    #[case] field: Option<&'static str>,
) {
    let answer = call(post(body)).await;
    assert_eq!(answer.problem(), (400, code.into()), "{}", answer.text);
    assert_eq!(answer.json()["errors"][0]["field"].as_str(), field);
}

#[actix_web::test]
async fn deep_nesting_does_not_exhaust_the_stack() {
    let body = format!(r#"{{"accountId": {}"#, "[".repeat(500_000));
    assert_eq!(call(post(&body)).await.problem(), (400, "invalidRequest".into()));
}

#[rstest]
#[case("text/plain")]
#[case("text/json")]
#[case("application/problem+json")]
#[case("application/x-www-form-urlencoded")]
#[actix_web::test]
async fn another_media_type_is_refused(#[case] media_type: &'static str) {
    let request = post("{}").insert_header(("content-type", media_type));
    assert_eq!(call(request).await.problem(), (415, "unsupportedMediaType".into()));
}

#[actix_web::test]
async fn a_compressed_body_is_refused() {
    let request = post("{}").insert_header(("content-encoding", "gzip"));
    assert_eq!(call(request).await.problem(), (415, "unsupportedMediaType".into()));
}

#[actix_web::test]
async fn a_body_has_at_most_one_mebibyte() {
    let body = |bytes: usize| format!(r#"{{"accountId":"123456789012","name":"{}"}}"#, "x".repeat(bytes));
    assert_eq!(call(post(&body(1024 * 1024))).await.problem(), (413, "payloadTooLarge".into()));
    assert_eq!(call(post(&body(1024 * 1024 - 100))).await.status, 200);
}

#[rstest]
#[case("?limit=501", "invalidRequest")]
#[case("?limit=0", "invalidRequest")]
#[case("?limit=many", "invalidRequest")]
#[case("?cursor=nonsense", "invalidRequest")]
#[case("?colour=blue", "unknownField")]
#[case("?limit=1&limit=2", "invalidRequest")]
#[case("/12345", "invalidAccountId")]
#[actix_web::test]
async fn a_wrong_path_or_query_is_a_problem(#[case] rest: &'static str, #[case] code: &'static str) {
    assert_eq!(call(get(&format!("/api/v1/things{rest}"))).await.problem(), (400, code.into()));
}

#[actix_web::test]
async fn a_right_query_is_read() {
    assert_eq!(call(get("/api/v1/things?limit=500")).await.json(), json!({"items": [500]}));
    let cursor = Cursor((1, "a")).to_text();
    assert_eq!(call(get(&format!("/api/v1/things?cursor={cursor}"))).await.json(), json!({"items": [0]}));
}

#[actix_web::test]
async fn what_is_not_there_is_404() {
    for path in ["/", "/nowhere", "/api/v1/things/", "/api/v1/things/best/x", "/api/v1/../healthz"] {
        assert_eq!(call(get(path)).await.problem(), (404, "notFound".into()), "{path}");
    }
}

#[actix_web::test]
async fn another_method_is_405_and_says_which_there_are() {
    let answer = call(TestRequest::delete().uri("/api/v1/things")).await;
    assert_eq!(answer.problem(), (405, "methodNotAllowed".into()));
    let allowed: BTreeSet<&str> = answer.header("allow").split(", ").collect();
    assert_eq!(allowed, BTreeSet::from(["GET", "HEAD", "POST"]));
}

#[actix_web::test]
async fn a_fixed_path_goes_before_a_parameter() {
    assert_eq!(call(get("/api/v1/things/best")).await.text, "best");
    assert_eq!(call(get("/api/v1/things/123456789012")).await.text, "123456789012");
}

#[actix_web::test]
async fn head_goes_with_get() {
    assert_eq!(call(get("/healthz").method(Method::HEAD)).await.status, 200);
    let request = TestRequest::default().method(Method::HEAD).uri("/api/v1/auth/me");
    assert_eq!(call(request).await.status, 401);
}

#[actix_web::test]
async fn a_panic_is_a_problem_without_its_cause() {
    let request = TestRequest::delete()
        .uri("/api/v1/things/123456789012")
        .insert_header(bearer(Role::OrganizationAdmin));
    let answer = call(request).await;
    assert_eq!(answer.problem(), (500, "internal".into()));
    assert!(!answer.text.contains("geheim") && answer.json().get("detail").is_none());
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[actix_web::test]
async fn readiness_follows_the_database() {
    assert_eq!(call(TestRequest::get().uri("/readyz")).await.json(), json!({"status": "ready"}));
    let down = frame_with(Routes::new(), &[], Database { answers: false });
    let answer = call_on(&down, TestRequest::get().uri("/readyz")).await;
    assert_eq!(answer.problem(), (503, "unavailable".into()));
    assert!(!answer.text.contains("db.internal"));
    assert_eq!(call_on(&down, TestRequest::get().uri("/healthz")).await.json(), json!({"status": "ok"}));
}

#[actix_web::test]
async fn every_answer_is_hardened_and_has_its_id() {
    let ok = call(get("/api/v1/auth/me")).await;
    let failed = call(TestRequest::get().uri("/nowhere")).await;
    for answer in [&ok, &failed] {
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("strict-transport-security"), "");
        assert_eq!(answer.header("x-request-id").parse::<uuid::Uuid>().unwrap().get_version_num(), 7);
    }
    assert_ne!(ok.header("x-request-id"), failed.header("x-request-id"));
    let env = [("TUNER_SERVER__PUBLIC_URL", "https://tuner.example")];
    let tls = frame_with(Routes::new(), &env, Database { answers: true });
    let answer = call_on(&tls, TestRequest::get().uri("/healthz")).await;
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000; includeSubDomains");
}

#[actix_web::test]
async fn the_public_key_is_served_and_nothing_more() {
    let answer = call(TestRequest::get().uri("/.well-known/jwks.json")).await;
    let set = answer.json();
    let names: BTreeSet<&str> = set["keys"][0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["kty", "use", "alg", "kid", "n", "e"]));
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
}

#[actix_web::test]
async fn the_document_lists_every_route_with_its_security() {
    let document = call(TestRequest::get().uri("/api/v1/openapi.json")).await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    let routes = api::frame_routes().merge(things());
    assert_eq!(routes.table().len(), 11);
    for route in routes.table() {
        let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
        assert_eq!(operation["operationId"], *route.action, "{}", route.path);
        let permission = route.needs.map(Permission::as_str);
        assert_eq!(operation["x-permission"].as_str(), permission);
        assert_eq!(operation["security"].is_array(), permission.is_some(), "{}", route.path);
        assert_eq!(operation["responses"]["401"].is_object(), permission.is_some());
        assert!(operation["responses"]["default"].is_object());
    }
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document = serde_json::to_value(openapi::document(&api::frame_routes().merge(things()))).unwrap();
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    assert!(references.contains("#/components/schemas/Problem"));
    for reference in references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

fn collect_references(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            into.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| collect_references(value, into));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_references(value, into)),
        _ => {}
    }
}

#[test]
fn action_names_are_unique() {
    let routes = api::frame_routes().merge(things());
    let mut seen = BTreeMap::new();
    for route in routes.table() {
        assert!(!route.action.is_empty());
        assert_eq!(seen.insert(&route.action, &route.path), None, "{}", route.action);
    }
}

#[actix_web::test]
async fn a_server_answers_and_stops() {
    let bound: Bound = bind(frame(), "127.0.0.1:0".parse().unwrap(), None).unwrap();
    let url = format!("http://{}", bound.addresses()[0]);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = actix_web::rt::spawn(bound.run_until(async { stopped.await.unwrap() }));
    let client = reqwest::Client::new();
    let answer = client.get(format!("{url}/healthz")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.text().await.unwrap(), r#"{"status":"ok"}"#);
    let head = client.head(format!("{url}/healthz")).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.headers()["content-length"].to_str().unwrap()), (200, "15"));
    assert_eq!(head.bytes().await.unwrap().len(), 0);
    let panicked = client
        .delete(format!("{url}/api/v1/things/123456789012"))
        .header("authorization", bearer(Role::OrganizationAdmin).1);
    let panicked = panicked.send().await.unwrap();
    assert_eq!(panicked.status(), StatusCode::INTERNAL_SERVER_ERROR.as_u16());
    assert!(panicked.headers().contains_key("x-request-id"));
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert!(client.get(format!("{url}/healthz")).send().await.is_err());
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One subscriber for the whole process: one for a thread alone misses what other threads' tests switched off.
fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        log
    })
}

#[actix_web::test]
async fn a_failure_is_logged_once_with_its_request_and_organization() {
    let log = log();
    let answer = call(get("/api/v1/things?colour=blue")).await;
    let request_id = answer.header("x-request-id").to_owned();
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains(&request_id)).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line: Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(line["fields"]["http.status"], 400);
    assert_eq!(line["fields"]["http.route"], "/api/v1/things");
    assert_eq!(line["fields"]["error.code"], "unknownField");
    assert_eq!(line["span"]["org.id"], "acme");
    assert!(!lines[0].contains("colour=blue"), "{lines:?}");
}
