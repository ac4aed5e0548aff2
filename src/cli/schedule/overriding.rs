//! `tuner schedule override`: deciding instead of a schedule, for a while.

use super::{
    super::{
        CliError,
        operator::{Organization, audited, audited_making},
    },
    manage::{target, told},
    views::Output,
};
use crate::{
    app::App,
    domain::{
        ids::OverrideId,
        schedule::{OverrideScope, OverrideState, Target},
    },
    http::api::overrides::OverrideView,
    op::OpCx,
    service::schedules::{self, KeptOverride, NewOverride, OverrideFilter},
};
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set one; it always has an end
    Set(Set),
    /// List those in force and to come
    List {
        /// Those that are over, too
        #[arg(long)]
        over: bool,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        organization: Organization,
    },
    /// End one now
    End {
        id: OverrideId,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        organization: Organization,
    },
}

#[derive(Debug, Args)]
pub struct Set {
    /// For all that follow this schedule
    #[arg(long, value_name = "NAME", required_unless_present = "resource", conflicts_with = "resource")]
    schedule: Option<String>,
    /// For one resource: 123456789012/eu-central-1/instance/i-…; or dbInstance, dbCluster
    #[arg(long, value_name = "ACCOUNT/REGION/KIND/ID", value_parser = parse_resource)]
    resource: Option<Target>,
    /// running, stopped or leave
    #[arg(long, value_parser = parse_state)]
    state: OverrideState,
    #[arg(long)]
    reason: String,
    /// From a time on instead of now
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// 2026-12-24T18:00:00Z
    #[arg(long, value_name = "TIME", required_unless_present = "duration", conflicts_with = "duration")]
    until: Option<Timestamp>,
    /// 90m, 8h
    #[arg(long = "for", value_name = "DURATION")]
    duration: Option<SignedDuration>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    organization: Organization,
}

fn parse_state(text: &str) -> Result<OverrideState, String> {
    text.parse().map_err(|()| "one of running, stopped, leave".to_owned())
}

fn parse_resource(text: &str) -> Result<Target, String> {
    let wrong = || "write it as ACCOUNT/REGION/KIND/ID".to_owned();
    let mut parts = text.splitn(4, '/');
    let mut next = || parts.next().filter(|part| !part.is_empty()).ok_or_else(wrong);
    Ok(Target {
        account: next()?.parse().map_err(|error| format!("{error}"))?,
        region: next()?.parse().map_err(|error| format!("{error}"))?,
        kind: next()?.parse().map_err(|()| "a kind is instance, dbInstance or dbCluster".to_owned())?,
        id: next()?.into(),
    })
}

pub async fn run(app: &App, command: Command) -> Result<(), CliError> {
    match command {
        Command::Set(arguments) => set(app, arguments).await,
        Command::List { over, output, organization } => {
            let cx = organization.enter(app).await?;
            let filter =
                OverrideFilter { not_over_at: (!over).then_some(cx.now), ..OverrideFilter::default() };
            let all = schedules::list_overrides(app, &cx, &filter, None, u32::MAX).await.map_err(told)?;
            list(app, &cx, all, &output).await
        }
        Command::End { id, output, organization } => {
            let cx = organization.enter(app).await?;
            let end = schedules::end_override(app, &cx, id);
            let kept = audited(app, &cx, "end_override", Some(&target(&id)), end).await?;
            let sentence = format!("It ended at {}; the schedule decides again.", kept.what.until);
            output.done(&OverrideView::of(kept, cx.now), &sentence)
        }
    }
}

async fn set(app: &App, arguments: Set) -> Result<(), CliError> {
    let cx = arguments.organization.enter(app).await?;
    let scope = match (&arguments.schedule, arguments.resource) {
        (Some(name), _) => {
            OverrideScope::Schedule(schedules::find_schedule(app, &cx, name).await.map_err(told)?.id)
        }
        (None, Some(resource)) => OverrideScope::Resource(resource),
        (None, None) => return Err(CliError::usage("name a --schedule or a --resource")),
    };
    let from = arguments.from.unwrap_or(cx.now);
    let until = match (arguments.until, arguments.duration) {
        (Some(until), _) => until,
        (None, Some(duration)) => from.checked_add(duration).map_err(CliError::usage)?,
        (None, None) => return Err(CliError::usage("say --until when, or --for how long")),
    };
    let (state, reason) = (arguments.state, arguments.reason);
    let new = NewOverride { scope, state, reason, from: arguments.from, until };
    let create = schedules::create_override(app, &cx, new);
    let kept = audited_making(app, &cx, "create_override", create, |kept| target(&kept.what.id)).await?;
    let sentence = format!("{} until {} (override {}).", kept.what.state, kept.planned_until, kept.what.id);
    arguments.output.done(&OverrideView::of(kept, cx.now), &sentence)
}

async fn list(app: &App, cx: &OpCx, all: Vec<KeptOverride>, output: &Output) -> Result<(), CliError> {
    let names = schedules::list_schedules(app, cx, None, u32::MAX).await.map_err(told)?;
    let scope = |scope: &OverrideScope| match scope {
        OverrideScope::Resource(target) => target.to_string(),
        OverrideScope::Schedule(id) => names
            .iter()
            .find(|kept| kept.id == *id)
            .map_or_else(|| id.to_string(), |kept| format!("schedule {}", kept.name)),
    };
    let header = ["Override", "Of", "State", "From", "Until", "By", "Reason"];
    let rows = all.iter().map(|kept| row(kept, scope(&kept.what.scope))).collect();
    output.list(&header, rows, || Ok(all.into_iter().map(|kept| OverrideView::of(kept, cx.now)).collect()))
}

fn row(kept: &KeptOverride, of: String) -> Vec<String> {
    vec![
        kept.what.id.to_string(),
        of,
        kept.what.state.to_string(),
        kept.what.from.to_string(),
        kept.what.until.to_string(),
        kept.what.actor_name.clone(),
        kept.what.reason.clone(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_written_as_it_is_printed() {
        let text = "123456789012/eu-central-1/dbInstance/shop";
        assert_eq!(parse_resource(text).unwrap().to_string(), text);
        for bad in [
            "i-1",
            "123456789012/eu-central-1/toaster/i-1",
            "1/eu-central-1/instance/i-1",
            "123456789012/mars/instance/i-1",
            "123456789012/eu-central-1/instance/",
        ] {
            assert!(parse_resource(bad).is_err(), "{bad}");
        }
    }
}
