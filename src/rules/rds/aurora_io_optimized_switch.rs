//! An Aurora cluster that would cost less under Aurora's other price model: I/O by the request, or included.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    command::aws,
    db_cluster::{Cluster, IO_OPTIMIZED, IoOptimized, judge_clusters, mean_gib},
    engine_version::{has_since, is_at_least},
    quantity::whole_units,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{DbCluster, DbEngine, ResourceKind},
    metric::{Metric, Summary},
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_clusters(case, judge) };

static META: Meta = Meta {
    id: "aurora-io-optimized-switch",
    title: "Aurora's other price model costs less",
    condition: "Aurora, available since before the window with members. Standard charges I/O by the request; I/O-Optimized does \
                not, and instances cost 30 % and storage 125 % more. What the window's I/O, storage and members cost under \
                one is compared with the other. To I/O-Optimized only from Aurora MySQL 3.3.1 and PostgreSQL 13.10, 14.7 or \
                15.2 on.",
    formula: "Standard: members * 730 + GiB * price of storage + I/O a month * price of a million. I/O-Optimized: 13 / 10 * \
              members * 730 + GiB * its price of storage. Serverless members by their mean capacity",
    pitfalls: "Reserved instances cover a part of the dearer instances only. Back to Standard at any time, to I/O-Optimized once \
               in 30 days.",
    kind: ResourceKind::DbCluster,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["rds:DescribeDBClusters", "rds:DescribeDBInstances"],
    metrics: &[Metric::AuroraStorageUsed, Metric::AuroraReadIos, Metric::AuroraWriteIos, Metric::AuroraAcus],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, aurora: &Cluster<'_>) -> Judgement {
    let cluster = aurora.cluster;
    let judged = cluster.engine.is_aurora() && cluster.available() && can_switch(cluster);
    if !judged || aurora.members.is_empty() {
        return Ok(None);
    }
    case.require_full_window(&cluster.common)?;
    let stored = case.summary(Metric::AuroraStorageUsed, &cluster.common)?;
    let reads = case.summary(Metric::AuroraReadIos, &cluster.common)?;
    let writes = case.summary(Metric::AuroraWriteIos, &cluster.common)?;
    let (gib, ios) = (mean_gib(stored), monthly(reads).saturating_add(monthly(writes)));
    let Some(amounts) = amounts(case, aurora, gib, ios)? else { return Ok(None) };
    let (from, to) = names(cluster);
    let observed = |summary: &Summary| format!("{:.1} million a month", millions(monthly(summary)));
    let sum = format!("with {gib} GiB {to} costs less");
    Ok(Some(Finding {
        title: format!("Switch the cluster from {from} to {to}"),
        current: json!({"model": from, "storedGib": gib, "iosPerMonth": ios}),
        recommended: json!({"model": to}),
        evidence: vec![
            case.measured(Metric::AuroraReadIos, reads, observed(reads), sum.clone()),
            case.measured(Metric::AuroraWriteIos, writes, observed(writes), sum),
        ],
        remediation: remediation(cluster),
        ..case.finding(cluster, amounts)
    }))
}

/// What the other model saves; none where it does not.
fn amounts<'a>(
    case: &Case<'a>,
    aurora: &Cluster<'_>,
    gib: i64,
    ios: i64,
) -> Result<Option<Amounts<'a>>, UnknownReason> {
    let mut bill = case.bill();
    let compute = aurora.compute(case, &mut bill)?;
    let (times, of) = IO_OPTIMIZED;
    let requests = PriceKey::item(Item::AuroraIo, &aurora.cluster.common.region);
    let standard = compute.clone()
        + aurora.storage(&mut bill, gib, IoOptimized::No)?
        + bill.price(requests)?.times_ratio(ios, 1_000_000);
    let optimized = compute.scale(times, of) + aurora.storage(&mut bill, gib, IoOptimized::Yes)?;
    let (cost, then) =
        if aurora.cluster.io_optimized { (optimized, standard) } else { (standard, optimized) };
    Ok((then < cost).then(|| Amounts { savings: cost.clone() - then, cost, bill }))
}

/// What the window's sum makes in a month of 730 hours.
fn monthly(daily: &Summary) -> i64 {
    whole_units(daily.sum / f64::from(daily.found.max(1)) * 730.0 / 24.0)
}

#[allow(clippy::cast_precision_loss, reason = "for people to read")]
fn millions(ios: i64) -> f64 {
    ios as f64 / 1e6
}

/// Back is always possible.
fn can_switch(cluster: &DbCluster) -> bool {
    cluster.io_optimized
        || match cluster.engine {
            DbEngine::AuroraMysql => is_at_least(&cluster.engine_version, &[3, 3, 1]),
            _ => has_since(&cluster.engine_version, &[[13, 10], [14, 7], [15, 2]]),
        }
}

fn names(cluster: &DbCluster) -> (&'static str, &'static str) {
    let names = ("Aurora Standard", "Aurora I/O-Optimized");
    if cluster.io_optimized { (names.1, names.0) } else { names }
}

fn remediation(cluster: &DbCluster) -> Remediation {
    let to = |storage_type| {
        let id = ("--db-cluster-identifier", &*cluster.common.id);
        let options = [id, ("--storage-type", storage_type), ("--apply-immediately", "")];
        aws("rds modify-db-cluster", &cluster.common.region, &options)
    };
    let (now, then) =
        if cluster.io_optimized { ("aurora-iopt1", "aurora") } else { ("aurora", "aurora-iopt1") };
    Remediation {
        commands: vec![to(then)],
        rollback_commands: vec![to(now)],
        notes: vec![
            "The cluster stays up. After a switch to I/O-Optimized the next one waits 30 days.".into(),
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

    /// 500 GiB, and so many million I/Os a day, half of them reads.
    fn lab(cluster: DbCluster, millions_a_day: f64) -> Lab {
        let half = millions_a_day * 1e6 / 2.0;
        aurora(cluster, vec![member("a")])
            .daily(Metric::AuroraStorageUsed, "shop", 14, 500.0 * 1_073_741_824.0)
            .daily(Metric::AuroraReadIos, "shop", 14, half)
            .daily(Metric::AuroraWriteIos, "shop", 14, half)
    }

    fn optimized() -> DbCluster {
        DbCluster { io_optimized: true, ..cluster("shop") }
    }

    #[test]
    fn much_io_is_cheaper_where_it_is_included() {
        let finding = lab(cluster("shop"), 48.0).only_finding(&RULE);
        // 0.26 * 730 + 500 * 0.10 + 1,460 million * 0.20
        assert_eq!(finding.monthly_cost.to_string(), "531.80");
        // less 1.3 * 0.26 * 730 + 500 * 0.225
        assert_eq!(finding.monthly_savings.to_string(), "172.56");
        assert!(finding.remediation.commands[0].contains("--storage-type aurora-iopt1"));
        lab(cluster("shop"), 4.8).nothing(&RULE);
    }

    #[test]
    fn little_io_is_cheaper_by_the_request() {
        let finding = lab(optimized(), 4.8).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "90.24");
        assert!(finding.remediation.commands[0].contains("--storage-type aurora "));
        lab(optimized(), 48.0).nothing(&RULE);
    }

    #[test]
    fn old_versions_cannot_switch_but_always_back() {
        let old = |cluster| DbCluster { engine_version: "13.9".into(), ..cluster };
        lab(old(cluster("shop")), 48.0).nothing(&RULE);
        lab(old(optimized()), 4.8).only_finding(&RULE);
    }

    #[test]
    fn serverless_members_count_by_their_mean_capacity() {
        let serverless = DbInstance { class: "db.serverless".into(), ..member("b") };
        let lab = lab(cluster("shop"), 48.0).inventory(|i| {
            i.db_clusters[0].member_ids.push("b".into());
            i.db_instances.push(serverless);
        });
        lab.unknown(&RULE, UnknownReason::MetricMissing);
        let finding = lab.daily(Metric::AuroraAcus, "b", 14, 2.0).only_finding(&RULE);
        // 172.56 - 0.3 * 2 * 0.12 * 730
        assert_eq!(finding.monthly_savings.to_string(), "120.00");
    }
}
