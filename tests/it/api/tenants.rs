//! Two organisations on one server: neither learns that the other is there.

use crate::support::{
    server::{Client, Engine, Server},
    stand_in::make_role,
};
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SHOP: &str = "222222222222";
const DATA_PLATFORM: &str = "333333333333";
/// Planted in what only the first organisation wrote.
const CANARY: &str = "canary-4711";

async fn link_and_scan(client: &Client, account: &str, name: &str) {
    let made = client.post("/accounts", json!({"accountId": account, "name": name})).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let role = make_role(account, &made.body["trustPolicy"]).await;
    let linked = client.post(&format!("/accounts/{account}/link"), json!({"roleArn": role})).await;
    assert_eq!(linked.status.as_u16(), 200, "{}", linked.body);
    scan(client, account).await;
}

async fn scan(client: &Client, account: &str) {
    let scans = format!("/accounts/{account}/scans");
    let started = client.post(&scans, json!({"regions": ["eu-west-1"]})).await;
    assert_eq!(started.status.as_u16(), 202, "{}", started.body);
    let one = format!("{scans}/{}", started.body["id"].as_str().unwrap());
    while client.get(&one).await.body["status"] == "running" {
        tokio::task::yield_now().await;
    }
}

/// Every id that a client's lists show, and what stands in them.
async fn everything(client: &Client) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (list, id, what) in [
        ("/accounts", "accountId", "status"),
        ("/resources?limit=500", "resourceId", "kind"),
        ("/recommendations?limit=500", "recommendationId", "countedMonthlySavings"),
    ] {
        for item in client.get(list).await.items() {
            all.insert(format!("{list} {} {}", item[id], item[what]));
        }
    }
    all
}

/// The GET routes without a parameter in their path: whatever they give is a list or a total.
async fn lists(server: &Server) -> Vec<String> {
    let document = server.anon().get("/api/v1/openapi.json").await.body;
    let paths = document["paths"].as_object().unwrap().iter();
    let gets = paths.filter(|(path, methods)| !path.contains('{') && methods["get"].is_object());
    gets.map(|(path, _)| path.clone()).collect()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn nothing_of_one_organization_shows_in_anothers_answers(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let (first, second) = (&server.org_admin, server.member("globex", "gus", "ORGANIZATION_ADMIN", &[]));
    link_and_scan(first, SHOP, CANARY).await;
    let list = first.get("/recommendations?limit=1").await;
    let id = list.items()[0]["recommendationId"].as_str().unwrap();
    first.post(&format!("/recommendations/{id}/dismiss"), json!({"reason": CANARY})).await;
    let resource = first.get("/resources?limit=1").await.items()[0]["resourceId"].clone();
    for path in lists(&server).await {
        let answer = second.get(&path).await;
        let text = answer.body.to_string();
        for secret in [CANARY, SHOP, id, resource.as_str().unwrap()] {
            assert!(!text.contains(secret), "{path} shows {secret}");
        }
    }
    for path in [format!("/recommendations/{id}"), format!("/accounts/{SHOP}")] {
        let (theirs, none) = (second.get(&path).await, second.get(&path.replace('2', "9")).await);
        let without_id = |body: &Value| {
            let mut body = body.clone();
            body.as_object_mut().unwrap().remove("instance");
            body
        };
        theirs.is_problem(404, "notFound");
        assert_eq!(without_id(&theirs.body), without_id(&none.body), "the same as what does not exist");
    }
}

/// Whether somebody else has the account already is nobody's business.
#[tokio::test]
async fn an_account_that_another_organization_has_may_be_added() {
    let server = Server::start(Engine::Sqlite).await;
    let second = server.member("globex", "gus", "ORGANIZATION_ADMIN", &[]);
    let body = json!({"accountId": SHOP, "name": "Shop"});
    let (first, other) =
        (server.org_admin.post("/accounts", body.clone()).await, second.post("/accounts", body).await);
    assert_eq!((first.status.as_u16(), other.status.as_u16()), (201, 201), "{}", other.body);
    assert_ne!(first.body["externalId"], other.body["externalId"]);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn two_organizations_at_once_get_what_each_gets_alone(#[case] engine: Engine) {
    let alone = async |account: &str| {
        let server = Server::start(engine).await;
        link_and_scan(&server.org_admin, account, "alone").await;
        everything(&server.org_admin).await
    };
    let (shop_alone, data_alone) = (alone(SHOP).await, alone(DATA_PLATFORM).await);
    let server = Server::start(engine).await;
    let second = server.member("globex", "gus", "ORGANIZATION_ADMIN", &[]);
    tokio::join!(
        link_and_scan(&server.org_admin, SHOP, "together"),
        link_and_scan(&second, DATA_PLATFORM, "together")
    );
    tokio::join!(scan(&server.org_admin, SHOP), scan(&second, DATA_PLATFORM));
    let without_ids = |all: &BTreeSet<String>| -> BTreeSet<String> {
        // A recommendation's id is made from the organisation too.
        all.iter().filter(|line| !line.starts_with("/recommendations")).cloned().collect()
    };
    let (shop, data) = (everything(&server.org_admin).await, everything(&second).await);
    assert_eq!(without_ids(&shop), without_ids(&shop_alone));
    assert_eq!(without_ids(&data), without_ids(&data_alone));
    assert_eq!((shop.len(), data.len()), (shop_alone.len(), data_alone.len()));
}
