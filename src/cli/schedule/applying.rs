//! `tuner schedule apply FILE…`

use super::{
    super::{
        CliError,
        operator::{Organization, audited},
        report::{plain, write_json},
    },
    manage::told,
    unreadable,
    views::{Format, Output},
};
use crate::{
    app::App,
    service::schedules::{self, Application, Applied, Bundle, Effect},
};
use clap::Args;
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

#[derive(Debug, Args)]
pub struct Apply {
    /// JSON: a schedule, a calendar, or {"calendars": […], "schedules": […], "assignments": […]}; - reads standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Show what would change and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    organization: Organization,
}

/// Beyond any bundle that the limits allow.
const MAX_FILE_BYTES: u64 = 64 << 20;

pub async fn run(app: &App, arguments: Apply) -> Result<(), CliError> {
    let Apply { files, dry_run, output, organization } = arguments;
    let mut bundle = Bundle::default();
    for file in &files {
        let said = Bundle::parse(&read(file)?);
        bundle.add(said.map_err(|error| CliError::new(format!("{}: {error}", file.display())))?);
    }
    let cx = organization.enter(app).await?;
    let done = if dry_run {
        schedules::look(app, &cx, &bundle).await.map_err(told)?
    } else {
        let target = format!(
            "calendars={} schedules={} assignments={}",
            bundle.calendars.len(),
            bundle.schedules.len(),
            bundle.assignments.len()
        );
        audited(app, &cx, "apply_schedules", Some(&target), schedules::apply(app, &cx, &bundle)).await?
    };
    match output.format {
        Format::Json => Ok(write_json(&done, &mut io::stdout().lock())?),
        Format::Table => tell(&done, dry_run),
    }
}

fn read(file: &Path) -> Result<String, CliError> {
    let failed = |error: io::Error| unreadable(file, &error);
    let mut text = String::new();
    if file.as_os_str() == "-" {
        io::stdin().lock().take(MAX_FILE_BYTES).read_to_string(&mut text).map_err(failed)?;
    } else {
        let opened = fs::File::open(file).map_err(failed)?;
        opened.take(MAX_FILE_BYTES).read_to_string(&mut text).map_err(failed)?;
    }
    Ok(text)
}

fn tell(done: &Application, dry_run: bool) -> Result<(), CliError> {
    for applied in &done.applied {
        say!("{:9} {:10} {}", word(applied.effect), applied.kind, plain(&applied.name));
        for difference in &applied.differences {
            say!("            {}: {} -> {}", plain(&difference.field), difference.before, difference.after);
        }
    }
    let changed = done.applied.iter().filter(|applied| is_change(applied)).count();
    let written = if dry_run { "would be changed; nothing was written" } else { "changed" };
    say!("{changed} of {} {written}.", done.applied.len());
    Ok(())
}

fn is_change(applied: &Applied) -> bool {
    applied.effect != Effect::Unchanged
}

const fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Created => "created",
        Effect::Changed => "changed",
        Effect::Unchanged => "unchanged",
    }
}
