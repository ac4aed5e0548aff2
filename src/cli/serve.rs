//! `tuner serve`: the JSON API until it is told to stop.

use super::{CliError, Context, Exit, log};
use crate::{
    app::App,
    domain::clock::Clock,
    http::{application, server},
    service::{
        key_rotation::watch_rotations, refusals::watch_refusals, scans::watch_interrupted,
        setup::offer_setup, verification::watch_roles,
    },
};
use clap::Args;
use std::{io::Write, net::SocketAddr, sync::Arc};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Args)]
pub struct Arguments {}

pub async fn run(context: &Context, _arguments: Arguments) -> Result<Exit, CliError> {
    let settings = context.settings().await?;
    log::start(&settings.log)?;
    let listen = settings.server.listen;
    let app = Arc::new(App::open(settings, Clock::system()).await.map_err(CliError::new)?);
    app.background.spawn(watch_interrupted(Arc::clone(&app)));
    app.background.spawn(watch_roles(Arc::clone(&app)));
    app.background.spawn(watch_rotations(Arc::clone(&app)));
    app.background.spawn(watch_refusals(Arc::clone(&app)));
    let frame = application::frame(&app).map_err(CliError::new)?;
    let bound = server::bind(frame, listen).map_err(CliError::new)?;
    let stop = stop_signal()?;
    announce(&app, bound.addresses()).await?;
    let ended = bound.run_until(stop).await;
    app.stop().await;
    ended.map_err(CliError::new)?;
    Ok(Exit::Fine)
}

/// Ctrl-C at a terminal, SIGTERM from a service manager.
fn stop_signal() -> Result<impl Future<Output = ()>, CliError> {
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping");
    })
}

/// What a person or a script at the terminal waits for. The set-up token is shown here and nowhere else.
async fn announce(app: &App, addresses: &[SocketAddr]) -> Result<(), CliError> {
    let token = offer_setup(app).await.map_err(CliError::new)?;
    let mut out = std::io::stdout().lock();
    for address in addresses {
        writeln!(out, "Listening on http://{address}")?;
    }
    if let Some(token) = token {
        writeln!(out, "Set-up token: {token}")?;
        writeln!(
            out,
            "It makes the first administrator, once, within 24 hours: POST /api/v1/auth/setup {{\"setupToken\": …, \"name\": …}}"
        )?;
    }
    writeln!(out, "Ready.")?;
    Ok(out.flush()?)
}
