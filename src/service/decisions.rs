//! What people decide about a recommendation. Deciding changes nothing at AWS: it records what they do.

pub use crate::db::{Decision, EventKind, KeptEvent};
use crate::{
    app::App,
    db::KeptRecommendation,
    domain::{
        ids::{EventId, RecommendationId},
        recommendation::RecommendationStatus,
    },
    error::{Error, ErrorCode},
    op::OpCx,
};
use jiff::{SignedDuration, Timestamp};

/// Later than that nobody remembers why.
const LONGEST: SignedDuration = SignedDuration::from_hours(5 * 366 * 24);
const MAX_NOTE_CHARS: usize = 1000;

/// The recommendation as it is after the decision.
pub async fn decide(
    app: &App,
    cx: &OpCx,
    id: RecommendationId,
    decision: Decision,
) -> Result<KeptRecommendation, Error> {
    check(&decision, cx.now)?;
    let db = app.database.scoped(&cx.scope);
    let kept = db.get_recommendation(id).await?;
    if stands_already(&kept, &decision) {
        return Ok(kept);
    }
    require_follows(kept.recommendation.status, &decision)?;
    db.decide_recommendation(id, &decision, cx.actor.user_id, cx.now).await?;
    Ok(db.get_recommendation(id).await?)
}

/// Its steps, newest first; `before` is the last one of the page before.
pub async fn history(
    app: &App,
    cx: &OpCx,
    id: RecommendationId,
    before: Option<EventId>,
    limit: u32,
) -> Result<Vec<KeptEvent>, Error> {
    let db = app.database.scoped(&cx.scope);
    let account = db.get_recommendation(id).await?.recommendation.account_id;
    Ok(db.list_events(account, id, before, limit).await?)
}

/// Said again, it is said already: nothing is written, and who said it first stays.
fn stands_already(kept: &KeptRecommendation, decision: &Decision) -> bool {
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    let Some(taken) = &kept.decision else { return false };
    *decision != Decision::Reopen
        && kept.recommendation.status == decision.status(true)
        && taken.note == decision.note()
        && micros(taken.until) == micros(decision.until())
}

/// Refuses a step that makes no sense.
pub(super) fn require_follows(before: RecommendationStatus, decision: &Decision) -> Result<(), Error> {
    if follows(before, decision) {
        return Ok(());
    }
    let detail = format!("a recommendation that is {before} cannot be {}", past_tense(decision));
    Err(Error::new(ErrorCode::Conflict, detail))
}

pub(super) fn check(decision: &Decision, now: Timestamp) -> Result<(), Error> {
    let (until, note) = match decision {
        Decision::Snooze { until } => (Some(*until), None),
        Decision::Dismiss { reason, until } => (*until, Some(("reason", reason))),
        Decision::Implement { note } => (None, note.as_ref().map(|note| ("note", note))),
        Decision::Reopen => (None, None),
    };
    if until.is_some_and(|until| until <= now || until > now + LONGEST) {
        return Err(Error::invalid_field("until", "use a time in the future, within five years"));
    }
    match note {
        Some(("reason", text)) if text.trim().is_empty() => {
            Err(Error::invalid_field("reason", "say why; others will ask"))
        }
        Some((field, text)) if text.chars().count() > MAX_NOTE_CHARS => {
            Err(Error::invalid_field(field, format!("use at most {MAX_NOTE_CHARS} characters")))
        }
        _ => Ok(()),
    }
}

/// What has disappeared by itself is history, what the settings leave out is decided there; only what was decided can be taken back.
fn follows(before: RecommendationStatus, decision: &Decision) -> bool {
    match decision {
        Decision::Reopen => before.decided(),
        Decision::Snooze { .. } | Decision::Dismiss { .. } | Decision::Implement { .. } => !matches!(
            before,
            RecommendationStatus::Resolved
                | RecommendationStatus::Implemented
                | RecommendationStatus::Excluded
        ),
    }
}

const fn past_tense(decision: &Decision) -> &'static str {
    match decision {
        Decision::Snooze { .. } => "snoozed",
        Decision::Dismiss { .. } => "dismissed",
        Decision::Implement { .. } => "marked as implemented",
        Decision::Reopen => "reopened",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RecommendationStatus as Status;

    fn now() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn what_follows_from_each_state() {
        let snooze = Decision::Snooze { until: now() };
        let may = |decision: &Decision| -> Vec<Status> {
            Status::ALL.iter().copied().filter(|before| follows(*before, decision)).collect()
        };
        assert_eq!(may(&snooze), [Status::Active, Status::Snoozed, Status::Dismissed, Status::Stale]);
        assert_eq!(may(&Decision::Reopen), [Status::Snoozed, Status::Dismissed, Status::Implemented]);
    }

    #[test]
    fn a_wrong_decision_names_its_field() {
        let dismiss = |reason: &str, until| Decision::Dismiss { reason: reason.to_owned(), until };
        let far = now() + SignedDuration::from_hours(6 * 366 * 24);
        for (decision, field) in [
            (Decision::Snooze { until: now() }, "until"),
            (Decision::Snooze { until: far }, "until"),
            (dismiss("needed", Some(now())), "until"),
            (dismiss(" ", None), "reason"),
            (Decision::Implement { note: Some("x".repeat(1001)) }, "note"),
        ] {
            assert_eq!(check(&decision, now()).unwrap_err().fields()[0].field, field, "{decision:?}");
        }
        assert!(check(&dismiss("needed at year's end", None), now()).is_ok());
    }
}
