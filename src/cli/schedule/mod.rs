//! `tuner schedule`: what starts and stops tagged resources, on the server's machine.

mod applying;
mod approvals;
mod calendars;
mod manage;
mod overriding;
mod standing;
mod views;

use super::{CliError, Context, Exit, operator::with_app};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Manage(manage::Command),
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Manage(command) => with_app(context, async |app| Box::pin(manage::run(app, command)).await)
            .await
            .map(|()| Exit::Fine),
    }
}
