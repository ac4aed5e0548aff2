//! How the whole rule set scales: CPU a resource and rule, and memory, over fleets of any size.
//! `rule_scale [RESOURCES] [streamed|whole]`; `make bench` runs it.
//!
//! The fleet is the random fleets' (`tests/fleets`): copies of what the demo holds, most of it busy, in seventeen
//! regions. Streamed, a region is made, judged and dropped before the next, and only findings stay; whole, as a scan
//! does today, all regions are there when they are judged. Making the fleet is not measured.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on says so"
)]

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/fleets/fleet/mod.rs"]
mod fleet;
mod mix;

use mix::{Filling, Mix};
use std::{collections::BTreeMap, fs, time::Instant};
use tuner::{
    domain::{
        finding::Finding,
        region::{ALWAYS_ENABLED, Region},
        selection,
        snapshot::Snapshot,
        thresholds::Thresholds,
    },
    rules::{Case, RULES},
};

/// What was measured so far.
#[derive(Default)]
struct Measured {
    findings: Vec<Finding>,
    unknown: usize,
    by_rule: BTreeMap<&'static str, f64>,
}

impl Measured {
    /// One thread: the wall time of a rule is its CPU time, but for what else the machine does; the sum is CPU.
    fn judge(&mut self, snapshot: &Snapshot, thresholds: &Thresholds) -> f64 {
        let before = cpu_seconds();
        for rule in RULES.iter() {
            let began = Instant::now();
            let verdicts = (rule.check)(&Case::new(rule.meta, snapshot, thresholds));
            *self.by_rule.entry(rule.meta.id).or_default() += began.elapsed().as_secs_f64();
            self.unknown += verdicts.unknown.len();
            self.findings.extend(verdicts.findings);
        }
        cpu_seconds() - before
    }
}

fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

fn memory_mb(what: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let resources: usize = arguments.next().map_or(100_000, |n| n.parse().expect("a number of resources"));
    let whole = arguments.next().is_some_and(|way| way == "whole");
    let (mix, thresholds) = (Mix::new(), Thresholds::default());
    let idle = memory_mb("VmRSS:");
    let (mut measured, mut cpu, mut kept) =
        (Measured::default(), 0.0, Snapshot::new("123456789012".parse().unwrap(), fleet::now()));
    for name in ALWAYS_ENABLED {
        let mut region = Filling::new(name);
        region.add(&mix, mix.copies(name).take(resources / ALWAYS_ENABLED.len()));
        let part = region.finish();
        if whole {
            merge(&mut kept, part);
        } else {
            cpu += measured.judge(&part, &thresholds);
        }
    }
    let held = memory_mb("VmRSS:") - idle;
    if whole {
        cpu = measured.judge(&kept, &thresholds);
    }
    let before = cpu_seconds();
    let standings = selection::count(&measured.findings, selection::select(&measured.findings));
    let choosing = cpu_seconds() - before;
    report(resources, whole, &measured, [cpu, choosing, memory_mb("VmHWM:") - idle, held]);
    assert_eq!(standings.len(), measured.findings.len());
}

fn merge(into: &mut Snapshot, part: Snapshot) {
    let Snapshot { inventory, instance_types, metrics, prices, coverage, .. } = part;
    into.inventory.append(inventory);
    for region in ALWAYS_ENABLED.map(|name| name.parse::<Region>().unwrap()) {
        for spec in instance_types.in_region(&region) {
            into.instance_types.insert(region.clone(), spec.clone());
        }
    }
    into.metrics.merge(metrics);
    into.prices.fill_from(prices);
    into.coverage.merge(coverage);
}

fn report(resources: usize, whole: bool, measured: &Measured, [cpu, choosing, peak, held]: [f64; 4]) {
    let (way, count) = (if whole { "whole" } else { "streamed" }, resources as f64);
    let each = cpu * 1e6 / count;
    println!(
        "| {resources} | {way} | {} | {} | {} | {cpu:.2} | {each:.2} | {:.4} | {choosing:.2} | {held:.0} | {peak:.0} |",
        RULES.len(),
        measured.findings.len(),
        measured.unknown,
        each / RULES.len() as f64,
    );
    let mut slowest: Vec<_> = measured.by_rule.iter().collect();
    slowest.sort_by(|a, b| b.1.total_cmp(a.1));
    for (rule, seconds) in slowest.into_iter().take(8) {
        eprintln!("  {:6.3} us a resource: {rule}", seconds * 1e6 / count);
    }
}
