//! `tuner serve`: the JSON API until it is told to stop.

use super::{CliError, Context, Exit, log};
use crate::{
    app::App,
    domain::clock::Clock,
    http::{
        api::metrics::Exposition,
        application, server,
        tls::{self, ServerTls},
    },
    service::{
        due_scans::watch_due_scans, invitations::link_to, key_rotation::watch_rotations,
        notify::watch_deliveries, refusals::watch_refusals, retention::watch_retention,
        scans::watch_interrupted, scheduler::watch_scheduler, setup::offer_setup, verification::watch_roles,
        vitals::watch_vitals,
    },
};
use clap::Args;
use secrecy::ExposeSecret;
use std::{io::Write, sync::Arc};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Args)]
pub struct Arguments {}

pub async fn run(context: &Context, _arguments: Arguments) -> Result<Exit, CliError> {
    let settings = context.settings().await?;
    log::start(&settings.log)?;
    let listen = settings.server.listen;
    let certificate = settings.server.tls.clone().map(ServerTls::open).transpose().map_err(CliError::new)?;
    let exposition = Exposition::install(settings.server.metrics).map_err(CliError::new)?;
    let app = Arc::new(App::open(settings, Clock::system()).await.map_err(CliError::new)?);
    app.background.spawn(watch_interrupted(Arc::clone(&app)));
    app.background.spawn(watch_due_scans(Arc::clone(&app)));
    app.background.spawn(watch_roles(Arc::clone(&app)));
    app.background.spawn(watch_rotations(Arc::clone(&app)));
    app.background.spawn(watch_refusals(Arc::clone(&app)));
    app.background.spawn(watch_retention(Arc::clone(&app)));
    app.background.spawn(watch_scheduler(Arc::clone(&app)));
    app.background.spawn(watch_deliveries(Arc::clone(&app)));
    app.background.spawn(watch_vitals(Arc::clone(&app)));
    app.background.spawn(exposition.clone().keep_small(app.stopping.clone()));
    if let Some(certificate) = &certificate {
        let (clock, stopping) = (app.clock.clone(), app.stopping.clone());
        app.background.spawn(tls::watch(Arc::clone(certificate), clock, stopping));
    }
    let frame = application::frame(&app, exposition).map_err(CliError::new)?;
    let bound = server::bind(frame, listen, certificate.as_ref()).map_err(CliError::new)?;
    let stop = stop_signal()?;
    announce(&app, &bound).await?;
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
async fn announce(app: &App, bound: &server::Bound) -> Result<(), CliError> {
    let token = offer_setup(app).await.map_err(CliError::new)?;
    let mut out = std::io::stdout().lock();
    for address in bound.addresses() {
        writeln!(out, "Listening on {}://{address}", bound.scheme())?;
    }
    if let Some(token) = token {
        writeln!(out, "Set-up token: {token}")?;
        writeln!(
            out,
            "It makes the first administrator, once, within 24 hours: POST /api/v1/auth/setup {{\"setupToken\": …, \"name\": …, \"password\": …}}"
        )?;
        writeln!(out, "Set-up link: {}", link_to(app, "setup", &token).expose_secret())?;
    }
    writeln!(out, "Ready.")?;
    Ok(out.flush()?)
}
