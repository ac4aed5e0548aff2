//! Accounts in which nothing is started or stopped for now.

use super::words::checked_reason;
use crate::{
    app::App,
    domain::{ids::AccountId, schedule::AccountSuspension},
    error::Error,
    op::OpCx,
};

pub async fn list_suspensions(app: &App, cx: &OpCx) -> Result<Vec<AccountSuspension>, Error> {
    Ok(app.database.scoped(&cx.scope).list_suspensions().await?)
}

pub async fn find_suspension(
    app: &App,
    cx: &OpCx,
    account: AccountId,
) -> Result<Option<AccountSuspension>, Error> {
    let db = app.database.scoped(&cx.scope);
    db.get_account(account).await?;
    Ok(db.find_suspension(account).await?)
}

/// One that is suspended already keeps its first reason.
pub async fn suspend_account(
    app: &App,
    cx: &OpCx,
    account: AccountId,
    reason: &str,
) -> Result<AccountSuspension, Error> {
    let db = app.database.scoped(&cx.scope);
    db.get_account(account).await?;
    let new = AccountSuspension {
        account,
        reason: checked_reason(reason)?,
        suspended_by: cx.actor.subject.clone(),
        suspended_at: cx.now,
    };
    db.suspend_account(&new).await?;
    db.find_suspension(account).await?.ok_or_else(Error::not_found)
}

/// What became due in the meantime is caught up within the schedules' windows only.
pub async fn resume_account(app: &App, cx: &OpCx, account: AccountId) -> Result<(), Error> {
    let db = app.database.scoped(&cx.scope);
    db.get_account(account).await?;
    db.resume_account(account).await?;
    Ok(())
}
