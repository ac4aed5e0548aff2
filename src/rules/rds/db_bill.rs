//! What databases cost: instance, storage, provisioned IOPS, backups and extended support.

use super::{
    Bill, Case,
    db_class::find_class,
    extended_support::{Surcharge, find_surcharge},
};
use crate::domain::{
    figure::{Figure, Rate},
    finding::UnknownReason,
    inventory::{DbEngine, DbInstance, DbStorageType},
    price::PriceKey,
    region::Region,
};

/// IOPS that come with gp3 storage of MySQL, MariaDB and PostgreSQL: from 400 GiB on RDS stripes over four
/// volumes ("Amazon RDS DB instance storage" in the RDS User Guide, read 2026-11).
#[must_use]
pub const fn gp3_free_iops(allocated_gib: i64) -> i64 {
    if allocated_gib >= 400 { 12_000 } else { 3_000 }
}

impl Bill<'_> {
    /// An hour of the instance itself.
    pub fn db_hour(&mut self, db: &DbInstance) -> Result<Rate, UnknownReason> {
        require_priced(db.engine)?;
        self.price(PriceKey::DbInstance {
            region: db.common.region.clone(),
            class: db.class.clone(),
            engine: db.engine,
            multi_az: db.multi_az,
        })
    }

    /// A month of all that a database costs which runs: itself, its storage, extended support.
    pub fn db_running(&mut self, case: &Case<'_>, db: &DbInstance) -> Result<Figure, UnknownReason> {
        let cost = self.db_hour(db)?.monthly(1) + self.db_storage(db)?;
        match find_surcharge(case, db) {
            Some(surcharge) => Ok(cost + self.db_surcharge(db, &surcharge)?),
            None => Ok(cost),
        }
    }

    /// A month of the allocated storage with the IOPS that are charged.
    pub fn db_storage(&mut self, db: &DbInstance) -> Result<Figure, UnknownReason> {
        require_priced(db.engine)?;
        let (region, storage_type, multi_az) = (db.common.region.clone(), db.storage_type, db.multi_az);
        let storage = self
            .price(PriceKey::DbStorage { region: region.clone(), storage_type, multi_az })?
            .times(db.allocated_gib);
        let iops = charged_iops(db);
        if iops == 0 {
            return Ok(storage);
        }
        Ok(storage + self.price(PriceKey::DbIops { region, storage_type, multi_az })?.times(iops))
    }

    /// A month of a snapshot of that many GiB, at most: snapshots are incremental, and as much as the
    /// database's own size is free while it exists.
    pub fn db_backup(
        &mut self,
        region: &Region,
        engine: DbEngine,
        gib: i64,
    ) -> Result<Figure, UnknownReason> {
        Ok(self.price(PriceKey::DbBackup { region: region.clone(), aurora: engine.is_aurora() })?.times(gib))
    }

    /// A month of a surcharge for extended support: each vCPU, the standby's too.
    pub fn db_surcharge(&mut self, db: &DbInstance, surcharge: &Surcharge) -> Result<Figure, UnknownReason> {
        let vcpus = find_class(&db.class).ok_or(UnknownReason::SpecificationMissing)?.vcpus;
        let copies = if db.multi_az { 2 } else { 1 };
        let key = PriceKey::DbExtendedSupport {
            region: db.common.region.clone(),
            engine: db.engine,
            third_year: surcharge.third_year,
        };
        Ok(self.price(key)?.monthly(vcpus * copies))
    }
}

/// Prices of SQL Server and Oracle depend on edition and licence.
fn require_priced(engine: DbEngine) -> Result<(), UnknownReason> {
    engine.pricing_name().map(|_| ()).ok_or(UnknownReason::PriceMissing)
}

/// gp2 and magnetic storage charge no IOPS, gp3 those above its baseline, io1 and io2 all.
const fn charged_iops(db: &DbInstance) -> i64 {
    let extra = db.iops.saturating_sub(gp3_free_iops(db.allocated_gib));
    match db.storage_type {
        DbStorageType::Io1 | DbStorageType::Io2 => db.iops,
        DbStorageType::Gp3 if extra > 0 => extra,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, db};

    fn storage(db: &DbInstance) -> Result<String, UnknownReason> {
        let lab = Lab::new().db_storage_prices();
        Bill::new(&lab.snapshot.prices).db_storage(db).map(|cost| cost.amount().to_string())
    }

    #[test]
    fn storage_types_charge_iops_differently() {
        let of = |storage_type, allocated_gib, iops| {
            storage(&DbInstance { storage_type, allocated_gib, iops, ..db("db-1") })
        };
        assert_eq!(of(DbStorageType::Gp2, 200, 0).unwrap(), "23.00");
        assert_eq!(of(DbStorageType::Gp3, 200, 3_000).unwrap(), "23.00");
        assert_eq!(of(DbStorageType::Gp3, 400, 12_000).unwrap(), "46.00");
        assert_eq!(of(DbStorageType::Gp3, 400, 13_000).unwrap(), "66.00");
        assert_eq!(of(DbStorageType::Io1, 100, 1_000).unwrap(), "112.50");
    }

    #[test]
    fn a_standby_doubles_the_price() {
        let twice = DbInstance { multi_az: true, ..db("db-1") };
        assert_eq!(storage(&twice).unwrap(), "46.00");
    }

    #[test]
    fn a_licensed_engine_has_no_price() {
        let oracle = DbInstance { engine: DbEngine::Oracle, ..db("db-1") };
        assert_eq!(storage(&oracle), Err(UnknownReason::PriceMissing));
    }
}
