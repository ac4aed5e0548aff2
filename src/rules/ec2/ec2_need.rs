//! What an instance needs of another type, measured over the window.
//!
//! CPU: the greatest daily p99.5; where that was not asked for, the maximum, which is never below it.
//! Memory: the agent's maximum, else all that is there. Both with the configured headroom on top. Network
//! and EBS: daily sums hide their peaks, so a target keeps at least the share of the present bandwidth that
//! the CPU takes, and of the network at least the busiest day's mean.

use super::{Case, quantity::whole_units};
use crate::domain::{
    finding::{Evidence, UnknownReason},
    inventory::{Common, Instance, InstanceTypeSpec},
    metric::{Metric, Summary},
};

pub struct Need<'a> {
    cpu_metric: Metric,
    cpu: &'a Summary,
    memory: Option<&'a Summary>,
    burstable: bool,
    /// Thousandths of a percent of one vCPU, without headroom.
    cpu_load: i64,
    vcpus: i64,
    memory_mib: i64,
    network_mbps: i64,
    ebs_mbps: i64,
}

impl<'a> Need<'a> {
    pub fn measure(
        case: &Case<'a>,
        instance: &Instance,
        present: &InstanceTypeSpec,
    ) -> Result<Self, UnknownReason> {
        let common = &instance.common;
        let (cpu_metric, cpu) = match case.summary(Metric::Ec2CpuP995, common) {
            Ok(summary) => (Metric::Ec2CpuP995, summary),
            Err(_) => (Metric::Ec2CpuMax, case.summary(Metric::Ec2CpuMax, common)?),
        };
        let memory = case.summary(Metric::Ec2MemoryMax, common).ok();
        let headroom = f64::from(100 + case.thresholds.rightsize_headroom_percent);
        let share = Millionths(whole_units(cpu.max * headroom * 100.0));
        Ok(Self {
            cpu_metric,
            cpu,
            memory,
            burstable: present.burstable,
            cpu_load: whole_units(cpu.max * 1_000.0).saturating_mul(present.vcpus),
            vcpus: share.of(present.vcpus).max(1),
            memory_mib: memory.map_or(present.memory_mib, |seen| {
                Millionths(whole_units(seen.max * headroom * 100.0)).of(present.memory_mib)
            }),
            network_mbps: share.of(present.network_baseline_mbps).max(mean_mbps(case, common, headroom)),
            ebs_mbps: share.of(present.ebs_baseline_mbps),
        })
    }

    /// Whether the instance's image starts on a type and its need fits there.
    #[must_use]
    pub fn fits(&self, instance: &Instance, target: &InstanceTypeSpec) -> bool {
        let starts = target.architectures.contains(&instance.architecture)
            && (instance.ena_support || &*target.hypervisor != "nitro");
        starts
            && target.burstable == self.burstable
            && target.vcpus >= self.vcpus
            && target.memory_mib >= self.memory_mib
            && target.network_baseline_mbps >= self.network_mbps
            && target.ebs_baseline_mbps >= self.ebs_mbps
    }

    #[must_use]
    pub const fn cpu_percent(&self) -> f64 {
        self.cpu.max
    }

    #[must_use]
    pub const fn memory_is_measured(&self) -> bool {
        self.memory.is_some()
    }

    /// What the CPU would have shown on another type, rounded up.
    #[must_use]
    pub fn projected_cpu_percent(&self, target: &InstanceTypeSpec) -> i64 {
        divide_up(self.cpu_load, target.vcpus.saturating_mul(1_000))
    }

    #[must_use]
    pub fn evidence(&self, case: &Case<'_>) -> Vec<Evidence> {
        let spare = case.thresholds.rightsize_headroom_percent;
        let limit = |need: String| format!("{need} with {spare} % to spare");
        let percent = |summary: &Summary| format!("{:.1} %", summary.max);
        let vcpus = limit(format!("{} vCPUs", self.vcpus));
        let mut evidence = vec![case.measured(self.cpu_metric, self.cpu, percent(self.cpu), vcpus)];
        if let Some(memory) = self.memory {
            let mib = limit(format!("{} MiB", self.memory_mib));
            evidence.push(case.measured(Metric::Ec2MemoryMax, memory, percent(memory), mib));
        }
        evidence
    }
}

struct Millionths(i64);

impl Millionths {
    /// This part of a whole, rounded up.
    fn of(&self, whole: i64) -> i64 {
        divide_up(whole.saturating_mul(self.0), 1_000_000)
    }
}

/// Of a number that is not negative; zero where there is nothing to divide by.
const fn divide_up(number: i64, by: i64) -> i64 {
    if by <= 0 { 0 } else { number.saturating_add(by - 1) / by }
}

/// The busiest day's mean in and out, as far as it was measured, with the headroom.
fn mean_mbps(case: &Case<'_>, common: &Common, headroom: f64) -> i64 {
    const SECONDS: f64 = 86_400.0;
    let bytes: f64 = [Metric::Ec2NetworkIn, Metric::Ec2NetworkOut]
        .into_iter()
        .filter_map(|metric| case.summary(metric, common).ok())
        .map(|summary| summary.max)
        .sum();
    whole_units(bytes * 8.0 / SECONDS / 1_000_000.0 * headroom / 100.0)
}
