//! The commands that change and delete caches, and those that undo it.

use super::{
    cache::{Cache, Owner},
    command::aws,
};
use crate::domain::{
    finding::Remediation,
    inventory::{CacheCluster, CacheEngine, ReplicationGroup},
};

const AT_ONCE: (&str, &str) = ("--apply-immediately", "");
const GROUP: &str = "--replication-group-id";
const CLUSTER: &str = "--cache-cluster-id";

/// Other nodes in place. Memcached cannot: another cluster takes over.
pub fn change_node_type(cache: &Cache<'_>, node_type: &str) -> Remediation {
    match cache.owner {
        Owner::Alone(cluster) if cluster.engine == CacheEngine::Memcached => replace(cluster, node_type),
        _ => Remediation {
            commands: vec![modify(cache, node_type)],
            rollback_commands: vec![modify(cache, &cache.node.node_type)],
            notes: vec![
                "Nodes are replaced one by one; a node that stands alone starts empty unless it has a snapshot."
                    .into(),
                "A parameter group with reserved-memory in bytes has to fit the new nodes.".into(),
            ],
        },
    }
}

fn modify(cache: &Cache<'_>, node_type: &str) -> String {
    let (operation, option) = match cache.owner {
        Owner::Group(_) => ("elasticache modify-replication-group", GROUP),
        Owner::Alone(_) => ("elasticache modify-cache-cluster", CLUSTER),
    };
    let common = cache.common();
    aws(operation, &common.region, &[(option, &common.id), ("--cache-node-type", node_type), AT_ONCE])
}

fn replace(cluster: &CacheCluster, node_type: &str) -> Remediation {
    Remediation {
        commands: vec![create_memcached(cluster, "NEW_NAME", node_type), delete_memcached(cluster)],
        rollback_commands: vec![create_memcached(cluster, &cluster.common.id, &cluster.node_type)],
        notes: vec![
            "Memcached cannot change its nodes: point the clients at the new cluster before the old one goes. It starts \
             empty."
                .into(),
        ],
    }
}

fn create_memcached(cluster: &CacheCluster, name: &str, node_type: &str) -> String {
    let nodes = cluster.nodes.to_string();
    aws(
        "elasticache create-cache-cluster",
        &cluster.common.region,
        &[
            (CLUSTER, name),
            ("--engine", "memcached"),
            ("--engine-version", &cluster.engine_version),
            ("--cache-node-type", node_type),
            ("--num-cache-nodes", &nodes),
        ],
    )
}

fn delete_memcached(cluster: &CacheCluster) -> String {
    aws("elasticache delete-cache-cluster", &cluster.common.region, &[(CLUSTER, &cluster.common.id)])
}

/// Another engine in place, from a snapshot of before; a node that stands alone needs a group first.
pub fn change_engine(cache: &Cache<'_>) -> Remediation {
    let common = cache.common();
    let (region, id, before) = (&common.region, &*common.id, format!("{}-before-valkey", common.id));
    let snapshot = ("--snapshot-name", &*before);
    let node = ("--cache-node-type", &*cache.node.node_type);
    let described = ("--replication-group-description", id);
    let mut commands = match cache.owner {
        Owner::Group(_) => vec![aws("elasticache create-snapshot", region, &[(GROUP, id), snapshot])],
        Owner::Alone(_) => vec![
            aws("elasticache create-snapshot", region, &[(CLUSTER, id), snapshot]),
            aws(
                "elasticache create-replication-group",
                region,
                &[(GROUP, id), described, ("--primary-cluster-id", id)],
            ),
        ],
    };
    let valkey = [(GROUP, id), ("--engine", "valkey"), ("--engine-version", "8.0"), AT_ONCE];
    commands.push(aws("elasticache modify-replication-group", region, &valkey));
    let restore = [(GROUP, "NEW_NAME"), described, snapshot, ("--engine", "redis"), node];
    Remediation {
        commands,
        rollback_commands: vec![aws("elasticache create-replication-group", region, &restore)],
        notes: vec![
            "With a parameter group of your own, name one of Valkey's in the last command \
             (--cache-parameter-group-name)."
                .into(),
            "From Redis OSS 5.0.6 on clients stay connected; from older versions expect a failover of 30 to 60 seconds."
                .into(),
        ],
    }
}

/// Gone, with a last snapshot where the engine has one.
pub fn delete(cache: &Cache<'_>) -> Remediation {
    let common = cache.common();
    let (region, id, last) = (&common.region, &*common.id, format!("{}-final", common.id));
    let keep = ("--final-snapshot-identifier", &*last);
    let node = ("--cache-node-type", &*cache.node.node_type);
    let restore = |option| {
        let named = [(option, id), ("--snapshot-name", &*last), node];
        match cache.owner {
            Owner::Group(_) => {
                let described = [&named[..], &[("--replication-group-description", id)]].concat();
                aws("elasticache create-replication-group", region, &described)
            }
            Owner::Alone(_) => aws("elasticache create-cache-cluster", region, &named),
        }
    };
    let (delete, undo) = match cache.owner {
        Owner::Group(_) => {
            (aws("elasticache delete-replication-group", region, &[(GROUP, id), keep]), restore(GROUP))
        }
        Owner::Alone(cluster) if cluster.engine == CacheEngine::Memcached => {
            (delete_memcached(cluster), create_memcached(cluster, id, &cluster.node_type))
        }
        Owner::Alone(_) => {
            (aws("elasticache delete-cache-cluster", region, &[(CLUSTER, id), keep]), restore(CLUSTER))
        }
    };
    Remediation {
        commands: vec![delete],
        rollback_commands: vec![undo],
        notes: vec![
            "The last snapshot costs by its size until it is deleted. Memcached keeps nothing: it comes back empty."
                .into(),
        ],
    }
}

/// A primary in each shard and nothing else. Without cluster mode a group has to give up its failover for that.
pub fn drop_replicas(group: &ReplicationGroup) -> Remediation {
    let (region, id) = (&group.common.region, (GROUP, &*group.common.id));
    let fails_over = group.automatic_failover && !group.cluster_mode;
    let each = (group.replicas() / group.shards.max(1)).to_string();
    let count =
        |operation, replicas| aws(operation, region, &[id, ("--new-replica-count", replicas), AT_ONCE]);
    let failover = |option, multi_az| {
        aws("elasticache modify-replication-group", region, &[id, option, multi_az, AT_ONCE])
    };
    let mut commands = vec![count("elasticache decrease-replica-count", "0")];
    let mut rollback_commands = vec![count("elasticache increase-replica-count", &each)];
    if fails_over {
        commands.insert(0, failover(("--no-automatic-failover-enabled", ""), ("--no-multi-az-enabled", "")));
        rollback_commands.push(failover(("--automatic-failover-enabled", ""), ("--multi-az-enabled", "")));
    }
    Remediation {
        commands,
        rollback_commands,
        notes: vec!["Clients of the reader endpoint are served by the primary then.".into()],
    }
}
