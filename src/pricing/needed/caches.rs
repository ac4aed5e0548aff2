//! Prices of cache nodes, and of what they could become: smaller, newer, on Graviton, with Valkey.

use crate::domain::{
    inventory::{CacheCluster, CacheEngine, arm_cache_node, newer_cache_node, smaller_cache_node},
    price::PriceKey,
    price_item::Item,
    snapshot::Snapshot,
};
use std::collections::BTreeSet;

pub(super) fn add(snapshot: &Snapshot, keys: &mut BTreeSet<PriceKey>) {
    for cache in &snapshot.inventory.cache_clusters {
        let region = &cache.common.region;
        for node_type in node_types(&cache.node_type) {
            for engine in engines(cache) {
                let name = format!("{node_type}/{engine}");
                keys.insert(PriceKey::named(Item::CacheNode, region, &name));
            }
        }
        if cache.engine == CacheEngine::Redis {
            let support = [Item::CacheSupport, Item::CacheSupportYear3];
            keys.extend(support.map(|item| PriceKey::named(item, region, &cache.node_type)));
        }
    }
}

fn engines(cache: &CacheCluster) -> Vec<CacheEngine> {
    let valkey = (cache.engine == CacheEngine::Redis).then_some(CacheEngine::Valkey);
    std::iter::once(cache.engine).chain(valkey).collect()
}

/// The type itself, the next smaller one, and the newer ones in its size.
fn node_types(node_type: &str) -> impl Iterator<Item = String> {
    let others = [smaller_cache_node(node_type), arm_cache_node(node_type), newer_cache_node(node_type)];
    std::iter::once(node_type.to_owned()).chain(others.into_iter().flatten())
}
