//! What an instance, or a group as a whole, was seen to do: shared by the rules that judge its use.

use super::Case;
use crate::domain::{
    finding::{Evidence, UnknownReason},
    gauges::{Gauges, OF_GROUP, OF_INSTANCE},
    inventory::{AutoScalingGroup, Common, Instance},
    metric::{Metric, Summary},
};

const MB: f64 = 1_000_000.0;

/// Runs on demand and belongs to nothing that would replace or resize it.
#[must_use]
pub fn is_own(instance: &Instance) -> bool {
    instance.running_on_demand() && !instance.managed()
}

/// Whose metrics are looked at.
#[derive(Clone, Copy)]
pub struct Used<'r> {
    pub gauges: &'static Gauges,
    pub common: &'r Common,
    /// How many machines the sums are of.
    machines: i32,
}

impl<'r> Used<'r> {
    #[must_use]
    pub fn by_instance(instance: &'r Instance) -> Self {
        Self { gauges: &OF_INSTANCE, common: &instance.common, machines: 1 }
    }

    #[must_use]
    pub fn by_group(group: &'r AutoScalingGroup) -> Self {
        let machines = i32::try_from(group.members.len()).unwrap_or(i32::MAX);
        Self { gauges: &OF_GROUP, common: &group.common, machines }
    }
}

/// The greatest daily p99.5 of the CPU; where it was not asked for, the maximum, which is never below it.
pub fn busiest_cpu<'a>(case: &Case<'a>, used: Used<'_>) -> Result<(Metric, &'a Summary), UnknownReason> {
    let Used { gauges, common, .. } = used;
    match case.summary(gauges.cpu_p995, common) {
        Ok(summary) => Ok((gauges.cpu_p995, summary)),
        Err(_) => Ok((gauges.cpu_max, case.summary(gauges.cpu_max, common)?)),
    }
}

/// A CPU that nothing with the same or fewer vCPUs could carry ends the matter: its network was not asked for.
pub fn leaves_room(case: &Case<'_>, used: Used<'_>) -> Result<bool, UnknownReason> {
    let headroom = f64::from(100 + case.thresholds.rightsize_headroom_percent);
    Ok(busiest_cpu(case, used)?.1.max * headroom <= 100.0 * 100.0)
}

/// Something that did nothing in the whole window.
pub struct Idle<'a> {
    gauges: &'static Gauges,
    cpu: &'a Summary,
    received: &'a Summary,
    sent: &'a Summary,
}

/// Whether nothing was done: the CPU never reached the threshold, nor did the busiest day's network for each
/// machine. The busiest day in and the busiest day out are added: no day can have had more.
pub fn find_idle<'a>(case: &Case<'a>, used: Used<'_>) -> Result<Option<Idle<'a>>, UnknownReason> {
    let Used { gauges, common, machines } = used;
    case.require_full_window(common)?;
    let cpu = case.summary(gauges.cpu_max, common)?;
    if cpu.max >= f64::from(case.thresholds.ec2_idle_cpu_percent) {
        return Ok(None);
    }
    let received = case.summary(gauges.network_in, common)?;
    let sent = case.summary(gauges.network_out, common)?;
    let limit = f64::from(case.thresholds.ec2_idle_network_mb_per_day) * MB * f64::from(machines);
    let quiet = received.max + sent.max < limit;
    Ok(quiet.then_some(Idle { gauges, cpu, received, sent }))
}

impl Idle<'_> {
    #[must_use]
    pub fn cpu_max(&self) -> f64 {
        self.cpu.max
    }

    /// One line for each metric.
    #[must_use]
    pub fn evidence(&self, case: &Case<'_>) -> Vec<Evidence> {
        let cpu_limit = format!("below {} %", case.thresholds.ec2_idle_cpu_percent);
        let mut evidence =
            vec![case.measured(self.gauges.cpu_max, self.cpu, format!("{:.1} %", self.cpu.max), cpu_limit)];
        evidence.extend(network_evidence(case, self.gauges, self.received, self.sent));
        evidence
    }
}

/// The busiest days of the network against the limit of an idle machine.
#[must_use]
pub fn network_evidence(
    case: &Case<'_>,
    gauges: &Gauges,
    received: &Summary,
    sent: &Summary,
) -> [Evidence; 2] {
    let megabytes = case.thresholds.ec2_idle_network_mb_per_day;
    let limit = format!("in and out together below {megabytes} MB a day and machine");
    let mb = |summary: &Summary| format!("{:.2} MB on the busiest day", summary.max / MB);
    [
        case.measured(gauges.network_in, received, mb(received), limit.clone()),
        case.measured(gauges.network_out, sent, mb(sent), limit),
    ]
}
