//! Global secondary indexes that nobody queries: they cost every write a second time.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::Key,
    case::key,
    command::aws,
    consumption,
    tariff::{Tariff, Use, gib},
    whole::is_judged,
};
use crate::domain::{
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, Root, SavingsBasis, UnknownReason,
        Verdicts,
    },
    inventory::{CapacityMode, DynamoIndex, DynamoTable, ResourceKind},
    metric::Metric,
};
use serde_json::json;
use std::collections::HashMap;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "dynamodb-gsi-unused",
    title: "Index is never read",
    condition: "An active index of a table that is used, both older than the window, without a consumed read. No \
                datapoint counts as 0 only where the index or its table has others; otherwise it is unknown.",
    formula: "its read and write units * 730 h, or on demand its writes of the window as a month; and its GiB",
    pitfalls: "A query that an administrator makes once a quarter. It cannot be made again in a moment: the index is \
               filled anew.",
    kind: ResourceKind::DynamoIndex,
    action_type: ActionType::Delete,
    // On its table's root: a table that goes takes it along, and a cheaper table makes it cheaper.
    class: ConflictClass::Add,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["dynamodb:DescribeTable", "cloudwatch:GetMetricData"],
    metrics: &[Metric::DynamoReads, Metric::DynamoWrites],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let tables: HashMap<Key<'_>, &DynamoTable> =
        inventory.dynamo_tables.iter().map(|table| (key(&table.common), table)).collect();
    case.judge_each(&inventory.dynamo_indexes, |case, index| {
        match tables.get(&(&index.common.region, &*index.table)) {
            Some(table) if index.active && is_judged(table) => judge(case, index, table),
            _ => Ok(None),
        }
    })
}

fn judge(case: &Case<'_>, index: &DynamoIndex, table: &DynamoTable) -> Judgement {
    case.require_full_window(&table.common)?;
    if consumption::consumed(case, &table.common, &table.common)?.nothing() {
        // The table goes as a whole.
        return Ok(None);
    }
    let reads = consumption::units(case, Metric::DynamoReads, &index.common, &table.common)?;
    if reads.sum > 0.0 {
        return Ok(None);
    }
    let amounts = cost(case, index, table)?;
    if !amounts.savings.is_positive() {
        return Ok(None);
    }
    let days = case.thresholds.look_back_days;
    Ok(Some(Finding {
        title: format!(
            "Delete the index {} of {}: no read for {days} days",
            index.index_name, table.common.id
        ),
        root: Root::of(ResourceKind::DynamoTable, &table.common.region, &table.common.id),
        current: json!({
            "table": table.common.id, "readUnits": index.units.read, "writeUnits": index.units.write,
            "size": gib(index.size_bytes),
        }),
        recommended: json!({"state": "deleted"}),
        evidence: vec![case.measured(Metric::DynamoReads, &reads, "0 units".into(), "0 units".into())],
        remediation: remediation(index, table),
        ..case.finding(index, amounts)
    }))
}

fn cost<'a>(case: &Case<'a>, index: &DynamoIndex, table: &DynamoTable) -> Result<Amounts<'a>, UnknownReason> {
    let mut bill = case.bill();
    let tariff = Tariff { region: &table.common.region, class: table.table_class };
    let throughput = match table.capacity_mode {
        CapacityMode::Provisioned => tariff.provisioned(&mut bill, index.units)?,
        CapacityMode::OnDemand => {
            let writes = consumption::units(case, Metric::DynamoWrites, &index.common, &table.common)?;
            tariff.on_demand(case, &mut bill, &Use { reads: 0.0, writes: writes.sum })?
        }
    };
    let cost = throughput + tariff.storage(&mut bill, index.size_bytes)?;
    Ok(Amounts { savings: cost.clone(), cost, bill })
}

fn remediation(index: &DynamoIndex, table: &DynamoTable) -> Remediation {
    let updates = json!([{"Delete": {"IndexName": index.index_name}}]).to_string();
    let options = [("--table-name", &*table.common.id), ("--global-secondary-index-updates", &*updates)];
    Remediation {
        commands: vec![aws("dynamodb update-table", &table.common.region, &options)],
        rollback_commands: Vec::new(),
        notes: vec![
            "Write down its keys and projection before: a new index needs them, and is filled anew.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{
        dynamodb::lab::{self, TableLab},
        fixtures::Lab,
    };

    const ID: &str = "orders/index/by-date";

    fn lab(mode: CapacityMode) -> Lab {
        let table = DynamoTable { capacity_mode: mode, ..lab::table("orders") };
        Lab::new()
            .table(table)
            .index(lab::index("orders", "by-date"))
            .use_of("orders", 9.0, 9.0)
            .use_of(ID, 0.0, 2.0)
    }

    #[test]
    fn an_unread_index_costs_its_units_and_its_copy() {
        let finding = lab(CapacityMode::Provisioned).only_finding(&RULE);
        // 10 * 730 * 0.00013 + 5 * 730 * 0.00065 + 2 * 0.25.
        assert_eq!(finding.monthly_savings.to_string(), "3.8215");
        assert_eq!(finding.root.name, "DynamoDbTable/orders");
    }

    #[test]
    fn on_demand_it_costs_its_writes() {
        let finding = lab(CapacityMode::OnDemand).only_finding(&RULE);
        // 2 a second for 730 hours: 5.256 million writes.
        assert_eq!(finding.monthly_savings.to_string(), "3.785");
    }

    #[test]
    fn read_indexes_and_those_of_unused_tables_are_fine() {
        lab(CapacityMode::Provisioned).daily(Metric::DynamoReads, ID, 14, 1.0).nothing(&RULE);
        lab(CapacityMode::Provisioned).use_of("orders", 0.0, 0.0).nothing(&RULE);
    }

    #[test]
    fn an_index_that_nobody_asked_about_is_unknown() {
        let table = lab::table("orders");
        let lab = Lab::new().table(table).index(lab::index("orders", "by-date")).use_of("orders", 9.0, 9.0);
        lab.unknown(&RULE, UnknownReason::MetricMissing);
    }
}
