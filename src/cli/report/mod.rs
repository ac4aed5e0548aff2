//! The report of a scan in the formats that people and programs read.
//!
//! Names and tags are the customer's free text: a table neutralises control characters (terminal escapes),
//! CSV neutralises what a spreadsheet would run as a formula.

mod csv;
mod table;

use crate::{domain::recommendation::Recommendation, service::report::ScanReport};
use std::io::{self, Write};

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Table,
    Json,
    Csv,
}

/// Writes a report in a format.
pub fn write_report(report: &ScanReport, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => table::write_report(report, out),
        Format::Json => write_json(report, out),
        Format::Csv => csv::write_recommendations(&report.recommendations, out),
    }
}

/// Writes a bare list, as `tuner recommendations list` does.
pub fn write_list(list: &[Recommendation], format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => table::write_list(list, out),
        Format::Json => write_json(&list, out),
        Format::Csv => csv::write_recommendations(list, out),
    }
}

/// Pretty JSON with a newline at its end.
pub fn write_json(value: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

pub use table::{plain, plain_table};
