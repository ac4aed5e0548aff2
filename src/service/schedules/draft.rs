//! A change as it is put together: what was there, what is to be done about it, and what is there then.
//!
//! Pure: the rules over several schedules, calendars and assignments, each told with the field or the name of
//! what stands in the way.

use super::documents::to_text;
use crate::{
    db::{Document, KeptAssignment, KeptCalendar, KeptSchedule, ScheduleChange, SchedulePicture, Suspended},
    domain::{
        ids::{AssignmentId, CalendarId, ScheduleId},
        schedule::{Assignment, Calendar, Schedule},
    },
    error::{Error, ErrorCode},
};
use jiff::Timestamp;

const MAX_SCHEDULES: usize = 500;
const MAX_CALENDARS: usize = 200;
const MAX_ASSIGNMENTS: usize = 2_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    Created,
    Changed,
    /// It was like that already: nothing is written.
    Unchanged,
}

pub(super) struct Draft {
    state: SchedulePicture,
    changes: Vec<ScheduleChange>,
    by: String,
    now: Timestamp,
}

pub(super) fn conflict(detail: String) -> Error {
    Error::new(ErrorCode::Conflict, detail)
}

fn too_many(what: &str, most: usize) -> Error {
    Error::new(ErrorCode::Unprocessable, format!("an organization has at most {most} {what}"))
}

impl Draft {
    pub(super) fn of(picture: &SchedulePicture, by: &str, now: Timestamp) -> Self {
        Self { state: picture.clone(), changes: Vec::new(), by: by.to_owned(), now }
    }

    pub(super) const fn state(&self) -> &SchedulePicture {
        &self.state
    }

    pub(super) fn into_changes(self) -> Vec<ScheduleChange> {
        self.changes
    }

    pub(super) fn push(&mut self, change: ScheduleChange) {
        self.changes.push(change);
    }

    pub(super) fn schedule(&self, id: ScheduleId) -> Result<&KeptSchedule, Error> {
        self.state.schedules.iter().find(|kept| kept.id == id).ok_or_else(Error::not_found)
    }

    pub(super) fn schedule_called(&self, name: &str) -> Option<&KeptSchedule> {
        self.state.schedules.iter().find(|kept| kept.name == name)
    }

    fn calendar(&self, id: CalendarId) -> Result<&KeptCalendar, Error> {
        self.state.calendars.iter().find(|kept| kept.id == id).ok_or_else(Error::not_found)
    }

    pub(super) fn calendar_called(&self, name: &str) -> Option<&KeptCalendar> {
        self.state.calendars.iter().find(|kept| kept.name == name)
    }
}

/// Schedules.
impl Draft {
    pub(super) fn create_schedule(&mut self, schedule: Schedule, field: &str) -> Result<ScheduleId, Error> {
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
    pub(super) fn replace_schedule(
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

    pub(super) fn delete_schedule(&mut self, id: ScheduleId) -> Result<(), Error> {
        let name = self.schedule(id)?.name.clone();
        let assigned = self.state.assignments.iter().filter(|kept| kept.assignment.schedule == id).count();
        if assigned > 0 {
            return Err(conflict(format!(
                "the schedule {name:?} is still assigned ({assigned} times); delete its assignments first, or suspend it"
            )));
        }
        if self.state.overrides.iter().any(|kept| kept.what.scope == super::overrides::of_schedule(id)) {
            return Err(conflict(format!(
                "the schedule {name:?} has an override that is not over; end it first"
            )));
        }
        self.state.schedules.retain(|kept| kept.id != id);
        self.changes.push(ScheduleChange::DeleteSchedule(id));
        Ok(())
    }

    /// A second reason changes nothing.
    pub(super) fn suspend_schedule(&mut self, id: ScheduleId, reason: String) -> Result<(), Error> {
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

    pub(super) fn resume_schedule(&mut self, id: ScheduleId) -> Result<(), Error> {
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

/// Calendars.
impl Draft {
    pub(super) fn create_calendar(&mut self, calendar: Calendar) -> Result<CalendarId, Error> {
        self.require_free_calendar(calendar.name())?;
        if self.state.calendars.len() >= MAX_CALENDARS {
            return Err(too_many("calendars", MAX_CALENDARS));
        }
        let (id, document) = (CalendarId::generate(), document_of(calendar.name(), &calendar));
        self.state.calendars.push(KeptCalendar {
            id,
            name: calendar.name().to_owned(),
            document: document.text.clone(),
            calendar: Ok(calendar),
            revision: 1,
            created_at: self.now,
            updated_at: self.now,
            updated_by: self.by.clone(),
        });
        self.changes.push(ScheduleChange::CreateCalendar(id, document));
        Ok(id)
    }

    /// The schedules that use it change their meaning with it.
    pub(super) fn replace_calendar(
        &mut self,
        id: CalendarId,
        calendar: Calendar,
        revision: Option<i64>,
    ) -> Result<Effect, Error> {
        let kept = self.calendar(id)?;
        check_revision(revision, kept.revision)?;
        let document = document_of(calendar.name(), &calendar);
        if kept.document == document.text {
            return Ok(Effect::Unchanged);
        }
        let former = kept.name.clone();
        if former != calendar.name() {
            self.require_free_calendar(calendar.name())?;
            self.require_unused(&former, "keep its name")?;
        }
        for kept in self.state.calendars.iter_mut().filter(|kept| kept.id == id) {
            kept.name.clone_from(&document.name);
            kept.document.clone_from(&document.text);
            kept.calendar = Ok(calendar.clone());
            kept.revision += 1;
            kept.updated_at = self.now;
            kept.updated_by.clone_from(&self.by);
        }
        self.changes.push(ScheduleChange::ReplaceCalendar(id, document));
        self.touch_users(&former);
        Ok(Effect::Changed)
    }

    pub(super) fn delete_calendar(&mut self, id: CalendarId) -> Result<(), Error> {
        let name = self.calendar(id)?.name.clone();
        self.require_unused(&name, "take it out of them first")?;
        self.state.calendars.retain(|kept| kept.id != id);
        self.changes.push(ScheduleChange::DeleteCalendar(id));
        Ok(())
    }

    fn touch_users(&mut self, calendar: &str) {
        for kept in self.state.schedules.iter_mut().filter(|kept| uses(kept, calendar)) {
            kept.changed_at = self.now;
            self.changes.push(ScheduleChange::TouchSchedule(kept.id));
        }
    }

    fn require_free_calendar(&self, name: &str) -> Result<(), Error> {
        match self.calendar_called(name) {
            Some(_) => Err(conflict(format!("a calendar called {name:?} exists already"))),
            None => Ok(()),
        }
    }

    fn require_unused(&self, name: &str, advice: &str) -> Result<(), Error> {
        let users = self.state.schedules.iter().filter(|kept| uses(kept, name));
        let users: Vec<&str> = users.map(|kept| kept.name.as_str()).take(5).collect();
        if users.is_empty() {
            return Ok(());
        }
        let users = users.join(", ");
        Err(conflict(format!("the calendar {name:?} is used by the schedules {users}; {advice}")))
    }
}

/// One whose document cannot be read uses nothing.
fn uses(kept: &KeptSchedule, calendar: &str) -> bool {
    kept.schedule.as_ref().is_ok_and(|schedule| schedule.holidays().iter().any(|name| name == calendar))
}

/// Assignments.
impl Draft {
    /// Two for the same resources would leave open which one they follow.
    pub(super) fn create_assignment(&mut self, new: Assignment) -> Result<(), Error> {
        self.schedule(new.schedule)?;
        if let Some(kept) = self.same_assignment(&new) {
            let name = self.schedule(kept.assignment.schedule).map_or("another schedule", |kept| &kept.name);
            return Err(conflict(format!(
                "the same resources are assigned to {name:?} already (assignment {})",
                kept.assignment.id
            )));
        }
        if self.state.assignments.len() >= MAX_ASSIGNMENTS {
            return Err(too_many("assignments", MAX_ASSIGNMENTS));
        }
        self.state.assignments.push(KeptAssignment { assignment: new.clone(), created_by: self.by.clone() });
        self.changes.push(ScheduleChange::CreateAssignment(new));
        Ok(())
    }

    pub(super) fn delete_assignment(&mut self, id: AssignmentId) -> Result<(), Error> {
        let before = self.state.assignments.len();
        self.state.assignments.retain(|kept| kept.assignment.id != id);
        if self.state.assignments.len() == before {
            return Err(Error::not_found());
        }
        self.changes.push(ScheduleChange::DeleteAssignment(id));
        Ok(())
    }

    pub(super) fn same_assignment(&self, new: &Assignment) -> Option<&KeptAssignment> {
        self.state.assignments.iter().find(|kept| {
            let kept = &kept.assignment;
            (kept.account, &kept.region, &kept.tag) == (new.account, &new.region, &new.tag)
        })
    }
}

fn document_of(name: &str, document: &impl serde::Serialize) -> Document {
    Document { name: name.to_owned(), text: to_text(document) }
}

fn check_revision(expected: Option<i64>, found: i64) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != found => Err(conflict(format!(
            "somebody changed it in the meantime: revision {expected} was meant, it is at {found}; read it again"
        ))),
        _ => Ok(()),
    }
}
