//! Provisioned tables of which even the busiest hour used little.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    consumption::{Consumed, busiest_hours, needed, peak},
    scaling::{Targets, scales},
    side::Side,
    tariff::Tariff,
    update::{change_units, units_in_words},
    whole::{Whole, judge_tables},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Evidence, Finding, Level, SavingsBasis, UnknownReason},
    inventory::{CapacityMode, DynamoTable, ResourceKind, is_roomy},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule = Rule {
    meta: &META,
    check: |case| {
        let targets = Targets::of(case);
        judge_tables(case, |case, whole| judge(case, whole.table, whole, &targets))
    },
};

static META: Meta = Meta {
    id: "dynamodb-overprovisioned",
    title: "Table has more capacity than its busiest hour needs",
    condition: "A provisioned table that is used: for reads or writes that nothing scales, the busiest hour of the \
                window at dynamodb_target_percent needs less than 80 % of the units.",
    formula: "(units - busiest hour / 3600 / dynamodb_target_percent) * 730 h, for reads and for writes",
    pitfalls: "Within an hour peaks are higher: watch ThrottledRequests after the change. AWS limits decreases a day. \
               Reserved capacity is not seen.",
    kind: ResourceKind::DynamoTable,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &[
        "dynamodb:DescribeTable",
        "application-autoscaling:DescribeScalableTargets",
        "cloudwatch:GetMetricData",
    ],
    metrics: &[
        Metric::DynamoReads,
        Metric::DynamoWrites,
        Metric::DynamoReadsHourly,
        Metric::DynamoWritesHourly,
    ],
    thresholds: &["look_back_days", "min_datapoints_percent", "dynamodb_target_percent"],
    on_by_default: true,
};

/// A capacity that is used to this percentage of what it is sized for is good enough.
const GOOD_ENOUGH_PERCENT: i64 = 80;

fn judge(case: &Case<'_>, table: &DynamoTable, whole: &Whole<'_>, targets: &Targets<'_>) -> Judgement {
    if table.capacity_mode != CapacityMode::Provisioned {
        return Ok(None);
    }
    let own = whole.consumed(case)?;
    let scaled = targets.of_table(case, table)?;
    if own.nothing() {
        return Ok(None);
    }
    let mut units = table.units;
    let mut evidence = Vec::new();
    for side in Side::BOTH.into_iter().filter(|side| !scales(&scaled, *side)) {
        if let Some((enough, found)) = shrink(case, table, side, &own)? {
            units = side.with_units(units, enough);
            evidence.push(found);
        }
    }
    if evidence.is_empty() {
        return Ok(None);
    }
    let mut bill = case.bill();
    let tariff = Tariff { region: &table.common.region, class: table.table_class };
    let cost = tariff.provisioned(&mut bill, table.units)?;
    let savings = cost.clone() - tariff.provisioned(&mut bill, units)?;
    Ok(Some(Finding {
        title: format!("Lower {} to {}", table.common.id, units_in_words(units)),
        current: json!({"readUnits": table.units.read, "writeUnits": table.units.write}),
        recommended: json!({"readUnits": units.read, "writeUnits": units.write}),
        evidence,
        confidence: Level::Medium,
        remediation: change_units(table, units),
        ..case.finding(table, Amounts { cost, savings, bill })
    }))
}

/// The units that are enough, with the evidence; none where there are not too many.
fn shrink(
    case: &Case<'_>,
    table: &DynamoTable,
    side: Side,
    own: &Consumed,
) -> Result<Option<(i64, Evidence)>, UnknownReason> {
    let (units, target) = (side.units(table.units), case.thresholds.dynamodb_target_percent);
    let days = side.consumed(own);
    if !is_roomy(units, days.max, target) {
        return Ok(None);
    }
    let busiest = peak(&busiest_hours(case, side.hourly(), &table.common)?);
    let enough = needed(busiest, target);
    if enough.saturating_mul(100) >= units.saturating_mul(GOOD_ENOUGH_PERCENT) {
        return Ok(None);
    }
    let observed = format!("{:.1} a second in the busiest hour", busiest / 3_600.0);
    let limit = format!("{target} % of {units}");
    Ok(Some((enough, case.measured(side.hourly(), days, observed, limit))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{
        dynamodb::lab::{self, TableLab},
        fixtures::Lab,
    };

    fn lab(reads: f64, writes: f64) -> Lab {
        Lab::new().table(lab::table("orders")).use_of("orders", reads, writes)
    }

    #[test]
    fn the_busiest_hour_with_room_to_spare_is_enough() {
        let finding =
            lab(7.0, 45.0).busy_hour(Metric::DynamoReadsHourly, "orders", 7.0, 14.0).only_finding(&RULE);
        // 80 of 100 read units less: 14 a second at 70 % are 20.
        assert_eq!(finding.recommended, json!({"readUnits": 20, "writeUnits": 50}));
        assert_eq!(finding.monthly_savings.to_string(), "7.592");
    }

    #[test]
    fn a_peak_or_a_target_keeps_the_capacity() {
        lab(7.0, 45.0).busy_hour(Metric::DynamoReadsHourly, "orders", 7.0, 60.0).nothing(&RULE);
        let read = lab::target("table/orders", "dynamodb:table:ReadCapacityUnits", 5, 100);
        lab(7.0, 45.0).target(read).nothing(&RULE);
        lab(0.0, 0.0).nothing(&RULE);
    }

    #[test]
    fn hours_that_are_missing_are_unknown() {
        let lab = Lab::new().table(lab::table("orders")).daily(Metric::DynamoReads, "orders", 14, 1.0);
        lab.daily(Metric::DynamoWrites, "orders", 14, 1.0).unknown(&RULE, UnknownReason::MetricMissing);
    }
}
