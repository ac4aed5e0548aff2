//! `tuner schedule run`: one tick, for cron.

use crate::{
    app::App,
    cli::{
        CliError, Exit,
        operator::{Organization, audited},
    },
    domain::{ids::AccountId, schedule::RunStatus},
    service::scheduler::{NotDone, ReportedAction, RunReport, RunRequest, run},
};
use clap::{Args, ValueEnum};
use comfy_table::Table;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Decide and show everything, write nothing, start and stop nothing
    #[arg(long)]
    dry_run: bool,
    /// Only this account
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    organization: Organization,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// Exit code 4 where something could not be dealt with.
pub async fn run_once(app: &App, arguments: Arguments) -> Result<Exit, CliError> {
    let Arguments { dry_run, account, format, organization } = arguments;
    let cx = organization.enter(app).await?;
    let request = RunRequest { dry_run, account };
    let target = account.map(|account| account.to_string());
    let report = if dry_run {
        Box::pin(run(app, &cx, request)).await.map_err(|error| CliError::caused(&error))?
    } else {
        let work = Box::pin(run(app, &cx, request));
        audited(app, &cx, "schedule.run", target.as_deref(), work).await?
    };
    match format {
        Format::Table => print_tables(&report)?,
        Format::Json => print_json(&report)?,
    }
    Ok(if report.run.status == RunStatus::Complete { Exit::Fine } else { Exit::Partial })
}

fn print_json(report: &RunReport) -> Result<(), CliError> {
    let run = &report.run;
    let body = serde_json::json!({
        "runId": run.id,
        "dryRun": run.dry_run,
        "status": run.status,
        "startedAt": run.started_at,
        "finishedAt": run.finished_at,
        "counts": run.summary.as_ref().map(|summary| &summary.counts),
        "actions": report.actions,
        "notDone": report.not_done,
    });
    say!("{}", serde_json::to_string_pretty(&body).map_err(CliError::new)?);
    Ok(())
}

fn print_tables(report: &RunReport) -> Result<(), CliError> {
    if !report.actions.is_empty() {
        let mut table = Table::new();
        table.set_header(["Account", "Region", "Resource", "Schedule", "Action", "Why", "Outcome"]);
        for action in &report.actions {
            table.add_row(row_of(action));
        }
        say!("{table}");
    }
    for what in &report.not_done {
        say!("not done: {}", line_of(what));
    }
    let counts = report.run.summary.as_ref().map(|summary| summary.counts.clone()).unwrap_or_default();
    let would = if report.run.dry_run { "dry run; would act on " } else { "" };
    let done = if report.run.dry_run { report.actions.len() as u64 } else { counts.decided };
    say!("{would}{done} of {} resources in {} accounts", counts.resources, counts.accounts);
    Ok(())
}

fn row_of(action: &ReportedAction) -> [String; 7] {
    let outcome = action.status.map_or("(dry run)", |status| status.as_str());
    let code = action.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
    [
        action.account_id.to_string(),
        action.region.to_string(),
        shown(&action.resource_id),
        shown(action.schedule.as_deref().unwrap_or_default()),
        action.action.to_string(),
        action.reason.clone(),
        format!("{outcome}{code}"),
    ]
}

fn line_of(what: &NotDone) -> String {
    let account = what.account_id.map(|account| account.to_string());
    let region = what.region.as_ref().map(ToString::to_string);
    let place: Vec<String> =
        [account, region, what.resource_id.clone()].into_iter().flatten().map(|part| shown(&part)).collect();
    format!("{}: {} ({})", place.join("/"), shown(&what.message), shown(&what.code))
}

/// Names are customers' free text: a terminal must not take them for commands.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
