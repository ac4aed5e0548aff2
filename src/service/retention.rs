//! What is forgotten, and when: recommendations that were decided long ago, sessions that ended, what
//! webhooks were told, and the audit after seven years.
//!
//! Every Sunday at 02:00 UTC one server does it for all; `tuner retention run` does it now. A part that fails
//! (a database user that may not delete the audit, say) does not hold up the others.

use super::{
    audit::{begin, finish},
    sessions::{count_ended, sweep_sessions},
    webhooks,
};
use crate::{
    app::App,
    audit::Ending,
    db::RetentionLimits,
    domain::scope::OrgScope,
    error::Error,
    op::{Actor, OpCx},
};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Span, Timestamp, ToSpan, civil::Weekday, tz::TimeZone};
use std::{sync::Arc, time::Duration};

const IMPLEMENTED_MONTHS: i64 = 12;
const DISMISSED_MONTHS: i64 = 3;
const SNOOZED_DAYS: i64 = 30;
const AUDIT_YEARS: i64 = 7;
/// What was saved is what finance reports: as long as the audit that tells who did it.
const SAVINGS_YEARS: i64 = 7;
/// What webhooks were told; also the secrets that were replaced, once they sign no more.
const DELIVERY_DAYS: i64 = 30;
/// What the scheduler did: a year and the month to compare it with. The time off by the day stays for good, the
/// audit of it for its seven years.
const SCHEDULER_MONTHS: i64 = 13;
/// A resource that is gone, or was untagged, and may come back.
const UNTAGGED_DAYS: i64 = 30;
/// Rows of one transaction: others write between them.
const BATCH: u32 = 500;
const TIMER: &str = "retention";
const LEASE: SignedDuration = SignedDuration::from_mins(30);
/// At least so often the timer looks whether another server left its work undone.
const LOOK_EVERY: Duration = Duration::from_hours(1);

/// Whether it is done, or only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Delete,
    DryRun,
}

/// One kind of rows of one organisation: deletes or counts those whose time is over.
type CleanUp = for<'a> fn(&'a App, &'a OpCx, Mode) -> BoxFuture<'a, Result<u64, Error>>;

/// All of them. A table whose rows end is named here.
const CLEAN_UPS: &[(&str, CleanUp)] = &[
    ("recommendations", |app, cx, mode| Box::pin(forget_recommendations(app, cx, mode))),
    ("ended sign-ins", |app, cx, mode| Box::pin(forget_sign_ins(app, cx, mode))),
    ("webhook deliveries", |app, cx, mode| Box::pin(forget_deliveries(app, cx, mode))),
    ("scheduler runs", |app, cx, mode| Box::pin(forget_runs(app, cx, mode))),
    ("scheduler actions", |app, cx, mode| Box::pin(forget_actions(app, cx, mode))),
    ("scheduler approvals", |app, cx, mode| Box::pin(forget_approvals(app, cx, mode))),
    ("untagged resources", |app, cx, mode| Box::pin(forget_untagged(app, cx, mode))),
    ("savings ledger", |app, cx, mode| Box::pin(forget_savings(app, cx, mode))),
    ("audit entries", |app, cx, mode| Box::pin(forget_audit(app, cx, mode))),
];

/// What was deleted of one kind in one organisation, or would be.
#[derive(Debug)]
pub struct Forgotten {
    /// Empty: what belongs to no organisation.
    pub organization: String,
    pub what: &'static str,
    pub rows: Result<u64, Error>,
}

/// So long before now; an end of a month stays one.
fn before(now: Timestamp, span: Span) -> Timestamp {
    now.to_zoned(TimeZone::UTC).checked_sub(span).map_or(Timestamp::UNIX_EPOCH, |at| at.timestamp())
}

/// Nothing of the audit that is younger may be missing.
#[must_use]
pub fn audit_kept_since(now: Timestamp) -> Timestamp {
    before(now, AUDIT_YEARS.years())
}

fn limits(now: Timestamp) -> RetentionLimits {
    RetentionLimits {
        implemented_before: before(now, IMPLEMENTED_MONTHS.months()),
        dismissed_before: before(now, DISMISSED_MONTHS.months()),
        snoozed_until_before: before(now, SNOOZED_DAYS.days()),
    }
}

async fn forget_recommendations(app: &App, cx: &OpCx, mode: Mode) -> Result<u64, Error> {
    let (db, limits) = (app.database.scoped(&cx.scope), limits(cx.now));
    let mut rows = 0;
    for (account, count) in db.count_old_recommendations(&limits).await? {
        rows += match mode {
            Mode::DryRun => count,
            Mode::Delete => db.forget_recommendations(account, &limits).await?,
        };
    }
    Ok(rows)
}

/// Sessions, signed-out tokens and set-up links belong to all organisations: they go with nobody's chain.
async fn forget_sign_ins(app: &App, cx: &OpCx, mode: Mode) -> Result<u64, Error> {
    if cx.scope.key() != OrgScope::of_nobody().key() {
        return Ok(0);
    }
    match mode {
        Mode::DryRun => count_ended(app, cx.now).await,
        Mode::Delete => sweep_sessions(app, cx.now).await,
    }
}

async fn forget_deliveries(app: &App, cx: &OpCx, mode: Mode) -> Result<u64, Error> {
    let created_before = before(cx.now, DELIVERY_DAYS.days());
    match mode {
        Mode::DryRun => webhooks::count_old(app, cx, created_before).await,
        Mode::Delete => webhooks::forget_old(app, cx, created_before).await,
    }
}

async fn forget_runs(app: &App, cx: &OpCx, mode: Mode) -> Result<u64, Error> {
    let (db, limit) = (app.database.scoped(&cx.scope), before(cx.now, SCHEDULER_MONTHS.months()));
    Ok(match mode {
        Mode::DryRun => db.count_old_runs(limit).await?,
        Mode::Delete => db.forget_runs(limit).await?,
    })
}

async fn forget_actions(app: &App, cx: &OpCx, mode: Mode) -> Result<u64, Error> {
    let (db, limit) = (app.database.scoped(&cx.scope), before(cx.now, SCHEDULER_MONTHS.months()));
    Ok(match mode {
        Mode::DryRun => db.count_old_actions(limit).await?,
        Mode::Delete => db.forget_actions(limit).await?,
    })
}

/// One that stands for good is in use.
async fn forget_approvals(app: &App, cx: &OpCx, mode: Mode) -> Result<u64, Error> {
    let (db, limit) = (app.database.scoped(&cx.scope), before(cx.now, SCHEDULER_MONTHS.months()));
    Ok(match mode {
        Mode::DryRun => db.count_old_approvals(limit).await?,
        Mode::Delete => db.forget_approvals(limit).await?,
    })
}

async fn forget_untagged(app: &App, cx: &OpCx, mode: Mode) -> Result<u64, Error> {
    let (db, limit) = (app.database.scoped(&cx.scope), before(cx.now, UNTAGGED_DAYS.days()));
    Ok(match mode {
        Mode::DryRun => db.count_gone_scheduled(limit).await?,
        Mode::Delete => db.forget_gone_scheduled(limit).await?,
    })
}

async fn forget_savings(app: &App, cx: &OpCx, mode: Mode) -> Result<u64, Error> {
    let (db, at) = (app.database.scoped(&cx.scope), before(cx.now, SAVINGS_YEARS.years()));
    let since = (at, at.to_zoned(TimeZone::UTC).date());
    Ok(match mode {
        Mode::DryRun => db.count_old_savings(since).await?,
        Mode::Delete => db.forget_savings(since).await?,
    })
}

async fn forget_audit(app: &App, cx: &OpCx, mode: Mode) -> Result<u64, Error> {
    let (db, since) = (app.database.scoped(&cx.scope), audit_kept_since(cx.now));
    if mode == Mode::DryRun {
        return Ok(db.count_old_audit(since, u32::MAX).await?);
    }
    let mut rows = 0;
    loop {
        let deleted = db.forget_audit(since, BATCH).await?;
        rows += deleted;
        if deleted == 0 {
            break;
        }
    }
    db.forget_audit_origins(since).await?;
    Ok(rows)
}

/// All organisations, as the actor: a person at the command line, or the timer.
pub async fn run(app: &App, actor: &Actor, mode: Mode, now: Timestamp) -> Result<Vec<Forgotten>, Error> {
    let mut all = Vec::new();
    for scope in super::audit::chains(app).await? {
        let cx = OpCx::without_request(actor.clone(), scope, now);
        for (what, clean_up) in CLEAN_UPS {
            let rows = clean(app, &cx, mode, (what, *clean_up)).await;
            if let Err(error) = &rows {
                tracing::error!(org.id = %cx.scope.organization(), what, %error, source = error.chain(), "could not be cleaned up");
            }
            all.push(Forgotten { organization: cx.scope.organization().to_string(), what, rows });
        }
    }
    Ok(all)
}

/// Audited where there is something to delete: the rest would be noise, week by week.
async fn clean(app: &App, cx: &OpCx, mode: Mode, (what, clean_up): (&str, CleanUp)) -> Result<u64, Error> {
    let due = clean_up(app, cx, Mode::DryRun).await?;
    if mode == Mode::DryRun || due == 0 {
        return Ok(due);
    }
    let intent = begin(app, cx, "retention.run", Some(what)).await?;
    let rows = clean_up(app, cx, Mode::Delete).await;
    let detail = rows.as_ref().ok().map(|rows| format!("{rows} deleted"));
    finish(app, intent, Ending { detail, ..Ending::from(&rows) }).await;
    rows
}

/// The newest Sunday 02:00 UTC that is not after `now`.
#[must_use]
pub fn due_at(now: Timestamp) -> Timestamp {
    let now = now.to_zoned(TimeZone::UTC).datetime();
    let today = i64::from(now.date().weekday().since(Weekday::Sunday));
    let sunday = now.date().saturating_sub(today.days()).at(2, 0, 0, 0);
    let due = if sunday <= now { sunday } else { sunday.saturating_sub(1.week()) };
    due.to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |at| at.timestamp())
}

/// The next one after `now`.
#[must_use]
pub fn next_run(now: Timestamp) -> Timestamp {
    due_at(now) + SignedDuration::from_hours(7 * 24)
}

/// Does what is due if no other server did or is doing it.
pub async fn run_if_due(app: &App, now: Timestamp) -> Result<Option<Vec<Forgotten>>, Error> {
    let due = due_at(now);
    if !app.database.claim_timer(TIMER, due, now, now + LEASE).await? {
        return Ok(None);
    }
    let forgotten = run(app, &Actor::system(), Mode::Delete, now).await?;
    app.database.finish_timer(TIMER, due).await?;
    Ok(Some(forgotten))
}

/// What was put aside until now is open again, also where no scan comes by.
pub async fn wake(app: &App, now: Timestamp) -> Result<u64, Error> {
    let mut woken = 0;
    for organization in app.database.list_organizations().await? {
        let scope = app.database.system_scope(organization.key, organization.name);
        woken += app.database.scoped(&scope).wake_recommendations(now).await?;
    }
    Ok(woken)
}

/// The timer, until the server stops.
pub async fn watch_retention(app: Arc<App>) {
    loop {
        let now = app.clock.now();
        if let Err(error) = wake(&app, now).await {
            tracing::warn!(%error, source = error.chain(), "what was put aside could not be opened again");
        }
        match run_if_due(&app, now).await {
            Ok(None) => {}
            Ok(Some(forgotten)) => {
                let rows: u64 = forgotten.iter().filter_map(|f| f.rows.as_ref().ok()).sum();
                tracing::info!(rows, "cleaned up");
            }
            Err(error) => tracing::warn!(%error, source = error.chain(), "could not clean up"),
        }
        let wait = Duration::try_from(app.clock.now().duration_until(next_run(now))).unwrap_or_default();
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(wait.min(LOOK_EVERY)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[rstest]
    #[case::in_the_week("2026-11-25T12:00:00Z", "2026-11-22T02:00:00Z", "2026-11-29T02:00:00Z")]
    #[case::before_it_on_sunday("2026-11-22T01:59:59Z", "2026-11-15T02:00:00Z", "2026-11-22T02:00:00Z")]
    #[case::on_the_dot("2026-11-22T02:00:00Z", "2026-11-22T02:00:00Z", "2026-11-29T02:00:00Z")]
    #[case::saturday_night("2026-11-21T23:59:59Z", "2026-11-15T02:00:00Z", "2026-11-22T02:00:00Z")]
    #[case::over_the_year("2027-01-01T00:00:00Z", "2026-12-27T02:00:00Z", "2027-01-03T02:00:00Z")]
    fn it_is_due_on_sundays_at_two(#[case] now: &str, #[case] due: &str, #[case] next: &str) {
        assert_eq!((due_at(at(now)), next_run(at(now))), (at(due), at(next)));
    }

    #[test]
    fn times_are_those_of_the_calendar() {
        let limits = limits(at("2028-02-29T12:00:00Z"));
        assert_eq!(limits.implemented_before, at("2027-02-28T12:00:00Z"));
        assert_eq!(limits.dismissed_before, at("2027-11-29T12:00:00Z"));
        assert_eq!(limits.snoozed_until_before, at("2028-01-30T12:00:00Z"));
        assert_eq!(audit_kept_since(at("2028-02-29T12:00:00Z")), at("2021-02-28T12:00:00Z"));
    }
}
