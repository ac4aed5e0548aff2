//! Schedules as files, and the one way in which anything of them is changed.
//!
//! Invariant: all of it or nothing, and the second time nothing.

use super::{
    assignments::NewAssignment,
    bundle::Bundle,
    difference::{Difference, differences},
    documents::{AssignmentDocument, CalendarDocument, ScheduleDocument},
    draft::{Draft, Effect, conflict},
};
use crate::{
    app::App,
    db::{DbError, SchedulePicture, Stamp},
    error::Error,
    op::OpCx,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// Rules are asked and changes made while nobody else changes anything.
pub(super) async fn change<T: Send>(
    app: &App,
    cx: &OpCx,
    plan: impl FnOnce(&mut Draft) -> Result<T, Error> + Send,
) -> Result<T, Error> {
    let stamp = Stamp { by: &cx.actor.subject, at: cx.now };
    let db = app.database.scoped(&cx.scope);
    db.change_schedules(stamp, |picture| {
        let mut draft = Draft::of(picture, stamp.by, stamp.at);
        let planned = plan(&mut draft)?;
        Ok((draft.into_changes(), planned))
    })
    .await
}

/// What became of one document.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    /// `calendar`, `schedule`, `assignment`
    pub kind: &'static str,
    pub name: String,
    pub effect: Effect,
    pub differences: Vec<Difference>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    pub applied: Vec<Applied>,
}

/// Makes what a bundle says, by name. What it does not name stays.
pub async fn apply(app: &App, cx: &OpCx, bundle: &Bundle) -> Result<Application, Error> {
    require_accounts(app, cx, bundle).await?;
    change(app, cx, |draft| put_all(draft, cx, bundle)).await
}

/// What `apply` would do; nothing is written.
pub async fn look(app: &App, cx: &OpCx, bundle: &Bundle) -> Result<Application, Error> {
    require_accounts(app, cx, bundle).await?;
    let picture: SchedulePicture = app.database.scoped(&cx.scope).load_schedules(cx.now).await?;
    put_all(&mut Draft::of(&picture, &cx.actor.subject, cx.now), cx, bundle)
}

async fn require_accounts(app: &App, cx: &OpCx, bundle: &Bundle) -> Result<(), Error> {
    let db = app.database.scoped(&cx.scope);
    for (index, assignment) in bundle.assignments.iter().enumerate() {
        if let Err(DbError::NotFound(_)) = db.get_account(assignment.account_id).await {
            let field = format!("assignments[{index}].accountId");
            let detail = format!("there is no account {}", assignment.account_id);
            return Err(Error::invalid_field(&field, detail));
        }
    }
    Ok(())
}

fn put_all(draft: &mut Draft, cx: &OpCx, bundle: &Bundle) -> Result<Application, Error> {
    require_once(bundle)?;
    let mut applied = Vec::new();
    for (index, calendar) in bundle.calendars.iter().enumerate() {
        applied.push(put_calendar(draft, calendar, &format!("calendars[{index}]."))?);
    }
    for (index, schedule) in bundle.schedules.iter().enumerate() {
        applied.push(put_schedule(draft, schedule, &format!("schedules[{index}]."))?);
    }
    for (index, assignment) in bundle.assignments.iter().enumerate() {
        applied.push(put_assignment(draft, cx, assignment, &format!("assignments[{index}]."))?);
    }
    Ok(Application { applied })
}

/// Which of two documents of one name is meant?
fn require_once(bundle: &Bundle) -> Result<(), Error> {
    let schedules = bundle.schedules.iter().map(|document| ("schedule", &document.name));
    let calendars = bundle.calendars.iter().map(|document| ("calendar", &document.name));
    let mut seen = BTreeSet::new();
    for (kind, name) in schedules.chain(calendars) {
        if !seen.insert((kind, name)) {
            return Err(conflict(format!("the {kind} {name:?} is there twice; which one is meant?")));
        }
    }
    Ok(())
}

fn put_calendar(draft: &mut Draft, document: &CalendarDocument, field: &str) -> Result<Applied, Error> {
    let calendar = document.check(field)?;
    let kept = draft.calendar_called(calendar.name()).map(|kept| (kept.id, kept.document.clone()));
    let (effect, before) = match kept {
        Some((id, before)) => (draft.replace_calendar(id, calendar, None)?, before),
        None => (draft.create_calendar(calendar).map(|_| Effect::Created)?, String::new()),
    };
    let after = draft.calendar_called(&document.name).map_or("", |kept| &kept.document);
    Ok(told("calendar", document.name.clone(), effect, differences(&before, after)))
}

fn put_schedule(draft: &mut Draft, document: &ScheduleDocument, field: &str) -> Result<Applied, Error> {
    let schedule = document.check(field)?;
    let kept = draft.schedule_called(schedule.name()).map(|kept| (kept.id, kept.document.clone()));
    let (effect, before) = match kept {
        Some((id, before)) => (draft.replace_schedule(id, schedule, None, field)?, before),
        None => (draft.create_schedule(schedule, field).map(|_| Effect::Created)?, String::new()),
    };
    let after = draft.schedule_called(&document.name).map_or("", |kept| &kept.document);
    Ok(told("schedule", document.name.clone(), effect, differences(&before, after)))
}

/// The same resources follow one schedule: another one takes its place.
fn put_assignment(
    draft: &mut Draft,
    cx: &OpCx,
    document: &AssignmentDocument,
    field: &str,
) -> Result<Applied, Error> {
    let Some(schedule) = draft.schedule_called(&document.schedule).map(|kept| kept.id) else {
        let detail = format!("there is no schedule called {:?}", document.schedule);
        return Err(Error::invalid_field(&format!("{field}schedule"), detail));
    };
    let AssignmentDocument { account_id: account, region, tag, .. } = document.clone();
    let new = NewAssignment { account, region, tag }.check(schedule, cx.now, field)?;
    let effect = match draft.same_assignment(&new).map(|kept| kept.assignment.clone()) {
        Some(kept) if kept.schedule == schedule => Effect::Unchanged,
        Some(kept) => {
            draft.delete_assignment(kept.id)?;
            draft.create_assignment(new)?;
            Effect::Changed
        }
        None => {
            draft.create_assignment(new)?;
            Effect::Created
        }
    };
    Ok(told("assignment", name_of(document), effect, Vec::new()))
}

fn name_of(document: &AssignmentDocument) -> String {
    let region = document.region.as_ref().map(|region| format!(" {region}")).unwrap_or_default();
    let tag = document.tag.as_ref().map(|tag| format!(" {}={}", tag.key, tag.value)).unwrap_or_default();
    format!("{}{region}{tag} -> {}", document.account_id, document.schedule)
}

/// What is new is shown by its name alone.
fn told(kind: &'static str, name: String, effect: Effect, differences: Vec<Difference>) -> Applied {
    let differences = if effect == Effect::Changed { differences } else { Vec::new() };
    Applied { kind, name, effect, differences }
}
