//! The class of a table: rare access makes storage cheaper and requests dearer. Two rules, one judge.

use super::{
    Amounts, Bill, Case, Judgement, Meta, Rule,
    case::property,
    tariff::{Tariff, Use, gib},
    update::{change_class, class_name},
    whole::{Whole, judge_tables},
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason},
    inventory::{CapacityMode, ResourceKind, TableClass, days_between},
    metric::{Metric, Summary},
};

use serde_json::json;

pub const TO_INFREQUENT_ACCESS: Rule = Rule {
    meta: &META_TO_INFREQUENT_ACCESS,
    check: |case| judge_tables(case, |case, whole| judge(case, whole, TableClass::InfrequentAccess)),
};

pub const TO_STANDARD: Rule = Rule {
    meta: &META_TO_STANDARD,
    check: |case| judge_tables(case, |case, whole| judge(case, whole, TableClass::Standard)),
};

const fn meta(id: &'static str, title: &'static str, condition: &'static str) -> Meta {
    Meta {
        id,
        title,
        condition,
        formula: "(billed GiB + throughput of table and indexes) at the prices of the one class less those of the \
                  other; throughput is provisioned units * 730 h, or the window's requests as a month",
        pitfalls: "Reserved capacity is of the standard class only, and not seen. The first 25 GiB of a region's \
                   standard tables are free: that is counted where a table would leave them, not where one would \
                   come. A load that changes turns the sign. AWS allows two changes in 30 days.",
        kind: ResourceKind::DynamoTable,
        action_type: ActionType::Configure,
        class: ConflictClass::Resize,
        basis: SavingsBasis::Modelled,
        effort: Effort::Low,
        risk: Level::Low,
        restart_needed: false,
        rollback_possible: true,
        actions: &["dynamodb:DescribeTable", "cloudwatch:GetMetricData"],
        metrics: &[Metric::DynamoReads, Metric::DynamoWrites],
        thresholds: &["look_back_days", "min_datapoints_percent"],
        on_by_default: true,
    }
}

static META_TO_INFREQUENT_ACCESS: Meta = meta(
    "dynamodb-standard-to-ia",
    "Table is stored more than it is used",
    "A table of the standard class that is used, its class unchanged for 30 days, whose storage and throughput would \
     together cost less in the class for infrequent access.",
);

static META_TO_STANDARD: Meta = meta(
    "dynamodb-ia-to-standard",
    "Table of the class for infrequent access is used too much for it",
    "A table of the class for infrequent access, its class unchanged for 30 days, whose storage and throughput would \
     together cost less in the standard class.",
);

const DAYS_BETWEEN_CHANGES: i64 = 30;

fn judge(case: &Case<'_>, whole: &Whole<'_>, to: TableClass) -> Judgement {
    let table = whole.table;
    let changed = table.class_changed_at.map(|at| days_between(at, case.now()));
    if table.table_class == to || changed.is_some_and(|days| days < DAYS_BETWEEN_CHANGES) {
        return Ok(None);
    }
    let own = whole.consumed(case)?;
    if own.nothing() {
        // To be deleted rather than moved.
        return Ok(None);
    }
    let used = whole.total_use(case, &own)?;
    let mut bill = case.bill();
    let cost = month(case, &mut bill, whole, &used, table.table_class)?;
    let savings = cost.clone() - month(case, &mut bill, whole, &used, to)?;
    if !savings.is_positive() {
        return Ok(None);
    }
    let day = |days: &Summary| format!("{:.0} units in the busiest day", days.max);
    Ok(Some(Finding {
        title: format!(
            "Move {} of {} to the class {}",
            table.common.id,
            gib(whole.size_bytes()),
            class_name(to)
        ),
        shrinks_all: true,
        current: json!({"tableClass": class_name(table.table_class)}),
        recommended: json!({"tableClass": class_name(to)}),
        evidence: vec![
            property("size with indexes", gib(whole.size_bytes()), None),
            case.measured(Metric::DynamoReads, &own.reads, day(&own.reads), "costs less there".into()),
            case.measured(Metric::DynamoWrites, &own.writes, day(&own.writes), "costs less there".into()),
        ],
        confidence: Level::Medium,
        remediation: change_class(table, to),
        ..case.finding(table, Amounts { cost, savings, bill })
    }))
}

/// Storage and throughput in a class.
fn month(
    case: &Case<'_>,
    bill: &mut Bill<'_>,
    whole: &Whole<'_>,
    used: &Use,
    class: TableClass,
) -> Result<Figure, UnknownReason> {
    let table = whole.table;
    let tariff = Tariff { region: &table.common.region, class };
    let bytes = if class == table.table_class { whole.billed_bytes() } else { whole.size_bytes() };
    let storage = tariff.storage(bill, bytes)?;
    let throughput = match table.capacity_mode {
        CapacityMode::Provisioned => tariff.provisioned(bill, whole.units())?,
        CapacityMode::OnDemand => tariff.on_demand(case, bill, used)?,
    };
    Ok(storage + throughput)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::inventory::DynamoTable,
        rules::{
            dynamodb::lab::{self, GIB, TableLab},
            fixtures::{Lab, days_ago},
        },
    };

    /// 1 TiB on demand.
    fn lab(class: TableClass, reads: f64, writes: f64) -> Lab {
        let capacity_mode = CapacityMode::OnDemand;
        let table =
            DynamoTable { capacity_mode, table_class: class, size_bytes: 1_024 * GIB, ..lab::table("logs") };
        Lab::new().table(table).use_of("logs", reads, writes)
    }

    #[test]
    fn much_storage_and_little_use_belong_to_rare_access() {
        let finding = lab(TableClass::Standard, 1.0, 1.0).only_finding(&TO_INFREQUENT_ACCESS);
        // (999 * 0.25 + 2.628 M * 0.75) - (1024 * 0.10 + 2.628 M * 0.935).
        assert_eq!(finding.monthly_savings.to_string(), "146.86382");
        assert!(finding.remediation.commands[0].ends_with("--table-class STANDARD_INFREQUENT_ACCESS"));
        lab(TableClass::Standard, 1.0, 1.0).nothing(&TO_STANDARD);
    }

    #[test]
    fn much_use_belongs_to_the_standard_class() {
        let busy = || lab(TableClass::InfrequentAccess, 100.0, 1_000.0);
        let finding = busy().only_finding(&TO_STANDARD);
        // (102.4 + 262.8 M * 0.155 + 2628 M * 0.78) - (256 + 262.8 M * 0.125 + 2628 M * 0.625).
        assert_eq!(finding.monthly_savings.to_string(), "261.624");
        busy().nothing(&TO_INFREQUENT_ACCESS);
        lab(TableClass::Standard, 100.0, 1_000.0).nothing(&TO_INFREQUENT_ACCESS);
    }

    #[test]
    fn storage_that_is_free_now_is_not_saved() {
        let table = DynamoTable { size_bytes: 20 * GIB, ..lab::table("small") };
        Lab::new().table(table).use_of("small", 1.0, 1.0).nothing(&TO_INFREQUENT_ACCESS);
    }

    #[test]
    fn a_class_that_was_just_changed_and_an_unused_table_stay() {
        let mut lab = lab(TableClass::Standard, 1.0, 1.0);
        lab.snapshot.inventory.dynamo_tables[0].class_changed_at = Some(days_ago(29));
        lab.nothing(&TO_INFREQUENT_ACCESS);
        self::lab(TableClass::Standard, 0.0, 0.0).nothing(&TO_INFREQUENT_ACCESS);
    }
}
