//! Series of cache nodes, each by the cluster that it is.

use super::{Plan, Request, requests};
use crate::domain::{
    inventory::{CacheCluster, CacheEngine},
    metric::{Metric, MetricStore},
};

impl Plan<'_> {
    /// Commands first: what else is asked depends on whether there are any.
    pub(super) fn want_caches(&self, known: &MetricStore, wanted: &mut Vec<Request>) {
        for cache in self.inventory.cache_clusters.iter().filter(|cache| &*cache.status == "available") {
            if cache.engine != CacheEngine::Other && self.window.covers_all_of(cache.common.created_at) {
                self.want_cache(cache, known, wanted);
            }
        }
    }

    fn want_cache(&self, cache: &CacheCluster, known: &MetricStore, wanted: &mut Vec<Request>) {
        let mut want = |metrics: &[Metric]| wanted.extend(requests(metrics, "CacheClusterId", &cache.common));
        let memcached = cache.engine == CacheEngine::Memcached;
        let commands = if memcached {
            [Metric::MemcachedGets, Metric::MemcachedSets]
        } else {
            [Metric::CacheReads, Metric::CacheWrites]
        };
        want(&commands);
        want(&[Metric::CacheConnectionsMax]);
        let seen = |other: &CacheCluster| {
            commands.map(|metric| {
                known.summary(metric, self.region, &other.common.id).map_or(0.0, |seen| seen.sum)
            })
        };
        if memcached || known.summary(Metric::CacheReads, self.region, &cache.common.id).is_none() {
            return;
        }
        // A primary that works makes its replicas worth a look.
        let same = |other: &&CacheCluster| other.group_id == cache.group_id && cache.group_id.is_some();
        let group = self.inventory.cache_clusters.iter().filter(same).chain([cache]);
        if group.flat_map(seen).any(|commands| commands > 0.0) {
            want(&[Metric::CacheCpuMax, Metric::CacheMemoryMax, Metric::CacheEvictions]);
        } else {
            want(&[Metric::CachePubSub, Metric::CacheScripts]);
        }
    }
}
