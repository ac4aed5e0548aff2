//! Which accounts, regions and tags follow a schedule.

use super::{KeptAssignment, TagDocument, applying::change};
use crate::{
    app::App,
    domain::{
        ids::{AccountId, AssignmentId, ScheduleId},
        region::Region,
        schedule::Assignment,
    },
    error::Error,
    op::OpCx,
};
use jiff::Timestamp;

#[derive(Clone, Debug)]
pub struct NewAssignment {
    pub account: AccountId,
    pub region: Option<Region>,
    pub tag: Option<TagDocument>,
}

impl NewAssignment {
    pub(super) fn check(
        self,
        schedule: ScheduleId,
        now: Timestamp,
        field: &str,
    ) -> Result<Assignment, Error> {
        if let Some(tag) = &self.tag {
            check_tag(tag, field)?;
        }
        Ok(Assignment {
            id: AssignmentId::generate(),
            schedule,
            account: self.account,
            region: self.region,
            tag: self.tag.map(|tag| (tag.key, tag.value)),
            created_at: now,
        })
    }
}

/// As AWS limits tags.
fn check_tag(tag: &TagDocument, field: &str) -> Result<(), Error> {
    let odd = |text: &str| text.chars().any(char::is_control);
    if tag.key.trim().is_empty() || tag.key.chars().count() > 128 || odd(&tag.key) {
        return Err(Error::invalid_field(&format!("{field}tag.key"), "use 1 to 128 characters"));
    }
    if tag.value.chars().count() > 256 || odd(&tag.value) {
        return Err(Error::invalid_field(&format!("{field}tag.value"), "use at most 256 characters"));
    }
    Ok(())
}

/// Of the accounts that the caller sees, in the order in which they were made.
pub async fn list_assignments(
    app: &App,
    cx: &OpCx,
    schedule: Option<ScheduleId>,
    after: Option<AssignmentId>,
    limit: u32,
) -> Result<Vec<KeptAssignment>, Error> {
    let db = app.database.scoped(&cx.scope);
    if let Some(schedule) = schedule {
        db.get_schedule(schedule).await?;
    }
    Ok(db.list_assignments(schedule, after, limit).await?)
}

pub async fn create_assignment(
    app: &App,
    cx: &OpCx,
    schedule: ScheduleId,
    new: NewAssignment,
) -> Result<KeptAssignment, Error> {
    let db = app.database.scoped(&cx.scope);
    db.get_schedule(schedule).await?;
    db.get_account(new.account).await?;
    let assignment = new.check(schedule, cx.now, "")?;
    let made = assignment.clone();
    change(app, cx, |draft| draft.create_assignment(assignment)).await?;
    Ok(KeptAssignment { assignment: made, created_by: cx.actor.subject.clone() })
}

pub async fn delete_assignment(
    app: &App,
    cx: &OpCx,
    schedule: ScheduleId,
    id: AssignmentId,
) -> Result<(), Error> {
    change(app, cx, |draft| {
        let found =
            draft.state().assignments.iter().map(|kept| &kept.assignment).any(|kept| {
                kept.id == id && kept.schedule == schedule && cx.scope.accounts().sees(kept.account)
            });
        if found { draft.delete_assignment(id) } else { Err(Error::not_found()) }
    })
    .await
}
