//! Point-in-time recovery of tables that are not productive.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    tariff::{gib, stored},
    whole::is_judged,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{DynamoTable, ResourceKind},
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.dynamo_tables, judge) };

static META: Meta = Meta {
    id: "dynamodb-pitr-review",
    title: "Point-in-time recovery of a table that is not productive",
    condition: "An active table tagged as not productive, not part of a global table, with point-in-time recovery on. \
                Asked of tables of at least 1 GiB.",
    formula: "GiB of the table * recovery price",
    pitfalls: "Recovery that a rule of the organisation asks for everywhere. AWS bills local indexes as well.",
    kind: ResourceKind::DynamoTable,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exact,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups", "dynamodb:ListTagsOfResource"],
    metrics: &[],
    thresholds: &["nonprod_values"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, table: &DynamoTable) -> Judgement {
    let on = table.point_in_time_recovery == Some(true);
    if !on || !is_judged(table) || table.common.tags.keep() || !case.nonprod(&table.common.tags) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = stored(&mut bill, Item::DynamoRecovery, &table.common.region, table.size_bytes)?;
    let size = gib(table.size_bytes);
    Ok(Some(Finding {
        title: format!("Switch off point-in-time recovery of {size} that are not productive"),
        current: json!({"pointInTimeRecovery": true, "size": size}),
        recommended: json!({"pointInTimeRecovery": false}),
        evidence: vec![property("size", size.clone(), None), property("tags", "not productive", None)],
        remediation: Remediation {
            commands: vec![set(table, "PointInTimeRecoveryEnabled=false")],
            rollback_commands: vec![set(table, "PointInTimeRecoveryEnabled=true")],
            notes: vec![
                "What could be recovered until now is gone at once; it starts anew when switched on.".into(),
            ],
        },
        ..case.finding(table, Amounts { savings: cost.clone(), cost, bill })
    }))
}

fn set(table: &DynamoTable, specification: &str) -> String {
    let options =
        [("--table-name", &*table.common.id), ("--point-in-time-recovery-specification", specification)];
    aws("dynamodb update-continuous-backups", &table.common.region, &options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{
        dynamodb::lab::{self, TableLab},
        fixtures::Lab,
    };

    fn lab(stage: &str, on: Option<bool>) -> Lab {
        let mut table = DynamoTable { point_in_time_recovery: on, ..lab::table("orders") };
        table.common.tags = [("env", stage)].into_iter().collect();
        Lab::new().table(table)
    }

    #[test]
    fn recovery_of_a_test_table_costs_its_size() {
        let finding = lab("staging", Some(true)).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "8.00");
        assert!(finding.remediation.commands[0].ends_with("PointInTimeRecoveryEnabled=false"));
    }

    #[test]
    fn production_and_what_is_off_or_not_known_are_fine() {
        lab("production", Some(true)).nothing(&RULE);
        lab("staging", Some(false)).nothing(&RULE);
        lab("staging", None).nothing(&RULE);
    }
}
