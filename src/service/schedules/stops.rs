//! The kill switches: while one is on, nothing is started or stopped. Asked right before each call.

use super::words::checked_reason;
use crate::{
    app::App,
    domain::schedule::{StopScope, Stopped},
    error::Error,
    op::OpCx,
};

/// Those that are on, for this organisation and for all.
pub async fn list_stops(app: &App, cx: &OpCx) -> Result<Vec<Stopped>, Error> {
    Ok(app.database.scoped(&cx.scope).list_stops().await?)
}

/// One that is on already keeps its first reason.
pub async fn stop_scheduler(app: &App, cx: &OpCx, reason: &str) -> Result<Vec<Stopped>, Error> {
    let stop = stop_of(cx, StopScope::Organization, reason)?;
    app.database.scoped(&cx.scope).stop_scheduler(&stop).await?;
    list_stops(app, cx).await
}

/// The installation's own stays on.
pub async fn release_scheduler(app: &App, cx: &OpCx) -> Result<(), Error> {
    app.database.scoped(&cx.scope).release_scheduler().await?;
    Ok(())
}

/// For who runs the server; no request does it.
pub async fn stop_installation(app: &App, cx: &OpCx, reason: &str) -> Result<(), Error> {
    let stop = stop_of(cx, StopScope::Installation, reason)?;
    Ok(app.database.stop_installation(&stop).await?)
}

pub async fn release_installation(app: &App) -> Result<(), Error> {
    app.database.release_installation().await?;
    Ok(())
}

fn stop_of(cx: &OpCx, scope: StopScope, reason: &str) -> Result<Stopped, Error> {
    let (reason, stopped_by) = (checked_reason(reason)?, cx.actor.subject.clone());
    Ok(Stopped { scope, reason, stopped_by, stopped_at: cx.now })
}
