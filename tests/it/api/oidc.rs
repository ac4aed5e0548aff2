//! Signing in through an OpenID provider that is not ours, over real HTTP, in something like a browser.

use crate::support::{
    browser::{Browser, Page, TUNER},
    oidc_provider::{self, set_person, settings},
    server::{Engine, Server},
};
use rstest::rstest;
use serde_json::{Value, json};
use url::Url;

const SESSION: &str = "__Host-tuner";
const BROWSER: &str = "__Host-tuner-oidc";

async fn server_with(more: &[(&str, &str)]) -> Server {
    Server::start_with(Engine::Sqlite, &[&settings(), more].concat()).await
}

/// Role and name of the people whom the provider vouched for.
async fn members(server: &Server) -> Vec<String> {
    let row = if server.database.is_mysql() {
        "CONCAT(o.name, ' ', m.subject, ' ', m.role, ' ', m.display_name)"
    } else {
        "o.name || ' ' || m.subject || ' ' || m.role || ' ' || m.display_name"
    };
    let from = "FROM member m JOIN organization o ON o.id = m.org_id WHERE m.subject LIKE 'http%' ORDER BY 1";
    let rows = server.database.texts(format!("SELECT {row} {from}")).await;
    rows.into_iter().map(|row| row.replace(oidc_provider::url(), "ISSUER")).collect()
}

#[track_caller]
fn is_signed_in(page: &Page) {
    assert_eq!(page.status.as_u16(), 303, "{}", page.text);
    let cookies = page.set_cookies();
    let session = cookies.iter().find(|cookie| cookie.starts_with("__Host-tuner=")).unwrap();
    for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=28800"] {
        assert!(session.split("; ").any(|part| part == attribute), "{attribute} in {session}");
    }
    assert!(!session.contains("Domain"), "{session}");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn people_sign_in_and_their_groups_give_the_role(#[case] engine: Engine) {
    let server = Server::start_with(engine, &settings()).await;
    let person = format!("ann-{engine:?}");
    let says = |groups: &[&str]| json!({"sub": person, "name": "Ann Example", "email": "a@b.example", "groups": groups});
    set_person(says(&["Cloud Admins", "choir", "everyone"])).await;
    let mut browser = Browser::new(&server);
    let page = browser.sign_in(&person).await;
    is_signed_in(&page);
    assert_eq!(page.location().unwrap().as_str(), format!("{TUNER}/recommendations?status=ACTIVE"));
    assert!(browser.cookie(SESSION).is_some() && browser.cookie(BROWSER).is_none(), "the proof is used up");
    assert_eq!(members(&server).await, [format!("acme ISSUER|{person} TUNER_ADMIN Ann Example")]);
    let me: Value =
        serde_json::from_str(&browser.get(&format!("{TUNER}/api/v1/auth/me")).await.text).unwrap();
    assert_eq!((&me["organizationId"], &me["role"]), (&json!("acme"), &json!("TUNER_ADMIN")), "{me}");

    set_person(says(&["everyone"])).await;
    let first = browser.cookie(SESSION).unwrap().to_owned();
    is_signed_in(&browser.sign_in(&person).await);
    assert_ne!(browser.cookie(SESSION), Some(first.as_str()), "each sign-in has its own session");
    assert_eq!(members(&server).await, [format!("acme ISSUER|{person} TUNER_VIEWER Ann Example")]);

    set_person(says(&["choir"])).await;
    browser.sign_in(&person).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn nobody_gets_in_without_a_mapped_group() {
    let server = server_with(&[]).await;
    set_person(json!({"sub": "eve", "groups": ["cloud admins", "Cloud", "Everyone"]})).await;
    for person in ["eve", "somebody-without-claims"] {
        Browser::new(&server).sign_in(person).await.is_problem(403, "forbidden");
    }
    assert!(members(&server).await.is_empty(), "who was refused leaves nothing behind");
}

#[tokio::test]
async fn who_was_disabled_stays_out() {
    let server = server_with(&[]).await;
    set_person(json!({"sub": "dan", "name": "Dan", "groups": ["everyone"]})).await;
    is_signed_in(&Browser::new(&server).sign_in("dan").await);
    server.database.run("UPDATE member SET disabled_at = created_at WHERE display_name = 'Dan'").await;
    Browser::new(&server).sign_in("dan").await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn an_answer_counts_once_and_in_its_own_browser_only() {
    let server = server_with(&[]).await;
    set_person(json!({"sub": "mia", "groups": ["everyone"]})).await;
    let (mut attacker, mut victim) = (Browser::new(&server), Browser::new(&server));
    let back = attacker.authorize("mia").await;
    victim.get(back.as_str()).await.is_problem(401, "unauthenticated");
    victim.authorize("mia").await;
    victim.get(back.as_str()).await.is_problem(401, "unauthenticated");
    is_signed_in(&attacker.get(back.as_str()).await);
    attacker.get(back.as_str()).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn two_tabs_of_a_browser_can_sign_in_at_the_same_time() {
    let server = server_with(&[]).await;
    set_person(json!({"sub": "tim", "groups": ["everyone"]})).await;
    let mut browser = Browser::new(&server);
    let first = browser.get(&format!("{TUNER}/api/v1/auth/oidc/start")).await;
    let proof = browser.cookie(BROWSER).unwrap().to_owned();
    let back = browser.authorize("tim").await;
    assert_eq!(browser.cookie(BROWSER), Some(proof.as_str()));
    assert_ne!(query(&first.location().unwrap(), "state"), query(&back, "state"));
    is_signed_in(&browser.get(back.as_str()).await);
}

fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The same address with one parameter changed, or taken away.
fn with(url: &Url, name: &str, value: Option<&str>) -> Url {
    let mut changed = url.clone();
    let others = url.query_pairs().filter(|(key, _)| key != name);
    let pairs: Vec<_> = others.map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    changed.query_pairs_mut().clear().extend_pairs(pairs).extend_pairs(value.map(|value| (name, value)));
    changed
}

#[rstest]
#[case::no_state("state", None)]
#[case::other_state("state", Some("0000"))]
#[case::other_issuer("iss", Some("https://evil.example"))]
#[case::issuer_taken_away("iss", None)]
#[case::other_code("code", Some("0000"))]
#[case::no_code("code", None)]
#[tokio::test]
async fn an_answer_that_was_tampered_with_is_refused(#[case] name: &str, #[case] value: Option<&str>) {
    let server = server_with(&[]).await;
    set_person(json!({"sub": "joe", "groups": ["everyone"]})).await;
    let mut browser = Browser::new(&server);
    let back = browser.authorize("joe").await;
    browser.get(with(&back, name, value).as_str()).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_refusal_by_the_provider_is_told_in_our_words() {
    let server = server_with(&[]).await;
    let mut browser = Browser::new(&server);
    let sent = browser.get(&format!("{TUNER}/api/v1/auth/oidc/start")).await.location().unwrap();
    let form = browser.get(sent.as_str()).await.location().unwrap();
    let mut page = browser.get(&format!("{form}/abort")).await;
    while let Some(next) = page.location() {
        page = browser.get(next.as_str()).await;
    }
    page.is_problem(403, "forbidden");
    assert!(
        page.url.as_str().contains("error_description=") && !page.text.contains("aborted"),
        "{}",
        page.text
    );
    let state = query(&sent, "state").unwrap();
    let forged =
        format!("{TUNER}/api/v1/auth/oidc/callback?state={state}&error=<script>&error_description=<b>");
    let again = browser.get(&forged).await;
    again.is_problem(401, "unauthenticated");
    assert!(!again.text.contains('<'), "{}", again.text);
}

#[tokio::test]
async fn a_wrong_client_secret_is_the_servers_fault_and_said_so() {
    let server = server_with(&[("TUNER_OIDC__CLIENT_SECRET", "wrong")]).await;
    set_person(json!({"sub": "kim", "groups": ["everyone"]})).await;
    let page = Browser::new(&server).sign_in("kim").await;
    page.is_problem(502, "identityProviderRefused");
    assert!(!page.text.contains("wrong"), "{}", page.text);
}

#[tokio::test]
async fn a_public_client_needs_no_secret() {
    let public = [("TUNER_OIDC__CLIENT_ID", "tuner-public"), ("TUNER_OIDC__CLIENT_SECRET", "")];
    let server = server_with(&public).await;
    set_person(json!({"sub": "pat", "groups": ["everyone"]})).await;
    is_signed_in(&Browser::new(&server).sign_in("pat").await);
}

#[tokio::test]
async fn without_provisioning_only_those_get_in_who_were_added() {
    let server = server_with(&[("TUNER_AUTH__PROVISION", "false")]).await;
    for person in ["ida", "ivo"] {
        set_person(json!({"sub": person, "name": person, "groups": ["everyone"]})).await;
    }
    server.member("acme", &format!("{}|ida", oidc_provider::url()), "TUNER_VIEWER", &[]);
    is_signed_in(&Browser::new(&server).sign_in("ida").await);
    Browser::new(&server).sign_in("ivo").await.is_problem(403, "forbidden");
    assert_eq!(members(&server).await, ["acme ISSUER|ida TUNER_VIEWER ida"]);
}

#[tokio::test]
async fn it_works_beside_an_outside_issuer_of_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys.json");
    std::fs::write(
        &keys,
        json!({"keys": [{"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"}]}).to_string(),
    )
    .unwrap();
    let outside =
        [("TUNER_AUTH__ISSUER", "https://tokens.example"), ("TUNER_AUTH__JWKS_FILE", keys.to_str().unwrap())];
    let server = server_with(&outside).await;
    set_person(json!({"sub": "oda", "groups": ["everyone"]})).await;
    is_signed_in(&Browser::new(&server).sign_in("oda").await);
}

#[tokio::test]
async fn only_paths_of_this_site_are_returned_to() {
    let server = server_with(&[]).await;
    let mut browser = Browser::new(&server);
    for target in
        ["//evil.example", "https://evil.example", "/%5Cevil.example", "/%0D%0ASet-Cookie:%20a=b", "x"]
    {
        let page = browser.get(&format!("{TUNER}/api/v1/auth/oidc/start?returnTo={target}")).await;
        page.is_problem(400, "invalidRequest");
    }
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_to_be() {
    let server = server_with(&[("TUNER_OIDC__ISSUER", "http://127.0.0.1:9")]).await;
    let page = Browser::new(&server).get(&format!("{TUNER}/api/v1/auth/oidc/start")).await;
    page.is_problem(503, "identityProviderUnavailable");
}

#[tokio::test]
async fn without_a_provider_there_is_nothing() {
    let server = Server::start(Engine::Sqlite).await;
    for path in ["start", "callback?state=a&code=b"] {
        server.anon().get(&format!("/auth/oidc/{path}")).await.is_problem(404, "notFound");
    }
}
