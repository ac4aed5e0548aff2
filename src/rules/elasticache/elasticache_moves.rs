//! Nodes that cost less as another type or with another engine, at the same size.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    cache::{Cache, judge_caches},
    cache_change::{change_engine, change_node_type},
    cache_usage::Peaks,
    case::property,
    engine_version::is_at_least,
};
use crate::domain::{
    finding::{
        ActionType, ConflictClass, Effort, Evidence, Finding, Level, Remediation, SavingsBasis, UnknownReason,
    },
    inventory::{CacheEngine, ResourceKind, arm_cache_node, find_cache_node, newer_cache_node},
    metric::Metric,
};

pub const PREVIOUS_GEN_GRAVITON: Rule =
    Rule { meta: &NODE_META, check: |case| judge_caches(case, judge_node) };
pub const REDIS_TO_VALKEY: Rule = Rule { meta: &ENGINE_META, check: |case| judge_caches(case, judge_engine) };

const MOVE: Meta = Meta {
    id: "",
    title: "",
    condition: "",
    formula: "nodes * (price of a node - price of a node there) * 730",
    pitfalls: "",
    kind: ResourceKind::ReplicationGroup,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exact,
    effort: Effort::Medium,
    risk: Level::Low,
    restart_needed: true,
    rollback_possible: true,
    actions: &["elasticache:DescribeCacheClusters", "elasticache:DescribeReplicationGroups"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

static NODE_META: Meta = Meta {
    id: "elasticache-previous-gen-graviton",
    title: "Nodes of the cache are not on Graviton, or of an old generation",
    condition: "Nodes of t2, t3, m3 to m5 or r3 to r5, and the same size of t4g, m6g or r6g is cheaper; where the engine is \
                older than Redis OSS 5.0.6 or Memcached 1.5.16, which Graviton asks for, nodes of t2, m3, m4, r3 or r4 and \
                the same size of t3, m5 or r5. Where the new node has less memory, what is used with \
                elasticache_headroom_percent to spare has to fit it. Members of a global datastore are left alone.",
    pitfalls: "Reserved nodes may be bound to the old family. m3 and r3 have no successor of the same memory: mind \
               reserved-memory.",
    metrics: &[Metric::CacheCpuMax, Metric::CacheMemoryMax, Metric::CacheEvictions],
    thresholds: &["elasticache_headroom_percent"],
    ..MOVE
};

static ENGINE_META: Meta = Meta {
    id: "elasticache-redis-to-valkey",
    title: "Valkey costs less than Redis OSS",
    condition: "Nodes of Redis OSS, and the price list has the same nodes cheaper with Valkey. Members of a global datastore \
                are left alone.",
    pitfalls: "Clients and modules are tested against Valkey first: it answers as Redis OSS 7.2 does. Reserved nodes of \
               Redis OSS cover Valkey too, at the same size: what is covered saves nothing yet.",
    ..MOVE
};

/// What comes in place of the nodes, and why it may.
struct Target {
    node_type: String,
    engine: CacheEngine,
    evidence: Vec<Evidence>,
    remediation: Remediation,
}

fn judge_node(case: &Case<'_>, cache: &Cache<'_>) -> Judgement {
    for node_type in newer_nodes(cache) {
        let Some(evidence) = fits(case, cache, &node_type)? else { continue };
        let remediation = change_node_type(cache, &node_type);
        let target = Target { node_type, engine: cache.engine(), evidence, remediation };
        if let Some(found) = move_to(case, cache, target)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn judge_engine(case: &Case<'_>, cache: &Cache<'_>) -> Judgement {
    if cache.engine() != CacheEngine::Redis {
        return Ok(None);
    }
    let target = Target {
        node_type: cache.node.node_type.to_string(),
        engine: CacheEngine::Valkey,
        evidence: vec![engine(cache)],
        remediation: change_engine(cache),
    };
    move_to(case, cache, target)
}

fn engine(cache: &Cache<'_>) -> Evidence {
    property("engine", format!("{} {}", cache.engine(), cache.node.engine_version), None)
}

/// Graviton where the engine runs on it; else the present generation of the same processor.
fn newer_nodes(cache: &Cache<'_>) -> impl Iterator<Item = String> {
    let (node_type, version) = (&cache.node.node_type, &cache.node.engine_version);
    let runs_on_arm = match cache.engine() {
        CacheEngine::Redis => is_at_least(version, &[5, 0, 6]),
        CacheEngine::Memcached => is_at_least(version, &[1, 5, 16]),
        CacheEngine::Valkey => true,
        CacheEngine::Other => false,
    };
    let arm = arm_cache_node(node_type).filter(|_| runs_on_arm);
    let newer = newer_cache_node(node_type).filter(|_| cache.engine() != CacheEngine::Other);
    arm.into_iter().chain(newer)
}

/// What shows that a node is large enough: as much memory, or a measured need.
fn fits(case: &Case<'_>, cache: &Cache<'_>, target: &str) -> Result<Option<Vec<Evidence>>, UnknownReason> {
    let present = &*cache.node.node_type;
    let (Some(now), Some(then)) = (find_cache_node(present), find_cache_node(target)) else {
        return Ok(None);
    };
    let named = property("node type", present, Some(format!("{target} costs less")));
    if then.memory_mib >= now.memory_mib && then.vcpus >= now.vcpus {
        return Ok(Some(vec![named, engine(cache)]));
    }
    if cache.engine() == CacheEngine::Memcached {
        return Ok(None);
    }
    let Some(peaks) = Peaks::measure(case, cache)? else { return Ok(None) };
    let fit = peaks.fit(now, then, case.thresholds.elasticache_headroom_percent);
    Ok(fit.then(|| [vec![named, engine(cache)], peaks.evidence(case, target)].concat()))
}

fn move_to(case: &Case<'_>, cache: &Cache<'_>, target: Target) -> Judgement {
    let Target { node_type, engine, evidence, remediation } = target;
    let mut bill = case.bill();
    let cost = cache.cost(&mut bill)?;
    let then = cache.node_hour(&mut bill, &node_type, engine)?.monthly(cache.nodes());
    if then >= cost {
        return Ok(None);
    }
    let (from, to) = (&cache.node.node_type, &node_type);
    let change = if engine == cache.engine() {
        format!("from {from} to the cheaper {to}")
    } else {
        format!("of {from} from {} to the cheaper {engine}", cache.engine())
    };
    Ok(Some(Finding {
        title: format!("Move {} nodes {change}", cache.nodes()),
        current: cache.describe(),
        recommended: cache.as_if(&node_type, engine),
        evidence,
        remediation,
        ..cache.finding(case, Amounts { savings: cost.clone() - then, cost, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::{CacheCluster, ReplicationGroup};
    use crate::rules::{
        elasticache::lab::{GROUP, alone, lab, used},
        fixtures::Lab,
    };

    fn of(node_type: &'static str, version: &'static str) -> impl Fn(&mut CacheCluster) {
        move |node| {
            node.node_type = node_type.into();
            node.engine_version = version.into();
        }
    }

    fn moved(lab: &Lab) -> String {
        let finding = lab.only_finding(&PREVIOUS_GEN_GRAVITON);
        format!("{} {}", finding.recommended["nodeType"].as_str().unwrap(), finding.monthly_savings)
    }

    #[test]
    fn graviton_of_the_same_size_is_cheaper() {
        assert_eq!(moved(&alone(of("cache.r5.large", "7.1.0"))), "cache.r6g.large 7.30");
    }

    #[test]
    fn an_old_engine_moves_to_the_present_generation_of_its_processor() {
        assert_eq!(moved(&alone(of("cache.r4.large", "5.0.6"))), "cache.r6g.large 16.06");
        assert_eq!(moved(&alone(of("cache.r4.large", "5.0.5"))), "cache.r5.large 8.76");
        alone(of("cache.r5.large", "5.0.5")).nothing(&PREVIOUS_GEN_GRAVITON);
    }

    #[test]
    fn a_node_with_less_memory_needs_a_measured_need() {
        let r3 = || alone(of("cache.r3.large", "6.2.6"));
        assert_eq!(moved(&used(r3(), 10.0, 50.0)), "cache.r6g.large 16.06");
        used(r3(), 10.0, 75.0).nothing(&PREVIOUS_GEN_GRAVITON);
        r3().unknown(&PREVIOUS_GEN_GRAVITON, UnknownReason::MetricMissing);
    }

    #[test]
    fn memcached_is_replaced_by_another_cluster() {
        let memcached = |node: &mut CacheCluster| {
            of("cache.m5.large", "1.6.22")(node);
            node.engine = CacheEngine::Memcached;
        };
        let finding = alone(memcached).only_finding(&PREVIOUS_GEN_GRAVITON);
        assert_eq!(finding.monthly_savings.to_string(), "5.11");
        assert!(finding.remediation.commands[0].starts_with("aws elasticache create-cache-cluster"));
        alone(memcached).nothing(&REDIS_TO_VALKEY);
    }

    #[test]
    fn what_is_on_graviton_or_costs_as_much_stays() {
        alone(|_| {}).nothing(&PREVIOUS_GEN_GRAVITON);
        let key = crate::domain::price::PriceKey::named(
            crate::domain::price_item::Item::CacheNode,
            &crate::rules::fixtures::region(),
            "cache.r6g.large/redis",
        );
        alone(of("cache.r5.large", "7.1.0")).price(key, "0.216").nothing(&PREVIOUS_GEN_GRAVITON);
    }

    #[test]
    fn valkey_saves_a_fifth_on_every_node() {
        let finding = lab(GROUP, &[]).only_finding(&REDIS_TO_VALKEY);
        assert_eq!(finding.monthly_savings.to_string(), "60.152", "2 * (0.206 - 0.1648) * 730");
        assert!(finding.remediation.commands[1].contains("--engine valkey"));
        let global = |group: &mut ReplicationGroup| group.global = true;
        lab(GROUP, &[global]).nothing(&REDIS_TO_VALKEY);
        alone(|node| node.engine = CacheEngine::Valkey).nothing(&REDIS_TO_VALKEY);
    }

    #[test]
    fn a_node_that_stands_alone_becomes_a_group_first() {
        let commands = alone(|_| {}).only_finding(&REDIS_TO_VALKEY).remediation.commands;
        assert!(commands[1].contains("create-replication-group") && commands[2].contains("--engine valkey"));
    }

    #[test]
    fn without_a_price_nothing_is_known() {
        alone(of("cache.r7g.large", "7.1.0")).unknown(&REDIS_TO_VALKEY, UnknownReason::PriceMissing);
    }
}
