//! Local sign-in over HTTP: tokens, cookies, the lock, the way in and out.

use crate::support::server::{Client, Engine, Reply, Server};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

const PASSWORD: &str = "violet anchor mumbles softly";
const ANOTHER: &str = "brittle comet orchard seven";

async fn log_in(server: &Server, name: &str, password: &str, session: &str) -> Reply {
    let body = json!({"organizationId": "main", "name": name, "password": password, "session": session});
    server.anon().post("/auth/login", body).await
}

fn token(server: &Server, reply: &Reply) -> Client {
    server.anon().with_token(reply.body["accessToken"].as_str().unwrap_or_else(|| panic!("{}", reply.body)))
}

async fn status(client: &Client) -> u16 {
    client.get("/auth/me").await.status.as_u16()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_person_comes_in_and_goes_out(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    assert!(server.setup_link.ends_with(&format!("/setup#{}", server.setup_token)), "{}", server.setup_link);
    let (_, invited) = server.local_user("ann", "TUNER_ADMIN", PASSWORD).await;
    assert_eq!(invited.get("/auth/me").await.body["subject"], "ann");

    let reply = log_in(&server, "ann", PASSWORD, "token").await;
    assert_eq!(
        (reply.body["tokenType"].as_str(), reply.body["name"].as_str()),
        (Some("Bearer"), Some("ann"))
    );
    assert!(reply.headers.get("set-cookie").is_none());
    let first = token(&server, &reply);
    let second = token(&server, &log_in(&server, "ann", PASSWORD, "token").await);
    assert_eq!(first.post("/auth/logout", Value::Null).await.status.as_u16(), 204);
    assert_eq!((status(&first).await, status(&second).await), (401, 200), "one token alone");

    let change = json!({"currentPassword": PASSWORD, "newPassword": ANOTHER});
    let changed = second.call(Method::PUT, "/auth/password", change).await;
    let third = token(&server, &changed);
    assert_eq!((status(&second).await, status(&invited).await, status(&third).await), (401, 401, 200));
    log_in(&server, "ann", PASSWORD, "token").await.is_problem(401, "unauthenticated");
    let fourth = token(&server, &log_in(&server, "ann", ANOTHER, "token").await);
    assert_eq!(fourth.post("/auth/logout-everywhere", Value::Null).await.status.as_u16(), 204);
    assert_eq!((status(&third).await, status(&fourth).await), (401, 401));
    assert_eq!(status(&server.org_admin).await, 200, "nobody else");
}

/// Asks who one is, with a cookie and perhaps a header.
async fn me(server: &Server, cookie: &str, bearer: Option<&str>) -> u16 {
    let client = server.anon();
    let mut request = client.request(Method::GET, "/auth/me").header("cookie", cookie);
    if let Some(bearer) = bearer {
        request = request.bearer_auth(bearer);
    }
    client.send(request).await.status.as_u16()
}

/// What a browser says when one of our own pages sends.
const OUR_PAGE: (&str, &str) = ("sec-fetch-site", "same-origin");

/// A request that no page of ours made.
async fn out_of_the_blue(anon: &Client, cookie: &str) -> Reply {
    anon.send(anon.request(Method::POST, "/auth/logout").header("cookie", cookie)).await
}

#[tokio::test]
async fn a_browser_stays_signed_in_by_cookie() {
    let server = Server::start(Engine::Sqlite).await;
    server.local_user("ann", "TUNER_VIEWER", PASSWORD).await;
    let reply = log_in(&server, "ann", PASSWORD, "cookie").await;
    assert!(reply.body.get("accessToken").is_none(), "{}", reply.body);
    let set = reply.headers["set-cookie"].to_str().unwrap();
    for part in ["__Host-tuner=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=28800"] {
        assert!(set.contains(part), "{part} in {set}");
    }
    let first = reply.cookie().to_owned();
    assert_eq!(me(&server, &first, None).await, 200);
    assert_eq!(me(&server, &first, Some("a.b.c")).await, 401, "a header goes before the cookie");
    assert_eq!(me(&server, "__Host-tuner=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", None).await, 401);

    let body = json!({"organizationId": "main", "name": "ann", "password": PASSWORD, "session": "cookie"});
    let anon = server.anon();
    let again = anon
        .request(Method::POST, "/auth/login")
        .header("cookie", &first)
        .header(OUR_PAGE.0, OUR_PAGE.1)
        .json(&body);
    let second = anon.send(again).await.cookie().to_owned();
    assert_ne!(first, second, "a new value at each sign-in");
    assert_eq!((me(&server, &first, None).await, me(&server, &second, None).await), (401, 200));

    let out = anon.request(Method::POST, "/auth/logout").header("cookie", &second);
    out_of_the_blue(&anon, &second).await.is_problem(403, "crossSite");
    let out = anon.send(out.header(OUR_PAGE.0, OUR_PAGE.1)).await;
    assert_eq!((out.status.as_u16(), out.cookie()), (204, "__Host-tuner="), "the browser forgets it");
    assert!(out.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(me(&server, &second, None).await, 401);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn known_and_unknown_names_are_answered_alike_to_the_byte(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    server.local_user("ann", "TUNER_VIEWER", PASSWORD).await;
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for _ in 0..5 {
        known.push(log_in(&server, "ann", "not that one at all", "token").await.anonymous());
        unknown.push(log_in(&server, "eve", "not that one at all", "token").await.anonymous());
    }
    assert_eq!(known, unknown);
    assert!(known[4].contains("401 Unauthorized"), "{}", known[4]);
    let (mine, theirs) =
        (log_in(&server, "ann", PASSWORD, "token"), log_in(&server, "eve", PASSWORD, "token"));
    let (mine, theirs) = tokio::join!(mine, theirs);
    mine.is_problem(429, "tooManyRequests");
    assert_eq!(mine.body["detail"], theirs.body["detail"]);
    for locked in [mine, theirs] {
        let wait: u32 = locked.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((890..=900).contains(&wait), "{wait}");
    }
}

#[tokio::test]
async fn a_set_up_link_serves_once_and_refuses_weak_passwords() {
    let server = Server::start(Engine::Sqlite).await;
    let made = server.org_admin.post("/users", json!({"name": "ann", "role": "TUNER_VIEWER"})).await.body;
    let link = made["invitation"]["setupLink"].as_str().unwrap();
    let secret = link.split_once("/join#").unwrap().1;
    let accept = async |password: &str| {
        let body = json!({"invitationToken": secret, "password": password});
        server.anon().post("/auth/invitations/accept", body).await
    };
    let weak = accept("passwordpassword").await;
    weak.is_problem(422, "unprocessable");
    assert_eq!(weak.body["errors"][0]["field"], "password");
    assert!(!weak.body.to_string().contains("passwordpassword"));
    assert_eq!(accept(PASSWORD).await.status.as_u16(), 200);
    accept(PASSWORD).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_first_administrator_may_choose_a_password() {
    let server = Server::start(Engine::Sqlite).await;
    let again = json!({"setupToken": server.setup_token, "name": "eve", "password": PASSWORD});
    server.anon().post("/auth/setup", again).await.is_problem(401, "unauthenticated");
    let weak = json!({"setupToken": "x", "name": "eve", "password": "tooshort"});
    server.anon().post("/auth/setup", weak).await.is_problem(422, "unprocessable");
    // The owner of these tests has none, so nothing can be proved and nothing changed.
    let change = json!({"currentPassword": "", "newPassword": ANOTHER});
    server.org_admin.call(Method::PUT, "/auth/password", change).await.is_problem(409, "conflict");
}
