//! `tuner schedule`: what schedules would do, and what starts and stops tagged resources.

mod applying;
mod approvals;
mod calendars;
mod history;
mod manage;
mod overriding;
mod preview;
mod running;
mod standing;
mod views;

use super::{CliError, Context, Exit, operator::with_app};
use clap::Subcommand;
use std::{io, path::Path};

/// Why a file cannot be read, as a person can act on it.
fn unreadable(file: &Path, error: &io::Error) -> CliError {
    let place = file.display();
    CliError::new(match error.kind() {
        io::ErrorKind::InvalidData => format!("{place}: it is not UTF-8 text; save it as UTF-8"),
        _ => format!("{place}: {error}"),
    })
}

#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Manage(manage::Command),
    /// Show what a schedule in a file would do; needs no server, settings or database
    Preview(preview::Arguments),
    /// Start and stop what is due now, once; for cron where 'tuner serve' does not run
    Run(running::Arguments),
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Manage(command) => with_app(context, async |app| Box::pin(manage::run(app, command)).await)
            .await
            .map(|()| Exit::Fine),
        Command::Preview(arguments) => preview::run(&arguments),
        Command::Run(arguments) => {
            with_app(context, async |app| Box::pin(running::run_once(app, arguments)).await).await
        }
    }
}
