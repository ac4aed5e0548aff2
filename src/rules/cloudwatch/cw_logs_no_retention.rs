//! Logs that are kept for ever.

use super::{
    Amounts, BYTES_OF_A_GB, Case, Judgement, Meta, Rule, case::property, command::aws, logged,
    quantity::whole_units,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{LogClass, LogGroup, ResourceKind},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.log_groups, judge) };

static META: Meta = Meta {
    id: "cw-logs-no-retention",
    title: "Log group keeps its logs for ever",
    condition: "No retention is set, the group is older than log_retention_days, and it stores more than that time's logs as \
                measured by what came in. Groups of the class Delivery have a retention of their own.",
    formula: "(stored GB - logged GB a day * log_retention_days) * log storage price: an upper bound, since GB are stored \
              compressed and come in plain",
    pitfalls: "Audit and security logs have to be kept: set their retention accordingly. Deleted logs do not come back.",
    kind: ResourceKind::LogGroup,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::UpperBound,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: false,
    actions: &["logs:DescribeLogGroups", "cloudwatch:GetMetricData"],
    metrics: &[Metric::LogsIncomingBytes],
    thresholds: &["log_retention_days", "look_back_days"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, group: &LogGroup) -> Judgement {
    let days = i64::from(case.thresholds.log_retention_days);
    let stored = group.stored_bytes / BYTES_OF_A_GB;
    let kept_for_ever = group.retention_days.is_none() && group.class != LogClass::Delivery;
    if !kept_for_ever || stored == 0 || case.age_days(&group.common)? <= days {
        return Ok(None);
    }
    let logged = logged(case, group).ok_or(crate::domain::finding::UnknownReason::MetricMissing)?;
    let a_day = logged.sum / f64::from(logged.expected.max(1));
    let keep = whole_units(a_day).saturating_mul(days) / BYTES_OF_A_GB;
    let excess = stored.saturating_sub(keep);
    if excess <= 0 {
        return Ok(None);
    }
    let mut bill = case.bill();
    let rate = bill.price(PriceKey::item(Item::LogStorage, &group.common.region))?;
    let amounts = Amounts { cost: rate.times(stored), savings: rate.times(excess), bill };
    let mb_a_day = whole_units(a_day / 1e6);
    Ok(Some(Finding {
        title: format!(
            "Let logs in {} expire after {days} days: {stored} GB are kept for ever",
            group.log_group_name
        ),
        current: json!({"retentionDays": null, "storedGb": stored}),
        recommended: json!({"retentionDays": days}),
        confidence: Level::Medium,
        evidence: vec![
            property("retention", "none", Some(format!("{days} days"))),
            property("stored", format!("{stored} GB"), None),
            case.measured(Metric::LogsIncomingBytes, logged, format!("{mb_a_day} MB a day"), String::new()),
        ],
        remediation: remediation(group, days),
        ..case.finding(group, amounts)
    }))
}

fn remediation(group: &LogGroup, days: i64) -> Remediation {
    let (region, name, days) =
        (&group.common.region, ("--log-group-name", &*group.log_group_name), days.to_string());
    Remediation {
        commands: vec![aws("logs put-retention-policy", region, &[name, ("--retention-in-days", &days)])],
        rollback_commands: vec![aws("logs delete-retention-policy", region, &[name])],
        notes: vec![
            "Without the retention again nothing more expires; what has expired does not come back.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::lab, *};
    use crate::domain::finding::UnknownReason;
    use crate::rules::{
        cloudwatch::fixtures::group,
        fixtures::{Lab, days_ago},
    };

    fn with_mb_a_day(mb: f64) -> Lab {
        lab(|_| {}).daily(Metric::LogsIncomingBytes, "/app/web", 14, mb * 1_048_576.0)
    }

    #[test]
    fn what_is_older_than_the_retention_is_saved() {
        let finding = with_mb_a_day(512.0).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "3.00");
        assert_eq!(finding.monthly_savings.to_string(), "1.65", "(100 - 90 * 0.5) * 0.03");
        let fix = &finding.remediation.commands[0];
        assert!(fix.ends_with("--log-group-name /app/web --retention-in-days 90"), "{fix}");
    }

    #[test]
    fn a_group_that_stores_no_more_than_that_is_fine() {
        with_mb_a_day(2_000.0).nothing(&RULE);
        lab(|g| g.retention_days = Some(365)).nothing(&RULE);
        lab(|g| g.class = LogClass::Delivery).nothing(&RULE);
        lab(|g| g.stored_bytes = 1_000).nothing(&RULE);
        lab(|g| g.common.created_at = Some(days_ago(90))).nothing(&RULE);
    }

    #[test]
    fn what_comes_in_must_be_known() {
        assert_eq!(group().retention_days, None);
        lab(|_| {}).unknown(&RULE, UnknownReason::MetricMissing);
    }
}
