//! Log groups that nothing writes to any more.

use super::{Amounts, BYTES_OF_A_GB, Case, Judgement, Meta, Rule, case::property, command::aws, logged};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{LastLogged, LogClass, LogGroup, ResourceKind, days_between},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.log_groups, judge) };

static META: Meta = Meta {
    id: "cw-logs-unused",
    title: "Nothing is logged here any more, and the logs are still stored",
    condition: "No byte came in during the window, and the newest stream of the group was written log_unused_days ago or \
                longer. Only groups whose storage costs about a dollar are looked at closer.",
    formula: "stored GB * log storage price",
    pitfalls: "Logs that are kept as evidence; a service that logs once a year.",
    kind: ResourceKind::LogGroup,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::UpperBound,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: false,
    actions: &["logs:DescribeLogGroups", "logs:DescribeLogStreams", "cloudwatch:GetMetricData"],
    metrics: &[Metric::LogsIncomingBytes],
    thresholds: &["log_unused_days", "look_back_days"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, group: &LogGroup) -> Judgement {
    if group.class == LogClass::Delivery || group.stored_bytes < LogGroup::WORTH_DELETING {
        return Ok(None);
    }
    case.require_full_window(&group.common)?;
    let logged = logged(case, group).ok_or(UnknownReason::MetricMissing)?;
    if logged.found > 0 && logged.sum > 0.0 {
        return Ok(None);
    }
    let limit = i64::from(case.thresholds.log_unused_days);
    let days = match group.last_logged.ok_or(UnknownReason::InventoryIncomplete)? {
        LastLogged::Never => case.age_days(&group.common)?,
        LastLogged::At(at) => days_between(at, case.now()),
    };
    if days < limit {
        return Ok(None);
    }
    let stored = group.stored_bytes / BYTES_OF_A_GB;
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::item(Item::LogStorage, &group.common.region))?.times(stored);
    Ok(Some(Finding {
        title: format!("Delete the log group {}: nothing was logged for {days} days", group.log_group_name),
        current: json!({"storedGb": stored, "daysSinceLastLog": days}),
        recommended: json!({"state": "deleted"}),
        evidence: vec![
            case.measured(Metric::LogsIncomingBytes, logged, "0".into(), "0".into()),
            property("last logged", format!("{days} days ago"), Some(format!("at least {limit} days"))),
            property("stored", format!("{stored} GB"), None),
        ],
        confidence: Level::Medium,
        remediation: remediation(group),
        ..case.finding(group, Amounts { savings: cost.clone(), cost, bill })
    }))
}

const EXPORT: &str = "The first command keeps a copy in a bucket, for a fraction of the price; leave it out where nobody \
                      needs one. Delete only after the export is completed.";
const NO_EXPORT: &str = "Logs of this class cannot be exported to a bucket: query what is needed before.";

fn remediation(group: &LogGroup) -> Remediation {
    let (region, name) = (&group.common.region, ("--log-group-name", &*group.log_group_name));
    let export = [name, ("--from", "0"), ("--to", "NOW_IN_MILLISECONDS"), ("--destination", "BUCKET")];
    let delete = aws("logs delete-log-group", region, &[name]);
    let (commands, note) = if group.class == LogClass::Standard {
        (vec![aws("logs create-export-task", region, &export), delete], EXPORT)
    } else {
        (vec![delete], NO_EXPORT)
    };
    Remediation { commands, rollback_commands: Vec::new(), notes: vec![note.into()] }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::lab, *};
    use crate::rules::fixtures::{Lab, days_ago};

    fn quiet(last: LastLogged) -> Lab {
        lab(|g| g.last_logged = Some(last)).no_datapoints(Metric::LogsIncomingBytes, "/app/web")
    }

    #[test]
    fn a_silent_group_saves_its_storage() {
        let finding = quiet(LastLogged::At(days_ago(200))).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "3.00");
        assert!(finding.title.ends_with("nothing was logged for 200 days"));
        quiet(LastLogged::Never).only_finding(&RULE);
    }

    #[test]
    fn only_the_standard_class_is_exported() {
        let commands = |lab: Lab| lab.only_finding(&RULE).remediation.commands.len();
        assert_eq!(commands(quiet(LastLogged::Never)), 2);
        let infrequent =
            lab(|g| (g.class, g.last_logged) = (LogClass::InfrequentAccess, Some(LastLogged::Never)));
        assert_eq!(commands(infrequent.no_datapoints(Metric::LogsIncomingBytes, "/app/web")), 1);
    }

    #[test]
    fn a_group_that_was_written_to_lately_is_fine() {
        quiet(LastLogged::At(days_ago(89))).nothing(&RULE);
        lab(|_| {}).daily(Metric::LogsIncomingBytes, "/app/web", 1, 5.0).nothing(&RULE);
        lab(|g| g.stored_bytes = 1 << 30).nothing(&RULE);
    }

    #[test]
    fn silence_alone_is_no_proof() {
        lab(|_| {}).unknown(&RULE, UnknownReason::MetricMissing);
        let unseen = lab(|_| {}).no_datapoints(Metric::LogsIncomingBytes, "/app/web");
        unseen.unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
