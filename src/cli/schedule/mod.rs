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
