//! `tuner audit`: export the audit of an organisation, and verify that it is as it was written.

use super::{
    CliError, Context, Exit,
    operator::{Organization, open},
    report::{plain, plain_table},
};
use crate::{
    app::App,
    op::OpCx,
    service::audit::{
        AuditCursor, AuditFilter, AuditOrder, AuditRecord, ChainReport, list, verify, verify_all,
    },
};
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use std::{
    fs::OpenOptions,
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
};

const PAGE: u32 = 1000;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the entries of an organization, oldest first
    Export(Export),
    /// Check that nothing was edited, deleted, inserted, reordered or cut off; exit code 1 where it was
    Verify {
        /// Only this organization's entries; all chains by default
        #[command(flatten)]
        organization: Organization,
        /// A copy of the checkpoint file, kept elsewhere
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct Export {
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
    /// From this time on, as 2026-11-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Before this time
    #[arg(long, value_name = "TIME")]
    to: Option<Timestamp>,
    /// Instead of standard output; readable by its owner alone
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    organization: Organization,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    Json,
    Ndjson,
    Table,
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    let app = open(context).await?;
    let done = match command {
        Command::Export(wanted) => export(&app, wanted).await,
        Command::Verify { organization, checkpoint } => {
            let reports = if organization.is_named() {
                let cx = organization.enter(&app).await?;
                verify(&app, &cx.scope, checkpoint.as_deref()).await.map(|report| vec![report])
            } else {
                verify_all(&app, checkpoint.as_deref()).await
            };
            reports.map_err(|error| CliError::caused(&error)).and_then(|reports| tell(&reports))
        }
    };
    app.stop().await;
    done.map(|()| Exit::Fine)
}

fn tell(reports: &[ChainReport]) -> Result<(), CliError> {
    let mut broken = Vec::new();
    for ChainReport { organization, result, unreadable_marks } in reports {
        let name = match organization.as_str() {
            "" => "(no organization)",
            name => name,
        };
        if *unreadable_marks > 0 {
            eprintln!("tuner: {unreadable_marks} lines of the checkpoint file cannot be read");
        }
        match result {
            Ok(intact) => say!(
                "{name}: {} entries verified up to number {}{}",
                intact.entries,
                intact.head.sequence,
                intact.marked.map_or_else(String::new, |mark| format!(", checkpoint at {mark}"))
            ),
            Err(found) => broken.push(format!("{name}: entry {} was {}", found.sequence, found.kind)),
        }
    }
    if broken.is_empty() {
        Ok(())
    } else {
        Err(CliError::new(format!("the audit is broken: {}", broken.join("; "))))
    }
}

async fn export(app: &App, wanted: Export) -> Result<(), CliError> {
    let cx = wanted.organization.enter(app).await?;
    let filter = AuditFilter { from: wanted.from, to: wanted.to, ..AuditFilter::default() };
    let mut out: Box<dyn Write> = match &wanted.output {
        None => Box::new(io::stdout().lock()),
        Some(path) => {
            let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
            Box::new(file.map_err(|e| CliError::new(format!("cannot write {}: {e}", path.display())))?)
        }
    };
    write_all(app, &cx, &filter, wanted.format, &mut BufWriter::new(&mut out)).await
}

/// Page by page: however long the audit is, one page is held.
async fn write_all(
    app: &App,
    cx: &OpCx,
    filter: &AuditFilter,
    format: Format,
    out: &mut impl Write,
) -> Result<(), CliError> {
    let mut after: Option<AuditCursor> = None;
    let mut first = true;
    loop {
        let page = list(app, cx, filter, AuditOrder::OldestFirst, after, PAGE).await;
        let page = page.map_err(|error| CliError::caused(&error))?;
        let end = page
            .last()
            .map(|last| AuditCursor { at_micros: last.at.as_microsecond(), sequence: last.sequence });
        match format {
            Format::Ndjson => write_lines(&page, out)?,
            Format::Json => write_items(&page, first, out)?,
            Format::Table => write_table(&page, first, out)?,
        }
        first = false;
        after = match end {
            Some(end) => Some(end),
            None => break,
        };
    }
    if let Format::Json = format {
        out.write_all(b"]\n")?;
    }
    Ok(out.flush()?)
}

fn write_lines(page: &[AuditRecord], out: &mut impl Write) -> io::Result<()> {
    for record in page {
        serde_json::to_writer(&mut *out, record)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// One array over all pages.
fn write_items(page: &[AuditRecord], mut first: bool, out: &mut impl Write) -> io::Result<()> {
    if first {
        out.write_all(b"[")?;
    }
    for record in page {
        out.write_all(if first { b"\n" } else { b",\n" })?;
        first = false;
        serde_json::to_writer(&mut *out, record)?;
    }
    Ok(())
}

/// One table a page.
fn write_table(page: &[AuditRecord], first: bool, out: &mut impl Write) -> io::Result<()> {
    if page.is_empty() && !first {
        return Ok(());
    }
    let mut table = plain_table(&["Number", "Time", "Who", "Action", "Account", "Target", "Outcome"]);
    for record in page {
        let who = record.actor.name.clone().or_else(|| record.actor.user_id.map(|id| id.to_string()));
        let code = record.code.as_ref().map_or_else(String::new, |code| format!(" ({code})"));
        table.add_row([
            record.sequence.to_string(),
            record.at.to_string(),
            plain(&who.unwrap_or_else(|| record.actor.kind.to_string())),
            plain(&record.action),
            record.account_id.map_or_else(String::new, |account| account.to_string()),
            plain(record.target.as_deref().unwrap_or_default()),
            format!("{}{}", record.outcome, plain(&code)),
        ]);
    }
    writeln!(out, "{table}")
}
