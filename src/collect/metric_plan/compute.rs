//! Metrics of instances, Auto Scaling groups and capacity reservations.

use super::{Plan, Request, requests};
use crate::domain::{
    gauges::{Gauges, OF_GROUP, OF_INSTANCE},
    inventory::{AutoScalingGroup, CapacityReservation, Common, Instance},
    metric::{Metric, MetricStore},
};

/// A maximum at or below this is good enough for a percentile: it is never below one.
pub(super) const CPU_WORTH_A_PERCENTILE: f64 = 40.0;
const BYTES_PER_MB: f64 = 1_000_000.0;

/// How a machine or a group was seen so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// Its CPU is not known, or leaves no room for anything smaller.
    Settled,
    /// It could do nothing or need less: its network decides.
    Open,
    Idle,
    /// Not idle, and something smaller could carry its CPU.
    Roomy,
}

impl Plan<'_> {
    pub(super) fn want_compute(&self, known: &MetricStore, wanted: &mut Vec<Request>) {
        for instance in &self.inventory.instances {
            self.want_instance(instance, known, wanted);
        }
        for group in &self.inventory.auto_scaling_groups {
            self.want_group(group, known, wanted);
        }
        for reservation in &self.inventory.capacity_reservations {
            self.want_reservation(reservation, wanted);
        }
    }

    /// Instances whose memory could change a verdict: awake ones. The agent's series are asked for at the end.
    pub fn awake_instances(&self, known: &MetricStore) -> impl Iterator<Item = &Common> {
        let judged = self.inventory.instances.iter().filter(|instance| self.judged(instance));
        judged.map(|instance| &instance.common).filter(move |common| self.awake(&OF_INSTANCE, common, known))
    }

    /// Groups, likewise.
    pub fn awake_groups(&self, known: &MetricStore) -> impl Iterator<Item = &Common> {
        let judged = self.inventory.auto_scaling_groups.iter().filter(|group| self.judged_group(group));
        judged.map(|group| &group.common).filter(move |common| self.awake(&OF_GROUP, common, known))
    }

    /// Instances of the families with GPUs.
    pub fn accelerated_instances(&self) -> impl Iterator<Item = &Common> {
        let families = ["g", "p"];
        let accelerated = move |instance: &&Instance| {
            let digit = instance.instance_type.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
            digit && families.iter().any(|letter| instance.instance_type.starts_with(letter))
        };
        let judged = self.inventory.instances.iter().filter(|instance| self.judged(instance));
        judged.filter(accelerated).map(|instance| &instance.common)
    }

    fn awake(&self, gauges: &Gauges, common: &Common, known: &MetricStore) -> bool {
        let idle = f64::from(self.thresholds.ec2_idle_cpu_percent);
        let cpu = known.summary(gauges.cpu_max, self.region, &common.id);
        cpu.is_some_and(|cpu| cpu.found > 0 && cpu.max >= idle)
    }

    fn judged(&self, instance: &Instance) -> bool {
        instance.running_on_demand()
            && !instance.managed()
            && self.window.covers_all_of(instance.common.created_at)
    }

    fn judged_group(&self, group: &AutoScalingGroup) -> bool {
        !group.members.is_empty() && !group.managed() && self.window.covers_all_of(group.common.created_at)
    }

    fn want_instance(&self, instance: &Instance, known: &MetricStore, wanted: &mut Vec<Request>) {
        if !self.judged(instance) {
            return;
        }
        let common = &instance.common;
        let mut want = |metrics: &[Metric]| wanted.extend(requests(metrics, "InstanceId", common));
        if instance.unlimited_credits == Some(true) {
            want(&[Metric::Ec2SurplusCredits]);
        }
        let seen = self.want_use(&OF_INSTANCE, common, known, &mut want);
        // Little network, but a CPU that wakes up: its mean tells how much.
        if seen == Seen::Roomy && self.network_is_quiet(&OF_INSTANCE, common, known) {
            want(&[Metric::Ec2CpuAverage]);
        }
        let measured = known.summary(Metric::Ec2CpuMax, self.region, &common.id).is_some_and(|c| c.found > 0);
        let idle = seen == Seen::Idle || (seen == Seen::Open && !self.awake(&OF_INSTANCE, common, known));
        if measured && self.could_be_scheduled(&common.tags) && !idle {
            want(&[Metric::Ec2CpuHourly, Metric::Ec2NetworkInHourly, Metric::Ec2NetworkOutHourly]);
        }
    }

    fn want_group(&self, group: &AutoScalingGroup, known: &MetricStore, wanted: &mut Vec<Request>) {
        if !self.judged_group(group) {
            return;
        }
        let mut want =
            |metrics: &[Metric]| wanted.extend(requests(metrics, "AutoScalingGroupName", &group.common));
        if group.counts_members {
            want(&[Metric::AsgInServiceAverage, Metric::AsgInServiceMax]);
        }
        self.want_use(&OF_GROUP, &group.common, known, &mut want);
    }

    /// The CPU, then what it makes worth asking for.
    fn want_use(
        &self,
        gauges: &Gauges,
        common: &Common,
        known: &MetricStore,
        want: &mut dyn FnMut(&[Metric]),
    ) -> Seen {
        want(&[gauges.cpu_max]);
        let Some(cpu) = known.summary(gauges.cpu_max, self.region, &common.id).filter(|c| c.found > 0) else {
            return Seen::Settled;
        };
        let quiet = cpu.max < f64::from(self.thresholds.ec2_idle_cpu_percent);
        let busiest = if cpu.max > CPU_WORTH_A_PERCENTILE {
            want(&[gauges.cpu_p995]);
            known.summary(gauges.cpu_p995, self.region, &common.id)
        } else {
            Some(cpu)
        };
        if !quiet && !busiest.is_some_and(|seen| seen.found > 0 && self.leaves_headroom(seen.max)) {
            return Seen::Settled;
        }
        // Bandwidth matters where something smaller, or cheaper at the same size, could carry the CPU.
        want(&[gauges.network_in, gauges.network_out]);
        if known.summary(gauges.network_in, self.region, &common.id).is_none() {
            return Seen::Open;
        }
        if quiet && self.network_is_quiet(gauges, common, known) {
            return Seen::Idle;
        }
        for peaks in [gauges.network_peak, gauges.ebs_bytes_peak, gauges.ebs_ops_peak] {
            want(&peaks);
        }
        Seen::Roomy
    }

    fn leaves_headroom(&self, cpu_percent: f64) -> bool {
        cpu_percent * f64::from(100 + self.thresholds.rightsize_headroom_percent) <= 100.0 * 100.0
    }

    fn network_is_quiet(&self, gauges: &Gauges, common: &Common, known: &MetricStore) -> bool {
        let busiest = |metric| known.summary(metric, self.region, &common.id).map_or(0.0, |seen| seen.max);
        let limit = f64::from(self.thresholds.ec2_idle_network_mb_per_day) * BYTES_PER_MB;
        busiest(gauges.network_in) + busiest(gauges.network_out) < limit
    }

    fn want_reservation(&self, reservation: &CapacityReservation, wanted: &mut Vec<Request>) {
        let open = reservation.active && !reservation.block && reservation.available > 0;
        if open && self.window.covers_all_of(reservation.common.created_at) {
            let metrics = &[Metric::CapacityAvailableMin];
            wanted.extend(requests(metrics, "CapacityReservationId", &reservation.common));
        }
    }
}
