//! Nobody is told when costs jump: no monitor of Cost Anomaly Detection exists.

use super::{Case, Meta, Rule, account, case::property, command::aws};
use crate::domain::{
    cost::CostHistory,
    figure::Figure,
    finding::{Finding, Remediation, UnknownReason, Verdicts},
    money::MicroUsd,
    region::Region,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "anomaly-monitor-missing",
    title: "No monitor watches for jumps of cost",
    condition: "Cost Anomaly Detection has no monitor, and the last 30 complete days cost at least \
                commitment_min_spend_usd.",
    pitfalls: "A monitor of the management account may watch this account, too; it is not seen from here.",
    actions: &["ce:GetAnomalyMonitors", "ce:GetCostAndUsage"],
    thresholds: &["commitment_min_spend_usd"],
    ..account::META
};

fn check(case: &Case<'_>) -> Verdicts {
    let Some(spent) = spent(case) else { return account::unknown(case, UnknownReason::CostMissing) };
    if spent < MicroUsd::from_usd(case.thresholds.commitment_min_spend_usd.into()) {
        return Verdicts::default();
    }
    match case.snapshot.billing.anomaly_monitors {
        None => account::unknown(case, UnknownReason::InventoryIncomplete),
        Some(0) => account::found(finding(case, spent)),
        Some(_) => Verdicts::default(),
    }
}

fn spent(case: &Case<'_>) -> Option<MicroUsd> {
    let costs: &CostHistory = case.snapshot.costs.as_ref()?;
    costs.last_month_of(&costs.services(), case.today())
}

fn finding(case: &Case<'_>, spent: MicroUsd) -> Finding {
    let monitor = json!({
        "MonitorName": "services", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"
    });
    let monitor = monitor.to_string();
    Finding {
        title: format!("Nobody is told of jumps in {} USD a month", spent.to_cents()),
        current: json!({ "anomalyMonitors": 0 }),
        recommended: json!({ "action": "watch all services; it is free" }),
        evidence: vec![property("anomaly monitors", "0", Some("1".into()))],
        remediation: Remediation {
            commands: vec![aws(
                "ce create-anomaly-monitor",
                &Region::global(),
                &[("--anomaly-monitor", &monitor)],
            )],
            rollback_commands: Vec::new(),
            notes: vec!["Subscribe somebody to it with: aws ce create-anomaly-subscription".into()],
        },
        ..account::finding(case, Figure::stated(spent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::cost::DailyCost, rules::fixtures::Lab};
    use jiff::{ToSpan, civil::Date};

    fn lab(daily: &str, monitors: Option<u32>) -> Lab {
        let mut lab = Lab::new();
        let last: Date = "2026-06-29".parse().unwrap();
        let cost = |n: i64| DailyCost {
            day: last.saturating_sub(n.days()),
            service: "AWS Lambda".into(),
            amount: daily.parse().unwrap(),
        };
        lab.snapshot.costs =
            Some(CostHistory { days: (0..30).map(cost).collect(), ..CostHistory::default() });
        lab.snapshot.billing.anomaly_monitors = monitors;
        lab
    }

    #[test]
    fn spend_that_nobody_watches_is_shown() {
        let finding = lab("10", Some(0)).only_finding(&RULE);
        assert_eq!(finding.title, "Nobody is told of jumps in 304.17 USD a month");
    }

    #[test]
    fn a_monitor_or_little_spend_is_fine() {
        lab("10", Some(1)).nothing(&RULE);
        lab("3.28", Some(0)).nothing(&RULE);
    }

    #[test]
    fn what_was_not_read_is_unknown() {
        lab("10", None).unknown(&RULE, UnknownReason::InventoryIncomplete);
        Lab::new().unknown(&RULE, UnknownReason::CostMissing);
    }
}
