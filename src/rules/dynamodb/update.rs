//! Changing capacity, mode or class of a table, and back.

use super::{command::aws, side::Side, whole::Whole};
use crate::domain::{
    finding::Remediation,
    inventory::{CapacityMode, CapacityUnits, DynamoTable, TableClass},
};
use serde_json::json;

/// `ReadCapacityUnits=5,WriteCapacityUnits=5`.
fn throughput(units: CapacityUnits) -> String {
    format!("ReadCapacityUnits={},WriteCapacityUnits={}", units.read, units.write)
}

fn update(table: &DynamoTable, options: &[(&str, &str)]) -> String {
    let mut all = vec![("--table-name", &*table.common.id)];
    all.extend(options);
    aws("dynamodb update-table", &table.common.region, &all)
}

pub fn change_units(table: &DynamoTable, units: CapacityUnits) -> Remediation {
    let set = |units| update(table, &[("--provisioned-throughput", &throughput(units))]);
    Remediation {
        commands: vec![set(units)],
        rollback_commands: vec![set(table.units)],
        notes: vec!["AWS limits how often a day a capacity may go down; up is always possible.".into()],
    }
}

/// Each index with its new units, in the order of the table's indexes.
pub fn to_provisioned(whole: &Whole<'_>, own: CapacityUnits, of_indexes: &[CapacityUnits]) -> String {
    let capacity = throughput(own);
    let updates: Vec<_> = whole
        .indexes
        .iter()
        .zip(of_indexes)
        .map(|(index, units)| {
            let throughput = json!({"ReadCapacityUnits": units.read, "WriteCapacityUnits": units.write});
            json!({"Update": {"IndexName": index.index_name, "ProvisionedThroughput": throughput}})
        })
        .collect();
    let updates = json!(updates).to_string();
    let mut options = vec![("--billing-mode", "PROVISIONED"), ("--provisioned-throughput", &*capacity)];
    if !whole.indexes.is_empty() {
        options.push(("--global-secondary-index-updates", &*updates));
    }
    update(whole.table, &options)
}

pub fn to_on_demand(table: &DynamoTable) -> String {
    update(table, &[("--billing-mode", "PAY_PER_REQUEST")])
}

pub fn change_class(table: &DynamoTable, class: TableClass) -> Remediation {
    let set = |class| {
        let name = match class {
            TableClass::Standard => "STANDARD",
            TableClass::InfrequentAccess => "STANDARD_INFREQUENT_ACCESS",
        };
        update(table, &[("--table-class", name)])
    };
    Remediation {
        commands: vec![set(class)],
        rollback_commands: vec![set(table.table_class)],
        notes: vec!["AWS allows two changes of the class in 30 days.".into()],
    }
}

pub const fn mode_name(mode: CapacityMode) -> &'static str {
    match mode {
        CapacityMode::Provisioned => "provisioned",
        CapacityMode::OnDemand => "onDemand",
    }
}

pub const fn class_name(class: TableClass) -> &'static str {
    match class {
        TableClass::Standard => "standard",
        TableClass::InfrequentAccess => "infrequentAccess",
    }
}

/// `100 read and 50 write units`.
pub fn units_in_words(units: CapacityUnits) -> String {
    format!("{} {} and {} {} units", units.read, Side::Read.name(), units.write, Side::Write.name())
}
