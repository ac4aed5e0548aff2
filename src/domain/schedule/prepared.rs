//! An organisation's configuration made ready for one instant.

use super::{Config, NoPlan, Observed, Plan, Target};
use crate::domain::tags::Tags;
use jiff::Timestamp;

#[derive(Debug)]
pub struct Prepared<'a> {
    config: &'a Config,
    now: Timestamp,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(config: &'a Config, now: Timestamp) -> Self {
        Self { config, now }
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Which schedule the resource follows, with the overrides on it.
    pub fn plan_for(&self, observed: &Observed) -> Result<Plan<'_>, NoPlan> {
        self.plan_of(&observed.target, &observed.tags)
    }

    /// The same for what is not held whole.
    pub fn plan_of(&self, _target: &Target, _tags: &Tags) -> Result<Plan<'_>, NoPlan> {
        let _ = self.config;
        Err(NoPlan::NoSchedule)
    }

    /// A schedule by its name, as a resource without overrides of its own follows it.
    pub fn plan_named(&self, _name: &str) -> Result<Plan<'_>, NoPlan> {
        Err(NoPlan::NoSchedule)
    }
}
