//! The edge through actix in memory: what is refused before a route is met, how it is said and reported.

use super::super::{
    access::{Access, Public, SESSION_COOKIE, needs},
    fixtures::{Database, Noted, bearer, watched_frame},
    routes::{Routes, routes},
    server::{Frame, app},
};
use crate::{
    auth::fixtures::{good_claims, good_token, now, with},
    domain::{permission::Role, security_event::SecurityEvent},
};
use actix_web::{
    body::to_bytes,
    cookie::Cookie,
    http::{Method, header::HeaderMap},
    test::{TestRequest, init_service, try_call_service},
};
use rstest::rstest;
use serde_json::{Value, json};
use std::sync::Arc;

#[utoipa::path(post, path = "/api/v1/auth/login", responses((status = 200)))]
async fn log_in(_: Public) -> &'static str {
    "in"
}

#[utoipa::path(post, path = "/api/v1/things", responses((status = 200)))]
async fn make_thing(_: Access<needs::ManageAccounts>) -> &'static str {
    "made"
}

struct Edge {
    frame: Frame,
    noted: Arc<Noted>,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Edge {
    fn new(env: &[(&str, &str)]) -> Self {
        let noted = Arc::new(Noted::default());
        let routes: Routes = routes![log_in, make_thing];
        let frame = watched_frame(routes, env, Database { answers: true }, Arc::clone(&noted) as _);
        Self { frame, noted }
    }

    async fn call(&self, request: TestRequest) -> Answer {
        let service = init_service(app(&self.frame)).await;
        let response = try_call_service(&service, request.to_request()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = to_bytes(response.into_body()).await.unwrap();
        Answer { status, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
    }

    /// How many of so many requests are answered otherwise than 429.
    async fn taken(&self, requests: usize, make: impl Fn() -> TestRequest) -> usize {
        let mut taken = 0;
        for _ in 0..requests {
            taken += usize::from(self.call(make()).await.status != 429);
        }
        taken
    }

    fn noted(&self) -> Vec<(SecurityEvent, Option<String>)> {
        self.noted.0.lock().unwrap().clone()
    }
}

fn from(ip: &str, request: TestRequest) -> TestRequest {
    request.peer_addr(format!("{ip}:4711").parse().unwrap())
}

#[actix_web::test]
async fn a_request_too_many_is_a_problem_that_says_when_to_come_back() {
    let edge = Edge::new(&[("TUNER_LIMITS__REQUESTS_PER_MINUTE_PER_IP", "3")]);
    let me = || from("192.0.2.1", TestRequest::get().uri("/api/v1/auth/me"));
    assert_eq!(edge.taken(3, me).await, 3);
    let answer = edge.call(me()).await;
    assert_eq!((answer.status, &answer.body["code"]), (429, &json!("tooManyRequests")));
    assert_eq!(
        (answer.header("retry-after"), answer.header("content-type")),
        (Some("20"), Some("application/problem+json"))
    );
    assert_eq!(edge.taken(5, me).await, 0);
    assert_eq!(edge.call(from("192.0.2.2", TestRequest::get().uri("/api/v1/auth/me"))).await.status, 401);
    assert_eq!(edge.call(from("192.0.2.1", TestRequest::get().uri("/healthz"))).await.status, 200);
    let limited = (SecurityEvent::RateLimited, Some("192.0.2.1".to_owned()));
    assert_eq!(edge.noted(), [limited], "one event for six refusals");
}

#[rstest]
#[case::plain("/api/v1/auth/login")]
#[case::disguised("/api/v1/auth/%6cogin")]
#[case::with_a_query("/api/v1/auth/login?x=1")]
#[actix_web::test]
async fn signing_in_has_a_limit_of_its_own(#[case] path: &'static str) {
    let edge = Edge::new(&[]);
    assert_eq!(edge.taken(9, || from("192.0.2.1", TestRequest::post().uri(path))).await, 5);
}

#[actix_web::test]
async fn behind_a_listed_proxy_each_client_counts_for_itself() {
    let edge = Edge::new(&[
        ("TUNER_LIMITS__REQUESTS_PER_MINUTE_PER_IP", "2"),
        ("TUNER_SERVER__TRUSTED_PROXIES", "10.0.0.0/8"),
    ]);
    let via = |peer: &'static str, client: &'static str| {
        move || {
            let request = TestRequest::get().uri("/api/v1/auth/me");
            from(peer, request.insert_header(("x-forwarded-for", client)))
        }
    };
    assert_eq!(edge.taken(3, via("10.0.0.1", "192.0.2.1")).await, 2);
    assert_eq!(edge.taken(3, via("10.0.0.1", "192.0.2.2")).await, 2);
    assert_eq!(
        edge.taken(3, via("10.0.0.1", "8.8.8.8, 192.0.2.2")).await,
        0,
        "what a client adds does not count"
    );
    assert_eq!(edge.taken(3, via("192.0.2.9", "192.0.2.3")).await, 2);
    assert_eq!(edge.taken(3, via("192.0.2.9", "192.0.2.4")).await, 0, "nobody listed that peer");
}

#[actix_web::test]
async fn an_organization_is_limited_wherever_its_people_sit() {
    let edge = Edge::new(&[("TUNER_LIMITS__REQUESTS_PER_SECOND_PER_ORGANIZATION", "1")]);
    let at = |ip| from(ip, TestRequest::get().uri("/api/v1/auth/me").insert_header(bearer(Role::Viewer)));
    assert_eq!(edge.call(at("192.0.2.1")).await.status, 200);
    let mut refused = edge.call(at("192.0.2.2")).await;
    // A slow machine may refill the bucket of one in between.
    for host in 3..50 {
        if refused.status == 429 {
            break;
        }
        refused = edge.call(at(Box::leak(format!("192.0.2.{host}").into_boxed_str()))).await;
    }
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("1")));
}

#[actix_web::test]
async fn limits_can_be_turned_off() {
    let edge = Edge::new(&[("TUNER_LIMITS__ENABLED", "false")]);
    assert_eq!(
        edge.taken(150, || from("192.0.2.1", TestRequest::post().uri("/api/v1/auth/login"))).await,
        150
    );
}

#[actix_web::test]
async fn another_site_does_not_act_with_our_cookie() {
    let edge = Edge::new(&[("TUNER_SERVER__PUBLIC_URL", "https://tuner.example")]);
    let with_cookie = || {
        from("192.0.2.1", TestRequest::post().uri("/api/v1/things").cookie(Cookie::new(SESSION_COOKIE, "x")))
    };
    let refused = edge.call(with_cookie().insert_header(("sec-fetch-site", "cross-site"))).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("crossSite")));
    assert_eq!(edge.noted(), [(SecurityEvent::CrossSiteRefused, Some("192.0.2.1".into()))]);
    assert_eq!(edge.call(with_cookie()).await.status, 403, "nothing says where it comes from");
    // The directory of the fixtures knows no sessions: past the guard it answers 500.
    for ours in [("sec-fetch-site", "same-origin"), ("origin", "https://tuner.example")] {
        assert_eq!(edge.call(with_cookie().insert_header(ours)).await.status, 500);
    }
    let token =
        with_cookie().insert_header(("sec-fetch-site", "cross-site")).insert_header(bearer(Role::Admin));
    assert_eq!(edge.call(token).await.status, 200, "a token goes before the cookie");
}

const APP: (&str, &str) = ("origin", "https://app.example");

fn preflight() -> TestRequest {
    let request = TestRequest::default().method(Method::OPTIONS).uri("/api/v1/things");
    request.insert_header(("access-control-request-method", "POST"))
}

#[actix_web::test]
async fn a_listed_origin_may_call_with_a_token() {
    let edge = Edge::new(&[("TUNER_SERVER__CORS_ORIGINS", "https://app.example")]);
    let asked = edge.call(preflight().insert_header(APP)).await;
    assert_eq!(asked.status, 204);
    assert_eq!(asked.header("access-control-allow-origin"), Some("https://app.example"));
    assert_eq!(asked.header("access-control-allow-headers"), Some("Authorization, Content-Type"));
    assert_eq!(asked.header("access-control-allow-credentials"), None);
    let cross = ("sec-fetch-site", "cross-site");
    let made = TestRequest::post().uri("/api/v1/things").insert_header(APP).insert_header(cross);
    let made = edge.call(made.insert_header(bearer(Role::Admin))).await;
    assert_eq!((made.status, made.header("access-control-allow-origin")), (200, Some("https://app.example")));
    let failed = edge.call(TestRequest::get().uri("/api/v1/auth/me").insert_header(APP)).await;
    assert_eq!(
        (failed.status, failed.header("access-control-allow-origin")),
        (401, Some("https://app.example"))
    );
    assert_eq!(failed.header("vary"), Some("Origin"));
    let logged_in = TestRequest::post().uri("/api/v1/auth/login").insert_header(APP).insert_header(cross);
    assert_eq!(edge.call(logged_in).await.status, 200);
}

#[rstest]
#[case::other("https://evil.example")]
#[case::longer("https://app.example.evil.example")]
#[case::port("https://app.example:8443")]
#[case::scheme("http://app.example")]
#[case::null("null")]
#[actix_web::test]
async fn others_get_no_word_of_permission(#[case] origin: &'static str) {
    let edge = Edge::new(&[("TUNER_SERVER__CORS_ORIGINS", "https://app.example")]);
    let asked = edge.call(preflight().insert_header(("origin", origin))).await;
    assert_eq!((asked.status, asked.header("access-control-allow-origin")), (405, None));
    let got = edge.call(TestRequest::get().uri("/healthz").insert_header(("origin", origin))).await;
    assert_eq!((got.header("access-control-allow-origin"), got.header("vary")), (None, Some("Origin")));
}

#[actix_web::test]
async fn without_a_list_nobody_is_allowed() {
    let edge = Edge::new(&[]);
    let asked = edge.call(preflight().insert_header(APP)).await;
    assert_eq!(
        (asked.status, asked.header("access-control-allow-origin"), asked.header("vary")),
        (405, None, None)
    );
}

#[actix_web::test]
async fn a_forged_token_is_reported_and_an_old_one_is_not() {
    let edge = Edge::new(&[]);
    let send = |token: String| {
        let request = TestRequest::get().uri("/api/v1/auth/me");
        edge.call(from("192.0.2.1", request.insert_header(("authorization", format!("Bearer {token}")))))
    };
    let at = |seconds: i64| json!(now().as_second() + seconds);
    assert_eq!(send(good_token(&with(good_claims(), "exp", at(-3600)))).await.status, 401);
    assert_eq!(send(good_token(&with(good_claims(), "nbf", at(3600)))).await.status, 401);
    assert_eq!(edge.noted(), []);
    assert_eq!(send(good_token(&with(good_claims(), "iss", json!("evil")))).await.status, 401);
    assert_eq!(send("a.b.c".into()).await.status, 401);
    let forged = (SecurityEvent::TokenForged, Some("192.0.2.1".to_owned()));
    assert_eq!(edge.noted(), [forged.clone(), forged]);
}
