//! Large tables with a time among their keys whose items never expire.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    tariff::{Tariff, gib},
    whole::{Whole, judge_tables},
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{DynamoTable, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_tables(case, judge) };

static META: Meta = Meta {
    id: "dynamodb-ttl-disabled",
    title: "Items of a growing table never expire",
    condition: "A table of at least dynamodb_ttl_min_gib that was written to, with a key that is named like a time, \
                while time to live is off.",
    formula: "no promise: the cost is that of the storage, the saving depends on how long items are worth keeping",
    pitfalls: "Whether old items may go is not to be seen from outside; a key named like a time may be another thing.",
    kind: ResourceKind::DynamoTable,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "cloudwatch:GetMetricData"],
    metrics: &[Metric::DynamoWrites],
    thresholds: &["look_back_days", "min_datapoints_percent", "dynamodb_ttl_min_gib"],
    on_by_default: false,
};

fn judge(case: &Case<'_>, whole: &Whole<'_>) -> Judgement {
    let table = whole.table;
    let large = table.size_bytes >= i64::from(case.thresholds.dynamodb_ttl_min_gib) << 30;
    let Some(attribute) = table.time_key.as_deref().filter(|_| large && table.expires_items == Some(false))
    else {
        return Ok(None);
    };
    let own = whole.consumed(case)?;
    if own.writes.sum <= 0.0 {
        return Ok(None);
    }
    let mut bill = case.bill();
    let tariff = Tariff { region: &table.common.region, class: table.table_class };
    let cost = tariff.storage(&mut bill, whole.billed_bytes())?;
    let written = format!("{:.0} units", own.writes.sum);
    Ok(Some(Finding {
        title: format!("Let old items of {} expire: {} with no end", table.common.id, gib(table.size_bytes)),
        current: json!({"timeToLive": false, "size": gib(table.size_bytes)}),
        recommended: json!({"timeToLive": true}),
        confidence: Level::Low,
        evidence: vec![
            property("key named like a time", attribute, None),
            case.measured(Metric::DynamoWrites, &own.writes, written, "more than 0 units".into()),
        ],
        remediation: remediation(table),
        ..case.finding(table, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

fn remediation(table: &DynamoTable) -> Remediation {
    let set = |enabled: &str| {
        let specification = format!("Enabled={enabled},AttributeName=EXPIRES_AT");
        let options =
            [("--table-name", &*table.common.id), ("--time-to-live-specification", &*specification)];
        aws("dynamodb update-time-to-live", &table.common.region, &options)
    };
    Remediation {
        commands: vec![set("true")],
        rollback_commands: vec![set("false")],
        notes: vec![
            "Write an attribute with the second of expiry (since 1970, a number) first; only items that have it go.".into(),
            "What has expired is deleted within days, for nothing, and does not come back.".into(),
        ],
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

    fn lab(change: impl FnOnce(&mut DynamoTable)) -> Lab {
        let mut table = DynamoTable {
            time_key: Some("createdAt".into()),
            expires_items: Some(false),
            ..lab::table("events")
        };
        change(&mut table);
        Lab::new().table(table).use_of("events", 0.0, 3.0)
    }

    #[test]
    fn a_growing_table_is_worth_a_look_and_no_promise() {
        let finding = lab(|_| {}).only_finding(&RULE);
        assert_eq!(finding.basis, SavingsBasis::Exposure);
        assert_eq!(finding.monthly_savings, MicroUsd::ZERO);
        assert_eq!(finding.monthly_cost.to_string(), "3.75");
    }

    #[test]
    fn small_expiring_and_timeless_tables_are_fine() {
        lab(|table| table.size_bytes = 9 << 30).nothing(&RULE);
        lab(|table| table.expires_items = Some(true)).nothing(&RULE);
        lab(|table| table.expires_items = None).nothing(&RULE);
        lab(|table| table.time_key = None).nothing(&RULE);
    }
}
