//! A database that nobody connected to for the whole window.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    command::aws,
    rds_removal::{final_snapshot_name, remove_db},
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
    id: "rds-instance-idle",
    title: "Nobody connects to the database",
    condition: "Available since before the window with DatabaseConnections at 0 in all of it. Aurora and \
                other members of clusters, read replicas and the sources of replicas are left alone.",
    formula: "instance * 730 + storage + IOPS + extended support - a final snapshot of the allocated size",
    pitfalls: "A copy for recovery. A proxy or a monitor that stays connected hides an idle database. \
               Stopping is no lasting way: RDS starts a stopped database after seven days.",
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
    if !is_own(db) || db.is_replica || db.has_replicas {
        return Ok(None);
    }
    let Some(connections) = find_unused(case, db)? else { return Ok(None) };
    let amounts = amounts(case, db)?;
    let observed = "0 connections".to_owned();
    Ok(Some(Finding {
        title: format!("Delete the {} database on {} that nobody connects to", db.engine, db.class),
        current: json!({"class": db.class, "engine": db.engine, "status": "available"}),
        recommended: json!({"status": "deleted", "finalSnapshot": "kept"}),
        evidence: vec![case.measured(Metric::RdsConnectionsMax, connections, observed, "none".into())],
        remediation: remediation(db),
        ..case.finding(db, amounts)
    }))
}

fn amounts<'a>(case: &Case<'a>, db: &DbInstance) -> Result<Amounts<'a>, UnknownReason> {
    let mut bill = case.bill();
    let cost = bill.db_running(case, db)?;
    let kept = bill.db_backup(&db.common.region, db.engine, db.allocated_gib)?;
    Ok(Amounts { savings: cost.clone() - kept, cost, bill })
}

fn remediation(db: &DbInstance) -> Remediation {
    let name = final_snapshot_name(db);
    let delete = [("--db-instance-identifier", &*db.common.id), ("--final-db-snapshot-identifier", &name)];
    remove_db(db, vec![aws("rds delete-db-instance", &db.common.region, &delete)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        inventory::{DbEngine, DbStorageType},
        price::PriceKey,
    };
    use crate::rules::fixtures::{Lab, days_ago, db, region};

    fn lab(db: DbInstance) -> Lab {
        Lab::new()
            .db_storage_prices()
            .db_price("db.m5.xlarge", "0.356", "0.712")
            .daily(Metric::RdsConnectionsMax, "db-1", 14, 0.0)
            .db(db)
    }

    #[test]
    fn everything_is_saved_but_the_final_snapshot() {
        let finding = lab(db("db-1")).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "282.88", "259.88 of hours and 23 of storage");
        assert_eq!(finding.monthly_savings.to_string(), "263.88", "19 stay for the snapshot");
        assert_eq!(
            finding.remediation.commands,
            ["aws rds delete-db-instance --region us-east-1 --db-instance-identifier db-1 \
              --final-db-snapshot-identifier db-1-final"]
        );
    }

    #[test]
    fn iops_the_standby_and_extended_support_count() {
        let old = DbInstance {
            engine_version: "12.22".into(),
            multi_az: true,
            storage_type: DbStorageType::Io1,
            iops: 1_000,
            ..db("db-1")
        };
        let key =
            PriceKey::DbExtendedSupport { region: region(), engine: DbEngine::Postgres, third_year: false };
        let finding = lab(old).price(key, "0.10").only_finding(&RULE);
        // 0.712 * 730 + 200 * 0.25 + 1,000 * 0.20 + 4 vCPUs * 2 * 0.10 * 730
        assert_eq!(finding.monthly_cost.to_string(), "1353.76");
    }

    #[test]
    fn one_connection_is_use() {
        lab(db("db-1")).daily(Metric::RdsConnectionsMax, "db-1", 14, 1.0).nothing(&RULE);
    }

    #[test]
    fn clusters_replicas_and_stopped_databases_are_left_alone() {
        lab(DbInstance { engine: DbEngine::AuroraMysql, ..db("db-1") }).nothing(&RULE);
        lab(DbInstance { cluster_id: Some("c".into()), ..db("db-1") }).nothing(&RULE);
        lab(DbInstance { is_replica: true, ..db("db-1") }).nothing(&RULE);
        lab(DbInstance { has_replicas: true, ..db("db-1") }).nothing(&RULE);
        lab(DbInstance { status: "stopped".into(), ..db("db-1") }).nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        lab(db("db-1"))
            .no_datapoints(Metric::RdsConnectionsMax, "db-1")
            .unknown(&RULE, UnknownReason::MetricMissing);
        lab(db("db-1"))
            .daily(Metric::RdsConnectionsMax, "db-1", 11, 0.0)
            .unknown(&RULE, UnknownReason::TooFewDatapoints);
        let mut young = db("db-1");
        young.common.created_at = Some(days_ago(5));
        lab(young).unknown(&RULE, UnknownReason::TooYoung);
        lab(DbInstance { engine: DbEngine::Oracle, ..db("db-1") })
            .unknown(&RULE, UnknownReason::PriceMissing);
    }
}
