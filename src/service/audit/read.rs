//! Reading the audit, page by page: an export of ten million entries holds one page of them.

use super::AuditRecord;
use crate::{
    app::App,
    db::{AuditCursor, AuditFilter, AuditOrder},
    error::Error,
    op::OpCx,
};

/// One page behind `after`. The first page holds all that this server has answered before.
///
/// An administrator of accounts reads the entries of those that were granted, and their own. The others without
/// an account tell of people, roles and keys: they are the organisation administrator's.
pub async fn list(
    app: &App,
    cx: &OpCx,
    filter: &AuditFilter,
    order: AuditOrder,
    after: Option<AuditCursor>,
    limit: u32,
) -> Result<Vec<AuditRecord>, Error> {
    if after.is_none() {
        app.audit.flush().await;
    }
    let db = app.database.scoped(&cx.scope);
    let kept = db.list_audit(filter, cx.actor.user_id, order, after, limit).await?;
    Ok(kept.into_iter().map(AuditRecord::from).collect())
}
