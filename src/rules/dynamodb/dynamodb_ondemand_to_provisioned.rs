//! Tables on demand whose load is so even that a fixed capacity costs less.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    consumption::{busiest_hours, needed, peak},
    side::Side,
    tariff::Tariff,
    update::{to_on_demand, to_provisioned, units_in_words},
    whole::{Whole, judge_tables},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{CapacityMode, CapacityUnits, Common, ResourceKind},
    metric::{Metric, Summary},
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_tables(case, judge) };

static META: Meta = Meta {
    id: "dynamodb-ondemand-to-provisioned",
    title: "Table on demand has a load that is even enough for provisioned capacity",
    condition: "A table on demand whose consumption of the window costs more than provisioned units that would serve \
                the busiest hour of table and indexes at dynamodb_steady_target_percent, and that was used in at \
                least 90 % of the week's hours.",
    formula: "(reads and writes of the window as a month) by the million - units for the busiest hour * 730 h",
    pitfalls: "Within an hour peaks are higher, and provisioned capacity throttles where on-demand does not: watch \
               ThrottledRequests. A load that shrinks makes it dearer.",
    kind: ResourceKind::DynamoTable,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["dynamodb:DescribeTable", "cloudwatch:GetMetricData"],
    metrics: &[
        Metric::DynamoReads,
        Metric::DynamoWrites,
        Metric::DynamoReadsHourly,
        Metric::DynamoWritesHourly,
    ],
    thresholds: &["look_back_days", "min_datapoints_percent", "dynamodb_steady_target_percent"],
    on_by_default: true,
};

/// Of the 168 hours of a week, those with use.
const LEAST_ACTIVE_HOURS: usize = 152;

fn judge(case: &Case<'_>, whole: &Whole<'_>) -> Judgement {
    let table = whole.table;
    if table.capacity_mode != CapacityMode::OnDemand {
        return Ok(None);
    }
    let own = whole.consumed(case)?;
    if !(is_even(&own.reads) || is_even(&own.writes)) || !is_always_active(case, &table.common)? {
        return Ok(None);
    }
    let units = needed_units(case, &table.common)?;
    let of_indexes: Result<Vec<_>, _> =
        whole.indexes.iter().map(|index| needed_units(case, &index.common)).collect();
    let of_indexes = of_indexes?;
    let used = whole.total_use(case, &own)?;
    let mut bill = case.bill();
    let tariff = Tariff { region: &table.common.region, class: table.table_class };
    let cost = tariff.on_demand(case, &mut bill, &used)?;
    let mut then = tariff.provisioned(&mut bill, units)?;
    for units in &of_indexes {
        then += tariff.provisioned(&mut bill, *units)?;
    }
    let savings = cost.clone() - then;
    if !savings.is_positive() {
        return Ok(None);
    }
    let day = |days: &Summary| format!("{:.0} units in the busiest day", days.max);
    Ok(Some(Finding {
        title: format!("Provision {} for {}", units_in_words(units), table.common.id),
        shrinks_all: true,
        current: json!({"capacityMode": "onDemand"}),
        recommended: json!({"capacityMode": "provisioned", "readUnits": units.read, "writeUnits": units.write}),
        evidence: vec![
            case.measured(
                Metric::DynamoReads,
                &own.reads,
                day(&own.reads),
                format!("{} a second", units.read),
            ),
            case.measured(
                Metric::DynamoWrites,
                &own.writes,
                day(&own.writes),
                format!("{} a second", units.write),
            ),
        ],
        confidence: Level::Medium,
        remediation: Remediation {
            commands: vec![to_provisioned(whole, units, &of_indexes)],
            rollback_commands: vec![to_on_demand(table)],
            notes: vec!["Let Application Auto Scaling raise the capacity where the load may grow.".into()],
        },
        ..case.finding(table, Amounts { cost, savings, bill })
    }))
}

/// Without a day that is twice the average: hours are asked for of such tables only.
fn is_even(days: &Summary) -> bool {
    days.sum > 0.0 && days.sum * 2.0 >= days.max * f64::from(days.expected)
}

fn is_always_active(case: &Case<'_>, common: &Common) -> Result<bool, UnknownReason> {
    let reads = busiest_hours(case, Metric::DynamoReadsHourly, common);
    let writes = busiest_hours(case, Metric::DynamoWritesHourly, common);
    let active = |hours: &Vec<f64>| hours.iter().filter(|units| **units > 0.0).count() >= LEAST_ACTIVE_HOURS;
    match (&reads, &writes) {
        (Err(reason), Err(_)) => Err(*reason),
        _ => Ok(reads.as_ref().is_ok_and(active) || writes.as_ref().is_ok_and(active)),
    }
}

/// A side without a datapoint, its days being known, was not used: AWS provisions one unit at least.
fn needed_units(case: &Case<'_>, common: &Common) -> Result<CapacityUnits, UnknownReason> {
    let target = case.thresholds.dynamodb_steady_target_percent;
    let mut units = CapacityUnits { read: 1, write: 1 };
    for side in Side::BOTH {
        let asked = case.snapshot.metrics.week(side.hourly(), &common.region, &common.id);
        asked.ok_or(UnknownReason::MetricMissing)?;
        if let Ok(hours) = busiest_hours(case, side.hourly(), common) {
            units = side.with_units(units, needed(peak(&hours), target));
        }
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::inventory::DynamoTable,
        rules::{
            dynamodb::lab::{self, TableLab},
            fixtures::Lab,
        },
    };

    fn lab(reads: f64, writes: f64) -> Lab {
        let table = DynamoTable { capacity_mode: CapacityMode::OnDemand, ..lab::table("orders") };
        Lab::new().table(table).use_of("orders", reads, writes)
    }

    #[test]
    fn an_even_load_costs_less_by_the_hour() {
        let finding = lab(100.0, 50.0).only_finding(&RULE);
        // 262.8 M * 0.125 + 131.4 M * 0.625 against 200 and 100 units.
        assert_eq!(finding.monthly_cost.to_string(), "114.975");
        assert_eq!(finding.monthly_savings.to_string(), "48.545");
        assert_eq!(finding.recommended["readUnits"], 200);
    }

    #[test]
    fn a_peak_that_must_be_provisioned_for_outweighs_it() {
        let peaks = lab(100.0, 50.0).busy_hour(Metric::DynamoWritesHourly, "orders", 50.0, 130.0);
        peaks.nothing(&RULE);
    }

    #[test]
    fn a_load_of_some_hours_stays_on_demand() {
        let hours = lab(100.0, 50.0).busy_hour(Metric::DynamoReadsHourly, "orders", 0.0, 100.0).busy_hour(
            Metric::DynamoWritesHourly,
            "orders",
            0.0,
            50.0,
        );
        hours.nothing(&RULE);
        lab(0.0, 0.0).nothing(&RULE);
    }
}
