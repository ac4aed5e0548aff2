//! Overrides: somebody decides instead of a schedule, for a while.

use super::{
    KeptOverride, OverrideFilter,
    applying::change,
    draft::{Draft, conflict},
    words::checked_reason,
};
use crate::{
    app::App,
    db::ScheduleChange,
    domain::{
        ids::{OverrideId, ScheduleId},
        schedule::{Override, OverrideScope, OverrideState},
    },
    error::{Error, ErrorCode},
    op::OpCx,
};
use jiff::{SignedDuration, Timestamp};

/// What shall hold for longer is a schedule.
const LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);
const FURTHEST: SignedDuration = SignedDuration::from_hours(366 * 24);
const MAX_OVERRIDES: usize = 1_000;

#[derive(Clone, Debug)]
pub struct NewOverride {
    pub scope: OverrideScope,
    pub state: OverrideState,
    pub reason: String,
    /// None: from now on.
    pub from: Option<Timestamp>,
    pub until: Timestamp,
}

pub(super) const fn of_schedule(id: ScheduleId) -> OverrideScope {
    OverrideScope::Schedule(id)
}

pub async fn get_override(app: &App, cx: &OpCx, id: OverrideId) -> Result<KeptOverride, Error> {
    Ok(app.database.scoped(&cx.scope).get_override(id).await?)
}

/// The newest first.
pub async fn list_overrides(
    app: &App,
    cx: &OpCx,
    filter: &OverrideFilter,
    before: Option<OverrideId>,
    limit: u32,
) -> Result<Vec<KeptOverride>, Error> {
    Ok(app.database.scoped(&cx.scope).list_overrides(filter, before, limit).await?)
}

/// It must have an end, and nothing else may decide for the same scope at the same time.
pub async fn create_override(app: &App, cx: &OpCx, new: NewOverride) -> Result<KeptOverride, Error> {
    require_scope(app, cx, &new.scope).await?;
    let made = check(new, cx)?;
    let id = made.id;
    change(app, cx, |draft| add(draft, made)).await?;
    get_override(app, cx, id).await
}

/// What is not tagged, or in an account that is not granted, is as if it did not exist.
async fn require_scope(app: &App, cx: &OpCx, scope: &OverrideScope) -> Result<(), Error> {
    let db = app.database.scoped(&cx.scope);
    match scope {
        OverrideScope::Schedule(id) => db.get_schedule(*id).await.map(drop)?,
        // A mistyped id must not look like an override that holds.
        OverrideScope::Resource(target) => {
            if db.get_scheduled(target).await?.gone_at.is_some() {
                return Err(Error::not_found());
            }
        }
    }
    Ok(())
}

fn check(new: NewOverride, cx: &OpCx) -> Result<Override, Error> {
    let from = new.from.map_or(cx.now, |from| from.max(cx.now));
    if new.until <= from {
        return Err(Error::invalid_field("until", "use a time in the future, after the beginning"));
    }
    if from > cx.now + FURTHEST {
        return Err(Error::invalid_field("from", "use a time within a year"));
    }
    if new.until > from + LONGEST {
        let detail = "an override lasts 90 days at most; what shall hold for longer belongs into a schedule";
        return Err(Error::invalid_field("until", detail));
    }
    Ok(Override {
        id: OverrideId::generate(),
        scope: new.scope,
        state: new.state,
        reason: checked_reason(&new.reason)?,
        from,
        until: new.until,
        actor: cx.actor.user_id,
        actor_name: cx.actor.subject.clone(),
    })
}

fn add(draft: &mut Draft, new: Override) -> Result<(), Error> {
    let kept = &draft.state().overrides;
    let others = kept.iter().map(|kept| &kept.what).filter(|other| other.scope == new.scope);
    if let Some(other) = others.into_iter().find(|other| other.from < new.until && new.from < other.until) {
        return Err(conflict(format!(
            "override {} ({} by {}) holds from {} until {}; end it first",
            other.id, other.state, other.actor_name, other.from, other.until
        )));
    }
    if kept.len() >= MAX_OVERRIDES {
        let detail = format!("an organization has at most {MAX_OVERRIDES} overrides at a time");
        return Err(Error::new(ErrorCode::Unprocessable, detail));
    }
    draft.push(ScheduleChange::CreateOverride(new));
    Ok(())
}

/// Now, instead of when it was to end. What is over already stays as it is.
pub async fn end_override(app: &App, cx: &OpCx, id: OverrideId) -> Result<KeptOverride, Error> {
    let kept = get_override(app, cx, id).await?;
    if kept.what.until > cx.now {
        change(app, cx, |draft| {
            draft.push(ScheduleChange::EndOverride(id));
            Ok(())
        })
        .await?;
    }
    get_override(app, cx, id).await
}
