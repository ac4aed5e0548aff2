//! A read replica that nobody reads from.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    command::aws,
    rds_usage::{find_unused, is_own},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{DbInstance, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.db_instances, judge) };

static META: Meta = Meta {
    id: "rds-read-replica-idle",
    title: "Nobody reads from the read replica",
    condition: "A read replica, available since before the window, with DatabaseConnections at 0 in all of it. Replicas of a source \
                in another region (a copy for recovery), replicas that have replicas, members of clusters and those tagged \
                keep, retain or golden are left alone.",
    formula: "instance * 730 + storage + IOPS + extended support",
    pitfalls: "A replica that waits for its source to fail: Multi-AZ does that with less loss. Where AWS DMS or a dump reads from it \
               once a month the window is too short.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["rds:DescribeDBInstances"],
    metrics: &[Metric::RdsConnectionsMax],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, db: &DbInstance) -> Judgement {
    let elsewhere = db.source_region.is_some() || db.common.tags.keep();
    if !is_own(db) || !db.is_replica || db.has_replicas || elsewhere {
        return Ok(None);
    }
    let Some(connections) = find_unused(case, db)? else { return Ok(None) };
    let amounts = amounts(case, db)?;
    Ok(Some(Finding {
        title: format!("Delete the {} replica on {} that nobody reads from", db.engine, db.class),
        current: json!({"class": db.class, "engine": db.engine, "status": "available"}),
        recommended: json!({"status": "deleted"}),
        evidence: vec![case.measured(
            Metric::RdsConnectionsMax,
            connections,
            "0 connections".into(),
            "none".into(),
        )],
        remediation: remediation(db),
        ..case.finding(db, amounts)
    }))
}

/// Its source keeps the data: no snapshot is needed.
fn amounts<'a>(case: &Case<'a>, db: &DbInstance) -> Result<Amounts<'a>, UnknownReason> {
    let mut bill = case.bill();
    let cost = bill.db_running(case, db)?;
    Ok(Amounts { savings: cost.clone(), cost, bill })
}

fn remediation(db: &DbInstance) -> Remediation {
    let (region, id) = (&db.common.region, ("--db-instance-identifier", &*db.common.id));
    let source = ("--source-db-instance-identifier", "SOURCE_NAME");
    let again = [id, source, ("--db-instance-class", &*db.class)];
    Remediation {
        commands: vec![aws("rds delete-db-instance", region, &[id, ("--skip-final-snapshot", "")])],
        rollback_commands: vec![aws("rds create-db-instance-read-replica", region, &again)],
        notes: vec!["A new replica is filled from its source: that takes hours for a large one.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, db};

    fn replica() -> DbInstance {
        DbInstance { is_replica: true, ..db("db-1") }
    }

    fn lab(db: DbInstance) -> Lab {
        Lab::new()
            .db_storage_prices()
            .db_price("db.m5.xlarge", "0.356", "0.712")
            .daily(Metric::RdsConnectionsMax, "db-1", 14, 0.0)
            .db(db)
    }

    #[test]
    fn instance_and_storage_are_saved() {
        let finding = lab(replica()).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "282.88", "0.356 * 730 + 200 * 0.115");
        assert!(finding.remediation.commands[0].ends_with("--skip-final-snapshot"));
    }

    #[test]
    fn one_connection_is_use() {
        lab(replica()).daily(Metric::RdsConnectionsMax, "db-1", 14, 1.0).nothing(&RULE);
    }

    #[test]
    fn copies_for_recovery_and_sources_are_left_alone() {
        lab(DbInstance { source_region: Some("eu-west-1".parse().unwrap()), ..replica() }).nothing(&RULE);
        lab(DbInstance { has_replicas: true, ..replica() }).nothing(&RULE);
        lab(DbInstance { cluster_id: Some("c".into()), ..replica() }).nothing(&RULE);
        lab(db("db-1")).nothing(&RULE);
        let mut kept = replica();
        kept.common.tags = [("Keep", "yes")].into_iter().collect();
        lab(kept).nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        lab(replica())
            .no_datapoints(Metric::RdsConnectionsMax, "db-1")
            .unknown(&RULE, UnknownReason::MetricMissing);
    }
}
