//! Tables that nothing reads and nothing writes.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    consumption, tariff,
    tariff::{Tariff, gib},
    update::mode_name,
    whole::{Whole, judge_tables},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{CapacityMode, DynamoTable, ResourceKind},
    metric::Metric,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_tables(case, judge) };

static META: Meta = Meta {
    id: "dynamodb-table-unused",
    title: "Table is neither read nor written",
    condition: "An active table, older than the window, not tagged to keep and not part of a global table, whose \
                consumed reads and writes and the reads of all its indexes are 0. Without datapoints it counts as 0 \
                only where another series of the table has them; otherwise it is unknown.",
    formula: "provisioned read and write units of table and indexes * 730 h + billed GiB + GiB under point-in-time \
              recovery",
    pitfalls: "Tables for jobs that run once a quarter or a year: raise look_back_days up to 63. Reserved capacity is \
               not seen. The first 25 GiB of a region's standard tables are free and left out.",
    kind: ResourceKind::DynamoTable,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["dynamodb:ListTables", "dynamodb:DescribeTable", "cloudwatch:GetMetricData"],
    metrics: &[Metric::DynamoReads, Metric::DynamoWrites, Metric::DynamoProvisioned],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, whole: &Whole<'_>) -> Judgement {
    let table = whole.table;
    if table.common.tags.keep() {
        return Ok(None);
    }
    let own = whole.consumed(case)?;
    if !own.nothing() || is_read_by_index(case, whole)? {
        return Ok(None);
    }
    let mut bill = case.bill();
    let tariff = Tariff { region: &table.common.region, class: table.table_class };
    let mut cost = tariff.storage(&mut bill, whole.billed_bytes())?;
    if table.capacity_mode == CapacityMode::Provisioned {
        cost = tariff.provisioned(&mut bill, whole.units())? + cost;
    }
    if table.point_in_time_recovery == Some(true) {
        cost += tariff::stored(&mut bill, Item::DynamoRecovery, tariff.region, table.size_bytes)?;
    }
    if !cost.is_positive() {
        return Ok(None);
    }
    let (units, size) = (whole.units(), gib(whole.size_bytes()));
    Ok(Some(Finding {
        title: format!(
            "Delete a table of {size} that was not used for {} days",
            case.thresholds.look_back_days
        ),
        current: json!({
            "capacityMode": mode_name(table.capacity_mode), "readUnits": units.read, "writeUnits": units.write,
            "size": size, "indexes": whole.indexes.len(),
        }),
        recommended: json!({"state": "deleted", "backup": "kept"}),
        evidence: vec![
            case.measured(Metric::DynamoReads, &own.reads, "0 units".into(), "0 units".into()),
            case.measured(Metric::DynamoWrites, &own.writes, "0 units".into(), "0 units".into()),
            property("size", size.clone(), None),
        ],
        remediation: remediation(table),
        ..case.finding(table, Amounts { savings: cost.clone(), cost, bill })
    }))
}

/// A query on an index consumes the index's units and none of the table's.
fn is_read_by_index(case: &Case<'_>, whole: &Whole<'_>) -> Result<bool, UnknownReason> {
    for index in &whole.indexes {
        let reads = consumption::units(case, Metric::DynamoReads, &index.common, &whole.table.common)?;
        if reads.sum > 0.0 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn remediation(table: &DynamoTable) -> Remediation {
    let (region, name) = (&table.common.region, ("--table-name", &*table.common.id));
    let mut commands =
        vec![aws("dynamodb create-backup", region, &[name, ("--backup-name", "before-removal")])];
    if table.deletion_protection {
        commands.push(aws(
            "dynamodb update-table",
            region,
            &[name, ("--no-deletion-protection-enabled", "")],
        ));
    }
    commands.push(aws("dynamodb delete-table", region, &[name]));
    let restore = [("--target-table-name", &*table.common.id), ("--backup-arn", "BACKUP_ARN")];
    Remediation {
        commands,
        rollback_commands: vec![aws("dynamodb restore-table-from-backup", region, &restore)],
        notes: vec![
            "The backup costs less than half of the storage; its ARN is in the first command's answer."
                .into(),
            "Streams, alarms, scaling policies, tags and the recovery setting do not come back with it."
                .into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{
        dynamodb::lab::{self, GIB, TableLab},
        fixtures::Lab,
    };

    /// 100 read and 50 write units, an index with 10 and 5, 40 GiB of data.
    fn lab(change: impl FnOnce(&mut DynamoTable)) -> Lab {
        let mut table = lab::table("orders");
        change(&mut table);
        Lab::new()
            .table(table)
            .index(lab::index("orders", "by-date"))
            .use_of("orders", 0.0, 0.0)
            .no_datapoints(Metric::DynamoReads, "orders/index/by-date")
    }

    #[test]
    fn an_unused_table_costs_its_units_and_what_of_its_storage_is_not_free() {
        let finding = lab(|_| {}).only_finding(&RULE);
        // 110 * 730 * 0.00013 + 55 * 730 * 0.00065 + (40 + 2 - 25) * 0.25.
        assert_eq!(finding.monthly_savings.to_string(), "40.7865");
        assert!(
            finding.remediation.commands[1].contains("delete-table --region us-east-1 --table-name orders")
        );
    }

    #[test]
    fn recovery_goes_with_the_table() {
        let finding = lab(|table| table.point_in_time_recovery = Some(true)).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "48.7865");
    }

    #[test]
    fn on_demand_only_storage_is_paid() {
        let on_demand = |table: &mut DynamoTable| table.capacity_mode = CapacityMode::OnDemand;
        assert_eq!(lab(on_demand).only_finding(&RULE).monthly_savings.to_string(), "4.25");
        let small = |table: &mut DynamoTable| {
            on_demand(table);
            table.size_bytes = GIB;
        };
        lab(small).nothing(&RULE);
    }

    #[test]
    fn a_read_of_an_index_is_use() {
        lab(|_| {}).daily(Metric::DynamoReads, "orders/index/by-date", 14, 1.0).nothing(&RULE);
        lab(|_| {}).use_of("orders", 0.0, 1.0).nothing(&RULE);
    }

    #[test]
    fn kept_and_global_tables_are_left_alone() {
        lab(|table| table.common.tags = [("keep", "legal")].into_iter().collect()).nothing(&RULE);
        lab(|table| table.replica_regions = vec!["eu-west-1".into()]).nothing(&RULE);
    }

    #[test]
    fn silence_is_no_proof_unless_another_series_speaks() {
        let silent = || {
            let lab = lab(|_| {}).no_datapoints(Metric::DynamoReads, "orders");
            lab.no_datapoints(Metric::DynamoWrites, "orders")
        };
        silent().unknown(&RULE, UnknownReason::MetricMissing);
        silent().daily(Metric::DynamoProvisioned, "orders", 14, 100.0).only_finding(&RULE);
        let reads_only = lab(|_| {}).no_datapoints(Metric::DynamoWrites, "orders");
        reads_only.only_finding(&RULE);
    }

    #[test]
    fn a_young_table_is_unknown() {
        let young = lab(|table| table.common.created_at = Some(crate::rules::fixtures::days_ago(3)));
        young.unknown(&RULE, UnknownReason::TooYoung);
    }
}
