//! Prices of cache nodes, and of what they could become: smaller, newer, on Graviton, with Valkey.

use super::smaller_sizes;
use crate::domain::{
    inventory::{CacheCluster, CacheEngine},
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

/// The type itself, one or two sizes less, and the newer families in its size.
fn node_types(node_type: &str) -> Vec<String> {
    let Some((family, size)) = node_type.strip_prefix("cache.").and_then(|name| name.split_once('.')) else {
        return vec![node_type.to_owned()];
    };
    let newer: &[&str] = match family.bytes().next() {
        Some(b't') => &["t3", "t4g"],
        Some(b'm') => &["m5", "m6g"],
        Some(b'r') => &["r5", "r6g"],
        _ => &[],
    };
    let smaller = smaller_sizes(size).map(|size| format!("cache.{family}.{size}"));
    let newer = newer.iter().map(|newer| format!("cache.{newer}.{size}"));
    smaller.chain([node_type.to_owned()]).chain(newer).collect()
}
