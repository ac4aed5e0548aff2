//! `tuner config`: whether the settings are valid, and what they are. Never prints a secret.

use super::{
    CliError, Context, Exit,
    report::{plain, plain_table, write_json},
};
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use std::io;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether the settings are valid
    Check,
    /// Show every setting, its value and where it comes from
    Show {
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    Table,
    Json,
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    let settings = context.settings().await?;
    match command {
        Command::Check => say!("The settings are valid."),
        Command::Show { format: Format::Table } => {
            let mut table = plain_table(&["Setting", "Value", "From"]);
            for shown in settings.show() {
                table.add_row([shown.key.clone(), plain(&shown.value), shown.origin.to_string()]);
            }
            say!("{table}");
        }
        Command::Show { format: Format::Json } => {
            let rows: Vec<_> = settings
                .show()
                .iter()
                .map(|s| json!({"key": s.key, "value": s.value, "origin": s.origin.to_string()}))
                .collect();
            write_json(&rows, &mut io::stdout().lock())?;
        }
    }
    Ok(Exit::Fine)
}
