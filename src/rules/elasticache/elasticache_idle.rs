//! A cache that nobody reads, writes, publishes to or runs scripts on.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    cache::{Cache, judge_caches},
    cache_change::delete,
    cache_usage::find_unused,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::ResourceKind,
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_caches(case, judge) };

static META: Meta = Meta {
    id: "elasticache-idle",
    title: "Nobody uses the cache",
    condition: "Available since before the window, and on no node a command that reads or writes keys (GetTypeCmds, \
                SetTypeCmds; CmdGet, CmdSet of Memcached), publishes, subscribes (PubSubBasedCmds) or runs a script \
                (EvalBasedCmds). A count that CloudWatch leaves out is zero where it counted the node's connections. \
                Connections prove nothing. Members of a global datastore are left alone.",
    formula: "nodes * (price of a node + extended support) * 730",
    pitfalls: "A cache that is kept for a failover to this region. Queues that are drained once a month.",
    kind: ResourceKind::ReplicationGroup,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["elasticache:DescribeCacheClusters", "elasticache:DescribeReplicationGroups"],
    metrics: &[
        Metric::CacheReads,
        Metric::CacheWrites,
        Metric::CachePubSub,
        Metric::CacheScripts,
        Metric::MemcachedGets,
        Metric::MemcachedSets,
        Metric::CacheConnectionsMax,
    ],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, cache: &Cache<'_>) -> Judgement {
    let Some(evidence) = find_unused(case, cache)? else { return Ok(None) };
    let mut bill = case.bill();
    let mut cost = cache.cost(&mut bill)?;
    if let Some(surcharge) = cache.surcharge(case, &mut bill)? {
        cost += surcharge;
    }
    let (nodes, node_type) = (cache.nodes(), &cache.node.node_type);
    Ok(Some(Finding {
        title: format!("Delete the {} cache of {nodes} {node_type} that nobody uses", cache.engine()),
        current: cache.describe(),
        recommended: json!({"status": "deleted"}),
        evidence,
        remediation: delete(cache),
        ..cache.finding(case, Amounts { savings: cost.clone(), cost, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        finding::UnknownReason,
        inventory::{CacheCluster, CacheEngine, ReplicationGroup},
    };
    use crate::rules::{
        elasticache::lab::{GROUP, alone, lab, unused},
        fixtures::days_ago,
    };

    #[test]
    fn all_nodes_of_a_group_are_saved_at_once() {
        let finding = unused(lab(GROUP, &[])).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "300.76", "2 * 0.206 * 730");
        assert_eq!(&*finding.subject.id, "sessions");
        let delete = "aws elasticache delete-replication-group --region us-east-1 --replication-group-id sessions \
                      --final-snapshot-identifier sessions-final";
        assert_eq!(finding.remediation.commands, [delete]);
    }

    #[test]
    fn what_is_charged_for_an_old_version_goes_too() {
        let old = |node: &mut CacheCluster| node.engine_version = "5.0.6".into();
        let finding = unused(alone(old)).only_finding(&RULE);
        // 0.206 * 730 + 0.1648 * 730
        assert_eq!(finding.monthly_savings.to_string(), "270.684");
    }

    #[test]
    fn a_command_on_any_node_is_use_and_so_is_a_message() {
        unused(lab(GROUP, &[])).daily(Metric::CacheReads, "sessions-002", 14, 1.0).nothing(&RULE);
        unused(lab(GROUP, &[])).daily(Metric::CachePubSub, "sessions-001", 14, 1.0).nothing(&RULE);
        unused(lab(GROUP, &[])).daily(Metric::CacheScripts, "sessions-001", 14, 1.0).nothing(&RULE);
    }

    #[test]
    fn a_count_that_is_left_out_is_zero_only_where_the_node_was_measured() {
        let silent = |lab: crate::rules::fixtures::Lab| lab.no_datapoints(Metric::CacheReads, "c-1");
        silent(unused(alone(|_| {}))).only_finding(&RULE);
        silent(unused(alone(|_| {})))
            .no_datapoints(Metric::CacheConnectionsMax, "c-1")
            .unknown(&RULE, UnknownReason::MetricMissing);
    }

    #[test]
    fn memcached_has_counts_of_its_own() {
        let memcached = |node: &mut CacheCluster| {
            node.engine = CacheEngine::Memcached;
            node.nodes = 3;
        };
        let lab = unused(alone(memcached)).daily(Metric::MemcachedGets, "c-1", 14, 0.0).daily(
            Metric::MemcachedSets,
            "c-1",
            14,
            0.0,
        );
        let finding = lab.only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "451.14", "3 * 0.206 * 730");
        assert!(finding.remediation.rollback_commands[0].contains("--num-cache-nodes 3"));
        lab.daily(Metric::MemcachedGets, "c-1", 14, 1.0).nothing(&RULE);
    }

    #[test]
    fn global_datastores_and_what_is_not_up_are_left_alone() {
        let global = |group: &mut ReplicationGroup| group.global = true;
        unused(lab(GROUP, &[global])).nothing(&RULE);
        let busy = |group: &mut ReplicationGroup| group.status = "modifying".into();
        unused(lab(GROUP, &[busy])).nothing(&RULE);
        unused(alone(|node| node.status = "creating".into())).nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        let young = |node: &mut CacheCluster| node.common.created_at = Some(days_ago(3));
        unused(alone(young)).unknown(&RULE, UnknownReason::TooYoung);
        let odd = |node: &mut CacheCluster| node.node_type = "cache.z9.large".into();
        unused(alone(odd)).unknown(&RULE, UnknownReason::PriceMissing);
        let missing = |group: &mut ReplicationGroup| group.member_ids.push("sessions-003".into());
        unused(lab(GROUP, &[missing])).unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
