//! A table with its indexes: mode and class are changed for all of them together.

use super::{Case, Judgement, case::Key, case::key, consumption, consumption::Consumed, tariff::Use};
use crate::domain::{
    finding::{UnknownReason, Verdicts},
    inventory::{CapacityUnits, DynamoIndex, DynamoTable, TableClass},
    region::Region,
    snapshot::Inventory,
};
use std::collections::HashMap;

/// Free in the standard class, for all tables of a region together.
const FREE_STORAGE_BYTES: i64 = 25 << 30;

#[derive(Default)]
pub struct Fleet<'a> {
    indexes: HashMap<Key<'a>, Vec<&'a DynamoIndex>>,
    standard_bytes: HashMap<&'a Region, i64>,
}

impl<'a> Fleet<'a> {
    pub fn of(inventory: &'a Inventory) -> Self {
        let mut fleet = Self::default();
        for index in &inventory.dynamo_indexes {
            fleet.indexes.entry((&index.common.region, &index.table)).or_default().push(index);
        }
        // Commands name them one after the other: in an order of their own, not in that of a list.
        for indexes in fleet.indexes.values_mut() {
            indexes.sort_by(|a, b| a.common.id.cmp(&b.common.id));
        }
        for table in inventory.dynamo_tables.iter().filter(|t| t.table_class == TableClass::Standard) {
            let size = fleet.whole(table).size_bytes();
            let bytes = fleet.standard_bytes.entry(&table.common.region).or_default();
            *bytes = bytes.saturating_add(size);
        }
        fleet
    }

    pub fn whole<'t>(&self, table: &'t DynamoTable) -> Whole<'t>
    where
        'a: 't,
    {
        let indexes = self.indexes.get(&key(&table.common)).cloned().unwrap_or_default();
        let in_region = self.standard_bytes.get(&table.common.region).copied().unwrap_or_default();
        Whole { table, indexes, beyond_free_bytes: in_region.saturating_sub(FREE_STORAGE_BYTES).max(0) }
    }
}

pub struct Whole<'a> {
    pub table: &'a DynamoTable,
    pub indexes: Vec<&'a DynamoIndex>,
    beyond_free_bytes: i64,
}

/// Asks the judge about each table that is on its own and was there all the time.
pub fn judge_tables(case: &Case<'_>, judge: impl Fn(&Case<'_>, &Whole<'_>) -> Judgement) -> Verdicts {
    let tables = &case.snapshot.inventory.dynamo_tables;
    let fleet = Fleet::of(&case.snapshot.inventory);
    let judge = |case: &Case<'_>, table: &DynamoTable| {
        if !is_judged(table) {
            return Ok(None);
        }
        case.require_full_window(&table.common)?;
        judge(case, &fleet.whole(table))
    };
    case.judge_each(tables, judge)
}

/// Ready, and not part of a global table.
pub fn is_judged(table: &DynamoTable) -> bool {
    table.active && table.replica_regions.is_empty()
}

impl Whole<'_> {
    pub fn units(&self) -> CapacityUnits {
        let all = self.indexes.iter().map(|index| index.units);
        all.fold(self.table.units, |sum, units| CapacityUnits {
            read: sum.read.saturating_add(units.read),
            write: sum.write.saturating_add(units.write),
        })
    }

    pub fn size_bytes(&self) -> i64 {
        let of_indexes = self.indexes.iter().map(|index| index.size_bytes);
        of_indexes.fold(self.table.size_bytes, i64::saturating_add)
    }

    /// What of the size is billed for this table and would not be without it: the free part goes to the others.
    pub fn billed_bytes(&self) -> i64 {
        match self.table.table_class {
            TableClass::Standard => self.size_bytes().min(self.beyond_free_bytes),
            TableClass::InfrequentAccess => self.size_bytes(),
        }
    }

    /// Of the table itself.
    pub fn consumed(&self, case: &Case<'_>) -> Result<Consumed, UnknownReason> {
        consumption::consumed(case, &self.table.common, &self.table.common)
    }

    /// With its indexes.
    pub fn total_use(&self, case: &Case<'_>, own: &Consumed) -> Result<Use, UnknownReason> {
        let mut total = Use { reads: own.reads.sum, writes: own.writes.sum };
        for index in &self.indexes {
            let of_index = consumption::consumed(case, &index.common, &self.table.common)?;
            total.reads += of_index.reads.sum;
            total.writes += of_index.writes.sum;
        }
        Ok(total)
    }
}
