//! Series of cache nodes, each by the cluster that it is.

use super::{Plan, Request, requests};
use crate::domain::{
    inventory::{CacheCluster, CacheEngine},
    metric::{Metric, MetricStore},
};
use std::collections::HashSet;

const COMMANDS: [Metric; 2] = [Metric::CacheReads, Metric::CacheWrites];
/// What works without keys.
const BESIDE_KEYS: [Metric; 2] = [Metric::CachePubSub, Metric::CacheScripts];

impl Plan<'_> {
    /// Commands first: what else is asked depends on whether there are any.
    pub(super) fn want_caches(&self, known: &MetricStore, wanted: &mut Vec<Request>) {
        let judged = |cache: &&CacheCluster| {
            &*cache.status == "available"
                && cache.engine != CacheEngine::Other
                && self.window.covers_all_of(cache.common.created_at)
        };
        let caches: Vec<&CacheCluster> = self.inventory.cache_clusters.iter().filter(judged).collect();
        let used: HashSet<&str> =
            caches.iter().copied().filter(|cache| self.is_used(cache, known)).map(owner).collect();
        for cache in caches {
            let mut want =
                |metrics: &[Metric]| wanted.extend(requests(metrics, "CacheClusterId", &cache.common));
            want(&[Metric::CacheConnectionsMax]);
            if cache.engine == CacheEngine::Memcached {
                want(&[Metric::MemcachedGets, Metric::MemcachedSets]);
                continue;
            }
            want(&COMMANDS);
            if known.summary(Metric::CacheReads, self.region, &cache.common.id).is_none() {
                continue;
            }
            // A primary that works makes its replicas worth a look.
            want(if used.contains(owner(cache)) {
                &[Metric::CacheCpuMax, Metric::CacheMemoryMax, Metric::CacheEvictions]
            } else {
                &BESIDE_KEYS
            });
        }
    }

    fn is_used(&self, cache: &CacheCluster, known: &MetricStore) -> bool {
        let sum = |metric| known.summary(metric, self.region, &cache.common.id).map(|seen| seen.sum);
        COMMANDS.into_iter().chain(BESIDE_KEYS).filter_map(sum).any(|commands| commands > 0.0)
    }
}

/// A group, or a cluster that stands alone.
fn owner(cache: &CacheCluster) -> &str {
    cache.group_id.as_deref().unwrap_or(&cache.common.id)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, common};
    use super::*;
    use crate::domain::snapshot::Inventory;
    use Metric::{CacheConnectionsMax, CacheReads, CacheWrites};

    fn of(engine: CacheEngine, seen: &[(Metric, f64)]) -> Vec<Metric> {
        let cache = CacheCluster {
            common: common("i-1", "2026-01-01T00:00:00Z"),
            node_type: "cache.r6g.large".into(),
            engine,
            engine_version: "7.1.0".into(),
            status: "available".into(),
            nodes: 1,
            group_id: None,
        };
        asked(&Inventory { cache_clusters: vec![cache], ..Inventory::default() }, seen)
    }

    #[test]
    fn commands_decide_between_idle_and_too_large() {
        assert_eq!(of(CacheEngine::Redis, &[]), [CacheConnectionsMax, CacheReads, CacheWrites]);
        let seen = |reads| [(CacheConnectionsMax, 3.0), (CacheReads, reads), (CacheWrites, 0.0)];
        assert_eq!(of(CacheEngine::Redis, &seen(0.0)), [Metric::CachePubSub, Metric::CacheScripts]);
        let size = [Metric::CacheCpuMax, Metric::CacheMemoryMax, Metric::CacheEvictions];
        assert_eq!(of(CacheEngine::Valkey, &seen(9.0)), size);
    }

    #[test]
    fn memcached_is_asked_for_commands_only() {
        let commands = [Metric::MemcachedGets, Metric::MemcachedSets];
        assert_eq!(of(CacheEngine::Memcached, &[(CacheConnectionsMax, 1.0)]), commands);
        assert_eq!(of(CacheEngine::Other, &[]), []);
    }
}
