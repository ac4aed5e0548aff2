//! `tuner recommendations snooze|dismiss|implement|reopen`: the operator's decisions.

use super::{
    CliError, Exit,
    operator::{Organization, audited},
    report::plain,
};
use crate::{
    app::App,
    domain::ids::RecommendationId,
    service::decisions::{Decision, decide},
};
use clap::{Args, Subcommand};
use jiff::Timestamp;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Put one aside until a time
    Snooze {
        #[command(flatten)]
        which: Which,
        /// A time in the future: 2026-12-24T18:00:00Z
        #[arg(long)]
        until: Timestamp,
    },
    /// Say that one will not be done, and why
    Dismiss {
        #[command(flatten)]
        which: Which,
        #[arg(long)]
        reason: String,
        /// For good where it is left out
        #[arg(long)]
        until: Option<Timestamp>,
    },
    /// Record that one was done; Tuner itself changes nothing at AWS
    Implement {
        #[command(flatten)]
        which: Which,
        /// What was done
        #[arg(long)]
        note: Option<String>,
    },
    /// Take a decision back
    Reopen {
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, Args)]
pub struct Which {
    id: RecommendationId,
    #[command(flatten)]
    organization: Organization,
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
    let target = format!("id={}", which.id);
    let kept = audited(app, &cx, action, Some(&target), decide(app, &cx, which.id, decision)).await?;
    say!("{}: {}", plain(&kept.recommendation.title), kept.recommendation.status);
    Ok(Exit::Fine)
}
