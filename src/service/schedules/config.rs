//! What the scheduler's decisions need of all that people set.

use crate::{
    app::App,
    db::{KeptSchedule, SchedulePicture},
    domain::schedule::{AccountSuspension, Config, KnownSchedule, ScheduleKey, Stopped},
    error::Error,
    op::OpCx,
};
use jiff::SignedDuration;

/// An override that is over still tells why a state was changed when it ended: for as long as the longest
/// catch-up window, and some.
const OVERRIDES_KEPT: SignedDuration = SignedDuration::from_hours(8 * 24);

/// All of the organisation, as it is now. With a scope of the system, all suspended accounts are in it.
pub async fn config(app: &App, cx: &OpCx) -> Result<Config, Error> {
    let db = app.database.scoped(&cx.scope);
    let picture = db.load_schedules(cx.now - OVERRIDES_KEPT).await?;
    Ok(config_of(picture, &db.list_suspensions().await?))
}

/// The organisation's, or else the installation's. One cheap statement.
pub async fn kill_switch(app: &App, cx: &OpCx) -> Result<Option<Stopped>, Error> {
    Ok(app.database.scoped(&cx.scope).list_stops().await?.into_iter().next())
}

/// A document that cannot be read any more (its zone left the system's data) stands for nothing: resources that
/// name it follow an unknown schedule, and nothing is done about them.
fn config_of(picture: SchedulePicture, suspensions: &[AccountSuspension]) -> Config {
    let overrides = picture.overrides.into_iter().map(|kept| kept.what);
    let calendars = picture.calendars.into_iter();
    Config {
        schedules: picture.schedules.into_iter().filter_map(known).collect(),
        calendars: calendars.filter_map(|kept| kept.calendar.ok().map(|c| (kept.name, c))).collect(),
        assignments: picture.assignments.into_iter().map(|kept| kept.assignment).collect(),
        overrides: overrides.filter(|what| what.from < what.until).collect(),
        suspended_accounts: suspensions.iter().map(|suspension| suspension.account).collect(),
    }
}

fn known(kept: KeptSchedule) -> Option<(String, KnownSchedule)> {
    let schedule = kept
        .schedule
        .inspect_err(|error| tracing::warn!(schedule = %kept.id, %error, "a schedule cannot be read"))
        .ok()?;
    let known = KnownSchedule {
        key: ScheduleKey { id: kept.id, revision: kept.revision },
        schedule,
        suspended: kept.suspended.is_some(),
        changed_at: kept.changed_at,
    };
    Some((kept.name, known))
}
