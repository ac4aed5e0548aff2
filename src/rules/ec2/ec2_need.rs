//! What a machine needs of another type, measured over the window.
//!
//! CPU: the greatest daily p99.5; where that was not asked for, the maximum, which is never below it.
//! Memory: the agent's maximum, else all that is there. Network and EBS: the busiest minute in and out, read and
//! written, together, but no more than the present type offers for long. CloudWatch's datapoints may be of five
//! minutes: taken as of one, a need is overstated rather than understated. Where a bandwidth was not measured, a
//! target keeps at least the share of the present one that the CPU takes. All with the configured headroom.

use super::{
    Case,
    ec2_projection::{Projected, Projection},
    ec2_usage::{Used, busiest_cpu},
    quantity::{whole_units, with_headroom},
};
use crate::domain::{
    finding::{Evidence, Level, UnknownReason},
    inventory::{Architecture, Instance, InstanceTypeSpec},
    metric::{Metric, Summary},
};

pub struct Need<'a> {
    used_memory: Metric,
    cpu_metric: Metric,
    cpu: &'a Summary,
    memory: Option<&'a Summary>,
    peaks: Peaks,
    least: Limits,
    present: Limits,
    burstable: bool,
    architectures: Vec<Architecture>,
    ena_support: bool,
}

/// What a type offers for long, or what is needed of it.
#[derive(Clone, Copy)]
struct Limits {
    vcpus: i64,
    memory_mib: i64,
    network_mbps: i64,
    ebs_mbps: i64,
    ebs_iops: i64,
}

impl Limits {
    fn of(spec: &InstanceTypeSpec) -> Self {
        Self {
            vcpus: spec.vcpus,
            memory_mib: spec.memory_mib,
            network_mbps: spec.network_baseline_mbps,
            ebs_mbps: spec.ebs_baseline_mbps,
            ebs_iops: spec.ebs_baseline_iops,
        }
    }
}

/// The busiest minute, none where it was not measured.
#[derive(Clone, Copy)]
struct Peaks {
    network_mbps: Option<i64>,
    ebs_mbps: Option<i64>,
    ebs_iops: Option<i64>,
}

impl Peaks {
    fn of(case: &Case<'_>, used: Used<'_>) -> Self {
        const BYTES_PER_MINUTE_OF_A_MBPS: f64 = 60.0 * 1_000_000.0 / 8.0;
        let peak = |metrics: [Metric; 2], unit: f64| {
            let mut sum = 0.0;
            for metric in metrics {
                sum += case.summary(metric, used.common).ok()?.max;
            }
            Some(whole_units(sum / unit))
        };
        Self {
            network_mbps: peak(used.gauges.network_peak, BYTES_PER_MINUTE_OF_A_MBPS),
            ebs_mbps: peak(used.gauges.ebs_bytes_peak, BYTES_PER_MINUTE_OF_A_MBPS),
            ebs_iops: peak(used.gauges.ebs_ops_peak, 60.0),
        }
    }
}

impl<'a> Need<'a> {
    /// Of a machine of a type; of a group, `machine` is one of its members.
    pub fn measure(
        case: &Case<'a>,
        used: Used<'_>,
        machine: &Instance,
        spec: &InstanceTypeSpec,
    ) -> Result<Self, UnknownReason> {
        let Used { gauges, common, .. } = used;
        let (cpu_metric, cpu) = busiest_cpu(case, used)?;
        // A machine that moves much with little CPU must not lose its bandwidth unseen.
        let days = [case.summary(gauges.network_in, common)?, case.summary(gauges.network_out, common)?];
        let memory = case.summary(gauges.memory, common).ok();
        let (present, peaks) = (Limits::of(spec), Peaks::of(case, used));
        Ok(Self {
            used_memory: gauges.memory,
            cpu_metric,
            cpu,
            memory,
            peaks,
            least: least(case, &present, &peaks, Load { cpu, memory, days }),
            present,
            burstable: spec.burstable,
            architectures: architectures(case, machine),
            ena_support: machine.ena_support,
        })
    }

    /// The first thing that a type lacks; none where the image starts on it and the need fits.
    #[must_use]
    pub fn lacks(&self, target: &InstanceTypeSpec) -> Option<&'static str> {
        let (offered, least) = (Limits::of(target), &self.least);
        let starts = target.architectures.iter().any(|one| self.architectures.contains(one));
        [
            (!starts, "architecture"),
            (!self.ena_support && &*target.hypervisor == "nitro", "ENA driver in the image"),
            (target.burstable != self.burstable, "kind of CPU (burstable or not)"),
            (offered.vcpus < least.vcpus, "vCPUs"),
            (offered.memory_mib < least.memory_mib, MEMORY),
            (offered.network_mbps < least.network_mbps, "network"),
            (offered.ebs_mbps < least.ebs_mbps, "EBS throughput"),
            (offered.ebs_iops < least.ebs_iops, "EBS operations"),
        ]
        .into_iter()
        .find_map(|(short, what)| short.then_some(what))
    }

    /// Whether all but the memory fits, of which nothing is known.
    #[must_use]
    pub fn might_fit(&self, target: &InstanceTypeSpec) -> bool {
        self.memory.is_none() && self.lacks(target) == Some(MEMORY)
    }

    #[must_use]
    pub const fn cpu_percent(&self) -> f64 {
        self.cpu.max
    }

    #[must_use]
    pub const fn memory_is_measured(&self) -> bool {
        self.memory.is_some()
    }

    /// What would have been seen on another type.
    #[must_use]
    pub fn project(&self, target: &InstanceTypeSpec) -> Projection {
        let (present, offered) = (&self.present, Limits::of(target));
        // Rounded up once: a share is never understated.
        let share = |load: i64, of: i64| (of > 0).then(|| divide_up(load, of));
        let peak = |seen: Option<i64>, of: i64| seen.and_then(|seen| share(seen.saturating_mul(100), of));
        let busy = |percent: f64, of: i64| whole_units(percent * 1_000.0).saturating_mul(of);
        let memory = self.memory.and_then(|seen| {
            share(busy(seen.max, present.memory_mib), offered.memory_mib.saturating_mul(1_000))
        });
        let cpu = share(busy(self.cpu.max, present.vcpus), offered.vcpus.saturating_mul(1_000));
        let (peaks, now) = (&self.peaks, present);
        let network = peak(peaks.network_mbps, offered.network_mbps);
        let ebs_throughput = peak(peaks.ebs_mbps, offered.ebs_mbps);
        let ebs_operations = peak(peaks.ebs_iops, offered.ebs_iops);
        Projection {
            cpu: Projected::share(cpu.unwrap_or(100)),
            memory: Projected::of(memory, offered.memory_mib, now.memory_mib),
            network: Projected::of(network, offered.network_mbps, now.network_mbps),
            ebs_throughput: Projected::of(ebs_throughput, offered.ebs_mbps, now.ebs_mbps),
            ebs_operations: Projected::of(ebs_operations, offered.ebs_iops, now.ebs_iops),
        }
    }

    /// High where memory was seen, too.
    #[must_use]
    pub const fn confidence(&self) -> Level {
        if self.memory_is_measured() { Level::High } else { Level::Medium }
    }

    #[must_use]
    pub fn evidence(&self, case: &Case<'_>) -> Vec<Evidence> {
        let limit = |need: String, spare: u32| format!("{need} with {spare} % to spare");
        let percent = |summary: &Summary| format!("{:.1} %", summary.max);
        let vcpus = limit(format!("{} vCPUs", self.least.vcpus), case.thresholds.rightsize_headroom_percent);
        let mut evidence = vec![case.measured(self.cpu_metric, self.cpu, percent(self.cpu), vcpus)];
        if let Some(memory) = self.memory {
            let spare = case.thresholds.rightsize_memory_headroom_percent;
            let mib = limit(format!("{} MiB", self.least.memory_mib), spare);
            evidence.push(case.measured(self.used_memory, memory, percent(memory), mib));
        }
        evidence.extend(self.peak_evidence());
        evidence
    }

    fn peak_evidence(&self) -> impl Iterator<Item = Evidence> {
        let (peaks, least) = (&self.peaks, &self.least);
        let line = |fact: &str, seen: Option<i64>, needed: i64, unit: &str| {
            let observed = format!("{} {unit} in the busiest minute", seen?);
            Some(super::case::property(fact, observed, Some(format!("{needed} {unit} to offer for long"))))
        };
        [
            line("network", peaks.network_mbps, least.network_mbps, "Mbit/s"),
            line("EBS throughput", peaks.ebs_mbps, least.ebs_mbps, "Mbit/s"),
            line("EBS operations", peaks.ebs_iops, least.ebs_iops, "a second"),
        ]
        .into_iter()
        .flatten()
    }
}

const MEMORY: &str = "memory";

/// What was measured of one machine.
struct Load<'a> {
    cpu: &'a Summary,
    memory: Option<&'a Summary>,
    /// The network of the days, in and out.
    days: [&'a Summary; 2],
}

fn least(case: &Case<'_>, present: &Limits, peaks: &Peaks, load: Load<'_>) -> Limits {
    let spare = case.thresholds.rightsize_headroom_percent;
    let spare_memory = case.thresholds.rightsize_memory_headroom_percent;
    let busy = with_headroom(whole_units(load.cpu.max * 1_000.0), spare);
    let bandwidth = |peak: Option<i64>, offered: i64| match peak.map(|peak| with_headroom(peak, spare)) {
        Some(needed) if offered > 0 => needed.min(offered),
        Some(needed) => needed,
        None => share_of(offered, busy),
    };
    let mean = with_headroom(mean_mbps(load.days), spare);
    Limits {
        vcpus: share_of(present.vcpus, busy).max(1),
        memory_mib: load.memory.map_or(present.memory_mib, |seen| {
            share_of(present.memory_mib, with_headroom(whole_units(seen.max * 1_000.0), spare_memory))
        }),
        network_mbps: bandwidth(peaks.network_mbps, present.network_mbps).max(mean),
        ebs_mbps: bandwidth(peaks.ebs_mbps, present.ebs_mbps),
        ebs_iops: bandwidth(peaks.ebs_iops, present.ebs_iops),
    }
}

/// So many thousandths of a percent of a whole, rounded up.
fn share_of(whole: i64, millipercent: i64) -> i64 {
    divide_up(whole.saturating_mul(millipercent), 100_000)
}

/// Of a number that is not negative; zero where there is nothing to divide by.
const fn divide_up(number: i64, by: i64) -> i64 {
    if by <= 0 { 0 } else { number.saturating_add(by - 1) / by }
}

/// The busiest day's mean in and out.
fn mean_mbps(days: [&Summary; 2]) -> i64 {
    const SECONDS: f64 = 86_400.0;
    let bytes: f64 = days.into_iter().map(|day| day.max).sum();
    whole_units(bytes * 8.0 / SECONDS / 1_000_000.0)
}

/// The machine's own, and for plain Linux those that were asked for.
fn architectures(case: &Case<'_>, machine: &Instance) -> Vec<Architecture> {
    let portable = machine.platform.runs_on_arm() && !machine.marketplace;
    let others = case.thresholds.rightsize_other_architectures.iter().filter(|_| portable);
    let known = others.filter_map(|name| match name.to_ascii_lowercase().as_str() {
        "arm64" => Some(Architecture::Arm64),
        "x86_64" => Some(Architecture::X86_64),
        _ => None,
    });
    std::iter::once(machine.architecture).chain(known).collect()
}
