//! The accounts of a customer's AWS organisation, to offer those that are not linked yet.

use super::{accounts::usable_role, verification::link_of};
use crate::{
    app::App,
    collect,
    domain::{account::OrganizationAccount, ids::AccountId},
    error::Error,
    op::OpCx,
};
use std::collections::BTreeSet;

/// What one account knows of its organisation.
#[derive(Clone, Debug)]
pub struct Discovered {
    /// None where the account may not know: it neither manages the organisation nor is delegated to.
    pub accounts: Option<Vec<Offered>>,
}

/// One account of it.
#[derive(Clone, Debug)]
pub struct Offered {
    pub account: OrganizationAccount,
    /// Added to Tuner already, as far as the caller sees.
    pub added: bool,
}

/// Asks AWS in the name of a linked account.
pub async fn discover(app: &App, cx: &OpCx, id: AccountId) -> Result<Discovered, Error> {
    let db = app.database.scoped(&cx.scope);
    let account = db.get_account(id).await?;
    let role_arn = usable_role(&account)?;
    let session = app.sessions.read(&link_of(app, cx, &account, role_arn)).await;
    let session = session.map_err(|error| Error::unavailable(error.to_string()))?;
    let found = collect::organization_accounts(&session).await;
    let found =
        found.map_err(|failure| Error::unavailable(format!("AWS Organizations: {}", failure.code)))?;
    let known = db.list_accounts(None, u32::MAX).await?;
    let known: BTreeSet<AccountId> = known.into_iter().map(|account| account.id).collect();
    let offer = |account: OrganizationAccount| Offered { added: known.contains(&account.id), account };
    Ok(Discovered { accounts: found.map(|all| all.into_iter().map(offer).collect()) })
}
