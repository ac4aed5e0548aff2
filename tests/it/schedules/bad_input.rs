//! What is not understood is refused with its field, and nothing is kept of it.

use super::{SHOP, add_account, in_hours, make_schedule, office};
use crate::support::{
    fleet::plant_instance,
    server::{Engine, Server},
};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

/// A change of the good document, and the field that is named.
fn wrong() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("timezone", json!("Mars/Olympus"), "timezone"),
        ("timezone", json!(7), "timezone"),
        ("name", json!("ignore"), "name"),
        ("name", json!(""), "name"),
        ("periods", json!([]), "periods"),
        ("periods", json!([{"begin": "07:00", "end": "07:00"}]), "periods[0]"),
        ("periods", json!([{"begin": "25:00"}]), "periods[0].begin"),
        ("periods", json!([{"begin": "07:00", "monthDays": ["31"], "months": ["feb"]}]), "periods[0]"),
        ("periods", json!([{"begin": "07:00", "monthDays": ["32"]}]), "periods[0].monthDays[0]"),
        ("periods", json!([{"begin": "07:00", "weekdays": ["funday"]}]), "periods[0].weekdays[0]"),
        ("options", json!({"onHoliday": "party"}), ""),
        ("options", json!({"catchUpMinutes": 99_999_999}), "options.catchUpMinutes"),
        ("holidays", json!(["nowhere"]), "holidays[0]"),
    ]
}

#[tokio::test]
async fn a_wrong_schedule_is_refused_with_its_field() {
    let server = Server::start(Engine::Sqlite).await;
    let owner = &server.org_admin;
    let id = make_schedule(owner, office()).await;
    for (field, value, named) in wrong() {
        let mut document = office();
        document[field] = value.clone();
        let put = owner.call(Method::PUT, &format!("/schedules/{id}"), document.clone()).await;
        put.is_problem(400, "invalidRequest");
        document["name"] = if field == "name" { value.clone() } else { json!("other") };
        let post = owner.post("/schedules", document.clone()).await;
        post.is_problem(400, "invalidRequest");
        for reply in [&put, &post] {
            let found = reply.body["errors"][0]["field"].as_str().unwrap_or_default();
            let fits = named == "timezone" && found.is_empty() || found.starts_with(named);
            assert!(fits, "{field} = {value}: {}", reply.body);
        }
        let preview = owner.post("/schedules/preview", json!({"schedule": document})).await;
        if field != "holidays" {
            assert_eq!(preview.status.as_u16(), 400, "{field} = {value}: {}", preview.body);
        }
    }
    for unknown in
        [json!({"colour": 1}), json!({"periods": [{"start": "07:00"}]}), json!({"options": {"force": true}})]
    {
        let mut document = office();
        for (field, value) in unknown.as_object().unwrap() {
            document[field] = value.clone();
        }
        owner.post("/schedules", document).await.is_problem(400, "unknownField");
    }
    assert_eq!(owner.get("/schedules").await.items().len(), 1);
    assert_eq!(owner.get(&format!("/schedules/{id}")).await.body["revision"], json!(1));
}

#[tokio::test]
async fn a_wrong_calendar_is_refused_with_its_field() {
    let server = Server::start(Engine::Sqlite).await;
    for (body, field) in [
        (json!({"name": "x", "dates": ["2026-02-30"]}), "dates[0]"),
        (json!({"name": "x", "yearly": ["13-01"]}), "yearly[0]"),
        (json!({"name": "x", "yearly": ["12-25", "12-25"]}), "yearly[1]"),
        (json!({"name": " "}), "name"),
    ] {
        let reply = server.org_admin.post("/calendars", body).await;
        reply.is_problem(400, "invalidRequest");
        assert_eq!(reply.body["errors"][0]["field"], json!(field), "{}", reply.body);
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_wrong_override_is_refused_with_its_field(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    add_account(&server, SHOP).await;
    plant_instance(&server.database, SHOP, "i-1", None).await;
    let owner = &server.org_admin;
    let id = make_schedule(owner, office()).await;
    let good = || json!({"scheduleId": id, "state": "running", "reason": "release", "until": in_hours(2)});
    let resource =
        |id: &str| json!({"accountId": SHOP, "region": "eu-west-1", "kind": "instance", "resourceId": id});
    for (field, value, named) in [
        ("until", json!("2020-01-01T00:00:00Z"), "until"),
        ("until", json!(in_hours(91 * 24)), "until"),
        ("from", json!(in_hours(3)), "until"),
        ("from", json!(in_hours(400 * 24)), "until"),
        ("reason", json!(" "), "reason"),
        ("resource", resource("i-1"), "scheduleId"),
        ("scheduleId", Value::Null, "scheduleId"),
    ] {
        let mut body = good();
        body[field] = value;
        let reply = owner.post("/overrides", body).await;
        reply.is_problem(400, "invalidRequest");
        assert_eq!(reply.body["errors"][0]["field"], json!(named), "{field}: {}", reply.body);
    }
    owner
        .post("/overrides", json!({"scheduleId": id, "state": "running", "reason": "x"}))
        .await
        .is_problem(400, "invalidRequest");
    let mut unknown = good();
    unknown["scheduleId"] = json!("01a20166-ab8a-7143-b07a-8650a4d867c3");
    owner.post("/overrides", unknown).await.is_problem(404, "notFound");
    let of =
        |id: &str| json!({"resource": resource(id), "state": "leave", "reason": "x", "until": in_hours(2)});
    owner.post("/overrides", of("i-2")).await.is_problem(404, "notFound");
    assert_eq!(owner.post("/overrides", of("i-1")).await.status.as_u16(), 201);
}

#[tokio::test]
async fn wrong_filters_and_spans_name_themselves() {
    let server = Server::start(Engine::Sqlite).await;
    let id = make_schedule(&server.org_admin, office()).await;
    for path in [
        "/scheduler/actions?status=done".to_owned(),
        "/scheduler/actions?kind=toaster".to_owned(),
        "/scheduler/actions?region=mars".to_owned(),
        "/scheduler/actions?from=yesterday".to_owned(),
        "/scheduler/runs?startedFor=fun".to_owned(),
        "/scheduler/resources?power=low".to_owned(),
        "/scheduler/resources?cursor=abc".to_owned(),
        "/scheduler/savings?from=2026-02-02&to=2026-02-01".to_owned(),
        "/scheduler/savings/resources?from=x".to_owned(),
        "/scheduler/approvals?status=maybe".to_owned(),
        "/overrides?accountId=1".to_owned(),
        format!("/schedules/{id}/preview?from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z"),
        format!("/schedules/{id}/preview?from=2026-01-01T00:00:00Z&to=2027-06-01T00:00:00Z"),
    ] {
        let reply = server.org_admin.get(&path).await;
        assert_eq!(reply.status.as_u16(), 400, "{path}: {}", reply.body);
    }
}
