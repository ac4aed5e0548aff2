//! Log groups of the standard class that use nothing of what it has more than the other one.

use super::{
    Amounts, BYTES_OF_A_GB, Case, Judgement, Meta, Rule, case::property, command::aws, logged,
    quantity::whole_units,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{LogClass, LogGroup, ResourceKind},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.log_groups, judge) };

static META: Meta = Meta {
    id: "cw-logs-infrequent-access",
    title: "Log group could be of the class Infrequent Access",
    condition: "A group of the class Standard without metric and subscription filters into which at least 130 MB a day are \
                logged. Groups of Container, Lambda and Application Insights need the class Standard.",
    formula: "logged GB of a month * (standard - infrequent-access ingestion price)",
    pitfalls: "A group's class cannot be changed: writers have to be sent to a new group. Live Tail, metric filters, alarms \
               on logs and metrics embedded in logs are missing there; vended logs have tiers of their own.",
    kind: ResourceKind::LogGroup,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Add,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["logs:DescribeLogGroups", "logs:DescribeSubscriptionFilters", "cloudwatch:GetMetricData"],
    metrics: &[Metric::LogsIncomingBytes],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, group: &LogGroup) -> Judgement {
    let insights = group.log_group_name.to_ascii_lowercase().contains("insights");
    if group.class != LogClass::Standard || group.metric_filters > 0 || insights {
        return Ok(None);
    }
    // Small groups are not measured.
    let Some(logged) = logged(case, group).filter(|logged| logged.found > 0) else { return Ok(None) };
    if logged.sum < LogGroup::WORTH_ANOTHER_CLASS * f64::from(logged.expected) {
        return Ok(None);
    }
    case.summary(Metric::LogsIncomingBytes, &group.common)?;
    if group.subscription_filters.ok_or(UnknownReason::InventoryIncomplete)? > 0 {
        return Ok(None);
    }
    let a_day = logged.sum / f64::from(logged.expected.max(1));
    let gb = whole_units(a_day * 365.0 / 12.0) / BYTES_OF_A_GB;
    let mut bill = case.bill();
    let mut price = |item| bill.price(PriceKey::item(item, &group.common.region));
    let cost = price(Item::LogIngest)?.times(gb);
    let savings = cost.clone() - price(Item::LogIngestInfrequent)?.times(gb);
    if !savings.is_positive() {
        return Ok(None);
    }
    let observed = format!("{gb} GB a month");
    Ok(Some(Finding {
        title: format!("Log into a group of the class Infrequent Access instead of {}", group.log_group_name),
        current: json!({"class": "STANDARD", "loggedGbMonthly": gb}),
        recommended: json!({"class": "INFREQUENT_ACCESS"}),
        confidence: Level::Medium,
        evidence: vec![
            case.measured(Metric::LogsIncomingBytes, logged, observed, "at least 130 MB a day".into()),
            property("metric and subscription filters", "0", Some("0".into())),
        ],
        remediation: remediation(group),
        ..case.finding(group, Amounts { cost, savings, bill })
    }))
}

fn remediation(group: &LogGroup) -> Remediation {
    let (region, name) = (&group.common.region, format!("{}-ia", group.log_group_name));
    let named = ("--log-group-name", &*name);
    Remediation {
        commands: vec![aws("logs create-log-group", region, &[named, ("--log-group-class", "INFREQUENT_ACCESS")])],
        rollback_commands: vec![aws("logs delete-log-group", region, &[named])],
        notes: vec!["Then set a retention for the new group and send the writers there; the old group stays for as long as \
                     its logs are needed."
            .into()],
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::lab, *};
    use crate::rules::fixtures::Lab;

    /// A GB a day into a group without filters, or with what is changed.
    fn busy(change: impl FnOnce(&mut LogGroup)) -> Lab {
        let lab = lab(|g| {
            g.subscription_filters = Some(0);
            change(g);
        });
        lab.daily(Metric::LogsIncomingBytes, "/app/web", 14, f64::from(1 << 30))
    }

    #[test]
    fn ingestion_costs_half() {
        let finding = busy(|_| {}).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "15.00", "30 GB");
        assert_eq!(finding.monthly_savings.to_string(), "7.50");
    }

    #[test]
    fn groups_that_need_the_standard_class_are_fine() {
        busy(|g| g.metric_filters = 1).nothing(&RULE);
        busy(|g| g.subscription_filters = Some(1)).nothing(&RULE);
        busy(|g| g.class = LogClass::InfrequentAccess).nothing(&RULE);
        busy(|g| g.log_group_name = "/aws/containerinsights/main/performance".into()).nothing(&RULE);
    }

    #[test]
    fn quiet_groups_are_fine_and_unread_filters_unknown() {
        lab(|_| {}).nothing(&RULE);
        lab(|_| {}).daily(Metric::LogsIncomingBytes, "/app/web", 14, 1e8).nothing(&RULE);
        busy(|g| g.subscription_filters = None).unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
