//! What is read: previews, tagged resources, runs, actions, savings.

use super::{DATA, SHOP, add_account, id_of, in_hours, make_schedule, office};
use crate::support::{
    fleet::{plant_action, plant_day_off, plant_instance},
    server::{Engine, Server},
};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_preview_tells_changes_followers_and_money(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    add_account(&server, SHOP).await;
    plant_instance(&server.database, SHOP, "i-1", Some("office")).await;
    let owner = &server.org_admin;
    let id = make_schedule(owner, office()).await;
    // A Monday.
    let span = "from=2026-01-05T00:00:00Z&to=2026-01-06T00:00:00Z";
    let preview = owner.get(&format!("/schedules/{id}/preview?{span}")).await.body;
    let changes = json!([
        {"at": "2026-01-05T00:00:00Z", "state": "stopped"},
        {"at": "2026-01-05T06:00:00Z", "state": "running"},
        {"at": "2026-01-05T18:00:00Z", "state": "stopped"},
    ]);
    assert_eq!((&preview["changes"], &preview["hoursOff"]), (&changes, &json!("12.00")), "{preview}");
    assert_eq!((&preview["resourceCount"], &preview["unpricedCount"]), (&json!(1), &json!(0)));
    assert_eq!(preview["resources"][0]["hourlyPrice"], json!("0.096"));
    assert_eq!(preview["resources"][0]["priceSource"], json!("builtInOtherRegion"));
    // 108 of a week's 168 hours.
    let saved: f64 = preview["estimatedMonthlySavings"].as_str().unwrap().parse().unwrap();
    assert!((saved - 730.0 * 0.096 * 108.0 / 168.0).abs() < 0.5, "{preview}");
    let mut longer = office();
    longer["periods"][0]["end"] = json!("20:00");
    let body = json!({"schedule": longer, "from": "2026-01-05T00:00:00Z", "to": "2026-01-06T00:00:00Z"});
    let what_if = owner.post("/schedules/preview", body).await.body;
    assert_eq!((&what_if["hoursOff"], &what_if["resourceCount"]), (&json!("11.00"), &json!(1)), "{what_if}");
    assert_eq!(owner.get(&format!("/schedules/{id}")).await.body["revision"], json!(1), "nothing is kept");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_resource_tells_what_it_follows_and_why_not(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    add_account(&server, SHOP).await;
    let owner = &server.org_admin;
    let id = make_schedule(owner, office()).await;
    for (resource, schedule) in [("i-1", Some("office")), ("i-2", None), ("i-3", Some("nights"))] {
        plant_instance(&server.database, SHOP, resource, schedule).await;
    }
    let listed = owner.get("/scheduler/resources").await;
    let of = |at: usize| &listed.items()[at];
    assert_eq!((&of(0)["schedule"]["scheduleId"], &of(0)["eligible"]), (&json!(id), &json!(true)));
    assert_eq!(of(0)["nextChanges"].as_array().unwrap().len(), 10);
    assert_eq!(of(1)["noScheduleReason"], json!("noSchedule"));
    assert_eq!(of(2)["noScheduleReason"], json!("unknownSchedule"));
    let made = owner.post(&format!("/schedules/{id}/assignments"), json!({"accountId": SHOP})).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let one = format!("/scheduler/resources/{SHOP}/eu-west-1/instance/i-2");
    assert_eq!(owner.get(&one).await.body["schedule"]["name"], json!("office"), "by the assignment");
    let resource = json!({"accountId": SHOP, "region": "eu-west-1", "kind": "instance", "resourceId": "i-2"});
    let body = json!({"resource": resource, "state": "stopped", "reason": "x", "until": in_hours(2)});
    assert_eq!(owner.post("/overrides", body).await.status.as_u16(), 201);
    assert_eq!(owner.get(&one).await.body["desired"], json!("stopped"), "an override decides");
    owner.post(&format!("/schedules/{id}/suspend"), json!({"reason": "x"})).await;
    assert_eq!(owner.get(&one).await.body["noScheduleReason"], json!("scheduleSuspended"));
    let first = owner.get("/scheduler/resources?limit=2").await;
    let next =
        owner.get(&format!("/scheduler/resources?limit=2&cursor={}", id_of(&first.body, "nextCursor"))).await;
    assert_eq!((first.items().len(), next.items().len()), (2, 1));
    assert_eq!(owner.get("/scheduler/resources?schedule=nights").await.items().len(), 1);
    assert_eq!(owner.get("/scheduler/resources?eligible=false").await.items().len(), 0);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn savings_are_honest_about_what_is_covered_or_not_known(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    for account in [SHOP, DATA] {
        add_account(&server, account).await;
    }
    let db = &server.database;
    for (account, id, day, coverage) in [
        (SHOP, "i-1", "2026-03-01", "onDemand"),
        (SHOP, "i-1", "2026-03-02", "covered"),
        (SHOP, "i-2", "2026-03-02", "unpriced"),
        (DATA, "i-3", "2026-03-02", "unknown"),
    ] {
        plant_day_off(db, account, id, day, coverage).await;
    }
    let span = "from=2026-03-01&to=2026-03-31";
    let all = server.org_admin.get(&format!("/scheduler/savings?{span}")).await.body;
    assert_eq!(
        (&all["total"]["hoursOff"], &all["total"]["savings"]),
        (&json!("48.00"), &json!("2.40")),
        "{all}"
    );
    assert_eq!(all["total"]["savingsBasis"], json!("upperBound"));
    assert_eq!(all["total"]["coveredHoursOff"], json!("12.00"));
    assert_eq!(all["total"]["unpricedHoursOff"], json!("12.00"));
    assert_eq!(all["days"][1]["resourceCount"], json!(3));
    let viewer = server.member("main", "v", "TUNER_VIEWER", &[SHOP]);
    let seen = viewer.get(&format!("/scheduler/savings?{span}")).await.body;
    assert_eq!(
        (&seen["total"]["hoursOff"], &seen["total"]["savingsBasis"]),
        (&json!("36.00"), &json!("exact"))
    );
    let rows = viewer.get(&format!("/scheduler/savings/resources?{span}&limit=1")).await;
    assert_eq!((&rows.items()[0]["resourceId"], &rows.items()[0]["dayCount"]), (&json!("i-1"), &json!(2)));
    let cursor = id_of(&rows.body, "nextCursor");
    let rest = viewer.get(&format!("/scheduler/savings/resources?{span}&limit=1&cursor={cursor}")).await;
    assert_eq!(rest.items()[0]["resourceId"], json!("i-2"), "{}", rest.body);
    assert_eq!(rest.body["nextCursor"], json!(null));
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn actions_and_runs_tell_only_of_accounts_that_are_seen(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    add_account(&server, SHOP).await;
    plant_action(&server.database, SHOP, "i-1").await;
    let actions =
        server.org_admin.get("/scheduler/actions?status=verified&action=stop&region=eu-west-1").await;
    assert_eq!(actions.items()[0]["resourceId"], json!("i-1"), "{}", actions.body);
    assert_eq!(actions.items()[0]["reason"], json!("scheduleChange"));
    let day = "from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z";
    assert_eq!(server.org_admin.get(&format!("/scheduler/actions?{day}")).await.items().len(), 1);
    assert_eq!(server.org_admin.get("/scheduler/actions?resourceId=i-2").await.items().len(), 0);
    let run = &server.org_admin.get("/scheduler/runs").await;
    assert_eq!(run.items()[0]["summary"]["counts"]["stopped"], json!(7), "{}", run.body);
    let stranger = server.member("main", "s", "TUNER_ADMIN", &[]);
    assert_eq!(stranger.get("/scheduler/actions").await.items().len(), 0);
    let run = stranger.get("/scheduler/runs").await;
    let summary = &run.items()[0]["summary"];
    assert_eq!((&summary["counts"]["stopped"], &summary["failures"]), (&json!(0), &json!([])), "{summary}");
}

#[tokio::test]
async fn a_preview_at_the_ends_of_time_is_an_answer() {
    let server = Server::start(Engine::Sqlite).await;
    let id = make_schedule(&server.org_admin, office()).await;
    for span in [
        "from=9999-12-28T00:00:00Z&to=9999-12-30T00:00:00Z",
        "from=9999-12-30T00:00:00Z",
        "from=-009999-01-03T00:00:00Z&to=-009999-01-04T00:00:00Z",
        "from=0001-01-01T00:00:00Z&to=0001-02-01T00:00:00Z",
    ] {
        let reply = server.org_admin.get(&format!("/schedules/{id}/preview?{span}")).await;
        assert!([200, 400].contains(&reply.status.as_u16()), "{span}: {} {}", reply.status, reply.body);
    }
}
