//! The accounts of the organisation that an account manages, to offer them for linking. Not part of a scan.
//!
//! Only the management account and delegated administrators may ask; elsewhere AWS refuses, which is no fault.
//! Names and ids alone are read: the addresses of the accounts' owners are nobody's business here.

use super::{
    Collector,
    scope::{Journal, Scope},
};
use crate::{
    aws::{Failure, ReadSession},
    domain::{account::OrganizationAccount, scan::GapReason},
};
use aws_sdk_organizations::{operation::list_accounts::ListAccountsOutput, types as sdk};

const ACTION: &str = "organizations:ListAccounts";

pub(super) const COLLECTOR: Collector =
    Collector { name: "organization accounts", actions: &[ACTION], listing: None };

/// Not an organisation's account at all.
const STANDS_ALONE: &str = "AWSOrganizationsNotInUseException";

/// In the order of their ids; None where this account may not know.
pub async fn organization_accounts(
    session: &ReadSession,
) -> Result<Option<Vec<OrganizationAccount>>, Failure> {
    let journal = Journal::new(1, None);
    let scope = Scope { session, region: session.billing_region(), journal: &journal };
    let client = session.organizations();
    let mut found = Vec::new();
    let fetch = |token| client.list_accounts().set_next_token(token).send();
    let take = |page: ListAccountsOutput| {
        found.extend(page.accounts.unwrap_or_default().into_iter().filter_map(map));
        page.next_token
    };
    match scope.try_page_through(ACTION, fetch, take).await {
        Ok(()) => {
            found.sort_by_key(|account| account.id);
            Ok(Some(found))
        }
        Err(failure) if failure.reason == GapReason::AccessDenied || failure.code == STANDS_ALONE => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn map(account: sdk::Account) -> Option<OrganizationAccount> {
    let active = match (&account.state, &account.status) {
        (Some(state), _) => *state == sdk::AccountState::Active,
        (None, status) => *status == Some(sdk::AccountStatus::Active),
    };
    Some(OrganizationAccount {
        id: account.id?.parse().ok()?,
        name: account.name.unwrap_or_default(),
        active,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_is_being_closed_is_not_active() {
        let account = sdk::Account::builder().id("444444444444").name("Sandbox");
        let active = map(account.clone().state(sdk::AccountState::Active).build()).unwrap();
        assert_eq!((active.id.to_string(), active.active), ("444444444444".into(), true));
        assert!(!map(account.clone().state(sdk::AccountState::PendingClosure).build()).unwrap().active);
        assert!(
            map(account.status(sdk::AccountStatus::Active).build()).unwrap().active,
            "as older replies say it"
        );
    }
}
