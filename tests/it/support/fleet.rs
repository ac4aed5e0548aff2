//! Tagged resources as a tick would have seen them, planted behind the server's back.

use super::database::TestDatabase;
use serde_json::json;

/// An instance of an account that is linked, with the tag `Schedule` or without one.
pub async fn plant_instance(db: &TestDatabase, account: &str, id: &str, schedule: Option<&str>) {
    let mut tags = json!({"Scheduler": "Enabled", "Name": "web"});
    if let Some(schedule) = schedule {
        tags["Schedule"] = json!(schedule);
    }
    let facts = json!({"awsState": "running", "size": "m5.large", "zone": "eu-west-1a", "platform": "Linux"});
    let body = json!({"tags": tags, "facts": facts});
    let name = schedule.map_or_else(|| "NULL".to_owned(), |name| format!("'{name}'"));
    db.run_text(format!(
        "INSERT INTO scheduled_resource (org_id, account_id, region, kind, resource_id, name, power, schedule_name, reason, body, seen_at) \
         SELECT org_id, account_id, 'eu-west-1', 'instance', '{id}', 'web', 'running', {name}, 'unchanged', '{body}', '2026-11-22T12:00:00' \
         FROM account WHERE account_id = {account}"
    ))
    .await;
}

/// A day on which it was off for 12 hours at 10 cents.
pub async fn plant_day_off(db: &TestDatabase, account: &str, id: &str, day: &str, coverage: &str) {
    let (saved, price) = match coverage {
        "covered" => (0, "100000"),
        "unpriced" => (0, "NULL"),
        _ => (1_200_000, "100000"),
    };
    let coverage = if coverage == "unpriced" { "onDemand" } else { coverage };
    db.run_text(format!(
        "INSERT INTO schedule_day (org_id, account_id, region, kind, resource_id, day, schedule_name, seconds_off, saved, price_micro_usd, coverage, updated_at) \
         SELECT org_id, account_id, 'eu-west-1', 'instance', '{id}', '{day}', 'office', 43200, {saved}, {price}, '{coverage}', '2026-11-22T12:00:00' \
         FROM account WHERE account_id = {account}"
    ))
    .await;
}

/// A stop of an instance that was carried out, and its run, whose id it gives.
pub async fn plant_action(db: &TestDatabase, account: &str, id: &str) -> &'static str {
    let bytes = |text: &str| format!("X'{}'", text.replace('-', ""));
    let (run, action) = ("019a0000-0000-7000-8000-000000000001", "019a0000-0000-7000-8000-000000000002");
    db.run_text(format!(
        "INSERT INTO scheduler_run (org_id, run_id, started_for, actor_name, dry_run, status, started_at, summary) \
         SELECT org_id, {}, 'timer', 'system', 0, 'partial', '2026-11-22T12:00:00', \
         '{{\"counts\": {{\"stopped\": 7}}, \"failures\": [{{\"accountId\": \"{account}\", \"code\": \"AccessDenied\", \"message\": \"no\"}}]}}' \
         FROM account WHERE account_id = {account}",
        bytes(run)
    ))
    .await;
    db.run_text(format!(
        "INSERT INTO scheduler_action (org_id, action_id, run_id, account_id, region, kind, resource_id, schedule_name, action, reason, state_before, status, fence, due_at, decided_at) \
         SELECT org_id, {}, {}, account_id, 'eu-west-1', 'instance', '{id}', 'office', 'stop', 'scheduleChange', 'running', 'verified', 1, '2026-11-22T12:00:00', '2026-11-22T12:00:00' \
         FROM account WHERE account_id = {account}",
        bytes(action),
        bytes(run)
    ))
    .await;
    run
}

/// More stops than may be done without asking wait for a decision. Its id.
pub async fn plant_approval(db: &TestDatabase, account: &str) -> &'static str {
    let id = "019a0000-0000-7000-8000-000000000003";
    db.run_text(format!(
        "INSERT INTO scheduler_approval (org_id, approval_id, account_id, schedule_name, revision, action, resource_count, resources, reason, status, standing, requested_at, expires_at) \
         SELECT org_id, X'{}', account_id, 'office', 1, 'stop', 1, '[{{\"region\": \"eu-west-1\", \"kind\": \"instance\", \"resourceId\": \"i-1\"}}]', '60 stops at once', 'open', 0, '2026-11-22T12:00:00', '2100-01-01T00:00:00' \
         FROM account WHERE account_id = {account}",
        id.replace('-', "")
    ))
    .await;
    id
}
