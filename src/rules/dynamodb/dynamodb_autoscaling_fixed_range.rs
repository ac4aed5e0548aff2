//! Scaling that cannot scale: its least is its most.

use super::{
    Amounts, Case, Judgement, Meta, Rule, case::property, command::aws, scaling::Targets, tariff::Tariff,
    whole::is_judged,
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{CapacityMode, DynamoTable, ResourceKind, ScalableTarget},
};
use serde_json::json;

pub const RULE: Rule = Rule {
    meta: &META,
    check: |case| {
        let targets = Targets::of(case);
        case.judge_each(&case.snapshot.inventory.dynamo_tables, |case, table| judge(case, table, &targets))
    },
};

static META: Meta = Meta {
    id: "dynamodb-autoscaling-fixed-range",
    title: "Table's scaling has one capacity only",
    condition: "A provisioned table with a scalable target of reads or writes whose least and most capacity are equal.",
    formula: "no promise: the cost is that of the provisioned units",
    pitfalls: "A capacity that somebody pinned on purpose, for a sale or a migration.",
    kind: ResourceKind::DynamoTable,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exposure,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["dynamodb:DescribeTable", "application-autoscaling:DescribeScalableTargets"],
    metrics: &[],
    thresholds: &[],
    on_by_default: false,
};

fn judge(case: &Case<'_>, table: &DynamoTable, targets: &Targets<'_>) -> Judgement {
    if table.capacity_mode != CapacityMode::Provisioned || !is_judged(table) {
        return Ok(None);
    }
    let fixed: Vec<_> =
        targets.of_table(case, table)?.into_iter().filter(|target| target.least == target.most).collect();
    if fixed.is_empty() {
        return Ok(None);
    }
    let mut bill = case.bill();
    let tariff = Tariff { region: &table.common.region, class: table.table_class };
    let cost = tariff.provisioned(&mut bill, table.units)?;
    let range = |target: &&ScalableTarget| {
        let limit = Some("least below most".to_owned());
        property(&target.dimension, format!("{} to {}", target.least, target.most), limit)
    };
    Ok(Some(Finding {
        title: format!("Give the scaling of {} a range", table.common.id),
        current: json!({"scalingRanges": fixed.iter().map(|t| [t.least, t.most]).collect::<Vec<_>>()}),
        recommended: json!({"scalingRanges": "least below most"}),
        evidence: fixed.iter().map(range).collect(),
        remediation: remediation(&fixed),
        ..case.finding(table, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

fn remediation(fixed: &[&ScalableTarget]) -> Remediation {
    let set = |target: &ScalableTarget, least: i64| {
        let (least, most) = (least.to_string(), target.most.to_string());
        let options = [
            ("--service-namespace", "dynamodb"),
            ("--resource-id", &*target.resource),
            ("--scalable-dimension", &*target.dimension),
            ("--min-capacity", &least),
            ("--max-capacity", &most),
        ];
        aws("application-autoscaling register-scalable-target", &target.common.region, &options)
    };
    Remediation {
        commands: fixed.iter().map(|target| set(target, 1)).collect(),
        rollback_commands: fixed.iter().map(|target| set(target, target.least)).collect(),
        notes: vec!["Choose the least capacity that a sudden load may find.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::money::MicroUsd,
        rules::{
            dynamodb::lab::{self, TableLab},
            fixtures::Lab,
        },
    };

    fn lab(least: i64, most: i64) -> Lab {
        let target = lab::target("table/orders", "dynamodb:table:ReadCapacityUnits", least, most);
        Lab::new().table(lab::table("orders")).target(target)
    }

    #[test]
    fn a_range_of_one_is_worth_a_look() {
        let finding = lab(100, 100).only_finding(&RULE);
        assert_eq!((finding.basis, finding.monthly_savings), (SavingsBasis::Exposure, MicroUsd::ZERO));
        let back = &finding.remediation.rollback_commands[0];
        assert!(back.ends_with("--min-capacity 100 --max-capacity 100"), "{back}");
    }

    #[test]
    fn a_real_range_is_fine() {
        lab(5, 100).nothing(&RULE);
    }
}
