//! gp2 storage of a database whose size bought speed that gp3 has anyway, or whose price is higher.
//!
//! In most regions gp2 and gp3 of RDS cost the same: a move alone saves nothing then, less storage does.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    command::aws,
    db_bill::gp3_free_iops,
    quantity::{whole_units, with_headroom},
    rds_usage::is_own,
    storage_shrink::{STRIPED_GIB, Spare, allocation, describe, find_spare, replace_storage},
};
use crate::domain::{
    finding::{
        ActionType, ConflictClass, Effort, Evidence, Finding, Level, Remediation, SavingsBasis, UnknownReason,
    },
    inventory::{DbInstance, DbStorageType, ResourceKind},
    metric::{Metric, Summary},
};

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.db_instances, judge) };

static META: Meta = Meta {
    id: "rds-storage-gp2-to-gp3",
    title: "gp2 storage of a database would cost less as gp3",
    condition: "Available, on gp2, and gp3 costs less. At the same size where gp3 is cheaper in the region and at least as fast \
                (from 400 GiB on, or up to 170). With less storage where rds_storage_free_percent of MySQL's, MariaDB's or \
                PostgreSQL's was always free and the peak of IOPS and throughput with rds_headroom_percent to spare fits \
                gp3: 3,000 IOPS and 125 MiB/s, from 400 GiB on 12,000 and 500. Members of clusters are left alone.",
    formula: "GiB * price of gp2 - GiB that stay * price of gp3",
    pitfalls: "gp2 and gp3 cost the same in most regions: only less storage saves. It never shrinks in place: a blue/green \
               deployment copies the data.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Add,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["rds:DescribeDBInstances"],
    metrics: &[
        Metric::RdsFreeStorageMin,
        Metric::RdsReadIopsMax,
        Metric::RdsWriteIopsMax,
        Metric::RdsReadThroughputMax,
        Metric::RdsWriteThroughputMax,
    ],
    thresholds: &[
        "rds_storage_free_percent",
        "rds_storage_headroom_percent",
        "rds_headroom_percent",
        "look_back_days",
        "min_datapoints_percent",
    ],
    on_by_default: true,
};

fn judge(case: &Case<'_>, db: &DbInstance) -> Judgement {
    if !is_own(db) || db.storage_type != DbStorageType::Gp2 || db.engine.pricing_name().is_none() {
        return Ok(None);
    }
    let Some((target, evidence)) = find_target(case, db)? else { return Ok(None) };
    let mut bill = case.bill();
    let (cost, then) = (bill.db_storage(db)?, bill.db_storage(&target)?);
    if then >= cost {
        return Ok(None);
    }
    let (from, to) = (db.allocated_gib, target.allocated_gib);
    Ok(Some(Finding {
        title: format!("Move {from} GiB of gp2 to {to} GiB of gp3"),
        current: describe(db),
        recommended: describe(&target),
        evidence,
        remediation: if from == to { change_type(db) } else { replace_storage(case, db, &target) },
        ..case.finding(db, Amounts { savings: cost.clone() - then, cost, bill })
    }))
}

/// The smallest gp3 that does what the storage does.
fn find_target(
    case: &Case<'_>,
    db: &DbInstance,
) -> Result<Option<(DbInstance, Vec<Evidence>)>, UnknownReason> {
    if let Some(spare) = find_spare(case, db)?
        && let Some(found) = with_less(case, db, &spare)?
    {
        return Ok(Some(found));
    }
    // Up to 170 GiB gp2 has 128 MiB/s, beyond 250.
    let as_fast = db.allocated_gib >= STRIPED_GIB || db.allocated_gib <= 170;
    Ok(as_fast.then(|| (on_gp3(db, db.allocated_gib), vec![allocation(db)])))
}

fn on_gp3(db: &DbInstance, allocated_gib: i64) -> DbInstance {
    let iops = gp3_free_iops(allocated_gib);
    DbInstance { storage_type: DbStorageType::Gp3, allocated_gib, iops, ..db.clone() }
}

fn with_less(
    case: &Case<'_>,
    db: &DbInstance,
    spare: &Spare<'_>,
) -> Result<Option<(DbInstance, Vec<Evidence>)>, UnknownReason> {
    let of = |metric| case.summary(metric, &db.common);
    let (read, write) = (of(Metric::RdsReadIopsMax)?, of(Metric::RdsWriteIopsMax)?);
    let (bytes_in, bytes_out) = (of(Metric::RdsReadThroughputMax)?, of(Metric::RdsWriteThroughputMax)?);
    let spare_percent = case.thresholds.rds_headroom_percent;
    let iops = with_headroom(whole_units(read.max + write.max), spare_percent);
    let mibps = with_headroom(whole_units((bytes_in.max + bytes_out.max) / 1_048_576.0), spare_percent);
    let small = iops <= 3_000 && mibps <= 125;
    let least = if small { spare.least_gib } else { spare.least_gib.max(STRIPED_GIB) };
    if iops > 12_000 || mibps > 500 || least >= db.allocated_gib {
        return Ok(None);
    }
    let target = on_gp3(db, least);
    let limit = format!("{iops} with {spare_percent} % to spare fit {}", target.iops);
    let observed = |summary: &Summary| format!("{:.0} at most", summary.max);
    let evidence = vec![
        spare.evidence(case),
        allocation(db),
        case.measured(Metric::RdsReadIopsMax, read, observed(read), limit.clone()),
        case.measured(Metric::RdsWriteIopsMax, write, observed(write), limit),
    ];
    Ok(Some((target, evidence)))
}

fn change_type(db: &DbInstance) -> Remediation {
    let to = |storage_type| {
        let id = ("--db-instance-identifier", &*db.common.id);
        let options = [id, ("--storage-type", storage_type), ("--apply-immediately", "")];
        aws("rds modify-db-instance", &db.common.region, &options)
    };
    Remediation {
        commands: vec![to("gp3")],
        rollback_commands: vec![to("gp2")],
        notes: vec!["The database stays up; the next change of its storage has to wait six hours.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::price::PriceKey;
    use crate::rules::fixtures::{Lab, db, region};

    const GIB: f64 = 1_073_741_824.0;

    fn gp2(allocated_gib: i64) -> DbInstance {
        DbInstance { storage_type: DbStorageType::Gp2, allocated_gib, iops: 0, ..db("db-1") }
    }

    fn lab(db: DbInstance, free_gib: f64, peak_iops: f64) -> Lab {
        Lab::new()
            .db_storage_prices()
            .daily(Metric::RdsFreeStorageMin, "db-1", 14, free_gib * GIB)
            .daily(Metric::RdsReadIopsMax, "db-1", 14, peak_iops)
            .daily(Metric::RdsWriteIopsMax, "db-1", 14, 0.0)
            .daily(Metric::RdsReadThroughputMax, "db-1", 14, 40e6)
            .daily(Metric::RdsWriteThroughputMax, "db-1", 14, 20e6)
            .db(db)
    }

    #[test]
    fn storage_that_bought_speed_goes() {
        let finding = lab(gp2(1_000), 901.0, 2_000.0).only_finding(&RULE);
        assert_eq!(finding.recommended["allocatedGib"], 150);
        assert_eq!(finding.monthly_savings.to_string(), "97.75", "850 * 0.115");
        assert!(finding.remediation.commands[0].contains("--target-storage-type gp3"));
    }

    #[test]
    fn more_speed_needs_400_gib() {
        let finding = lab(gp2(1_000), 901.0, 4_000.0).only_finding(&RULE);
        assert_eq!(finding.recommended["allocatedGib"], 400);
        lab(gp2(400), 390.0, 2_900.0).nothing(&RULE);
        lab(gp2(5_000), 4_900.0, 11_000.0).nothing(&RULE);
    }

    #[test]
    fn a_move_alone_saves_nothing_at_the_same_price() {
        lab(gp2(1_000), 100.0, 500.0).nothing(&RULE);
    }

    #[test]
    fn where_gp3_is_cheaper_the_move_alone_saves() {
        let key = PriceKey::DbStorage { region: region(), storage_type: DbStorageType::Gp3, multi_az: false };
        let finding = lab(gp2(1_000), 100.0, 500.0).price(key.clone(), "0.10").only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "15.00");
        assert!(finding.remediation.commands[0].contains("--storage-type gp3"));
        lab(gp2(300), 100.0, 500.0).price(key, "0.10").nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        lab(gp2(1_000), 901.0, 500.0)
            .no_datapoints(Metric::RdsReadIopsMax, "db-1")
            .unknown(&RULE, UnknownReason::MetricMissing);
    }
}
