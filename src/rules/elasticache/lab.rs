//! Caches for the tests of this family, at prices of us-east-1.

use crate::domain::{
    inventory::{CacheCluster, CacheEngine, ReplicationGroup},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use crate::rules::fixtures::{Lab, common, region};

/// The group of most tests: one shard, a primary and a replica.
pub const GROUP: [&str; 2] = ["sessions-001", "sessions-002"];

/// cache.r6g.large with Redis OSS 7.1.
pub fn node(id: &str) -> CacheCluster {
    CacheCluster {
        common: common(id),
        node_type: "cache.r6g.large".into(),
        engine: CacheEngine::Redis,
        engine_version: "7.1.0".into(),
        status: "available".into(),
        nodes: 1,
        group_id: None,
    }
}

/// The group `sessions`, changed as the test wants it.
pub fn lab(members: [&str; 2], changes: &[fn(&mut ReplicationGroup)]) -> Lab {
    let mut group = ReplicationGroup {
        common: common("sessions"),
        status: "available".into(),
        member_ids: members.iter().map(|id| Box::from(*id)).collect(),
        shards: 1,
        cluster_mode: false,
        automatic_failover: true,
        global: false,
    };
    for change in changes {
        change(&mut group);
    }
    let nodes = members.map(|id| CacheCluster { group_id: Some("sessions".into()), ..node(id) });
    priced().inventory(|i| {
        i.replication_groups.push(group);
        i.cache_clusters.extend(nodes);
    })
}

/// The cluster `c-1`, which stands alone.
pub fn alone(change: impl Fn(&mut CacheCluster)) -> Lab {
    let mut cluster = node("c-1");
    change(&mut cluster);
    priced().inventory(|i| i.cache_clusters.push(cluster))
}

fn priced() -> Lab {
    let node = |name: &str| PriceKey::named(Item::CacheNode, &region(), name);
    let nodes = [
        ("cache.r6g.large/redis", "0.206"),
        ("cache.r6g.large/memcached", "0.206"),
        ("cache.r6g.large/valkey", "0.1648"),
        ("cache.r6g.xlarge/redis", "0.411"),
        ("cache.r5.large/redis", "0.216"),
        ("cache.r4.large/redis", "0.228"),
        ("cache.r3.large/redis", "0.228"),
        ("cache.t4g.small/redis", "0.032"),
        ("cache.t4g.medium/redis", "0.065"),
        ("cache.m5.large/memcached", "0.156"),
        ("cache.m6g.large/memcached", "0.149"),
    ];
    let lab = nodes.into_iter().fold(Lab::new(), |lab, (name, usd)| lab.price(node(name), usd));
    let support = |item| PriceKey::named(item, &region(), "cache.r6g.large");
    lab.price(support(Item::CacheSupport), "0.1648").price(support(Item::CacheSupportYear3), "0.3296")
}

fn ids(lab: &Lab) -> Vec<String> {
    lab.snapshot.inventory.cache_clusters.iter().map(|node| node.common.id.to_string()).collect()
}

/// Clients are connected and do nothing.
pub fn unused(lab: Lab) -> Lab {
    let commands = [Metric::CacheReads, Metric::CacheWrites, Metric::CachePubSub, Metric::CacheScripts];
    ids(&lab).iter().fold(lab, |lab, id| {
        let lab = lab.daily(Metric::CacheConnectionsMax, id, 14, 8.0);
        commands.into_iter().fold(lab, |lab, metric| lab.daily(metric, id, 14, 0.0))
    })
}

/// In use, with the greatest CPU and memory in percent, and nothing evicted.
pub fn used(lab: Lab, cpu: f64, memory: f64) -> Lab {
    ids(&lab).iter().fold(unused(lab), |lab, id| {
        lab.daily(Metric::CacheReads, id, 14, 5_000.0)
            .daily(Metric::CacheCpuMax, id, 14, cpu)
            .daily(Metric::CacheMemoryMax, id, 14, memory)
            .daily(Metric::CacheEvictions, id, 14, 0.0)
    })
}
