//! Changes to what people set: schedules, calendars, assignments, overrides. All of a change or nothing.
//!
//! Invariant: the rules over several rows (names, limits, overlaps, what is still in use) are asked while the
//! organisation's row is held: two changes at the same moment cannot both be right about the state before.

use super::{
    error::DbError,
    handle::{OrgDb, OrgTx},
    schedule::{self, KeptSchedule},
    schedule_assignment::{self, KeptAssignment},
    schedule_calendar::{self, KeptCalendar},
    schedule_override::{self, KeptOverride},
};
use crate::domain::{
    ids::{AssignmentId, CalendarId, OverrideId, ScheduleId},
    schedule::{Assignment, Override},
};
use jiff::Timestamp;

/// A checked document on its way into its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub name: String,
    /// Normalised: the same meaning is the same text.
    pub text: String,
}

/// Who changes something, and when.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    pub by: &'a str,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ScheduleChange {
    CreateCalendar(CalendarId, Document),
    ReplaceCalendar(CalendarId, Document),
    DeleteCalendar(CalendarId),
    CreateSchedule(ScheduleId, Document),
    ReplaceSchedule(ScheduleId, Document),
    /// A calendar that it uses was edited.
    TouchSchedule(ScheduleId),
    SuspendSchedule(ScheduleId, String),
    ResumeSchedule(ScheduleId),
    /// With its overrides; one that is assigned is refused by its foreign key.
    DeleteSchedule(ScheduleId),
    CreateAssignment(Assignment),
    DeleteAssignment(AssignmentId),
    CreateOverride(Override),
    EndOverride(OverrideId),
}

/// What an organisation has set, in all of its accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchedulePicture {
    /// By name, as the calendars are.
    pub schedules: Vec<KeptSchedule>,
    pub calendars: Vec<KeptCalendar>,
    pub assignments: Vec<KeptAssignment>,
    /// Those that were not over at the instant asked for.
    pub overrides: Vec<KeptOverride>,
}

impl OrgDb<'_> {
    /// For the scheduler's decisions: whatever the caller's own accounts are.
    pub async fn load_schedules(&self, overrides_since: Timestamp) -> Result<SchedulePicture, DbError> {
        Ok(SchedulePicture {
            schedules: self.all_schedules().await?,
            calendars: self.all_calendars().await?,
            assignments: self.all_assignments().await?,
            overrides: self.overrides_not_over(overrides_since).await?,
        })
    }

    /// Asks `plan` what to do about the present state, and does it before anybody else changes that.
    pub async fn change_schedules<T, E: From<DbError>>(
        &self,
        stamp: Stamp<'_>,
        plan: impl FnOnce(&SchedulePicture) -> Result<(Vec<ScheduleChange>, T), E> + Send,
    ) -> Result<T, E> {
        let mut tx = self.begin().await?;
        tx.hold_organization().await?;
        let picture = picture_in(&mut tx, stamp.at).await?;
        let (changes, planned) = plan(&picture)?;
        for change in &changes {
            carry_out(&mut tx, change, &stamp).await?;
        }
        tx.commit().await?;
        Ok(planned)
    }
}

async fn picture_in(tx: &mut OrgTx, now: Timestamp) -> Result<SchedulePicture, DbError> {
    Ok(SchedulePicture {
        schedules: schedule::all_in(tx).await?,
        calendars: schedule_calendar::all_in(tx).await?,
        assignments: schedule_assignment::all_in(tx).await?,
        overrides: schedule_override::not_over_in(tx, now).await?,
    })
}

async fn carry_out(tx: &mut OrgTx, change: &ScheduleChange, stamp: &Stamp<'_>) -> Result<(), DbError> {
    use ScheduleChange as C;
    match change {
        C::CreateCalendar(id, document) => schedule_calendar::create(tx, *id, document, stamp).await,
        C::ReplaceCalendar(id, document) => schedule_calendar::replace(tx, *id, document, stamp).await,
        C::DeleteCalendar(id) => schedule_calendar::delete(tx, *id).await,
        C::CreateSchedule(id, document) => schedule::create(tx, *id, document, stamp).await,
        C::ReplaceSchedule(id, document) => schedule::replace(tx, *id, document, stamp).await,
        C::TouchSchedule(id) => schedule::touch(tx, *id, stamp).await,
        C::SuspendSchedule(id, reason) => schedule::suspend(tx, *id, reason, stamp).await,
        C::ResumeSchedule(id) => schedule::resume(tx, *id, stamp).await,
        C::DeleteSchedule(id) => {
            schedule_override::delete_of(tx, *id).await?;
            schedule::delete(tx, *id).await
        }
        C::CreateAssignment(new) => schedule_assignment::create(tx, new, stamp).await,
        C::DeleteAssignment(id) => schedule_assignment::delete(tx, *id).await,
        C::CreateOverride(new) => schedule_override::create(tx, new, stamp.at).await,
        C::EndOverride(id) => schedule_override::end(tx, *id, stamp.at).await,
    }
}
