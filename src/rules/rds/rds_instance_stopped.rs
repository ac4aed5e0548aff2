//! A stopped database: its storage keeps billing, and RDS starts it again after seven days.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    rds_removal::{final_snapshot_name, remove_db},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{DbInstance, ResourceKind},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.db_instances, judge) };

static META: Meta = Meta {
    id: "rds-instance-stopped",
    title: "Database is stopped but its storage is billed",
    condition: "Status stopped. Aurora and other members of clusters, and databases that the scheduler stops \
                (tag Scheduler=Enabled), are left alone.",
    formula: "storage + IOPS - a final snapshot of the allocated size",
    pitfalls: "RDS starts a stopped database after seven days, and then its hours are billed too.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["rds:DescribeDBInstances"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

fn judge(case: &Case<'_>, db: &DbInstance) -> Judgement {
    if !db.stopped() || db.in_cluster() || db.common.tags.scheduled() {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.db_storage(db)?;
    let kept = bill.db_backup(&db.common.region, db.engine, db.allocated_gib)?;
    if cost <= kept {
        return Ok(None);
    }
    Ok(Some(Finding {
        title: format!("Delete the stopped {} database with its {} GiB", db.engine, db.allocated_gib),
        current: json!({"status": "stopped", "allocatedGib": db.allocated_gib}),
        recommended: json!({"status": "deleted", "finalSnapshot": "kept"}),
        evidence: vec![property("status", "stopped", None)],
        remediation: remediation(db),
        ..case.finding(db, Amounts { savings: cost.clone() - kept, cost, bill })
    }))
}

/// A snapshot needs an available database, so it is started once more before it goes.
fn remediation(db: &DbInstance) -> Remediation {
    let (region, id) = (&db.common.region, ("--db-instance-identifier", &*db.common.id));
    let name = final_snapshot_name(db);
    remove_db(
        db,
        vec![
            aws("rds start-db-instance", region, &[id]),
            aws("rds wait db-instance-available", region, &[id]),
            aws("rds delete-db-instance", region, &[id, ("--final-db-snapshot-identifier", &name)]),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        finding::UnknownReason,
        inventory::{DbEngine, DbStorageType},
    };
    use crate::rules::fixtures::{Lab, db};

    fn stopped() -> DbInstance {
        DbInstance { status: "stopped".into(), ..db("db-1") }
    }

    fn lab(db: DbInstance) -> Lab {
        Lab::new().db_storage_prices().db(db)
    }

    #[test]
    fn storage_is_saved_less_the_snapshot() {
        let finding = lab(stopped()).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "23.00");
        assert_eq!(finding.monthly_savings.to_string(), "4.00");
    }

    #[test]
    fn iops_and_the_standby_count() {
        let costly =
            DbInstance { storage_type: DbStorageType::Io1, iops: 1_000, multi_az: true, ..stopped() };
        let finding = lab(costly).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "250.00", "200 GiB * 0.25 + 1,000 * 0.20");
        assert_eq!(finding.monthly_savings.to_string(), "231.00");
    }

    #[test]
    fn what_runs_belongs_to_a_cluster_or_rests_by_schedule_is_fine() {
        lab(db("db-1")).nothing(&RULE);
        lab(DbInstance { engine: DbEngine::AuroraPostgresql, ..stopped() }).nothing(&RULE);
        lab(DbInstance { cluster_id: Some("c".into()), ..stopped() }).nothing(&RULE);
        let mut scheduled = stopped();
        scheduled.common.tags = [("Scheduler", "Enabled")].into_iter().collect();
        lab(scheduled).nothing(&RULE);
    }

    #[test]
    fn without_a_price_nothing_is_known() {
        let missing = UnknownReason::PriceMissing;
        lab(DbInstance { engine: DbEngine::SqlServer, ..stopped() }).unknown(&RULE, missing);
        Lab::new().db(stopped()).unknown(&RULE, missing);
    }
}
