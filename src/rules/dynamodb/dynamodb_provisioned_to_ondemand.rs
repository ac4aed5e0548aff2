//! Provisioned tables that would cost less by the request.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    scaling::Targets,
    tariff::Tariff,
    update::{to_on_demand, to_provisioned},
    whole::{Whole, judge_tables},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{CapacityMode, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule = Rule {
    meta: &META,
    check: |case| {
        let targets = Targets::of(case);
        judge_tables(case, |case, whole| judge(case, whole, &targets))
    },
};

static META: Meta = Meta {
    id: "dynamodb-provisioned-to-ondemand",
    title: "Provisioned table would cost less by the request",
    condition: "A provisioned table that is used and that nothing scales: what it and its indexes consumed in the \
                window costs less by the request than their provisioned units by the hour.",
    formula: "units of table and indexes * 730 h - (reads and writes of the window as a month) by the million",
    pitfalls: "Reserved capacity is not seen: a table that it covers saves nothing now. A load that grows makes it \
               dearer: break-even is at about 29 % utilisation. AWS allows four changes of the mode in 24 hours.",
    kind: ResourceKind::DynamoTable,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &[
        "dynamodb:DescribeTable",
        "application-autoscaling:DescribeScalableTargets",
        "cloudwatch:GetMetricData",
    ],
    metrics: &[Metric::DynamoReads, Metric::DynamoWrites],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, whole: &Whole<'_>, targets: &Targets<'_>) -> Judgement {
    let table = whole.table;
    if table.capacity_mode != CapacityMode::Provisioned {
        return Ok(None);
    }
    let own = whole.consumed(case)?;
    // What scales has another capacity every hour: the present one says nothing about the bill.
    if own.nothing() || !targets.of_table(case, table)?.is_empty() {
        return Ok(None);
    }
    let used = whole.total_use(case, &own)?;
    let mut bill = case.bill();
    let tariff = Tariff { region: &table.common.region, class: table.table_class };
    let cost = tariff.provisioned(&mut bill, whole.units())?;
    let savings = cost.clone() - tariff.on_demand(case, &mut bill, &used)?;
    if !savings.is_positive() {
        return Ok(None);
    }
    let units = whole.units();
    let day = |units: f64| {
        format!("{:.0} units a day on average", units / f64::from(case.thresholds.look_back_days))
    };
    Ok(Some(Finding {
        title: format!("Pay {} by the request", table.common.id),
        shrinks_all: true,
        current: json!({"capacityMode": "provisioned", "readUnits": units.read, "writeUnits": units.write}),
        recommended: json!({"capacityMode": "onDemand"}),
        evidence: vec![
            case.measured(
                Metric::DynamoReads,
                &own.reads,
                day(used.reads),
                format!("{} a second", units.read),
            ),
            case.measured(
                Metric::DynamoWrites,
                &own.writes,
                day(used.writes),
                format!("{} a second", units.write),
            ),
        ],
        confidence: Level::Medium,
        remediation: remediation(whole),
        ..case.finding(table, Amounts { cost, savings, bill })
    }))
}

fn remediation(whole: &Whole<'_>) -> Remediation {
    let of_indexes: Vec<_> = whole.indexes.iter().map(|index| index.units).collect();
    Remediation {
        commands: vec![to_on_demand(whole.table)],
        rollback_commands: vec![to_provisioned(whole, whole.table.units, &of_indexes)],
        notes: vec![
            "A limit on requests a second can be set on the table where a runaway client is feared.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::{CapacityUnits, DynamoTable};
    use crate::rules::{
        dynamodb::lab::{self, TableLab},
        fixtures::Lab,
    };

    const INDEX: &str = "orders/index/by-date";

    fn lab(reads: f64, writes: f64) -> Lab {
        let lab = Lab::new().table(lab::table("orders")).index(lab::index("orders", "by-date"));
        lab.use_of("orders", reads, writes).use_of(INDEX, 1.0, 1.0)
    }

    #[test]
    fn rare_use_costs_less_by_the_request() {
        let finding = lab(4.0, 2.0).only_finding(&RULE);
        // 110 * 730 * 0.00013 + 55 * 730 * 0.00065 - 13.14 M * 0.125 - 7.884 M * 0.625.
        assert_eq!(finding.monthly_cost.to_string(), "36.5365");
        assert_eq!(finding.monthly_savings.to_string(), "29.9665");
        let back = &finding.remediation.rollback_commands[0];
        assert!(
            back.contains("--provisioned-throughput ReadCapacityUnits=100,WriteCapacityUnits=50"),
            "{back}"
        );
        assert!(back.contains(r#""IndexName":"by-date""#), "{back}");
    }

    #[test]
    fn busy_unused_and_scaled_tables_stay() {
        lab(60.0, 30.0).nothing(&RULE);
        lab(0.0, 0.0).nothing(&RULE);
        lab(4.0, 2.0)
            .target(lab::target("table/orders", "dynamodb:table:ReadCapacityUnits", 5, 9))
            .nothing(&RULE);
    }

    #[test]
    fn the_way_back_names_indexes_by_their_names() {
        let both = |names: [&str; 2]| {
            let indexes = names.map(|name| lab::index("orders", name));
            let lab = Lab::new().table(lab::table("orders")).inventory(|i| i.dynamo_indexes.extend(indexes));
            lab.use_of("orders", 4.0, 2.0).use_of(INDEX, 1.0, 1.0).use_of("orders/index/by-name", 1.0, 1.0)
        };
        let (one, other) = (both(["by-date", "by-name"]), both(["by-name", "by-date"]));
        assert_eq!(one.only_finding(&RULE).remediation, other.only_finding(&RULE).remediation);
    }

    #[test]
    fn absurd_capacities_add_up() {
        let units = CapacityUnits { read: i64::MAX, write: i64::MAX };
        let table = DynamoTable { units, size_bytes: i64::MAX, ..lab::table("orders") };
        let lab = Lab::new().table(table).index(lab::index("orders", "by-date"));
        let finding = lab.use_of("orders", 4.0, 2.0).use_of(INDEX, 1.0, 1.0).only_finding(&RULE);
        assert!(finding.monthly_savings <= finding.monthly_cost);
    }
}
