//! How small a database's storage could be. It never shrinks in place: a green copy with less of it takes over.

use super::{
    Case,
    case::property,
    command::aws,
    quantity::{whole_units, with_headroom},
};
use crate::domain::{
    finding::{Evidence, Remediation, UnknownReason},
    inventory::{DbEngine, DbInstance, ResourceKind, arn_of},
    metric::{Metric, Summary},
};
use serde_json::{Value, json};

const BYTES_PER_GIB: f64 = 1_073_741_824.0;
const SMALLEST_GIB: i64 = 20;
/// From here on RDS stripes over four volumes.
pub const STRIPED_GIB: i64 = 400;

/// Storage of which much was always free.
pub struct Spare<'a> {
    pub least_gib: i64,
    free: &'a Summary,
}

/// None where most is used, or where no copy could take over.
pub fn find_spare<'a>(case: &Case<'a>, db: &DbInstance) -> Result<Option<Spare<'a>>, UnknownReason> {
    let open = matches!(db.engine, DbEngine::Mysql | DbEngine::Mariadb | DbEngine::Postgres);
    if !db.available() || db.in_cluster() || db.is_replica || !open || db.allocated_gib <= SMALLEST_GIB {
        return Ok(None);
    }
    case.require_full_window(&db.common)?;
    let free = case.summary(Metric::RdsFreeStorageMin, &db.common)?;
    // Rounded so that what is used is never understated.
    let free_gib = whole_units(free.min / BYTES_PER_GIB).saturating_sub(1).clamp(0, db.allocated_gib);
    let limit = i64::from(case.thresholds.rds_storage_free_percent);
    if free_gib.saturating_mul(100) < db.allocated_gib.saturating_mul(limit) {
        return Ok(None);
    }
    let used = db.allocated_gib - free_gib;
    let least = with_headroom(used, case.thresholds.rds_storage_headroom_percent).max(SMALLEST_GIB);
    Ok((least < db.allocated_gib).then_some(Spare { least_gib: least, free }))
}

impl Spare<'_> {
    pub fn evidence(&self, case: &Case<'_>) -> Evidence {
        let limit = format!("at least {} %", case.thresholds.rds_storage_free_percent);
        let observed = format!("{:.0} GiB at least", self.free.min / BYTES_PER_GIB);
        case.measured(Metric::RdsFreeStorageMin, self.free, observed, limit)
    }
}

#[must_use]
pub fn describe(db: &DbInstance) -> Value {
    json!({"storageType": db.storage_type, "allocatedGib": db.allocated_gib, "iops": db.iops})
}

#[must_use]
pub fn allocation(db: &DbInstance) -> Evidence {
    property("allocated storage", format!("{} GiB of {}", db.allocated_gib, db.storage_type.as_str()), None)
}

/// A green copy with other storage, and the switch to it.
#[must_use]
pub fn replace_storage(case: &Case<'_>, db: &DbInstance, target: &DbInstance) -> Remediation {
    let region = &db.common.region;
    let arn = arn_of(ResourceKind::DbInstance, case.snapshot.account, region, &db.common.id);
    let (name, gib) = (format!("{}-storage", db.common.id), target.allocated_gib.to_string());
    let create = [
        ("--blue-green-deployment-name", &*name),
        ("--source", &*arn),
        ("--target-allocated-storage", &*gib),
        ("--target-storage-type", target.storage_type.as_str()),
    ];
    let id = ("--blue-green-deployment-identifier", "DEPLOYMENT_ID");
    Remediation {
        commands: vec![
            aws("rds create-blue-green-deployment", region, &create),
            aws("rds switchover-blue-green-deployment", region, &[id]),
        ],
        rollback_commands: vec![aws("rds delete-blue-green-deployment", region, &[id])],
        notes: vec![
            "The way back is for before the switch. After it the old database stays as NAME-old1 and costs until it is \
             deleted."
                .into(),
            "Both copies are paid while they stand side by side. Connections are cut for about a minute at the switch.".into(),
        ],
    }
}
