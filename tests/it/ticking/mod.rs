//! The scheduler's tick in the test's own process, against the stand-in, with a clock that the test moves.

mod asked;
mod course;
mod guards;
mod lasting;
mod trouble;

use crate::support::{
    in_process::TestApp,
    server::Engine,
    stand_in::{self, admin, make_role, new_account, trust_with_external_id},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tuner::{
    app::App,
    aws::scheduler_policy,
    db::{ActionFilter, DayFilter, ScheduledFilter},
    domain::{
        ids::AccountId,
        schedule::{ActionRecord, ActionStatus, ScheduledResource, Target},
    },
    op::OpCx,
    service::{
        accounts::{add_account, link_account},
        scheduler::{RunReport, RunRequest, run, tick_all},
        schedules::{ScheduleDocument, create_schedule},
    },
};

pub const REGION: &str = "eu-west-1";

/// An organisation with an account whose role lets the scheduler in, and the schedule `office`: every day it
/// began two hours ago and ends in an hour.
pub struct Shop {
    pub t: TestApp,
    pub cx: OpCx,
    pub account: String,
    pub begin: Timestamp,
    pub end: Timestamp,
}

pub fn whole_minute(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second() - at.as_second().rem_euclid(60)).unwrap()
}

fn clock_time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%H:%M").to_string()
}

impl Shop {
    pub async fn open(engine: Engine) -> Self {
        Self::with_options(engine, json!({})).await
    }

    pub async fn with_options(engine: Engine, options: Value) -> Self {
        Self::in_app(TestApp::open(engine).await, options, SignedDuration::from_hours(1)).await
    }

    /// By the clock of an app that is there; the period ends after some time.
    pub async fn in_app(t: TestApp, options: Value, ends_in: SignedDuration) -> Self {
        let cx = t.organization("acme").await;
        let now = whole_minute(t.clock.now());
        let (begin, end) = (now - SignedDuration::from_hours(2), now + ends_in);
        let account = link(&t, &cx).await;
        let shop = Self { t, cx, account, begin, end };
        shop.make_schedule("office", options).await;
        shop
    }

    pub async fn make_schedule(&self, name: &str, options: Value) {
        self.make_document(json!({
            "name": name, "timezone": "UTC", "options": options,
            "periods": [{"begin": clock_time(self.begin), "end": clock_time(self.end)}],
        }))
        .await;
    }

    pub async fn make_document(&self, document: Value) {
        let document: ScheduleDocument = serde_json::from_value(document).unwrap();
        create_schedule(&self.t.app, &self.now_cx(), &document).await.map_err(|e| e.to_string()).unwrap();
    }

    pub fn now_cx(&self) -> OpCx {
        OpCx { now: self.t.clock.now(), ..self.cx.clone() }
    }

    pub fn app(&self) -> &Arc<App> {
        &self.t.app
    }

    pub fn id(&self) -> AccountId {
        self.account.parse().unwrap()
    }

    pub fn mine(&self, mut body: Value) -> Value {
        body["accountId"] = json!(self.account);
        body
    }

    /// Machines that follow `office`.
    pub async fn make(&self, count: usize) -> Vec<String> {
        self.make_as(json!({"kind": "instance", "count": count, "instanceType": "m5.large"}), "office").await
    }

    pub async fn make_as(&self, mut body: Value, schedule: &str) -> Vec<String> {
        body["region"] = json!(REGION);
        body["tags"] = json!({"Scheduler": "Enabled", "Schedule": schedule});
        let made = admin("POST", "resources", self.mine(body)).await;
        serde_json::from_value(made["ids"].clone()).unwrap()
    }

    /// Somebody's hand.
    pub async fn change(&self, id: &str, mut body: Value) {
        body["region"] = json!(REGION);
        (body["kind"], body["resourceId"]) = (json!("instance"), json!(id));
        admin("PATCH", "resources", self.mine(body)).await;
    }

    pub async fn fault(&self, body: Value) {
        stand_in::fault(self.mine(body)).await;
    }

    /// AWS's clock and ours.
    pub async fn forward_to(&self, at: Timestamp) {
        let by = at.duration_since(self.t.clock.now());
        self.t.clock.set(at);
        if by.is_positive() {
            admin("POST", "clock", self.mine(json!({"advanceSeconds": by.as_secs() + 1}))).await;
        }
    }

    pub async fn forward(&self, by: SignedDuration) {
        self.forward_to(self.t.clock.now() + by).await;
    }

    /// The minute's tick.
    pub async fn tick(&self) {
        self.tick_of(self.app()).await;
    }

    pub async fn tick_of(&self, app: &App) {
        let minute = whole_minute(self.t.clock.now());
        let tally = tick_all(app, minute).await.map_err(|e| e.chain()).unwrap();
        assert_eq!(tally.failed, 0);
    }

    /// What somebody asked for.
    pub async fn run(&self, request: RunRequest) -> RunReport {
        run(self.app(), &self.now_cx(), request).await.map_err(|e| format!("{e}: {}", e.chain())).unwrap()
    }

    /// A first look, at which nothing is to do; then to the end of the period and five seconds more.
    pub async fn seen_and_due(&self) {
        self.tick().await;
        assert_eq!(self.changes().await.len(), 0, "nothing is due at first sight");
        self.forward_to(self.end + SignedDuration::from_secs(5)).await;
    }

    /// The ids that calls of ours started or stopped, in their order.
    pub async fn changes(&self) -> Vec<String> {
        let calls = self.calls().await;
        let changed = calls.iter().flat_map(|call| call["changed"].as_array().unwrap());
        changed.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn calls(&self) -> Vec<Value> {
        let calls = admin("GET", &format!("power-calls?accountId={}", self.account), Value::Null).await;
        calls.as_array().unwrap().clone()
    }

    pub async fn actions(&self) -> Vec<ActionRecord> {
        let db = self.app().database.scoped(&self.cx.scope);
        db.list_actions(&ActionFilter::default(), None, 100).await.unwrap()
    }

    pub async fn statuses(&self) -> Vec<ActionStatus> {
        let mut all: Vec<ActionStatus> = self.actions().await.iter().map(|action| action.status).collect();
        all.sort();
        all
    }

    pub async fn rows(&self) -> Vec<ScheduledResource> {
        let all = ScheduledFilter { with_gone: true, ..ScheduledFilter::default() };
        self.app().database.scoped(&self.cx.scope).list_scheduled(&all, None, 100).await.unwrap()
    }

    pub async fn seconds_off(&self) -> i64 {
        let today = self.t.clock.now().to_zoned(TimeZone::UTC).date();
        let filter = DayFilter {
            from: today.saturating_sub(jiff::Span::new().days(3)),
            to: today.saturating_add(jiff::Span::new().days(3)),
            account: None,
            schedule: None,
            target: None::<Target>,
        };
        let db = self.app().database.scoped(&self.cx.scope);
        let days = db.list_schedule_days(&filter, None, 100).await.unwrap();
        days.iter().map(|day| day.seconds_off).sum()
    }

    pub async fn close(self) {
        self.t.close().await;
    }
}

/// Adds an account and links it by two roles.
pub async fn link(t: &TestApp, cx: &OpCx) -> String {
    let account = new_account();
    let id: AccountId = account.parse().unwrap();
    let added = add_account(&t.app, cx, id, "Shop").await.unwrap();
    let reads = make_role(&account, &added.trust_policy).await;
    let trust = trust_with_external_id(added.account.external_id.expose());
    let policy: Value = serde_json::from_str(&scheduler_policy()).unwrap();
    let role =
        json!({"accountId": account, "roleName": "TunerScheduler", "trustPolicy": trust, "policy": policy});
    admin("POST", "roles", role).await;
    let acts = format!("arn:aws:iam::{account}:role/TunerScheduler");
    let linked = link_account(&t.app, cx, id, reads.parse().unwrap(), Some(acts.parse().unwrap())).await;
    linked.map_err(|e| e.detail().to_owned()).unwrap();
    account
}

/// Until a condition holds; fails after ten seconds.
pub async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    for _ in 0..500 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{what}");
}
