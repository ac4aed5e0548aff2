//! Schedules of a draft: names are taken once, calendars are there, what is in use stays.

use super::{super::overrides::of_schedule, Draft, Effect, check_revision, conflict, document_of, too_many};
use crate::{
    db::{KeptSchedule, ScheduleChange, Suspended},
    domain::{ids::ScheduleId, schedule::Schedule},
    error::Error,
};

const MAX_SCHEDULES: usize = 500;

impl Draft {
    pub(in crate::service::schedules) fn create_schedule(
        &mut self,
        schedule: Schedule,
        field: &str,
    ) -> Result<ScheduleId, Error> {
        self.require_free_schedule(schedule.name())?;
        self.require_calendars(&schedule, field)?;
        if self.state.schedules.len() >= MAX_SCHEDULES {
            return Err(too_many("schedules", MAX_SCHEDULES));
        }
        let (id, document) = (ScheduleId::generate(), document_of(schedule.name(), &schedule));
        self.state.schedules.push(KeptSchedule {
            id,
            name: schedule.name().to_owned(),
            document: document.text.clone(),
            schedule: Ok(schedule),
            revision: 1,
            suspended: None,
            changed_at: self.now,
            created_at: self.now,
            updated_at: self.now,
            updated_by: self.by.clone(),
        });
        self.changes.push(ScheduleChange::CreateSchedule(id, document));
        Ok(id)
    }

    /// With a revision, only that one is replaced.
    pub(in crate::service::schedules) fn replace_schedule(
        &mut self,
        id: ScheduleId,
        schedule: Schedule,
        revision: Option<i64>,
        field: &str,
    ) -> Result<Effect, Error> {
        let kept = self.schedule(id)?;
        check_revision(revision, kept.revision)?;
        let document = document_of(schedule.name(), &schedule);
        if kept.document == document.text {
            return Ok(Effect::Unchanged);
        }
        if kept.name != schedule.name() {
            self.require_free_schedule(schedule.name())?;
        }
        self.require_calendars(&schedule, field)?;
        for kept in self.state.schedules.iter_mut().filter(|kept| kept.id == id) {
            kept.name.clone_from(&document.name);
            kept.document.clone_from(&document.text);
            kept.schedule = Ok(schedule.clone());
            kept.revision += 1;
            (kept.changed_at, kept.updated_at) = (self.now, self.now);
            kept.updated_by.clone_from(&self.by);
        }
        self.changes.push(ScheduleChange::ReplaceSchedule(id, document));
        Ok(Effect::Changed)
    }

    pub(in crate::service::schedules) fn delete_schedule(&mut self, id: ScheduleId) -> Result<(), Error> {
        let name = self.schedule(id)?.name.clone();
        let assigned = self.state.assignments.iter().filter(|kept| kept.assignment.schedule == id).count();
        if assigned > 0 {
            return Err(conflict(format!(
                "the schedule {name:?} is still assigned ({assigned} times); delete its assignments first, or suspend it"
            )));
        }
        if self.state.overrides.iter().any(|kept| kept.what.scope == of_schedule(id)) {
            return Err(conflict(format!(
                "the schedule {name:?} has an override that is not over; end it first"
            )));
        }
        self.state.schedules.retain(|kept| kept.id != id);
        self.changes.push(ScheduleChange::DeleteSchedule(id));
        Ok(())
    }

    /// A second reason changes nothing.
    pub(in crate::service::schedules) fn suspend_schedule(
        &mut self,
        id: ScheduleId,
        reason: String,
    ) -> Result<(), Error> {
        if self.schedule(id)?.suspended.is_some() {
            return Ok(());
        }
        for kept in self.state.schedules.iter_mut().filter(|kept| kept.id == id) {
            kept.suspended = Some(Suspended { reason: reason.clone(), since: self.now });
            kept.updated_at = self.now;
            kept.updated_by.clone_from(&self.by);
        }
        self.changes.push(ScheduleChange::SuspendSchedule(id, reason));
        Ok(())
    }

    pub(in crate::service::schedules) fn resume_schedule(&mut self, id: ScheduleId) -> Result<(), Error> {
        if self.schedule(id)?.suspended.is_none() {
            return Ok(());
        }
        for kept in self.state.schedules.iter_mut().filter(|kept| kept.id == id) {
            kept.suspended = None;
            (kept.changed_at, kept.updated_at) = (self.now, self.now);
            kept.updated_by.clone_from(&self.by);
        }
        self.changes.push(ScheduleChange::ResumeSchedule(id));
        Ok(())
    }

    fn require_free_schedule(&self, name: &str) -> Result<(), Error> {
        match self.schedule_called(name) {
            Some(_) => Err(conflict(format!("a schedule called {name:?} exists already"))),
            None => Ok(()),
        }
    }

    fn require_calendars(&self, schedule: &Schedule, field: &str) -> Result<(), Error> {
        for (index, name) in schedule.holidays().iter().enumerate() {
            if self.calendar_called(name).is_none() {
                let field = format!("{field}holidays[{index}]");
                let detail = format!("there is no calendar called {name:?}; make it first");
                return Err(Error::invalid_field(&field, detail));
            }
        }
        Ok(())
    }
}
