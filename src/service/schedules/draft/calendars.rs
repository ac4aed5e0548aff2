//! Calendars of a draft: one that is used keeps its name, and changes the schedules with it.

use super::{Draft, Effect, check_revision, conflict, document_of, too_many};
use crate::{
    db::{KeptCalendar, KeptSchedule, ScheduleChange},
    domain::{ids::CalendarId, schedule::Calendar},
    error::Error,
};

const MAX_CALENDARS: usize = 200;

impl Draft {
    pub(in crate::service::schedules) fn create_calendar(
        &mut self,
        calendar: Calendar,
    ) -> Result<CalendarId, Error> {
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
    pub(in crate::service::schedules) fn replace_calendar(
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

    pub(in crate::service::schedules) fn delete_calendar(&mut self, id: CalendarId) -> Result<(), Error> {
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
