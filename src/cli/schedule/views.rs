//! How the commands print: a table for people, the JSON API's own views for programs.

use super::super::{
    CliError,
    report::{plain, plain_table, write_json},
};
use crate::error::Error;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::io;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    Table,
    Json,
}

#[derive(Debug, Args)]
pub struct Output {
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

impl Output {
    /// All of a list, in one of its forms.
    pub fn list<T: Serialize>(
        &self,
        header: &[&str],
        rows: Vec<Vec<String>>,
        views: impl FnOnce() -> Result<Vec<T>, Error>,
    ) -> Result<(), CliError> {
        if let Format::Json = self.format {
            let views = views().map_err(|error| CliError::caused(&error))?;
            return Ok(write_json(&views, &mut io::stdout().lock())?);
        }
        let mut table = plain_table(header);
        for row in rows {
            table.add_row(row.iter().map(|cell| plain(cell)));
        }
        say!("{table}");
        Ok(())
    }

    /// What was done, in a sentence or as what it is now.
    pub fn done<T: Serialize>(&self, item: &T, sentence: &str) -> Result<(), CliError> {
        match self.format {
            Format::Json => Ok(write_json(item, &mut io::stdout().lock())?),
            Format::Table => {
                say!("{}", plain(sentence));
                Ok(())
            }
        }
    }
}

/// What there is nothing of.
pub fn or_dash(text: Option<impl ToString>) -> String {
    text.map_or_else(|| "-".to_owned(), |text| text.to_string())
}
