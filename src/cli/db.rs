//! `tuner db`: the state of the schema, and bringing it up to date.

use super::{CliError, Context, Exit};
use crate::{
    db::{ConnectOptions, Database},
    domain::clock::Clock,
};
use clap::Subcommand;
use secrecy::ExposeSecret;
use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt, path::Path};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring the schema up to date; safe to run from many machines at once
    Migrate,
    /// Show where the database is and which schema version it has
    Status,
}

/// The embedded database lies there, readable by its owner alone.
fn create_private(folder: &Path) -> Result<(), CliError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| CliError::new(format!("cannot create {}: {error}", folder.display())))
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    create_private(&settings.data_dir)?;
    let url = settings.database.url.expose_secret();
    let database = Database::connect(url, &ConnectOptions::default()).await.map_err(CliError::new)?;
    let status = match command {
        Command::Migrate => database.migrate(Clock::system().now()).await,
        Command::Status => database.schema_status().await,
    };
    let status = status.map_err(CliError::new)?;
    let advice = if status.is_newer() {
        "written by a newer tuner: start that one"
    } else if status.is_current() {
        "up to date"
    } else {
        "behind: run 'tuner db migrate'"
    };
    println!("{}: schema version {} of {}, {advice}", database.place(), status.applied, status.known);
    database.close().await;
    if status.is_newer() {
        Err(CliError::new("the database is newer than this tuner"))
    } else {
        Ok(Exit::Fine)
    }
}
