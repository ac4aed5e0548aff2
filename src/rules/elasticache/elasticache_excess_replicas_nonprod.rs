//! Replicas of a cache that is not productive.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    cache::{Cache, Owner, judge_caches},
    cache_change::drop_replicas,
    case::property,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::ResourceKind,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_caches(case, judge) };

static META: Meta = Meta {
    id: "elasticache-excess-replicas-nonprod",
    title: "Cache outside production has replicas",
    condition: "A replication group tagged as not productive with more nodes than shards. Members of a global datastore are \
                left alone.",
    formula: "replicas * price of a node * 730",
    pitfalls: "Tests of a failover need a replica. With one node left a failure empties the cache.",
    kind: ResourceKind::ReplicationGroup,
    action_type: ActionType::ScaleIn,
    // Fewer nodes also shrink what a resize or an upgrade saves.
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exact,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &[
        "elasticache:DescribeCacheClusters",
        "elasticache:DescribeReplicationGroups",
        "elasticache:ListTagsForResource",
    ],
    metrics: &[],
    thresholds: &["nonprod_values"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, cache: &Cache<'_>) -> Judgement {
    let Owner::Group(group) = cache.owner else { return Ok(None) };
    let replicas = group.replicas();
    if replicas == 0 || replicas >= cache.nodes() || !case.nonprod(&group.common.tags) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let hour = cache.node_hour(&mut bill, &cache.node.node_type, cache.engine())?;
    let (cost, savings) = (hour.monthly(cache.nodes()), hour.monthly(replicas));
    Ok(Some(Finding {
        title: format!("Drop {replicas} replicas of {} outside production", cache.node.node_type),
        current: json!({"shards": group.shards, "replicas": replicas}),
        recommended: json!({"shards": group.shards, "replicas": 0}),
        evidence: vec![
            property("replicas", replicas.to_string(), Some("0 outside production".into())),
            property("shards", group.shards.to_string(), None),
        ],
        remediation: drop_replicas(group),
        shrinks_all: true,
        ..cache.finding(case, Amounts { cost, savings, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::ReplicationGroup;
    use crate::rules::elasticache::lab::{GROUP, alone, lab};

    fn staging(group: &mut ReplicationGroup) {
        group.common.tags = [("env", "staging")].into_iter().collect();
    }

    #[test]
    fn what_is_no_primary_is_saved() {
        let finding = lab(GROUP, &[staging]).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "300.76");
        assert_eq!(finding.monthly_savings.to_string(), "150.38");
        assert!(finding.remediation.commands[0].contains("--no-automatic-failover-enabled"));
        assert!(finding.remediation.commands[1].contains("decrease-replica-count"));
    }

    #[test]
    fn cluster_mode_keeps_its_failover() {
        let finding = lab(GROUP, &[staging, |group| group.cluster_mode = true]).only_finding(&RULE);
        assert_eq!(finding.remediation.commands.len(), 1);
    }

    #[test]
    fn production_shards_and_single_nodes_are_left_alone() {
        lab(GROUP, &[]).nothing(&RULE);
        lab(GROUP, &[staging, |group| group.shards = 2]).nothing(&RULE);
        alone(|node| node.common.tags = [("env", "dev")].into_iter().collect()).nothing(&RULE);
    }
}
