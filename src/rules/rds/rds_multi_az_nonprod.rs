//! A standby for a database that is not productive.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws, rds_usage::is_own};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{DbInstance, ResourceKind},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.db_instances, judge) };

static META: Meta = Meta {
    id: "rds-multi-az-nonprod",
    title: "Database that is not productive has a standby",
    condition: "Available, Multi-AZ, and tagged as not productive (nonprod_values). Aurora and other members \
                of clusters are left alone.",
    formula: "instance, storage and IOPS at the Multi-AZ prices - the same at the single-AZ prices",
    pitfalls: "The tag may be wrong. A test of failover needs the standby. Backups then pause I/O for a \
               moment.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exact,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["rds:DescribeDBInstances"],
    metrics: &[],
    thresholds: &["nonprod_values"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, db: &DbInstance) -> Judgement {
    if !is_own(db) || !db.multi_az || !case.nonprod(&db.common.tags) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let single = DbInstance { multi_az: false, ..db.clone() };
    let cost = bill.db_hour(db)?.monthly(1) + bill.db_storage(db)?;
    let then = bill.db_hour(&single)?.monthly(1) + bill.db_storage(&single)?;
    if then >= cost {
        return Ok(None);
    }
    let environment = db.common.tags.get_any(&["env", "environment", "stage"]).unwrap_or_default();
    Ok(Some(Finding {
        title: format!("Give up the standby of the {} database on {}", db.engine, db.class),
        current: json!({"multiAz": true, "class": db.class}),
        recommended: json!({"multiAz": false, "class": db.class}),
        evidence: vec![
            property("Multi-AZ", "yes", None),
            property(
                "environment",
                environment,
                Some(format!("one of {}", case.thresholds.nonprod_values.join(", "))),
            ),
        ],
        remediation: remediation(db),
        shrinks_all: true,
        ..case.finding(db, Amounts { savings: cost.clone() - then, cost, bill })
    }))
}

fn remediation(db: &DbInstance) -> Remediation {
    let modify = |multi_az: &str| {
        aws(
            "rds modify-db-instance",
            &db.common.region,
            &[("--db-instance-identifier", &db.common.id), (multi_az, ""), ("--apply-immediately", "")],
        )
    };
    Remediation {
        commands: vec![modify("--no-multi-az")],
        rollback_commands: vec![modify("--multi-az")],
        notes: vec!["The database stays up in both directions.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        finding::UnknownReason,
        inventory::{DbEngine, DbStorageType},
    };
    use crate::rules::fixtures::{Lab, db};

    fn tagged(key: &str, value: &str) -> DbInstance {
        let mut db = DbInstance { multi_az: true, ..db("db-1") };
        db.common.tags = [(key, value)].into_iter().collect();
        db
    }

    fn lab(db: DbInstance) -> Lab {
        Lab::new().db_storage_prices().db_price("db.m5.xlarge", "0.356", "0.712").db(db)
    }

    #[test]
    fn half_of_instance_and_storage_is_saved() {
        let finding = lab(tagged("Environment", "Staging")).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "565.76", "519.76 of hours and 46 of storage");
        assert_eq!(finding.monthly_savings.to_string(), "282.88");
        assert!(finding.remediation.commands[0].ends_with("--no-multi-az --apply-immediately"));
    }

    #[test]
    fn provisioned_iops_count() {
        let io1 = DbInstance { storage_type: DbStorageType::Io1, iops: 1_000, ..tagged("env", "qa") };
        // 0.356 * 730 + 200 * 0.125 + 1,000 * 0.10
        assert_eq!(lab(io1).only_finding(&RULE).monthly_savings.to_string(), "384.88");
    }

    #[test]
    fn production_single_databases_and_clusters_are_left_alone() {
        lab(tagged("env", "prod")).nothing(&RULE);
        lab(tagged("team", "dev")).nothing(&RULE);
        lab(DbInstance { multi_az: false, ..tagged("env", "dev") }).nothing(&RULE);
        lab(DbInstance { engine: DbEngine::AuroraMysql, ..tagged("env", "dev") }).nothing(&RULE);
        lab(DbInstance { cluster_id: Some("c".into()), ..tagged("env", "dev") }).nothing(&RULE);
        lab(DbInstance { status: "stopped".into(), ..tagged("env", "dev") }).nothing(&RULE);
    }

    #[test]
    fn without_a_price_nothing_is_known() {
        let sql_server = DbInstance { engine: DbEngine::SqlServer, ..tagged("env", "dev") };
        lab(sql_server).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
