//! What an instance was seen to do: shared by the rules that judge its use.

use super::Case;
use crate::domain::{
    finding::{Evidence, UnknownReason},
    inventory::Instance,
    metric::{Metric, Summary},
};

const MB: f64 = 1_000_000.0;

/// Runs on demand and belongs to nothing that would replace or resize it.
#[must_use]
pub fn is_own(instance: &Instance) -> bool {
    instance.running_on_demand() && !instance.managed()
}

/// An instance that did nothing in the whole window.
pub struct Idle<'a> {
    cpu: &'a Summary,
    received: &'a Summary,
    sent: &'a Summary,
}

/// Whether an instance did nothing: its CPU never reached the threshold, nor did its busiest day's network.
/// The busiest day in and the busiest day out are added: no day can have had more.
pub fn find_idle<'a>(case: &Case<'a>, instance: &Instance) -> Result<Option<Idle<'a>>, UnknownReason> {
    case.require_full_window(&instance.common)?;
    let cpu = case.summary(Metric::Ec2CpuMax, &instance.common)?;
    if cpu.max >= f64::from(case.thresholds.ec2_idle_cpu_percent) {
        return Ok(None);
    }
    let received = case.summary(Metric::Ec2NetworkIn, &instance.common)?;
    let sent = case.summary(Metric::Ec2NetworkOut, &instance.common)?;
    let quiet = received.max + sent.max < f64::from(case.thresholds.ec2_idle_network_mb_per_day) * MB;
    Ok(quiet.then_some(Idle { cpu, received, sent }))
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
        let limit =
            format!("in and out together below {} MB a day", case.thresholds.ec2_idle_network_mb_per_day);
        let mb = |summary: &Summary| format!("{:.2} MB on the busiest day", summary.max / MB);
        vec![
            case.measured(Metric::Ec2CpuMax, self.cpu, format!("{:.1} %", self.cpu.max), cpu_limit),
            case.measured(Metric::Ec2NetworkIn, self.received, mb(self.received), limit.clone()),
            case.measured(Metric::Ec2NetworkOut, self.sent, mb(self.sent), limit),
        ]
    }
}
