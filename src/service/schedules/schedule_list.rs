//! The schedules of an organisation: made, replaced, held back, deleted.

use super::{Effect, KeptSchedule, ScheduleDocument, applying::change, words::checked_reason};
use crate::{app::App, domain::ids::ScheduleId, error::Error, op::OpCx};

pub async fn get_schedule(app: &App, cx: &OpCx, id: ScheduleId) -> Result<KeptSchedule, Error> {
    Ok(app.database.scoped(&cx.scope).get_schedule(id).await?)
}

pub async fn find_schedule(app: &App, cx: &OpCx, name: &str) -> Result<KeptSchedule, Error> {
    let found = app.database.scoped(&cx.scope).find_schedule(name).await?;
    found.ok_or_else(|| {
        Error::new(crate::error::ErrorCode::NotFound, format!("there is no schedule called {name:?}"))
    })
}

/// By name.
pub async fn list_schedules(
    app: &App,
    cx: &OpCx,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<KeptSchedule>, Error> {
    Ok(app.database.scoped(&cx.scope).list_schedules(after, limit).await?)
}

pub async fn create_schedule(
    app: &App,
    cx: &OpCx,
    document: &ScheduleDocument,
) -> Result<KeptSchedule, Error> {
    let schedule = document.check("")?;
    let id = change(app, cx, |draft| draft.create_schedule(schedule, "")).await?;
    get_schedule(app, cx, id).await
}

/// With a revision, only that one is replaced. The same document changes nothing.
pub async fn replace_schedule(
    app: &App,
    cx: &OpCx,
    id: ScheduleId,
    document: &ScheduleDocument,
    revision: Option<i64>,
) -> Result<(KeptSchedule, Effect), Error> {
    get_schedule(app, cx, id).await?;
    let schedule = document.check("")?;
    let effect = change(app, cx, |draft| draft.replace_schedule(id, schedule, revision, "")).await?;
    Ok((get_schedule(app, cx, id).await?, effect))
}

/// One that is assigned or overridden is refused: resources would silently follow nothing.
pub async fn delete_schedule(app: &App, cx: &OpCx, id: ScheduleId) -> Result<(), Error> {
    change(app, cx, |draft| draft.delete_schedule(id)).await
}

/// Resources that follow it are left as they are until it is resumed.
pub async fn suspend_schedule(
    app: &App,
    cx: &OpCx,
    id: ScheduleId,
    reason: &str,
) -> Result<KeptSchedule, Error> {
    let reason = checked_reason(reason)?;
    change(app, cx, |draft| draft.suspend_schedule(id, reason)).await?;
    get_schedule(app, cx, id).await
}

/// Its present state is applied then.
pub async fn resume_schedule(app: &App, cx: &OpCx, id: ScheduleId) -> Result<KeptSchedule, Error> {
    change(app, cx, |draft| draft.resume_schedule(id)).await?;
    get_schedule(app, cx, id).await
}
