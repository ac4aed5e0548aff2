//! How busy a resource is: one value for each series that a rule of its service asks for.

use super::samples::Resource;
use std::{collections::BTreeSet, iter};
use tuner::{
    domain::{
        inventory::ResourceKind,
        metric::{HOURS_PER_WEEK, Metric, MetricStore, Series, SeriesShape, Summary, WeekProfile},
        region::Region,
    },
    rules::{Meta, RULES},
};

const DAYS: u32 = 14;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    Idle,
    Low,
    Half,
    Busy,
    /// More than the largest capacity that a number can say.
    Flooded,
    /// By day in the week busy, else idle.
    Office,
    /// Each resource has one of the others.
    Varied(u8),
    /// Each series has one of the others.
    Mixed(u8),
    /// Asked, and CloudWatch had nothing.
    Empty,
    /// Not asked.
    Absent,
    /// Zero expected, infinite, too many, a few.
    Absurd(u8),
}

/// Something that does not look like a pattern, the same each time.
fn scatter(seed: u8, words: &[&str]) -> usize {
    let bytes = words.iter().flat_map(|word| word.bytes());
    bytes.fold(usize::from(seed), |hash, byte| (hash ^ usize::from(byte)).wrapping_mul(0x0100_0193)) >> 3
}

impl Load {
    fn of(self, metric: Metric, id: &str) -> Self {
        let levels = [Self::Idle, Self::Low, Self::Half, Self::Busy, Self::Office, Self::Empty, Self::Absent];
        match self {
            Self::Varied(seed) => levels[scatter(seed, &[id]) % levels.len()],
            Self::Mixed(seed) => levels[scatter(seed, &[id, metric.spec().name]) % levels.len()],
            other => other,
        }
    }

    const fn level(self) -> usize {
        match self {
            Self::Low => 1,
            Self::Half => 2,
            Self::Busy => 3,
            Self::Flooded => 4,
            _ => 0,
        }
    }
}

/// Idle, low, half, busy and flooded.
fn levels(name: &str) -> [f64; 5] {
    let any = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match name {
        "FreeableMemory" => [15e9, 12e9, 4e9, 1e7, 0.0],
        "FreeStorageSpace" => [9e15, 4e11, 2e10, 1e7, 0.0],
        "VolumeIdleTime" => [86_400.0, 80_000.0, 20_000.0, 0.0, 0.0],
        "AvailableInstanceCount" => [9.0, 2.0, 1.0, 0.0, 0.0],
        "TunnelState" => [0.0, 0.0, 1.0, 1.0, 1.0],
        "FastSnapshotRestoreCreditsBalance" => [1.0, 0.5, 0.1, 0.0, 0.0],
        "FastSnapshotRestoreCreditsBucketSize" => [1.0; 5],
        _ if any(&["CPUUtil", "tilization", "ercent", "gpu"]) => [0.5, 4.0, 30.0, 98.0, 100.0],
        _ if any(&["Bytes", "Network", "Data"]) => [0.0, 2e6, 5e9, 8e13, 1e26],
        _ if any(&["Duration", "time"]) => [0.0, 5e4, 4e6, 9e9, 1e26],
        _ => [0.0, 3.0, 900.0, 4e7, 1e26],
    }
}

/// Monday 08:00 to Friday 18:00 by day.
const fn in_office(hour: usize) -> bool {
    hour < 120 && hour % 24 >= 8 && hour % 24 < 18
}

fn series(metric: Metric, load: Load) -> Option<Series> {
    let spec = metric.spec();
    let found = if load == Load::Empty { 0 } else { DAYS * (86_400 / spec.period_secs) };
    let levels = levels(spec.name);
    let value = levels[if load == Load::Office { 3 } else { load.level() }];
    match (load, spec.shape) {
        (Load::Absent, _) => None,
        (Load::Absurd(seed), SeriesShape::Summary) => {
            Some(Series::Summary(absurd(scatter(seed, &[spec.name]))))
        }
        (_, SeriesShape::Summary) => {
            let expected = DAYS * (86_400 / spec.period_secs);
            let sum = value * f64::from(found);
            Some(Series::Summary(Summary { sum, found, expected, ..Summary::of(&[value], 1) }))
        }
        (_, SeriesShape::WeekProfile) => {
            let hours = |hour| if load != Load::Office || in_office(hour) { value } else { levels[0] };
            let step = if matches!(load, Load::Absurd(_)) { 5 } else { 1 };
            let points = (0..HOURS_PER_WEEK * 2)
                .step_by(step)
                .map(|hour| (seconds(hour), hours(hour % HOURS_PER_WEEK)));
            let points: Vec<_> = if found == 0 { Vec::new() } else { points.collect() };
            Some(Series::WeekProfile(Box::new(WeekProfile::of(points, 336))))
        }
    }
}

/// Of an hour after a Monday's midnight.
fn seconds(hour: usize) -> i64 {
    const MONDAY: i64 = 1_781_481_600;
    MONDAY + i64::try_from(hour).unwrap() * 3_600
}

fn absurd(seed: usize) -> Summary {
    let values = [0.0, -1.0, f64::MAX, 1e300, f64::MIN_POSITIVE, 1e18, f64::INFINITY];
    let value = values[seed % values.len()];
    let (found, expected) = [(14, 14), (1, 14), (u32::MAX, 1), (14, 0), (14, u32::MAX)][seed / 7 % 5];
    Summary { min: value, max: value, sum: value * 14.0, found, expected }
}

/// Every series that a rule about the resource's service asks for.
#[must_use]
pub fn of_service(kind: ResourceKind) -> BTreeSet<Metric> {
    asked(|meta| meta.kind.service() == kind.service())
}

/// The series that some rules ask for.
#[must_use]
pub fn asked(of: impl Fn(&Meta) -> bool) -> BTreeSet<Metric> {
    RULES
        .iter()
        .map(|rule| rule.meta)
        .filter(|meta| of(meta))
        .flat_map(|meta| meta.metrics)
        .copied()
        .collect()
}

/// Some series of a resource, under each name that CloudWatch knows it by.
pub fn add_metrics(store: &mut MetricStore, resource: &Resource, metrics: &BTreeSet<Metric>) {
    let region: Region = resource.region().parse().unwrap();
    for metric in metrics.iter().copied() {
        if let Some(series) = series(metric, resource.load.of(metric, resource.id())) {
            for name in names(resource) {
                store.insert(metric, &region, &name, series.clone());
            }
        }
    }
}

/// A function's aliases have series of their own.
fn names(resource: &Resource) -> impl Iterator<Item = String> {
    let aliases = resource.body["provisioned"].as_array().cloned().unwrap_or_default();
    let id = resource.id().to_owned();
    let of_alias = {
        let id = id.clone();
        move |alias: serde_json::Value| Some(format!("{id}:{}", alias["qualifier"].as_str()?))
    };
    iter::once(id).chain(aliases.into_iter().filter_map(of_alias))
}
