//! What people set, by name: schedules as files, who follows them, what holds them back.

use super::{
    super::{
        CliError,
        operator::{Organization, audited},
        report::write_json,
    },
    applying, approvals, calendars, overriding, standing,
    views::{Format, Output, or_dash},
};
use crate::{
    app::App,
    domain::{
        ids::{AccountId, AssignmentId},
        region::Region,
    },
    error::Error,
    http::api::{schedule_assignments::AssignmentView, schedules::ScheduleView},
    op::OpCx,
    service::schedules::{self, KeptSchedule, NewAssignment, TagDocument},
};
use clap::{Args, Subcommand};
use std::io;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make what files say: all of it or nothing, and the second time nothing
    Apply(applying::Apply),
    /// List the schedules
    List {
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        organization: Organization,
    },
    /// Show one schedule and who is assigned to it
    Show {
        name: String,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        organization: Organization,
    },
    /// Delete a schedule that nothing is assigned to
    Delete {
        name: String,
        #[command(flatten)]
        organization: Organization,
    },
    /// Let an account, or a part of it, follow a schedule without a tag of its own
    Assign(Assign),
    /// Take an assignment back
    Unassign {
        /// The schedule's name
        name: String,
        assignment: AssignmentId,
        #[command(flatten)]
        organization: Organization,
    },
    /// Decide instead of a schedule, for a while
    #[command(subcommand)]
    Override(overriding::Command),
    /// List and delete calendars of holidays
    #[command(subcommand)]
    Calendar(calendars::Command),
    /// Hold a schedule or an account back
    Suspend(standing::Suspend),
    /// Let it go on
    Resume(standing::Resume),
    /// Kill switch: start and stop nothing at all
    Stop(standing::Stop),
    /// Lift the kill switch
    Go(standing::Go),
    /// What waits for an administrator before so much is done at once
    #[command(subcommand)]
    Approvals(approvals::Command),
}

#[derive(Debug, Args)]
pub struct Assign {
    /// The schedule's name
    name: String,
    /// 12 digits
    #[arg(long)]
    account: AccountId,
    /// Only this region
    #[arg(long)]
    region: Option<Region>,
    /// Only resources with this tag
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_tag)]
    tag: Option<TagDocument>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    organization: Organization,
}

fn parse_tag(text: &str) -> Result<TagDocument, String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
    Ok(TagDocument { key: key.to_owned(), value: value.to_owned() })
}

/// An error of the service for the terminal.
pub fn told(error: Error) -> CliError {
    CliError::caused(&error)
}

pub async fn run(app: &App, command: Command) -> Result<(), CliError> {
    match command {
        Command::Apply(arguments) => applying::run(app, arguments).await,
        Command::List { output, organization } => {
            let cx = organization.enter(app).await?;
            let all = schedules::list_schedules(app, &cx, None, u32::MAX).await.map_err(told)?;
            list(all, &output)
        }
        Command::Show { name, output, organization } => {
            let cx = organization.enter(app).await?;
            show(app, &cx, &name, &output).await
        }
        Command::Delete { name, organization } => {
            let cx = organization.enter(app).await?;
            let id = schedules::find_schedule(app, &cx, &name).await.map_err(told)?.id;
            let delete = schedules::delete_schedule(app, &cx, id);
            audited(app, &cx, "delete_schedule", Some(&target(&id)), delete).await?;
            say!("The schedule is deleted.");
            Ok(())
        }
        Command::Assign(arguments) => assign(app, arguments).await,
        Command::Unassign { name, assignment, organization } => {
            let cx = organization.enter(app).await?;
            let schedule = schedules::find_schedule(app, &cx, &name).await.map_err(told)?.id;
            let delete = schedules::delete_assignment(app, &cx, schedule, assignment);
            audited(app, &cx, "delete_assignment", Some(&target(&assignment)), delete).await?;
            say!("The assignment is deleted.");
            Ok(())
        }
        Command::Override(command) => overriding::run(app, command).await,
        Command::Calendar(command) => calendars::run(app, command).await,
        Command::Suspend(arguments) => standing::suspend(app, arguments).await,
        Command::Resume(arguments) => standing::resume(app, arguments).await,
        Command::Stop(arguments) => standing::stop(app, arguments).await,
        Command::Go(arguments) => standing::go(app, arguments).await,
        Command::Approvals(command) => approvals::run(app, command).await,
    }
}

/// As the audit names it for requests.
pub fn target(id: &impl std::fmt::Display) -> String {
    format!("id={id}")
}

fn list(all: Vec<KeptSchedule>, output: &Output) -> Result<(), CliError> {
    let header = ["Name", "Time zone", "Periods", "Revision", "State", "Changed"];
    let rows = rows(&all);
    output.list(&header, rows, || all.into_iter().map(ScheduleView::of).collect())
}

fn rows(all: &[KeptSchedule]) -> Vec<Vec<String>> {
    let row = |kept: &KeptSchedule| {
        let said = kept.schedule.as_ref();
        vec![
            kept.name.clone(),
            said.map_or_else(|_| "-".to_owned(), |schedule| schedule.timezone().to_owned()),
            said.map_or_else(|_| "-".to_owned(), |schedule| schedule.periods().len().to_string()),
            kept.revision.to_string(),
            state_of(kept),
            kept.changed_at.to_string(),
        ]
    };
    all.iter().map(row).collect()
}

fn state_of(kept: &KeptSchedule) -> String {
    match (&kept.schedule, &kept.suspended) {
        (Err(error), _) => format!("not followed: {error}"),
        (Ok(_), Some(suspended)) => format!("suspended: {}", suspended.reason),
        (Ok(_), None) => "in force".to_owned(),
    }
}

async fn show(app: &App, cx: &OpCx, name: &str, output: &Output) -> Result<(), CliError> {
    let kept = schedules::find_schedule(app, cx, name).await.map_err(told)?;
    let (id, state) = (kept.id, state_of(&kept));
    let view = ScheduleView::of(kept).map_err(told)?;
    let assigned = schedules::list_assignments(app, cx, Some(id), None, u32::MAX).await.map_err(told)?;
    let assigned: Vec<AssignmentView> = assigned.into_iter().map(AssignmentView::from).collect();
    if let Format::Json = output.format {
        let both = serde_json::json!({"schedule": view, "assignments": assigned});
        return Ok(write_json(&both, &mut io::stdout().lock())?);
    }
    write_json(&view, &mut io::stdout().lock())?;
    say!("\nState: {state}\n");
    if assigned.is_empty() {
        say!("Nothing is assigned to it; resources with the tag Schedule={name} follow it.");
        return Ok(());
    }
    let rows = assigned.iter().map(cells).collect();
    output.list(&["Assignment", "Account", "Region", "Tag"], rows, || Ok(assigned))
}

fn cells(view: &AssignmentView) -> Vec<String> {
    let tag = view.tag.as_ref().map(|tag| format!("{}={}", tag.key, tag.value));
    vec![
        view.assignment_id.to_string(),
        view.account_id.to_string(),
        or_dash(view.region.as_ref()),
        or_dash(tag),
    ]
}

async fn assign(app: &App, arguments: Assign) -> Result<(), CliError> {
    let Assign { name, account, region, tag, output, organization } = arguments;
    let cx = organization.enter(app).await?;
    let id = schedules::find_schedule(app, &cx, &name).await.map_err(told)?.id;
    let new = NewAssignment { account, region, tag };
    let create = schedules::create_assignment(app, &cx, id, new);
    let made = audited(app, &cx, "create_assignment", Some(&target(&id)), create).await?;
    let sentence = format!("{name} is followed in account {account} (assignment {}).", made.assignment.id);
    output.done(&AssignmentView::from(made), &sentence)
}
