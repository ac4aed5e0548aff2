//! The calendars of an organisation.

use super::{CalendarDocument, Effect, KeptCalendar, applying::change};
use crate::{app::App, domain::ids::CalendarId, error::Error, op::OpCx};

pub async fn get_calendar(app: &App, cx: &OpCx, id: CalendarId) -> Result<KeptCalendar, Error> {
    Ok(app.database.scoped(&cx.scope).get_calendar(id).await?)
}

/// By name.
pub async fn list_calendars(
    app: &App,
    cx: &OpCx,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<KeptCalendar>, Error> {
    Ok(app.database.scoped(&cx.scope).list_calendars(after, limit).await?)
}

pub async fn create_calendar(
    app: &App,
    cx: &OpCx,
    document: &CalendarDocument,
) -> Result<KeptCalendar, Error> {
    let calendar = document.check("")?;
    let id = change(app, cx, |draft| draft.create_calendar(calendar)).await?;
    get_calendar(app, cx, id).await
}

/// Changes the meaning of the schedules that use it.
pub async fn replace_calendar(
    app: &App,
    cx: &OpCx,
    id: CalendarId,
    document: &CalendarDocument,
    revision: Option<i64>,
) -> Result<(KeptCalendar, Effect), Error> {
    get_calendar(app, cx, id).await?;
    let calendar = document.check("")?;
    let effect = change(app, cx, |draft| draft.replace_calendar(id, calendar, revision)).await?;
    Ok((get_calendar(app, cx, id).await?, effect))
}

/// One that is used is refused: its schedules would not be understood any more.
pub async fn delete_calendar(app: &App, cx: &OpCx, id: CalendarId) -> Result<(), Error> {
    change(app, cx, |draft| draft.delete_calendar(id)).await
}
