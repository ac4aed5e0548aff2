//! A serverless cluster that keeps its least capacity in hours in which nobody is connected.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    db_cluster::{Cluster, IO_OPTIMIZED, judge_clusters},
    engine_version::{has_since, is_at_least},
    week::IdleWeek,
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{DbCluster, DbEngine, ResourceKind},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_clusters(case, judge) };

static META: Meta = Meta {
    id: "aurora-serverless-min-acu",
    title: "Serverless cluster could pause while nobody is connected",
    condition: "Aurora Serverless v2 with a least capacity above zero, on a version that can pause (Aurora MySQL 3.8, PostgreSQL \
                13.15, 14.12, 15.7, 16.3 on). An hour of the week counts if no week seen had a connection in it; runs of \
                schedule_min_run_hours, and at least schedule_min_idle_hours_per_week. An idle week is left to \
                aurora-cluster-idle; parts of a global database and replicating clusters are left alone.",
    formula: "serverless members * least capacity * price of a capacity unit * hours without connection a week * 52 / 12; 13 / 10 \
              times that with I/O-Optimized",
    pitfalls: "The first connection waits about 15 seconds. A proxy, logical replication or a job inside the database keeps it \
               awake.",
    kind: ResourceKind::DbCluster,
    action_type: ActionType::Configure,
    class: ConflictClass::Pause,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["rds:DescribeDBClusters", "rds:DescribeDBInstances"],
    metrics: &[Metric::AuroraConnectionsHourly, Metric::AuroraAcus],
    thresholds: &["schedule_min_idle_hours_per_week", "schedule_min_run_hours"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, aurora: &Cluster<'_>) -> Judgement {
    let cluster = aurora.cluster;
    let Some(half_acus) = cluster.min_half_acus.filter(|least| *least > 0) else { return Ok(None) };
    if !cluster.available()
        || cluster.replicated
        || !can_pause(cluster)
        || aurora.serverless().next().is_none()
    {
        return Ok(None);
    }
    case.require_full_window(&cluster.common)?;
    if case.summary(Metric::AuroraConnectionsMax, &cluster.common)?.max <= 0.0 {
        return Ok(None);
    }
    let connections = case.week(Metric::AuroraConnectionsHourly, &cluster.common)?;
    let week = IdleWeek::of(case.thresholds, |hour| connections.max.get(hour).is_some_and(|max| *max <= 0.0));
    let Some(idle_hours) = week.worthwhile_hours(case.thresholds) else { return Ok(None) };
    let amounts = amounts(case, aurora, half_acus.saturating_mul(idle_hours))?;
    let least = format!("{:.1}", acus(half_acus));
    Ok(Some(Finding {
        title: format!("Let the serverless cluster pause: nobody is connected for {idle_hours} hours a week"),
        current: json!({"minCapacity": least}),
        recommended: json!({"minCapacity": "0", "secondsUntilAutoPause": 300}),
        evidence: vec![
            property("least capacity", format!("{least} ACUs"), Some("0 can pause".into())),
            case.measured_week(
                Metric::AuroraConnectionsHourly,
                connections,
                format!("none in {idle_hours} hours of the week"),
            ),
        ],
        remediation: remediation(cluster, &least),
        ..case.finding(cluster, amounts)
    }))
}

/// Half units times hours a week that every serverless member is paid for and not used.
fn amounts<'a>(case: &Case<'a>, aurora: &Cluster<'_>, idle: i64) -> Result<Amounts<'a>, UnknownReason> {
    let mut bill = case.bill();
    let serverless = Cluster { cluster: aurora.cluster, members: aurora.serverless().collect() };
    let cost = serverless.compute_as_is(case, &mut bill)?;
    let members = i64::try_from(serverless.members.len()).unwrap_or(i64::MAX);
    let rate = bill.price(PriceKey::item(Item::AuroraAcu, &aurora.cluster.common.region))?;
    let idle: Figure = rate.times_ratio(idle.saturating_mul(members.saturating_mul(52)), 24);
    let (times, of) = IO_OPTIMIZED;
    let savings = if aurora.cluster.io_optimized { idle.scale(times, of) } else { idle };
    // The least capacity may have been raised a moment ago.
    Ok(Amounts { savings: savings.min(cost.clone()), cost, bill })
}

#[allow(clippy::cast_precision_loss, reason = "at most 512")]
fn acus(half_acus: i64) -> f64 {
    half_acus as f64 / 2.0
}

fn can_pause(cluster: &DbCluster) -> bool {
    match cluster.engine {
        DbEngine::AuroraMysql => is_at_least(&cluster.engine_version, &[3, 8]),
        DbEngine::AuroraPostgresql => {
            has_since(&cluster.engine_version, &[[13, 15], [14, 12], [15, 7], [16, 3]])
        }
        _ => false,
    }
}

fn remediation(cluster: &DbCluster, least: &str) -> Remediation {
    let to = |scaling: &str| {
        let id = ("--db-cluster-identifier", &*cluster.common.id);
        let options = [id, ("--serverless-v2-scaling-configuration", scaling)];
        aws("rds modify-db-cluster", &cluster.common.region, &options)
    };
    Remediation {
        commands: vec![to("MinCapacity=0,SecondsUntilAutoPause=300")],
        rollback_commands: vec![to(&format!("MinCapacity={least}"))],
        notes: vec![
            "Every serverless member pauses by itself; a reader of tier 0 or 1 follows its writer.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::DbInstance;
    use crate::rules::{
        fixtures::Lab,
        rds::lab::{aurora, cluster, member},
    };

    fn office(hour: usize) -> f64 {
        if hour < 120 && (7..19).contains(&(hour % 24)) { 4.0 } else { 0.0 }
    }

    fn serverless(min_half_acus: i64) -> DbCluster {
        DbCluster { min_half_acus: Some(min_half_acus), ..cluster("shop") }
    }

    fn lab(cluster: DbCluster) -> Lab {
        let member = DbInstance { class: "db.serverless".into(), ..member("a") };
        aurora(cluster, vec![member])
            .daily(Metric::AuroraConnectionsMax, "shop", 14, 4.0)
            .daily(Metric::AuroraAcus, "a", 14, 3.0)
            .hourly(Metric::AuroraConnectionsHourly, "shop", office)
    }

    #[test]
    fn the_least_capacity_is_saved_in_hours_without_connection() {
        let finding = lab(serverless(4)).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "262.80", "3 * 0.12 * 730");
        assert_eq!(finding.monthly_savings.to_string(), "112.32", "2 * 0.12 * 108 * 52 / 12");
        assert!(finding.remediation.rollback_commands[0].contains("MinCapacity=2.0"));
        let dear = lab(DbCluster { io_optimized: true, ..serverless(4) }).only_finding(&RULE);
        assert_eq!(dear.monthly_savings.to_string(), "146.016");
    }

    #[test]
    fn no_more_is_saved_than_was_used() {
        let finding = lab(serverless(32)).only_finding(&RULE);
        assert_eq!(finding.monthly_savings, finding.monthly_cost);
    }

    #[test]
    fn what_pauses_or_cannot_is_left_alone() {
        lab(serverless(0)).nothing(&RULE);
        lab(cluster("shop")).nothing(&RULE);
        lab(DbCluster { engine_version: "16.2".into(), ..serverless(4) }).nothing(&RULE);
        lab(DbCluster { replicated: true, ..serverless(4) }).nothing(&RULE);
        lab(serverless(4)).inventory(|i| i.db_instances[0].class = "db.r6g.large".into()).nothing(&RULE);
    }

    #[test]
    fn idle_and_busy_weeks_are_left_alone() {
        lab(serverless(4)).daily(Metric::AuroraConnectionsMax, "shop", 14, 0.0).nothing(&RULE);
        lab(serverless(4)).hourly(Metric::AuroraConnectionsHourly, "shop", |_| 1.0).nothing(&RULE);
    }
}
