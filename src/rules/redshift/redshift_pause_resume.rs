//! A cluster that nobody connects to at the same hours each week, and nothing pauses it then.

use super::{
    Amounts, Case, Judgement, Meta, Rule, case::property, cluster_use::is_used, command::aws, week::IdleWeek,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{RedshiftAction, RedshiftCluster, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.redshift_clusters, judge) };

static META: Meta = Meta {
    id: "redshift-pause-resume",
    title: "Cluster could be paused in its idle hours",
    condition: "Available, in a VPC with snapshots, without a hardware module and a second zone, and no active scheduled action \
                pauses it. An hour of the week is idle if no week seen had a connection in it; runs of \
                schedule_min_run_hours count, and at least schedule_min_idle_hours_per_week are needed. An idle week is left \
                to redshift-idle.",
    formula: "nodes * price of a node * idle hours a week * 52 / 12; storage stays",
    pitfalls: "Reserved nodes bill while the cluster is paused. Resuming takes some minutes. Jobs beyond the window.",
    kind: ResourceKind::RedshiftCluster,
    action_type: ActionType::Schedule,
    class: ConflictClass::Pause,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["redshift:DescribeClusters", "redshift:DescribeScheduledActions"],
    metrics: &[Metric::RedshiftConnectionsMax, Metric::RedshiftConnectionsHourly],
    thresholds: &["schedule_min_idle_hours_per_week", "schedule_min_run_hours", "nonprod_values"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, cluster: &RedshiftCluster) -> Judgement {
    if !cluster.can_pause() || !is_used(case, cluster)? || is_paused_by_the_clock(case, cluster)? {
        return Ok(None);
    }
    let connections = case.week(Metric::RedshiftConnectionsHourly, &cluster.common)?;
    let week = IdleWeek::of(case.thresholds, |hour| connections.max.get(hour).is_some_and(|max| *max <= 0.0));
    let Some(idle_hours) = week.worthwhile_hours(case.thresholds) else { return Ok(None) };
    let mut bill = case.bill();
    let hour = bill.redshift_node(&cluster.common.region, &cluster.node_type)?;
    let savings = hour.times_ratio(cluster.nodes.saturating_mul(idle_hours * 52), 12);
    let least = format!("at least {} hours", case.thresholds.schedule_min_idle_hours_per_week);
    let [pauses, resumes] = week.turns().map(|turns| turns.iter().map(cron).collect::<Vec<_>>());
    Ok(Some(Finding {
        title: format!("Pause the cluster for {idle_hours} idle hours a week"),
        current: json!({"nodeType": cluster.node_type, "nodes": cluster.nodes, "hoursPerWeek": 168}),
        recommended: json!({"pause": pauses, "resume": resumes}),
        evidence: vec![
            property("idle hours a week", idle_hours.to_string(), Some(least)),
            case.measured_week(Metric::RedshiftConnectionsHourly, connections, "none in an idle hour".into()),
        ],
        remediation: remediation(cluster, &pauses, &resumes),
        // What is productive may be wanted outside its usual hours.
        confidence: if case.nonprod(&cluster.common.tags) { Level::High } else { Level::Medium },
        ..case.finding(cluster, Amounts { cost: hour.monthly(cluster.nodes), savings, bill })
    }))
}

fn is_paused_by_the_clock(case: &Case<'_>, cluster: &RedshiftCluster) -> Result<bool, UnknownReason> {
    let (kind, common) = (ResourceKind::RedshiftScheduledAction, &cluster.common);
    if !case.snapshot.coverage.complete(kind, &common.region) {
        return Err(UnknownReason::InventoryIncomplete);
    }
    let actions = &case.snapshot.inventory.redshift_scheduled_actions;
    Ok(actions.iter().any(|action| {
        action.active
            && action.does == RedshiftAction::Pause
            && action.common.region == common.region
            && action.cluster_id == common.id
    }))
}

/// As Redshift's scheduler reads it, in UTC.
fn cron((hour, days): (&usize, &Vec<&'static str>)) -> String {
    format!("cron(0 {hour} ? * {} *)", days.join(",").to_ascii_uppercase())
}

fn remediation(cluster: &RedshiftCluster, pauses: &[String], resumes: &[String]) -> Remediation {
    let mut fix = Remediation::default();
    let region = &cluster.common.region;
    for (does, operation, crons) in [("pause", "PauseCluster", pauses), ("resume", "ResumeCluster", resumes)]
    {
        for (number, cron) in (1..).zip(crons) {
            let name = format!("{}-{does}-{number}", cluster.common.id);
            let name = ("--scheduled-action-name", &*name);
            let target = json!({operation: {"ClusterIdentifier": cluster.common.id}}).to_string();
            let options = [
                name,
                ("--target-action", &*target),
                ("--schedule", cron.as_str()),
                ("--iam-role", "SCHEDULER_ROLE_ARN"),
            ];
            fix.commands.push(aws("redshift create-scheduled-action", region, &options));
            fix.rollback_commands.push(aws("redshift delete-scheduled-action", region, &[name]));
        }
    }
    fix.notes = vec![
        "The role lets scheduler.redshift.amazonaws.com pause and resume clusters; hours are UTC.".into(),
        "Storage and snapshots keep billing while the cluster is paused.".into(),
    ];
    fix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::RedshiftScheduledAction;
    use crate::rules::{
        fixtures::{Lab, common},
        redshift::lab::{cluster, used},
    };

    fn office(hour: usize) -> f64 {
        if hour < 120 && (7..19).contains(&(hour % 24)) { 4.0 } else { 0.0 }
    }

    fn lab(change: impl Fn(&mut RedshiftCluster)) -> Lab {
        used(cluster(change), 50.0, 50.0).hourly(Metric::RedshiftConnectionsHourly, "warehouse", office)
    }

    fn action(does: RedshiftAction, active: bool) -> RedshiftScheduledAction {
        RedshiftScheduledAction { common: common("night"), cluster_id: "warehouse".into(), does, active }
    }

    #[test]
    fn idle_hours_of_every_node_are_saved() {
        let finding = lab(|_| {}).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "2032.992", "4 * 1.086 * 108 * 52 / 12");
        assert_eq!(finding.recommended["pause"], json!(["cron(0 19 ? * MON,TUE,WED,THU,FRI *)"]));
        assert_eq!(finding.recommended["resume"], json!(["cron(0 7 ? * MON,TUE,WED,THU,FRI *)"]));
        assert_eq!(finding.confidence, Level::Medium);
        let command = &finding.remediation.commands[0];
        assert!(command.contains(r#"'{"PauseCluster":{"ClusterIdentifier":"warehouse"}}'"#), "{command}");
        let staging = lab(|cluster| cluster.common.tags = [("env", "staging")].into_iter().collect());
        assert_eq!(staging.only_finding(&RULE).confidence, Level::High);
    }

    #[test]
    fn an_active_pause_is_enough() {
        let with = |action| lab(|_| {}).inventory(|i| i.redshift_scheduled_actions.push(action));
        with(action(RedshiftAction::Pause, true)).nothing(&RULE);
        with(action(RedshiftAction::Pause, false)).only_finding(&RULE);
        with(action(RedshiftAction::Resize, true)).only_finding(&RULE);
        let mut elsewhere = action(RedshiftAction::Pause, true);
        elsewhere.common.region = "eu-west-1".parse().unwrap();
        with(elsewhere).only_finding(&RULE);
    }

    #[test]
    fn what_redshift_cannot_pause_is_left_alone() {
        lab(|cluster| cluster.multi_az = true).nothing(&RULE);
        lab(|cluster| cluster.hsm = true).nothing(&RULE);
        lab(|cluster| cluster.snapshot_days = 0).nothing(&RULE);
        lab(|cluster| cluster.in_vpc = false).nothing(&RULE);
    }

    #[test]
    fn a_busy_week_and_an_idle_one_are_left_alone() {
        lab(|_| {}).hourly(Metric::RedshiftConnectionsHourly, "warehouse", |_| 1.0).nothing(&RULE);
        lab(|_| {}).daily(Metric::RedshiftConnectionsMax, "warehouse", 14, 0.0).nothing(&RULE);
    }

    #[test]
    fn without_the_actions_nothing_is_known() {
        lab(|_| {})
            .incomplete(ResourceKind::RedshiftScheduledAction)
            .unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
