//! Storage of a database that was mostly empty all the time.

use super::{
    Amounts, Case, Judgement, Meta, Rule, rds_storage_iops_overprovisioned,
    storage_shrink::{STRIPED_GIB, allocation, describe, find_spare, replace_storage},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{DbInstance, DbStorageType, ResourceKind},
    metric::Metric,
};

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.db_instances, judge) };

static META: Meta = Meta {
    id: "rds-storage-overallocated",
    title: "Database has far more storage than it uses",
    condition: "MySQL, MariaDB or PostgreSQL on gp3, io1 or io2, available since before the window, of whose storage \
                rds_storage_free_percent was always free. What is used with rds_storage_headroom_percent to spare stays; gp3 \
                keeps 400 GiB where it has them, for its speed, io1 and io2 what their IOPS ask for. gp2 is left to \
                rds-storage-gp2-to-gp3, IOPS that are not needed to rds-storage-iops-overprovisioned first; members of \
                clusters and read replicas are left alone.",
    formula: "storage and IOPS now - the same with less storage",
    pitfalls: "Storage never shrinks in place: a blue/green deployment copies the data. Growth that has not begun yet.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Add,
    basis: SavingsBasis::Modelled,
    effort: Effort::High,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: false,
    actions: &["rds:DescribeDBInstances"],
    metrics: &[Metric::RdsFreeStorageMin, Metric::RdsReadIopsMax, Metric::RdsWriteIopsMax],
    thresholds: &[
        "rds_storage_free_percent",
        "rds_storage_headroom_percent",
        "look_back_days",
        "min_datapoints_percent",
    ],
    on_by_default: true,
};

fn judge(case: &Case<'_>, db: &DbInstance) -> Judgement {
    let Some(floor) = floor(db) else { return Ok(None) };
    let Some(spare) = find_spare(case, db)? else { return Ok(None) };
    let allocated_gib = spare.least_gib.max(floor);
    if allocated_gib >= db.allocated_gib || rds_storage_iops_overprovisioned::judge(case, db)?.is_some() {
        return Ok(None);
    }
    let target = DbInstance { allocated_gib, ..db.clone() };
    let mut bill = case.bill();
    let (cost, then) = (bill.db_storage(db)?, bill.db_storage(&target)?);
    if then >= cost {
        return Ok(None);
    }
    Ok(Some(Finding {
        title: format!("Shrink the storage from {} to {allocated_gib} GiB", db.allocated_gib),
        current: describe(db),
        recommended: describe(&target),
        evidence: vec![spare.evidence(case), allocation(db)],
        remediation: replace_storage(case, db, &target),
        ..case.finding(db, Amounts { savings: cost.clone() - then, cost, bill })
    }))
}

/// The least storage of the same speed; none for what other rules judge.
fn floor(db: &DbInstance) -> Option<i64> {
    let for_iops = |most_per_gib: i64| db.iops.saturating_add(most_per_gib - 1) / most_per_gib;
    match db.storage_type {
        DbStorageType::Gp3 if db.allocated_gib >= STRIPED_GIB => Some(STRIPED_GIB),
        DbStorageType::Gp3 => Some(0),
        DbStorageType::Io1 => Some(for_iops(50).max(100)),
        DbStorageType::Io2 => Some(for_iops(1_000).max(100)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, inventory::DbEngine};
    use crate::rules::fixtures::{Lab, days_ago, db};

    const GIB: f64 = 1_073_741_824.0;

    fn of(storage_type: DbStorageType, allocated_gib: i64, iops: i64) -> DbInstance {
        DbInstance { storage_type, allocated_gib, iops, ..db("db-1") }
    }

    fn lab(db: DbInstance, free_gib: f64) -> Lab {
        Lab::new()
            .db_storage_prices()
            .daily(Metric::RdsFreeStorageMin, "db-1", 14, free_gib * GIB)
            .daily(Metric::RdsReadIopsMax, "db-1", 14, 2_500.0)
            .daily(Metric::RdsWriteIopsMax, "db-1", 14, 500.0)
            .db(db)
    }

    #[test]
    fn what_is_used_and_half_of_it_again_stays() {
        let finding = lab(of(DbStorageType::Gp3, 200, 3_000), 151.0).only_finding(&RULE);
        assert_eq!(finding.recommended["allocatedGib"], 75);
        assert_eq!(finding.monthly_savings.to_string(), "14.375", "125 * 0.115");
        assert!(finding.remediation.commands[0].contains("--target-allocated-storage 75"));
        let both = lab(DbInstance { multi_az: true, ..of(DbStorageType::Gp3, 200, 3_000) }, 151.0);
        assert_eq!(both.only_finding(&RULE).monthly_savings.to_string(), "28.75");
    }

    #[test]
    fn speed_is_kept() {
        let finding = lab(of(DbStorageType::Gp3, 1_000, 12_000), 951.0).only_finding(&RULE);
        assert_eq!(finding.recommended["allocatedGib"], 400);
        lab(of(DbStorageType::Gp3, 400, 12_000), 380.0).nothing(&RULE);
        let finding = lab(of(DbStorageType::Io1, 1_000, 4_000), 951.0).only_finding(&RULE);
        assert_eq!(finding.recommended["allocatedGib"], 100);
        lab(of(DbStorageType::Io1, 80, 4_000), 75.0).nothing(&RULE);
    }

    #[test]
    fn iops_that_are_not_needed_come_first() {
        lab(of(DbStorageType::Io1, 1_000, 10_000), 951.0).nothing(&RULE);
    }

    #[test]
    fn full_licensed_gp2_replicated_and_clustered_storage_is_left_alone() {
        lab(of(DbStorageType::Gp3, 200, 3_000), 100.0).nothing(&RULE);
        lab(of(DbStorageType::Gp2, 200, 600), 190.0).nothing(&RULE);
        let gp3 = || of(DbStorageType::Gp3, 200, 3_000);
        lab(DbInstance { engine: DbEngine::Oracle, ..gp3() }, 190.0).nothing(&RULE);
        lab(DbInstance { is_replica: true, ..gp3() }, 190.0).nothing(&RULE);
        lab(DbInstance { cluster_id: Some("c".into()), ..gp3() }, 190.0).nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        let gp3 = || of(DbStorageType::Gp3, 200, 3_000);
        lab(gp3(), 190.0)
            .no_datapoints(Metric::RdsFreeStorageMin, "db-1")
            .unknown(&RULE, UnknownReason::MetricMissing);
        let mut young = gp3();
        young.common.created_at = Some(days_ago(3));
        lab(young, 190.0).unknown(&RULE, UnknownReason::TooYoung);
    }
}
