//! An organisation's configuration made ready for one instant, and which schedule a resource follows.

use super::{
    Assignment, Config, KnownSchedule, NoPlan, Observed, Override, OverrideScope, Plan, Target,
    overrides::Overrides,
    plan::{Prospect, prospect},
    timeline::{Course, Holidays},
};
use crate::domain::{
    ids::{AccountId, ScheduleId},
    tags::Tags,
};
use jiff::Timestamp;
use std::{collections::HashMap, sync::OnceLock};

const TAG: &str = "Schedule";
const EXEMPT: &str = "ignore";

#[derive(Debug)]
pub struct Prepared<'a> {
    config: &'a Config,
    now: Timestamp,
    by_name: HashMap<&'a str, Entry<'a>>,
    names: HashMap<ScheduleId, &'a str>,
    assignments: HashMap<AccountId, Vec<&'a Assignment>>,
    of_resources: HashMap<&'a Target, Vec<&'a Override>>,
}

#[derive(Debug)]
struct Entry<'a> {
    known: &'a KnownSchedule,
    overrides: Vec<&'a Override>,
    /// None where a calendar is missing. Made when the first resource asks.
    ready: OnceLock<Option<(Course<'a>, Prospect)>>,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(config: &'a Config, now: Timestamp) -> Self {
        let mut assignments: HashMap<AccountId, Vec<&Assignment>> = HashMap::new();
        for assignment in &config.assignments {
            assignments.entry(assignment.account).or_default().push(assignment);
        }
        let mut of_schedules: HashMap<ScheduleId, Vec<&Override>> = HashMap::new();
        let mut of_resources: HashMap<&Target, Vec<&Override>> = HashMap::new();
        for entry in newest_first(&config.overrides) {
            match &entry.scope {
                OverrideScope::Schedule(id) => of_schedules.entry(*id).or_default().push(entry),
                OverrideScope::Resource(target) => of_resources.entry(target).or_default().push(entry),
            }
        }
        let entry = |known: &'a KnownSchedule| Entry {
            known,
            overrides: of_schedules.get(&known.key.id).cloned().unwrap_or_default(),
            ready: OnceLock::new(),
        };
        Self {
            config,
            now,
            by_name: config.schedules.iter().map(|(name, known)| (name.as_str(), entry(known))).collect(),
            names: config.schedules.iter().map(|(name, known)| (known.key.id, name.as_str())).collect(),
            assignments,
            of_resources,
        }
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
    pub fn plan_of(&self, target: &Target, tags: &Tags) -> Result<Plan<'_>, NoPlan> {
        if !tags.scheduled() {
            return Err(NoPlan::NotTagged);
        }
        let name = match tags.get(TAG) {
            Some(EXEMPT) => return Err(NoPlan::Exempt),
            Some(name) => name,
            None => self.assigned(target, tags)?,
        };
        let mut plan = self.plan_named(name)?;
        if self.config.suspended_accounts.contains(&target.account) {
            return Err(NoPlan::AccountSuspended);
        }
        if !self.of_resources.is_empty() {
            plan.overrides.of_resource = self.of_resources.get(target).map(Vec::as_slice).unwrap_or_default();
        }
        Ok(plan)
    }

    /// A schedule by its name, as a resource without overrides of its own follows it.
    pub fn plan_named(&self, name: &str) -> Result<Plan<'_>, NoPlan> {
        let (name, entry) = self.by_name.get_key_value(name).ok_or(NoPlan::UnknownSchedule)?;
        let known = entry.known;
        if known.suspended {
            return Err(NoPlan::ScheduleSuspended);
        }
        let ready = entry.ready.get_or_init(|| self.make_ready(entry)).as_ref();
        let (course, prepared) = ready.ok_or(NoPlan::UnknownCalendar)?;
        Ok(Plan {
            name,
            key: known.key,
            options: known.schedule.options(),
            changed_at: known.changed_at,
            course,
            overrides: Overrides { of_schedule: &entry.overrides, of_resource: &[] },
            prepared,
        })
    }

    fn make_ready(&self, entry: &Entry<'a>) -> Option<(Course<'a>, Prospect)> {
        let known = entry.known;
        let (holidays, unknown) = Holidays::of(&known.schedule, &self.config.calendars);
        if !unknown.is_empty() {
            return None;
        }
        let course = Course::new(&known.schedule, holidays, self.now);
        let overrides = Overrides { of_schedule: &entry.overrides, of_resource: &[] };
        let prospect = prospect(&course, overrides, known.changed_at, self.now);
        Some((course, prospect))
    }

    /// The schedule of the most specific assignment; equally specific ones must agree.
    fn assigned(&self, target: &Target, tags: &Tags) -> Result<&'a str, NoPlan> {
        let (mut best, mut chosen, mut agree) = (0, None, true);
        let mine = self.assignments.get(&target.account).map(Vec::as_slice).unwrap_or_default();
        for assignment in mine.iter().filter(|assignment| matches(assignment, target, tags)) {
            let weight = specificity(assignment);
            if chosen.is_none() || weight > best {
                (best, chosen, agree) = (weight, Some(assignment.schedule), true);
            } else if weight == best {
                agree &= chosen == Some(assignment.schedule);
            }
        }
        match chosen {
            None => Err(NoPlan::NoSchedule),
            Some(_) if !agree => Err(NoPlan::AmbiguousAssignment),
            Some(id) => self.names.get(&id).copied().ok_or(NoPlan::UnknownSchedule),
        }
    }
}

/// Ids sort by the time they were made at.
fn newest_first(overrides: &[Override]) -> Vec<&Override> {
    let mut sorted: Vec<&Override> = overrides.iter().collect();
    sorted.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    sorted
}

fn matches(assignment: &Assignment, target: &Target, tags: &Tags) -> bool {
    let region = assignment.region.as_ref().is_none_or(|region| *region == target.region);
    region && assignment.tag.as_ref().is_none_or(|(key, value)| tags.get(key) == Some(value.as_str()))
}

/// Tag and region, then tag, then region, then the account alone.
fn specificity(assignment: &Assignment) -> u8 {
    2 * u8::from(assignment.tag.is_some()) + u8::from(assignment.region.is_some())
}

#[cfg(test)]
mod tests;
