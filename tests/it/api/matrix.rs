//! Every route × every role × a second organisation, as one golden table. A new route changes it.

use crate::support::{
    fleet,
    server::{Client, Engine, Reply, Server},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::fmt::Write;
use tuner::domain::clock::Clock;

const ACCOUNT: &str = "555555555555";
/// An account and an id that nobody has.
const NO_ACCOUNT: &str = "999999999999";
const NO_ID: &str = "01a20166-ab8a-7143-b07a-8650a4d867c3";

/// What the guard said: the handler's own answer to an empty body does not matter here.
fn verdict(status: u16) -> &'static str {
    match status {
        401 => "sign in",
        403 => "forbidden",
        404 => "not there",
        500..=599 => "BROKEN",
        _ => "let in",
    }
}

/// The ids that paths name.
struct Ids {
    account: String,
    user: String,
    key: String,
    schedule: String,
    assignment: String,
    calendar: String,
    over: String,
    approval: String,
    run: String,
    resource: &'static str,
    webhook: String,
    other: String,
}

impl Ids {
    fn of_nothing() -> Self {
        let id = || NO_ID.to_owned();
        Self {
            account: NO_ACCOUNT.to_owned(),
            user: id(),
            key: id(),
            webhook: id(),
            schedule: id(),
            assignment: id(),
            calendar: id(),
            over: id(),
            approval: id(),
            run: id(),
            resource: "i-9",
            other: id(),
        }
    }

    /// A parameter that is not known here fails the test: its routes would be asked for nothing.
    fn fill(&self, path: &str) -> String {
        let filled = path
            .replace("{accountId}", &self.account)
            .replace("{userId}", &self.user)
            .replace("{keyId}", &self.key)
            .replace("{scheduleId}", &self.schedule)
            .replace("{assignmentId}", &self.assignment)
            .replace("{calendarId}", &self.calendar)
            .replace("{overrideId}", &self.over)
            .replace("{approvalId}", &self.approval)
            .replace("{runId}", &self.run)
            .replace("{region}", "eu-west-1")
            .replace("{kind}", "instance")
            .replace("{resourceId}", self.resource)
            .replace("{webhookId}", &self.webhook)
            .replace("{scanId}", &self.other)
            .replace("{id}", &self.other);
        assert!(!filled.contains('{'), "name the parameter of {path} in the matrix");
        filled
    }
}

/// Somebody, and how a token of theirs is made anew.
struct Person {
    who: &'static str,
    client: Client,
    named: Option<(&'static str, &'static str)>,
}

impl Person {
    /// Signing out ends the token that asked for it.
    fn client_for(&self, server: &Server, path: &str) -> Client {
        match self.named {
            Some((organization, name)) if path.contains("/auth/logout") => {
                server.signed_in(organization, name)
            }
            _ => self.client.clone(),
        }
    }
}

fn people(server: &Server) -> Vec<Person> {
    let member = |who, organization, name, role, accounts: &[&str]| Person {
        who,
        client: server.member(organization, name, role, accounts),
        named: Some((organization, name)),
    };
    vec![
        Person { who: "anon", client: server.anon(), named: None },
        member("viewer", "main", "v", "TUNER_VIEWER", &[ACCOUNT]),
        member("user", "main", "u", "TUNER_USER", &[ACCOUNT]),
        member("admin", "main", "a", "TUNER_ADMIN", &[ACCOUNT]),
        member("other_org", "other", "m", "ORGANIZATION_ADMIN", &[]),
        Person { who: "org_admin", client: server.org_admin.clone(), named: Some(("main", "owner")) },
    ]
}

fn schedule() -> Value {
    json!({"name": "office", "timezone": "UTC", "periods": [{"begin": "07:00", "end": "19:00"}]})
}

/// Within the 90 days of an override.
fn soon() -> String {
    (Clock::system().now() + jiff::SignedDuration::from_hours(24)).to_string()
}

/// What there is to ask for in the organisation `main`.
async fn plant(server: &Server) -> Ids {
    let owner = &server.org_admin;
    let made = owner.post("/accounts", json!({"accountId": ACCOUNT, "name": "x"})).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let user = owner.post("/users", json!({"name": "target", "role": "TUNER_VIEWER"})).await;
    let scopes = ["recommendations:read"];
    let key = owner.post("/api-keys", json!({"name": "k", "role": "TUNER_USER", "scopes": scopes})).await;
    let events = ["scheduler.missed"];
    let webhook =
        json!({"name": "w", "url": "https://127.0.0.1:1/", "events": events, "accountIds": [ACCOUNT]});
    let webhook = owner.post("/webhooks", webhook).await;
    let text = |reply: &Reply, field: &str| reply.body[field].as_str().unwrap().to_owned();
    let schedule = text(&owner.post("/schedules", schedule()).await, "scheduleId");
    let calendar = owner.post("/calendars", json!({"name": "x"})).await;
    let assign = format!("/schedules/{schedule}/assignments");
    let assignment = owner.post(&assign, json!({"accountId": ACCOUNT})).await;
    let over = json!({"scheduleId": schedule, "state": "leave", "reason": "x", "until": soon()});
    let over = owner.post("/overrides", over).await;
    let db = &server.database;
    fleet::plant_instance(db, ACCOUNT, "i-1", None).await;
    let run = fleet::plant_action(db, ACCOUNT, "i-1").await.to_owned();
    let approval = fleet::plant_approval(db, ACCOUNT).await.to_owned();
    Ids {
        schedule,
        assignment: text(&assignment, "assignmentId"),
        calendar: text(&calendar, "calendarId"),
        over: text(&over, "overrideId"),
        approval,
        run,
        resource: "i-1",
        account: ACCOUNT.to_owned(),
        user: text(&user, "userId"),
        key: text(&key, "apiKeyId"),
        webhook: text(&webhook, "webhookId"),
        other: NO_ID.to_owned(),
    }
}

#[tokio::test]
async fn every_route_for_every_role() {
    let allowed = [("TUNER_NET__ALLOWED_NETWORKS", "127.0.0.1")];
    let server = Server::start_with(Engine::Sqlite, &allowed).await;
    let ids = plant(&server).await;
    let people = people(&server);
    let mut table = String::new();
    for (path, method) in operations(&server).await {
        write!(table, "{method:6} {path}:").unwrap();
        for person in &people {
            let client = person.client_for(&server, &path);
            let reply = ask(&client, &method, &path, &ids).await;
            write!(table, " {}={}", person.who, verdict(reply.status.as_u16())).unwrap();
            if person.who == "other_org" && path.contains('{') {
                let nothing = ask(&client, &method, &path, &Ids::of_nothing()).await;
                assert_eq!(
                    reply.anonymous(),
                    nothing.anonymous(),
                    "{method} {path}: theirs looks like nothing"
                );
            }
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table);
}

/// Every operation of the document. What takes away what the others ask for comes last.
async fn operations(server: &Server) -> Vec<(String, String)> {
    let document = server.anon().get("/api/v1/openapi.json").await.body;
    let mut operations: Vec<(String, String)> = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let methods = methods.as_object().unwrap().keys();
        operations.extend(methods.map(|method| (path.clone(), method.to_uppercase())));
    }
    operations.sort_by_key(|(path, method)| {
        let last = path.ends_with("/logout-everywhere");
        (last, method == "DELETE", path.clone(), method.clone())
    });
    operations
}

/// A body that the route accepts, so that it is the id which decides.
fn body(path: &str, method: &str) -> Value {
    match path.rsplit('/').next().unwrap_or_default() {
        "setup" => json!({"setupToken": "x", "name": "y"}),
        "link" => json!({"roleArn": format!("arn:aws:iam::{NO_ACCOUNT}:role/x")}),
        "{accountId}" if method == "PATCH" => json!({"name": "x"}),
        "snooze" => json!({"until": "2030-01-01T00:00:00Z"}),
        "dismiss" | "suspend" | "stop" | "scheduler-suspension" => json!({"reason": "x"}),
        "{scheduleId}" if method == "PUT" => schedule(),
        "{calendarId}" if method == "PUT" => json!({"name": "x"}),
        "assignments" => json!({"accountId": NO_ACCOUNT}),
        _ => json!({}),
    }
}

async fn ask(client: &Client, method: &str, path: &str, ids: &Ids) -> Reply {
    let method_name = Method::from_bytes(method.as_bytes()).unwrap();
    client.call(method_name, &ids.fill(path), body(path, method)).await
}
