//! Approvals: a tick asked before doing so much at once; an administrator decides.

use super::words::checked_note;
use crate::{
    app::App,
    db::ApprovalFilter,
    domain::{
        ids::ApprovalId,
        schedule::{Approval, ApprovalDecision},
    },
    error::Error,
    op::OpCx,
};

pub async fn get_approval(app: &App, cx: &OpCx, id: ApprovalId) -> Result<Approval, Error> {
    Ok(app.database.scoped(&cx.scope).get_approval(id).await?)
}

/// The newest first.
pub async fn list_approvals(
    app: &App,
    cx: &OpCx,
    filter: &ApprovalFilter,
    before: Option<ApprovalId>,
    limit: u32,
) -> Result<Vec<Approval>, Error> {
    Ok(app.database.scoped(&cx.scope).list_approvals(filter, before, limit).await?)
}

/// Once, and in time: what was decided stays.
pub async fn decide_approval(
    app: &App,
    cx: &OpCx,
    id: ApprovalId,
    decision: ApprovalDecision,
    note: Option<&str>,
) -> Result<Approval, Error> {
    let note = checked_note(note)?;
    let db = app.database.scoped(&cx.scope);
    let decided = db.decide_approval(id, decision, note, &cx.actor.subject, cx.now).await?;
    let approval = db.get_approval(id).await?;
    if decided {
        return Ok(approval);
    }
    let detail = match &approval.decided_by {
        Some(by) => format!("it was {} by {by} already", approval.status),
        None => {
            format!("it expired at {}; the next tick asks again if it is still needed", approval.expires_at)
        }
    };
    Err(super::draft::conflict(detail))
}
