//! A change as it is put together: what was there, what is to be done about it, and what is there then.
//!
//! Pure: the rules over several schedules, calendars and assignments, each told with the field or the name of
//! what stands in the way.

mod assignments;
mod calendars;
mod schedules;

use super::documents::to_text;
use crate::{
    db::{Document, KeptCalendar, KeptSchedule, ScheduleChange, SchedulePicture},
    domain::ids::{CalendarId, ScheduleId},
    error::{Error, ErrorCode},
};
use jiff::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    Created,
    Changed,
    /// It was like that already: nothing is written.
    Unchanged,
}

pub(in crate::service::schedules) struct Draft {
    state: SchedulePicture,
    changes: Vec<ScheduleChange>,
    by: String,
    now: Timestamp,
}

pub(in crate::service::schedules) fn conflict(detail: String) -> Error {
    Error::new(ErrorCode::Conflict, detail)
}

fn too_many(what: &str, most: usize) -> Error {
    Error::new(ErrorCode::Unprocessable, format!("an organization has at most {most} {what}"))
}

impl Draft {
    pub(in crate::service::schedules) fn of(picture: &SchedulePicture, by: &str, now: Timestamp) -> Self {
        Self { state: picture.clone(), changes: Vec::new(), by: by.to_owned(), now }
    }

    pub(in crate::service::schedules) const fn state(&self) -> &SchedulePicture {
        &self.state
    }

    pub(in crate::service::schedules) fn into_changes(self) -> Vec<ScheduleChange> {
        self.changes
    }

    pub(in crate::service::schedules) fn push(&mut self, change: ScheduleChange) {
        self.changes.push(change);
    }

    pub(in crate::service::schedules) fn schedule(&self, id: ScheduleId) -> Result<&KeptSchedule, Error> {
        self.state.schedules.iter().find(|kept| kept.id == id).ok_or_else(Error::not_found)
    }

    pub(in crate::service::schedules) fn schedule_called(&self, name: &str) -> Option<&KeptSchedule> {
        self.state.schedules.iter().find(|kept| kept.name == name)
    }

    fn calendar(&self, id: CalendarId) -> Result<&KeptCalendar, Error> {
        self.state.calendars.iter().find(|kept| kept.id == id).ok_or_else(Error::not_found)
    }

    pub(in crate::service::schedules) fn calendar_called(&self, name: &str) -> Option<&KeptCalendar> {
        self.state.calendars.iter().find(|kept| kept.name == name)
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
