//! `tuner recommendations snooze|dismiss|implement|reopen`: the operator's decisions about one, or about all that a
//! filter names.

use super::{
    CliError, Exit,
    operator::{Organization, audited, audited_making},
    recommendations::{parse_service, parse_status},
    report::plain,
    rules::known,
};
use crate::{
    app::App,
    domain::{
        ids::{AccountId, RecommendationId},
        inventory::Service,
        money::MicroUsd,
        recommendation::RecommendationStatus,
        region::Region,
    },
    op::OpCx,
    service::{
        bulk_decisions::{BulkOutcome, Mode, decide_many},
        decisions::{Decision, decide},
        recommendations::RecommendationFilter,
    },
};
use clap::{Args, Subcommand};
use jiff::Timestamp;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Put one, or all that a filter names, aside until a time
    Snooze {
        #[command(flatten)]
        which: Which,
        /// A time in the future: 2026-12-24T18:00:00Z
        #[arg(long)]
        until: Timestamp,
    },
    /// Say that one, or all that a filter names, will not be done, and why
    Dismiss {
        #[command(flatten)]
        which: Which,
        #[arg(long)]
        reason: String,
        /// For good where it is left out
        #[arg(long)]
        until: Option<Timestamp>,
    },
    /// Record that one, or all that a filter names, was done; Tuner itself changes nothing at AWS
    Implement {
        #[command(flatten)]
        which: Which,
        /// What was done
        #[arg(long)]
        note: Option<String>,
    },
    /// Take a decision back, or those about all that a filter names
    Reopen {
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, Args)]
pub struct Which {
    /// One recommendation; without it all that the filter names
    #[arg(required_unless_present = "Filter", conflicts_with = "Filter")]
    id: Option<RecommendationId>,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    organization: Organization,
}

/// Everything together must hold. At most 1,000 recommendations at once.
#[derive(Debug, Args)]
pub struct Filter {
    #[arg(long)]
    account: Option<AccountId>,
    /// ACTIVE unless named; what is reopened must be named
    #[arg(long, value_parser = parse_status)]
    status: Option<RecommendationStatus>,
    #[arg(long, value_parser = parse_service)]
    service: Option<Service>,
    #[arg(long)]
    rule: Option<String>,
    #[arg(long)]
    region: Option<Region>,
    /// In US dollars a month
    #[arg(long, value_name = "AMOUNT")]
    min_savings: Option<MicroUsd>,
    /// Say how many there are and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Write nothing where there is another number of them
    #[arg(long, value_name = "COUNT")]
    expect: Option<u64>,
}

impl Filter {
    fn mode(&self) -> Mode {
        if self.dry_run { Mode::DryRun } else { Mode::Decide { expected: self.expect } }
    }

    fn into_filter(self) -> Result<RecommendationFilter, CliError> {
        if let Some(rule) = &self.rule {
            known(rule)?;
        }
        Ok(RecommendationFilter {
            account: self.account,
            status: Some(self.status.unwrap_or(RecommendationStatus::Active)),
            service: self.service,
            rule: self.rule,
            region: self.region,
            tag: None,
            min_savings: self.min_savings,
        })
    }
}

pub async fn run(app: &App, command: Command) -> Result<Exit, CliError> {
    let (action, which, decision) = match command {
        Command::Snooze { which, until } => ("snooze_recommendation", which, Decision::Snooze { until }),
        Command::Dismiss { which, reason, until } => {
            ("dismiss_recommendation", which, Decision::Dismiss { reason, until })
        }
        Command::Implement { which, note } => {
            ("implement_recommendation", which, Decision::Implement { note })
        }
        Command::Reopen { which } => ("reopen_recommendation", which, Decision::Reopen),
    };
    let cx = which.organization.enter(app).await?;
    match which.id {
        Some(id) => decide_one(app, &cx, action, id, decision).await,
        None => decide_all(app, &cx, action, which.filter, decision).await,
    }
    .map(|()| Exit::Fine)
}

async fn decide_one(
    app: &App,
    cx: &OpCx,
    action: &str,
    id: RecommendationId,
    decision: Decision,
) -> Result<(), CliError> {
    let target = format!("id={id}");
    let kept = audited(app, cx, action, Some(&target), decide(app, cx, id, decision)).await?;
    say!("{}: {}", plain(&kept.recommendation.title), kept.recommendation.status);
    Ok(())
}

async fn decide_all(
    app: &App,
    cx: &OpCx,
    action: &str,
    filter: Filter,
    decision: Decision,
) -> Result<(), CliError> {
    let mode = filter.mode();
    let filter = filter.into_filter()?;
    let decided = decide_many(app, cx, &filter, &decision, mode);
    if mode == Mode::DryRun {
        let BulkOutcome { matched, .. } = decided.await.map_err(CliError::new)?;
        say!("{matched} recommendations. Nothing was written.");
        return Ok(());
    }
    // As the API names the same.
    let action = format!("{action}s");
    let told = |done: &BulkOutcome| format!("matched={} changed={}", done.matched, done.changed);
    let done = audited_making(app, cx, &action, decided, told).await?;
    say!("{} of {} recommendations changed.", done.changed, done.matched);
    Ok(())
}
