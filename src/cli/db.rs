//! `tuner db`: the state of the schema, bringing it up to date, and the keys of what lies encrypted.

use super::{CliError, Context, Exit, db_keys};
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
    /// Give each organization a new data key and seal its values anew; may be interrupted and run again
    RotateKeys(db_keys::Rotate),
    /// Choose the key that wraps an organization's data keys
    OrganizationKey(db_keys::OrganizationKey),
}

/// The embedded database lies there, readable by its owner alone.
fn create_private(folder: &Path) -> Result<(), CliError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| CliError::new(format!("cannot create {}: {error}", folder.display())))
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Migrate => schema(context, Step::Migrate).await,
        Command::Status => schema(context, Step::Look).await,
        Command::RotateKeys(arguments) => db_keys::rotate_keys(context, arguments).await,
        Command::OrganizationKey(arguments) => db_keys::organization_key(context, arguments).await,
    }
}

enum Step {
    Migrate,
    Look,
}

async fn schema(context: &Context, step: Step) -> Result<Exit, CliError> {
    let settings = context.settings().await?;
    create_private(&settings.data_dir)?;
    let url = settings.database.url.expose_secret();
    let database = Database::connect(url, &ConnectOptions::default()).await.map_err(CliError::new)?;
    let status = match step {
        Step::Migrate => database.migrate(Clock::system().now()).await,
        Step::Look => database.schema_status().await,
    };
    let status = status.map_err(CliError::new)?;
    let advice = if status.is_newer() {
        "written by a newer tuner: start that one"
    } else if status.is_current() {
        "up to date"
    } else {
        "behind: run 'tuner db migrate'"
    };
    say!("{}: schema version {} of {}, {advice}", database.place(), status.applied, status.known);
    database.close().await;
    if status.is_newer() {
        Err(CliError::new("the database is newer than this tuner"))
    } else {
        Ok(Exit::Fine)
    }
}
