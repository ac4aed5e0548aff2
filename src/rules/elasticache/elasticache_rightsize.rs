//! Nodes of a cache whose CPU and memory fit the next smaller type.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    cache::{Cache, judge_caches},
    cache_change::change_node_type,
    cache_usage::{Peaks, find_unused},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason},
    inventory::{CacheEngine, ResourceKind, find_cache_node, smaller_cache_node},
    metric::Metric,
};

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_caches(case, judge) };

static META: Meta = Meta {
    id: "elasticache-rightsize",
    title: "Nodes of the cache are larger than their use",
    condition: "Redis OSS or Valkey that is used, nothing evicted, and the greatest CPUUtilization and \
                DatabaseMemoryUsagePercentage of the busiest node, each with elasticache_headroom_percent to spare, fit one \
                size down; a burstable node has its baseline to fit. Memcached does not say how much of its memory it \
                uses. Members of a global datastore are left alone.",
    formula: "nodes * (price of a node - price of a node one size down) * 730",
    pitfalls: "The limits of bandwidth and connections shrink with the node. A failover doubles the load of the node that \
               takes over reads. What is in memory at a monthly peak beyond the window is not seen.",
    kind: ResourceKind::ReplicationGroup,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["elasticache:DescribeCacheClusters", "elasticache:DescribeReplicationGroups"],
    metrics: &[
        Metric::CacheReads,
        Metric::CacheWrites,
        Metric::CacheCpuMax,
        Metric::CacheMemoryMax,
        Metric::CacheEvictions,
    ],
    thresholds: &["elasticache_headroom_percent", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, cache: &Cache<'_>) -> Judgement {
    if !matches!(cache.engine(), CacheEngine::Redis | CacheEngine::Valkey)
        || find_unused(case, cache)?.is_some()
    {
        return Ok(None);
    }
    let present = &cache.node.node_type;
    let spec = find_cache_node(present).ok_or(UnknownReason::SpecificationMissing)?;
    let Some(target) = smaller_cache_node(present) else { return Ok(None) };
    let smaller = find_cache_node(&target).ok_or(UnknownReason::SpecificationMissing)?;
    let Some(peaks) = Peaks::measure(case, cache)? else { return Ok(None) };
    if !peaks.fit(spec, smaller, case.thresholds.elasticache_headroom_percent) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = cache.cost(&mut bill)?;
    let then = cache.node_hour(&mut bill, &target, cache.engine())?.monthly(cache.nodes());
    if then >= cost {
        return Ok(None);
    }
    Ok(Some(Finding {
        title: format!("Move {} nodes from {present} to {target}", cache.nodes()),
        current: cache.describe(),
        recommended: cache.as_if(&target, cache.engine()),
        evidence: peaks.evidence(case, &target),
        remediation: change_node_type(cache, &target),
        ..cache.finding(case, Amounts { savings: cost.clone() - then, cost, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::CacheCluster;
    use crate::rules::{
        elasticache::lab::{GROUP, alone, lab, unused, used},
        fixtures::Lab,
    };

    fn xlarge(node: &mut CacheCluster) {
        node.node_type = "cache.r6g.xlarge".into();
    }

    fn group() -> Lab {
        let lab = lab(GROUP, &[]);
        lab.inventory(|i| i.cache_clusters.iter_mut().for_each(xlarge))
    }

    #[test]
    fn one_size_down_is_saved_for_every_node() {
        let finding = used(group(), 20.0, 30.0).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "299.30", "2 * (0.411 - 0.206) * 730");
        assert_eq!(finding.recommended["nodeType"], "cache.r6g.large");
        assert!(finding.remediation.commands[0].contains("modify-replication-group"));
    }

    #[test]
    fn the_busiest_node_has_to_fit_with_headroom() {
        // 38.2 % of 26.32 GiB and 30 % more just fit 13.07 GiB, 38.5 % of 4 vCPUs 2 vCPUs no more.
        used(alone(xlarge), 38.4, 38.1).only_finding(&RULE);
        used(alone(xlarge), 38.5, 10.0).nothing(&RULE);
        used(alone(xlarge), 10.0, 38.3).nothing(&RULE);
        used(group(), 5.0, 5.0).daily(Metric::CacheMemoryMax, "sessions-002", 14, 60.0).nothing(&RULE);
    }

    #[test]
    fn a_burstable_node_has_its_baseline() {
        let burstable = |node: &mut CacheCluster| node.node_type = "cache.t4g.medium".into();
        let finding = used(alone(burstable), 15.0, 20.0).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "24.09");
        used(alone(burstable), 16.0, 20.0).nothing(&RULE);
    }

    #[test]
    fn evictions_mean_that_memory_is_short() {
        used(alone(xlarge), 5.0, 5.0).daily(Metric::CacheEvictions, "c-1", 14, 1.0).nothing(&RULE);
    }

    #[test]
    fn idle_small_and_memcached_are_left_alone() {
        unused(alone(xlarge)).nothing(&RULE);
        used(alone(|_| {}), 1.0, 1.0).nothing(&RULE);
        used(alone(|node| node.engine = CacheEngine::Memcached), 1.0, 1.0).nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        used(alone(xlarge), 5.0, 5.0)
            .no_datapoints(Metric::CacheCpuMax, "c-1")
            .unknown(&RULE, UnknownReason::MetricMissing);
        used(alone(|node| node.node_type = "cache.r6gd.xlarge".into()), 5.0, 5.0)
            .unknown(&RULE, UnknownReason::SpecificationMissing);
    }
}
