//! Caches of Redis OSS, Valkey and Memcached: replication groups, and clusters that stand alone.

mod cache;
mod cache_change;
mod cache_support;
mod cache_usage;
mod elasticache_excess_replicas_nonprod;
mod elasticache_extended_support;
mod elasticache_idle;
mod elasticache_moves;
mod elasticache_rightsize;
#[cfg(test)]
mod lab;

use super::{Amounts, Bill, Case, Judgement, Meta, Rule, case, command, engine_version, quantity};

pub const RULES: &[Rule] = &[
    elasticache_excess_replicas_nonprod::RULE,
    elasticache_extended_support::RULE,
    elasticache_idle::RULE,
    elasticache_moves::PREVIOUS_GEN_GRAVITON,
    elasticache_moves::REDIS_TO_VALKEY,
    elasticache_rightsize::RULE,
];
