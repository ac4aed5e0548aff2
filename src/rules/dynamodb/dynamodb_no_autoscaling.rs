//! Provisioned tables whose capacity never moves while the load does.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    command::aws,
    consumption::{Consumed, busiest_hours, needed},
    scaling::{Targets, resource_of, scales},
    side::Side,
    tariff::Tariff,
    update::units_in_words,
    whole::{Whole, judge_tables},
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{CapacityMode, DynamoTable, ResourceKind, is_roomy},
    metric::Metric,
    money::HOURS_PER_MONTH,
    price::PriceKey,
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
    id: "dynamodb-no-autoscaling",
    title: "Table's capacity does not follow its load",
    condition: "A provisioned table that is used, with no scalable target for its reads or its writes, whose capacity \
                would be lower on average if each hour of the week had what its busiest in the window needed at \
                dynamodb_target_percent.",
    formula: "units * 730 h - sum over the week's hours of the units needed (at most the present ones) * 730 / 168 h",
    pitfalls: "Scaling follows within minutes: sudden peaks throttle until it does. Reserved capacity is not seen. It \
               competes with a lower fixed capacity and with on-demand mode, and is never added to them.",
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
    metrics: &[
        Metric::DynamoReads,
        Metric::DynamoWrites,
        Metric::DynamoReadsHourly,
        Metric::DynamoWritesHourly,
    ],
    thresholds: &["look_back_days", "min_datapoints_percent", "dynamodb_target_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, table: &DynamoTable, whole: &Whole<'_>, targets: &Targets<'_>) -> Judgement {
    if table.capacity_mode != CapacityMode::Provisioned {
        return Ok(None);
    }
    let own = whole.consumed(case)?;
    let scaled = targets.of_table(case, table)?;
    let free: Vec<Side> = Side::BOTH.into_iter().filter(|side| !scales(&scaled, *side)).collect();
    if own.nothing() || free.is_empty() {
        return Ok(None);
    }
    let mut bill = case.bill();
    let (mut cost, mut then) = (Figure::zero(), Figure::zero());
    let tariff = Tariff { region: &table.common.region, class: table.table_class };
    for side in &free {
        let hour = bill.price(PriceKey::item(side.unit_hour(tariff.class), tariff.region))?;
        let units = side.units(table.units);
        cost += hour.monthly(units);
        then += match unit_hours_a_week(case, table, *side, &own)? {
            Some(week) => hour.times_ratio(week.saturating_mul(HOURS_PER_MONTH), 168),
            None => hour.monthly(units),
        };
    }
    let savings = cost.clone() - then;
    if !savings.is_positive() {
        return Ok(None);
    }
    let names: Vec<&str> = free.iter().map(|side| side.name()).collect();
    Ok(Some(Finding {
        title: format!("Let the {} capacity of {} follow its load", names.join(" and "), table.common.id),
        current: json!({"readUnits": table.units.read, "writeUnits": table.units.write, "autoScaling": false}),
        recommended: json!({"autoScaling": true, "targetPercent": case.thresholds.dynamodb_target_percent}),
        evidence: free
            .iter()
            .map(|side| {
                let days = side.consumed(&own);
                let a_second = days.sum / f64::from(days.expected.max(1)) / 86_400.0;
                let observed = format!("{a_second:.1} a second on average");
                case.measured(
                    side.daily(),
                    days,
                    observed,
                    format!("{} provisioned", side.units(table.units)),
                )
            })
            .collect(),
        confidence: Level::Medium,
        remediation: remediation(case, table, &free),
        ..case.finding(table, Amounts { cost, savings, bill })
    }))
}

/// What scaling would hold in a week; none where even the days leave no room.
fn unit_hours_a_week(
    case: &Case<'_>,
    table: &DynamoTable,
    side: Side,
    own: &Consumed,
) -> Result<Option<i64>, UnknownReason> {
    let (units, target) = (side.units(table.units), case.thresholds.dynamodb_target_percent);
    if !is_roomy(units, side.consumed(own).max, target) {
        return Ok(None);
    }
    let hours = busiest_hours(case, side.hourly(), &table.common)?;
    Ok(Some(hours.into_iter().map(|hour| needed(hour, target).min(units)).fold(0, i64::saturating_add)))
}

fn remediation(case: &Case<'_>, table: &DynamoTable, sides: &[Side]) -> Remediation {
    let resource = resource_of(&table.common.id);
    let mut commands = Vec::new();
    let mut rollback_commands = Vec::new();
    for side in sides {
        let most = side.units(table.units).to_string();
        let named = [
            ("--service-namespace", "dynamodb"),
            ("--resource-id", &*resource),
            ("--scalable-dimension", side.dimension()),
        ];
        let call = |operation: &str, more: &[(&str, &str)]| {
            let options: Vec<_> = named.iter().chain(more).copied().collect();
            aws(&format!("application-autoscaling {operation}"), &table.common.region, &options)
        };
        let policy = json!({
            "TargetValue": case.thresholds.dynamodb_target_percent,
            "PredefinedMetricSpecification": {"PredefinedMetricType": side.utilisation()},
        })
        .to_string();
        let name = format!("{}-{}", side.name(), table.common.id);
        commands
            .push(call("register-scalable-target", &[("--min-capacity", "1"), ("--max-capacity", &most)]));
        commands.push(call(
            "put-scaling-policy",
            &[
                ("--policy-name", &name),
                ("--policy-type", "TargetTrackingScaling"),
                ("--target-tracking-scaling-policy-configuration", &policy),
            ],
        ));
        rollback_commands.push(call("deregister-scalable-target", &[]));
    }
    let note = format!("After a way back set the capacity again: {}.", units_in_words(table.units));
    Remediation { commands, rollback_commands, notes: vec![note] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{
        dynamodb::lab::{self, TableLab},
        fixtures::Lab,
    };

    /// Writes are full; reads rest but for one hour of the week.
    fn lab() -> Lab {
        let lab = Lab::new().table(lab::table("orders")).use_of("orders", 7.0, 45.0);
        lab.busy_hour(Metric::DynamoReadsHourly, "orders", 7.0, 70.0)
    }

    #[test]
    fn a_capacity_that_moves_costs_what_each_hour_needs() {
        let finding = lab().only_finding(&RULE);
        // Reads: 100 * 730 h against (167 * 10 + 100) * 730 / 168 h.
        assert_eq!(finding.monthly_savings.to_string(), "8.490161");
        assert!(finding.monthly_savings < finding.monthly_cost);
        assert_eq!(finding.remediation.commands.len(), 4);
    }

    #[test]
    fn what_scales_already_is_left_alone() {
        let read = lab::target("table/orders", "dynamodb:table:ReadCapacityUnits", 5, 100);
        lab().target(read.clone()).nothing(&RULE);
        let write = lab::target("table/orders", "dynamodb:table:WriteCapacityUnits", 5, 100);
        lab().target(write.clone()).only_finding(&RULE);
        lab().target(read).target(write).nothing(&RULE);
    }

    #[test]
    fn targets_that_could_not_be_listed_are_not_absent() {
        lab().incomplete(ResourceKind::ScalableTarget).unknown(&RULE, UnknownReason::InventoryIncomplete);
    }

    #[test]
    fn full_and_on_demand_tables_are_fine() {
        Lab::new().table(lab::table("orders")).use_of("orders", 90.0, 45.0).nothing(&RULE);
        let on_demand = DynamoTable { capacity_mode: CapacityMode::OnDemand, ..lab::table("orders") };
        Lab::new().table(on_demand).use_of("orders", 7.0, 7.0).nothing(&RULE);
    }
}
