//! `tuner schedule actions|resources|savings`: what is done, to what, and what it is worth.

use super::{
    super::{
        CliError,
        operator::Organization,
        report::{plain, plain_table, write_json},
    },
    manage::told,
    views::{Format, Output, or_dash},
};
use crate::{
    app::App,
    domain::{ids::AccountId, region::Region, schedule::ActionRecord},
    http::api::{
        scheduled_resources::ScheduledResourceView, scheduler_history::ActionView,
        scheduler_savings::SchedulerSavingsView,
    },
    service::schedules::{self, ActionFilter, DayFilter, FollowedResource, ScheduledFilter},
};
use clap::Args;
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use std::io;

#[derive(Debug, Args)]
pub struct Actions {
    #[arg(long)]
    account: Option<AccountId>,
    #[arg(long)]
    region: Option<Region>,
    /// AWS's own id
    #[arg(long, value_name = "ID")]
    resource: Option<String>,
    /// A schedule's name
    #[arg(long, value_name = "NAME")]
    schedule: Option<String>,
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    organization: Organization,
}

#[derive(Debug, Args)]
pub struct Resources {
    #[arg(long)]
    account: Option<AccountId>,
    #[arg(long)]
    region: Option<Region>,
    /// A schedule's name
    #[arg(long, value_name = "NAME")]
    schedule: Option<String>,
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    organization: Organization,
}

#[derive(Debug, Args)]
pub struct Savings {
    /// First day (UTC); 30 days ago by default
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// Last day (UTC); today by default
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
    #[arg(long)]
    account: Option<AccountId>,
    /// A schedule's name
    #[arg(long, value_name = "NAME")]
    schedule: Option<String>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    organization: Organization,
}

pub async fn actions(app: &App, arguments: Actions) -> Result<(), CliError> {
    let Actions { account, region, resource, schedule, limit, output, organization } = arguments;
    let cx = organization.enter(app).await?;
    let filter = ActionFilter { account, region, resource_id: resource, schedule, ..ActionFilter::default() };
    let found = schedules::list_actions(app, &cx, &filter, None, limit).await.map_err(told)?;
    let header = ["Decided", "Action", "Resource", "Schedule", "Why", "Status", "Message"];
    let rows = found.iter().map(action_row).collect();
    output.list(&header, rows, || Ok(found.into_iter().map(ActionView::from).collect()))
}

fn action_row(record: &ActionRecord) -> Vec<String> {
    vec![
        record.decided_at.to_string(),
        record.action.to_string(),
        record.target.to_string(),
        or_dash(record.schedule_name.as_ref()),
        record.reason.clone(),
        record.status.to_string(),
        or_dash(record.message.as_ref().or(record.code.as_ref())),
    ]
}

pub async fn resources(app: &App, arguments: Resources) -> Result<(), CliError> {
    let Resources { account, region, schedule, limit, output, organization } = arguments;
    let cx = organization.enter(app).await?;
    let filter = ScheduledFilter { account, region, schedule, ..ScheduledFilter::default() };
    let found = schedules::list_resources(app, &cx, &filter, None, limit).await.map_err(told)?;
    let header = ["Resource", "Name", "State", "Schedule", "Wanted", "Next change", "Why not"];
    let rows = found.iter().map(resource_row).collect();
    output.list(&header, rows, || Ok(found.into_iter().map(ScheduledResourceView::from).collect()))
}

fn resource_row(found: &FollowedResource) -> Vec<String> {
    let FollowedResource { resource, following } = found;
    let next = following.as_ref().ok().and_then(|following| following.next_changes.first());
    let why_not = resource.ineligible.clone().or_else(|| following.as_ref().err().map(ToString::to_string));
    vec![
        resource.observed.target.to_string(),
        or_dash(resource.observed.name.as_ref()),
        resource.observed.power.to_string(),
        or_dash(following.as_ref().ok().map(|following| &following.name)),
        or_dash(following.as_ref().ok().map(|following| following.desired)),
        or_dash(next.map(|change| format!("{} {}", change.state, change.at))),
        or_dash(why_not),
    ]
}

pub async fn savings(app: &App, arguments: Savings) -> Result<(), CliError> {
    let Savings { from, to, account, schedule, output, organization } = arguments;
    let cx = organization.enter(app).await?;
    let today = cx.now.to_zoned(TimeZone::UTC).date();
    let filter = DayFilter {
        from: from.unwrap_or_else(|| today.saturating_sub(30.days())),
        to: to.unwrap_or(today),
        account,
        schedule,
        target: None,
    };
    let report = schedules::sum_savings(app, &cx, &filter).await.map_err(told)?;
    let view = SchedulerSavingsView::of(&filter, report);
    if let Format::Json = output.format {
        return Ok(write_json(&view, &mut io::stdout().lock())?);
    }
    let mut table = plain_table(&["Day", "Resources", "Hours off", "USD", "Basis"]);
    for row in view.rows() {
        table.add_row(row.iter().map(|cell| plain(cell)));
    }
    say!("{table}");
    Ok(())
}
