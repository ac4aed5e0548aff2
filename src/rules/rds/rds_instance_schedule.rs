//! A development database that nobody uses at the same hours each week and could be off in them.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    rds_usage::is_own,
    week::{IdleWeek, schedule_name, schedule_tags, tagging},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{DbEngine, DbInstance, ResourceKind, arn_of},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.db_instances, judge) };

static META: Meta = Meta {
    id: "rds-instance-schedule",
    title: "Database could be off at night and on weekends",
    condition: "Tagged as not productive, available, not yet tagged Scheduler=Enabled. An hour of the week \
                is idle if no week seen had a connection in it; runs of schedule_min_run_hours count, and at \
                least schedule_min_idle_hours_per_week are needed. Members of clusters, read replicas, their \
                sources and SQL Server with a standby cannot be stopped; an idle week is left to \
                rds-instance-idle.",
    formula: "hourly price * idle hours a week * 52 / 12; storage stays",
    pitfalls: "RDS starts a database that was stopped for seven days. Backups need hours in which it is on.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Schedule,
    class: ConflictClass::Pause,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["rds:DescribeDBInstances"],
    metrics: &[Metric::RdsConnectionsHourly],
    thresholds: &["nonprod_values", "schedule_min_idle_hours_per_week", "schedule_min_run_hours"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, db: &DbInstance) -> Judgement {
    let tags = &db.common.tags;
    if !is_own(db) || !can_stop(db) || !case.nonprod(tags) || tags.scheduled() {
        return Ok(None);
    }
    case.require_full_window(&db.common)?;
    let connections = case.week(Metric::RdsConnectionsHourly, &db.common)?;
    let week = IdleWeek::of(case.thresholds, |hour| connections.max.get(hour).is_some_and(|max| *max <= 0.0));
    let Some(idle_hours) = week.worthwhile_hours(case.thresholds) else { return Ok(None) };
    let mut bill = case.bill();
    let hour = bill.db_hour(db)?;
    let savings = hour.times_ratio(idle_hours * 52, 12);
    let least = format!("at least {} hours", case.thresholds.schedule_min_idle_hours_per_week);
    let none = "none in an idle hour".to_owned();
    Ok(Some(Finding {
        title: format!("Switch the {} database off for {idle_hours} idle hours a week", db.engine),
        current: json!({"class": db.class, "hoursPerWeek": 168}),
        recommended: week.schedule(&schedule_name(&db.common)),
        evidence: vec![
            property("idle hours a week", idle_hours.to_string(), Some(least)),
            case.measured_week(Metric::RdsConnectionsHourly, connections, none),
        ],
        remediation: remediation(case, db),
        ..case.finding(db, Amounts { cost: hour.monthly(1), savings, bill })
    }))
}

/// RDS refuses to stop replicas, their sources and SQL Server with a standby.
fn can_stop(db: &DbInstance) -> bool {
    let mirrored = db.engine == DbEngine::SqlServer && db.multi_az;
    !db.is_replica && !db.has_replicas && !mirrored
}

fn remediation(case: &Case<'_>, db: &DbInstance) -> Remediation {
    let region = &db.common.region;
    let arn = arn_of(ResourceKind::DbInstance, case.snapshot.account, region, &db.common.id);
    let name = ("--resource-name", &*arn);
    let keys = json!(["Scheduler", "Schedule"]).to_string();
    let tag = aws("rds add-tags-to-resource", region, &[name, ("--tags", &schedule_tags(&db.common))]);
    let untag = aws("rds remove-tags-from-resource", region, &[name, ("--tag-keys", &keys)]);
    tagging(tag, untag, "Storage and backups keep billing while the database is off.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::fixtures::{Lab, days_ago, db};

    fn tagged(tags: &[(&str, &str)]) -> DbInstance {
        let mut db = db("db-1");
        db.common.tags = tags.iter().copied().collect();
        db
    }

    fn dev() -> DbInstance {
        tagged(&[("env", "dev")])
    }

    /// Someone is there from Monday to Friday, 07:00 to 19:00.
    fn office(hour: usize) -> f64 {
        if hour < 120 && (7..19).contains(&(hour % 24)) { 4.0 } else { 0.0 }
    }

    fn lab(db: DbInstance, connections: fn(usize) -> f64) -> Lab {
        Lab::new()
            .hourly(Metric::RdsConnectionsHourly, "db-1", connections)
            .db_price("db.m5.xlarge", "0.356", "0.712")
            .db(db)
    }

    #[test]
    fn nights_and_weekends_are_saved() {
        let finding = lab(dev(), office).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "259.88");
        assert_eq!(finding.monthly_savings.to_string(), "166.608", "0.356 * 108 * 52 / 12");
        assert_eq!(finding.recommended["schedule"]["periods"][0]["weekdays"], json!(["mon-fri"]));
        let command = &finding.remediation.commands[0];
        assert!(command.contains("--resource-name arn:aws:rds:us-east-1:123456789012:db:db-1 "), "{command}");
        let both = lab(DbInstance { multi_az: true, ..dev() }, office).only_finding(&RULE);
        assert_eq!(both.monthly_savings.to_string(), "333.216", "the standby is off too");
    }

    #[test]
    fn what_rds_cannot_stop_is_left_alone() {
        lab(DbInstance { is_replica: true, ..dev() }, office).nothing(&RULE);
        lab(DbInstance { has_replicas: true, ..dev() }, office).nothing(&RULE);
        lab(DbInstance { engine: DbEngine::AuroraMysql, ..dev() }, office).nothing(&RULE);
        lab(DbInstance { cluster_id: Some("c".into()), ..dev() }, office).nothing(&RULE);
        lab(DbInstance { engine: DbEngine::SqlServer, multi_az: true, ..dev() }, office).nothing(&RULE);
    }

    #[test]
    fn production_stopped_and_scheduled_databases_are_left_alone() {
        lab(tagged(&[("env", "prod")]), office).nothing(&RULE);
        lab(tagged(&[("env", "dev"), ("Scheduler", "Enabled")]), office).nothing(&RULE);
        lab(DbInstance { status: "stopped".into(), ..dev() }, office).nothing(&RULE);
    }

    #[test]
    fn an_idle_week_belongs_to_another_rule_and_a_busy_one_to_none() {
        lab(dev(), |_| 0.0).nothing(&RULE);
        lab(dev(), |_| 1.0).nothing(&RULE);
        lab(dev(), |hour| if hour % 2 == 0 { 0.0 } else { 1.0 }).nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        Lab::new().db(dev()).unknown(&RULE, UnknownReason::MetricMissing);
        let mut young = dev();
        young.common.created_at = Some(days_ago(3));
        lab(young, office).unknown(&RULE, UnknownReason::TooYoung);
        let licensed = DbInstance { engine: DbEngine::SqlServer, ..dev() };
        lab(licensed, office).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
