//! `tuner schedule approvals`: what waits before so much is done at once.

use super::{
    super::{
        CliError,
        operator::{Organization, audited},
    },
    manage::{target, told},
    views::Output,
};
use crate::{
    app::App,
    domain::{
        ids::ApprovalId,
        schedule::{Approval, ApprovalDecision, ApprovalStatus},
    },
    http::api::approvals::ApprovalView,
    service::schedules::{self, ApprovalFilter},
};
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List those that wait for a decision
    List {
        /// Those that were decided or have expired, too
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        organization: Organization,
    },
    /// Let it be done at the next tick
    Approve {
        #[command(flatten)]
        which: Which,
        /// For every further time, for as long as the schedule keeps its revision
        #[arg(long)]
        standing: bool,
    },
    /// Leave the resources as they are
    Refuse(Which),
}

#[derive(Debug, Args)]
pub struct Which {
    id: ApprovalId,
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    organization: Organization,
}

pub async fn run(app: &App, command: Command) -> Result<(), CliError> {
    match command {
        Command::List { all, output, organization } => {
            let cx = organization.enter(app).await?;
            let filter = ApprovalFilter {
                account: None,
                status: (!all).then_some(ApprovalStatus::Open),
                not_expired_at: (!all).then_some(cx.now),
            };
            let found = schedules::list_approvals(app, &cx, &filter, None, u32::MAX).await.map_err(told)?;
            let header = ["Approval", "Account", "Schedule", "Action", "Resources", "Status", "Until", "Why"];
            let rows = found.iter().map(row).collect();
            output.list(&header, rows, || {
                Ok(found.into_iter().map(|approval| ApprovalView::of(approval, cx.now)).collect())
            })
        }
        Command::Approve { which, standing } if standing => {
            decide(app, which, ApprovalDecision::ApproveStanding, "approve_scheduler_actions").await
        }
        Command::Approve { which, .. } => {
            decide(app, which, ApprovalDecision::ApproveOnce, "approve_scheduler_actions").await
        }
        Command::Refuse(which) => {
            decide(app, which, ApprovalDecision::Refuse, "refuse_scheduler_actions").await
        }
    }
}

async fn decide(app: &App, which: Which, decision: ApprovalDecision, action: &str) -> Result<(), CliError> {
    let cx = which.organization.enter(app).await?;
    let work = schedules::decide_approval(app, &cx, which.id, decision, which.note.as_deref());
    let approval = audited(app, &cx, action, Some(&target(&which.id)), work).await?;
    let sentence = format!(
        "{} of {} resources: {}.",
        approval.subject.action,
        approval.resources.len(),
        approval.status
    );
    which.output.done(&ApprovalView::of(approval, cx.now), &sentence)
}

fn row(approval: &Approval) -> Vec<String> {
    vec![
        approval.id.to_string(),
        approval.subject.account.to_string(),
        approval.subject.schedule_name.clone(),
        approval.subject.action.to_string(),
        approval.resources.len().to_string(),
        approval.status.to_string(),
        approval.expires_at.to_string(),
        approval.reason.clone(),
    ]
}
