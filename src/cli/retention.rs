//! `tuner retention run`: forgets now what the timer of `tuner serve` forgets on Sundays.

use super::{CliError, Context, Exit, operator::open};
use crate::{
    op::Actor,
    service::retention::{Forgotten, Mode, run as run_retention},
};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Delete what is past its time: implemented recommendations after 12 months, dismissed ones after 3,
    /// snoozed ones 30 days after their end, audit entries after 7 years
    Run {
        /// Only tell what would be deleted
        #[arg(long)]
        dry_run: bool,
    },
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    let Command::Run { dry_run } = command;
    let app = open(context).await?;
    let mode = if dry_run { Mode::DryRun } else { Mode::Delete };
    let done = run_retention(&app, &Actor::operator(), mode, app.clock.now()).await;
    app.stop().await;
    let forgotten = done.map_err(|error| CliError::caused(&error))?;
    tell(&forgotten, mode)
}

fn tell(forgotten: &[Forgotten], mode: Mode) -> Result<Exit, CliError> {
    let verb = if mode == Mode::DryRun { "would be deleted" } else { "deleted" };
    let mut failed = Vec::new();
    for Forgotten { organization, what, rows } in forgotten {
        let of = if organization.is_empty() { "(no organization)" } else { organization };
        match rows {
            Ok(0) => {}
            Ok(rows) => say!("{of}: {rows} {what} {verb}"),
            Err(error) => failed.push(format!("{of}: {what}: {}", CliError::caused(error))),
        }
    }
    if failed.is_empty() {
        say!("Done.");
        Ok(Exit::Fine)
    } else {
        Err(CliError::new(format!("not everything could be deleted: {}", failed.join("; "))))
    }
}
