//! Provisioned IOPS of a database that its peak does not need.

use super::{
    Amounts, Bill, Case, Judgement, Meta, Rule, command::aws, db_bill::gp3_free_iops, quantity::whole_units,
    rds_usage::is_own,
};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Evidence, Finding, Level, Remediation, SavingsBasis, UnknownReason,
    },
    inventory::{DbInstance, DbStorageType, ResourceKind},
    metric::{Metric, Summary},
};
use serde_json::{Value, json};

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.db_instances, judge) };

static META: Meta = Meta {
    id: "rds-storage-iops-overprovisioned",
    title: "Database has more provisioned IOPS than it needs",
    condition: "Available, on io1 or io2, and the highest ReadIOPS plus the highest WriteIOPS with \
                rds_headroom_percent to spare are below rds_iops_used_percent of what is provisioned. \
                Members of clusters are left alone.",
    formula: "storage and IOPS now - the cheaper of fewer IOPS on the same type and gp3 with as many as \
              needed",
    pitfalls: "gp3 answers slower than io2 and has less throughput below 400 GiB. After a change of storage \
               the next one must wait six hours.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Add,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["rds:DescribeDBInstances"],
    metrics: &[Metric::RdsReadIopsMax, Metric::RdsWriteIopsMax],
    thresholds: &[
        "rds_iops_used_percent",
        "rds_headroom_percent",
        "look_back_days",
        "min_datapoints_percent",
    ],
    on_by_default: true,
};

pub(super) fn judge(case: &Case<'_>, db: &DbInstance) -> Judgement {
    if !is_own(db) || !db.storage_type.provisioned_iops() || db.iops <= 0 {
        return Ok(None);
    }
    case.require_full_window(&db.common)?;
    let read = case.summary(Metric::RdsReadIopsMax, &db.common)?;
    let write = case.summary(Metric::RdsWriteIopsMax, &db.common)?;
    let headroom = f64::from(100 + case.thresholds.rds_headroom_percent);
    let need = whole_units((read.max + write.max) * headroom / 100.0);
    if need.saturating_mul(100) >= db.iops.saturating_mul(i64::from(case.thresholds.rds_iops_used_percent)) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.db_storage(db)?;
    let Some((target, then)) = cheapest(&mut bill, db, need)? else { return Ok(None) };
    if then >= cost {
        return Ok(None);
    }
    Ok(Some(Finding {
        title: title(db, &target),
        current: storage(db),
        recommended: storage(&target),
        evidence: evidence(case, db, [read, write], need),
        remediation: remediation(db, &target),
        ..case.finding(db, Amounts { savings: cost.clone() - then, cost, bill })
    }))
}

/// The cheaper of the ways to have that many IOPS; none where there is no other.
fn cheapest(
    bill: &mut Bill<'_>,
    db: &DbInstance,
    need: i64,
) -> Result<Option<(DbInstance, Figure)>, UnknownReason> {
    let mut best = None;
    for target in [fewer_iops(db, need), on_gp3(db, need)].into_iter().flatten() {
        let cost = bill.db_storage(&target)?;
        if best.as_ref().is_none_or(|(_, least)| cost < *least) {
            best = Some((target, cost));
        }
    }
    Ok(best)
}

/// RDS wants at least 1,000 IOPS on io1 and io2, and half an IOPS a GiB.
fn fewer_iops(db: &DbInstance, need: i64) -> Option<DbInstance> {
    let iops = need.max(1_000).max(db.allocated_gib.saturating_add(1) / 2);
    (iops < db.iops).then(|| DbInstance { iops, ..db.clone() })
}

/// gp3 has its baseline below 400 GiB and no more; above, up to 64,000 IOPS and 500 a GiB.
fn on_gp3(db: &DbInstance, need: i64) -> Option<DbInstance> {
    let free = gp3_free_iops(db.allocated_gib);
    let most = if db.allocated_gib < 400 { free } else { 64_000.min(db.allocated_gib.saturating_mul(500)) };
    (need <= most).then(|| DbInstance {
        storage_type: DbStorageType::Gp3,
        iops: need.max(free),
        ..db.clone()
    })
}

fn title(db: &DbInstance, target: &DbInstance) -> String {
    let (from, to) = (db.storage_type.as_str(), target.storage_type.as_str());
    if from == to {
        format!("Lower the provisioned IOPS from {} to {}", db.iops, target.iops)
    } else {
        format!("Move {} IOPS on {from} to {to} with {}", db.iops, target.iops)
    }
}

fn storage(db: &DbInstance) -> Value {
    json!({"storageType": db.storage_type, "allocatedGib": db.allocated_gib, "iops": db.iops})
}

fn evidence(case: &Case<'_>, db: &DbInstance, [read, write]: [&Summary; 2], need: i64) -> Vec<Evidence> {
    let spare = case.thresholds.rds_headroom_percent;
    let limit = format!(
        "read and write with {spare} % to spare are {need}: below {} % of {}",
        case.thresholds.rds_iops_used_percent, db.iops
    );
    let observed = |summary: &Summary| format!("{:.0} at most", summary.max);
    vec![
        case.measured(Metric::RdsReadIopsMax, read, observed(read), limit.clone()),
        case.measured(Metric::RdsWriteIopsMax, write, observed(write), limit),
    ]
}

fn remediation(db: &DbInstance, target: &DbInstance) -> Remediation {
    Remediation {
        commands: vec![change(target)],
        rollback_commands: vec![change(db)],
        notes: vec!["The database stays up; it may answer slower until the change is done.".into()],
    }
}

/// gp3's baseline is not asked for: it comes by itself.
fn change(to: &DbInstance) -> String {
    let iops = to.iops.to_string();
    let baseline = to.storage_type == DbStorageType::Gp3 && to.iops <= gp3_free_iops(to.allocated_gib);
    let mut options =
        vec![("--db-instance-identifier", &*to.common.id), ("--storage-type", to.storage_type.as_str())];
    options.extend((!baseline).then_some(("--iops", &*iops)));
    options.push(("--apply-immediately", ""));
    aws("rds modify-db-instance", &to.common.region, &options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::DbEngine;
    use crate::rules::fixtures::{Lab, days_ago, db};

    fn provisioned(allocated_gib: i64, iops: i64) -> DbInstance {
        DbInstance { storage_type: DbStorageType::Io1, allocated_gib, iops, ..db("db-1") }
    }

    /// A peak of 2,000 IOPS: 2,400 are needed.
    fn lab(db: DbInstance) -> Lab {
        Lab::new()
            .db_storage_prices()
            .daily(Metric::RdsReadIopsMax, "db-1", 14, 1_500.0)
            .daily(Metric::RdsWriteIopsMax, "db-1", 14, 500.0)
            .db(db)
    }

    #[test]
    fn gp3_is_cheaper_where_its_baseline_is_enough() {
        let finding = lab(provisioned(200, 5_000)).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "525.00");
        assert_eq!(finding.monthly_savings.to_string(), "502.00", "200 GiB of gp3 cost 23");
        assert_eq!(
            finding.remediation.commands,
            [
                "aws rds modify-db-instance --region us-east-1 --db-instance-identifier db-1 --storage-type gp3 \
              --apply-immediately"
            ]
        );
        assert!(finding.remediation.rollback_commands[0].contains("--storage-type io1 --iops 5000"));
    }

    #[test]
    fn fewer_iops_remain_where_gp3_has_too_few() {
        let lab = lab(provisioned(200, 6_000)).daily(Metric::RdsReadIopsMax, "db-1", 14, 2_500.0);
        let finding = lab.only_finding(&RULE);
        assert_eq!(finding.recommended["iops"], 3_600, "3,000 and a fifth more");
        assert_eq!(finding.monthly_savings.to_string(), "240.00");
        assert_eq!(finding.title, "Lower the provisioned IOPS from 6000 to 3600");
    }

    #[test]
    fn gp3_charges_above_its_baseline() {
        let lab = lab(provisioned(400, 30_000)).daily(Metric::RdsReadIopsMax, "db-1", 14, 12_000.0);
        let finding = lab.only_finding(&RULE);
        assert_eq!(finding.recommended["iops"], 15_000);
        // 400 * 0.125 + 30,000 * 0.10 against 400 * 0.115 + 3,000 * 0.02
        assert_eq!(finding.monthly_savings.to_string(), "2944.00");
    }

    #[test]
    fn a_peak_near_the_provisioned_is_fine() {
        lab(provisioned(200, 3_000)).nothing(&RULE);
        lab(provisioned(200, 3_001)).only_finding(&RULE);
    }

    #[test]
    fn other_storage_and_clusters_are_left_alone() {
        lab(db("db-1")).nothing(&RULE);
        lab(DbInstance { storage_type: DbStorageType::Gp2, ..provisioned(200, 5_000) }).nothing(&RULE);
        lab(DbInstance { cluster_id: Some("c".into()), ..provisioned(200, 5_000) }).nothing(&RULE);
        lab(DbInstance { status: "stopped".into(), ..provisioned(200, 5_000) }).nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        let missing = UnknownReason::MetricMissing;
        lab(provisioned(200, 5_000)).no_datapoints(Metric::RdsWriteIopsMax, "db-1").unknown(&RULE, missing);
        let mut young = provisioned(200, 5_000);
        young.common.created_at = Some(days_ago(1));
        lab(young).unknown(&RULE, UnknownReason::TooYoung);
        let licensed = DbInstance { engine: DbEngine::Oracle, ..provisioned(200, 5_000) };
        lab(licensed).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
