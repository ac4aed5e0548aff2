//! On whose behalf something is done: one organisation, and the accounts of it that may be seen.
//!
//! Invariant: only sign-in and the system's own work make an [`OrgScope`]; everyone else passes one on or
//! narrows it. It is the only key to the tenant tables (`db.scoped(&scope)`).

use super::ids::{AccountId, OrgKey, OrganizationId};
use std::collections::BTreeSet;

/// Which accounts of its organisation a scope may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountAccess {
    All,
    Only(BTreeSet<AccountId>),
}

impl AccountAccess {
    #[must_use]
    pub fn sees(&self, account: AccountId) -> bool {
        match self {
            Self::All => true,
            Self::Only(accounts) => accounts.contains(&account),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgScope {
    key: OrgKey,
    organization: OrganizationId,
    accounts: AccountAccess,
}

impl OrgScope {
    /// What a verified token, session or API key allows.
    #[must_use]
    pub(crate) const fn granted_by_sign_in(
        key: OrgKey,
        organization: OrganizationId,
        accounts: AccountAccess,
    ) -> Self {
        Self { key, organization, accounts }
    }

    /// For timers, scans and the command line on the server's own machine.
    #[must_use]
    pub(crate) const fn of_system(key: OrgKey, organization: OrganizationId) -> Self {
        Self { key, organization, accounts: AccountAccess::All }
    }

    /// For the audit of what belongs to no organisation: unknown callers, forged tokens. Owns nothing else.
    #[must_use]
    pub(crate) const fn of_nobody() -> Self {
        let key = OrgKey::from_uuid(uuid::Uuid::nil());
        Self { key, organization: OrganizationId::of_nobody(), accounts: AccountAccess::All }
    }

    /// The whole organisation, for the system's own books: whoever acted may see less of it.
    #[must_use]
    pub(crate) fn whole(&self) -> Self {
        Self { key: self.key, organization: self.organization.clone(), accounts: AccountAccess::All }
    }

    /// The same organisation with fewer accounts; never with more.
    #[must_use]
    pub fn narrowed_to(self, accounts: BTreeSet<AccountId>) -> Self {
        let accounts = accounts.into_iter().filter(|account| self.accounts.sees(*account)).collect();
        Self { accounts: AccountAccess::Only(accounts), ..self }
    }

    #[must_use]
    pub const fn key(&self) -> OrgKey {
        self.key
    }

    #[must_use]
    pub const fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    #[must_use]
    pub const fn accounts(&self) -> &AccountAccess {
        &self.accounts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_narrowed_and_never_widened() {
        let account = |n: i64| AccountId::from_i64(n);
        let granted = AccountAccess::Only(BTreeSet::from([account(1), account(2)]));
        let scope = OrgScope::granted_by_sign_in(OrgKey::generate(), "acme".parse().unwrap(), granted);
        let narrowed = scope.narrowed_to(BTreeSet::from([account(2), account(3)]));
        assert!(narrowed.accounts().sees(account(2)));
        assert!(!narrowed.accounts().sees(account(1)));
        assert!(!narrowed.accounts().sees(account(3)));
    }
}
