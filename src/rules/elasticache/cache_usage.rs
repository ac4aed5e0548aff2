//! What caches were seen to do: commands, CPU, memory.
//!
//! Connections prove nothing: clients keep them open, and `ElastiCache` itself has some. They prove that the node was
//! measured: a count of commands that CloudWatch leaves out was zero then.

use super::{
    Case,
    cache::Cache,
    quantity::{whole_units, with_headroom},
};
use crate::domain::{
    finding::{Evidence, UnknownReason},
    inventory::{CacheCluster, CacheEngine, CacheNodeSpec},
    metric::{Metric, Summary},
};

/// What touches keys: of Redis OSS and Valkey, and of Memcached.
const REDIS: [Metric; 2] = [Metric::CacheReads, Metric::CacheWrites];
const MEMCACHED: [Metric; 2] = [Metric::MemcachedGets, Metric::MemcachedSets];
/// What works without keys.
const BESIDE_KEYS: [Metric; 2] = [Metric::CachePubSub, Metric::CacheScripts];

/// Evidence that nobody used any node in the whole window; none where somebody did.
pub fn find_unused(case: &Case<'_>, cache: &Cache<'_>) -> Result<Option<Vec<Evidence>>, UnknownReason> {
    let metrics: &[Metric] = match cache.engine() {
        CacheEngine::Memcached => &MEMCACHED,
        CacheEngine::Redis | CacheEngine::Valkey => &REDIS,
        CacheEngine::Other => return Ok(None),
    };
    let mut evidence = Vec::new();
    for metrics in [metrics, if metrics == REDIS { &BESIDE_KEYS } else { &[] }] {
        for metric in metrics {
            let (total, summary) = count(case, cache, *metric)?;
            if total > 0.0 {
                return Ok(None);
            }
            evidence.push(case.measured(*metric, summary, "0 commands".into(), "none on any node".into()));
        }
    }
    Ok(Some(evidence))
}

/// The sum over all nodes, with the series of connections that vouches for it.
fn count<'a>(
    case: &Case<'a>,
    cache: &Cache<'_>,
    metric: Metric,
) -> Result<(f64, &'a Summary), UnknownReason> {
    let mut total = 0.0;
    let mut vouching = None;
    for node in &cache.members {
        case.require_full_window(&node.common)?;
        let alive = case.summary(Metric::CacheConnectionsMax, &node.common)?;
        let seen = case.snapshot.metrics.summary(metric, &node.common.region, &node.common.id);
        total += seen.ok_or(UnknownReason::MetricMissing)?.sum;
        vouching.get_or_insert(alive);
    }
    Ok((total, vouching.ok_or(UnknownReason::MetricMissing)?))
}

/// The peaks of the busiest node.
pub struct Peaks<'a> {
    pub cpu: &'a Summary,
    pub memory: &'a Summary,
}

impl<'a> Peaks<'a> {
    /// None where keys had to leave for want of memory.
    pub fn measure(case: &Case<'a>, cache: &Cache<'_>) -> Result<Option<Self>, UnknownReason> {
        if count(case, cache, Metric::CacheEvictions)?.0 > 0.0 {
            return Ok(None);
        }
        let cpu = highest(case, &cache.members, Metric::CacheCpuMax)?;
        let memory = highest(case, &cache.members, Metric::CacheMemoryMax)?;
        Ok(Some(Self { cpu, memory }))
    }

    /// Whether the load of a node with `present`, with headroom, fits one with `target`.
    pub fn fit(&self, present: CacheNodeSpec, target: CacheNodeSpec, headroom: u32) -> bool {
        let need = |percent: f64, of: i64| {
            with_headroom(whole_units(percent * 1_000.0).saturating_mul(of), headroom)
        };
        let cpu = need(self.cpu.max, present.vcpus);
        let memory = need(self.memory.max, present.memory_mib);
        cpu <= target.vcpus * target.cpu_percent * 1_000 && memory <= target.memory_mib * 100_000
    }

    pub fn evidence(&self, case: &Case<'_>, target: &str) -> Vec<Evidence> {
        let limit = format!("with {} % to spare fits {target}", case.thresholds.elasticache_headroom_percent);
        let percent = |summary: &Summary| format!("{:.1} %", summary.max);
        vec![
            case.measured(Metric::CacheCpuMax, self.cpu, percent(self.cpu), limit.clone()),
            case.measured(Metric::CacheMemoryMax, self.memory, percent(self.memory), limit),
        ]
    }
}

fn highest<'a>(
    case: &Case<'a>,
    nodes: &[&CacheCluster],
    metric: Metric,
) -> Result<&'a Summary, UnknownReason> {
    let mut most: Option<&Summary> = None;
    for node in nodes {
        let seen = case.summary(metric, &node.common)?;
        most = most.filter(|most| most.max >= seen.max).or(Some(seen));
    }
    most.ok_or(UnknownReason::MetricMissing)
}
