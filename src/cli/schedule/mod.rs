//! `tuner schedule`: what schedules would do, and do.

mod preview;

use super::{CliError, Context, Exit};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what a schedule in a file would do; needs no server, settings or database
    Preview(preview::Arguments),
}

pub fn run(_context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Preview(arguments) => preview::run(&arguments),
    }
}
