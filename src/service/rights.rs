//! Nobody gives more than they have: the one check before a role, a key or a set-up link is handed out.

use crate::{
    domain::{
        permission::{Permission, Role, Scope},
        scope::AccountAccess,
    },
    error::{Error, ErrorCode},
    op::OpCx,
};
use std::collections::BTreeSet;

/// What somebody would be able to do.
#[derive(Clone, Copy, Debug)]
pub struct Rights<'a> {
    pub role: Role,
    /// None: all that the role holds.
    pub scopes: Option<&'a BTreeSet<Scope>>,
}

impl Rights<'_> {
    pub const fn of_role(role: Role) -> Self {
        Self { role, scopes: None }
    }

    /// One's own profile is everybody's own: it is not given by anyone.
    fn permissions(&self) -> impl Iterator<Item = Permission> {
        let scoped =
            |scopes: &BTreeSet<Scope>, p| scopes.iter().any(|scope| scope.permissions().contains(&p));
        Permission::ALL.iter().copied().filter(move |p| {
            *p != Permission::ManageOwnProfile
                && self.role.holds(*p)
                && self.scopes.is_none_or(|scopes| scoped(scopes, *p))
        })
    }
}

/// Refuses what is above the caller's own role, scopes or accounts.
pub fn require_within(cx: &OpCx, given: Rights<'_>) -> Result<(), Error> {
    let above = |what: String| Err(Error::new(ErrorCode::AboveOwnRights, what));
    if given.role > cx.actor.role {
        return above(format!("you are {}: you cannot make anybody {}", cx.actor.role, given.role));
    }
    if let Some(missing) = given.permissions().find(|permission| !cx.actor.may(*permission)) {
        return above(format!("this would give the permission {missing}, which you do not have"));
    }
    if given.role.sees_all_accounts() && given.scopes.is_none() && *cx.scope.accounts() != AccountAccess::All
    {
        return above(format!("{} sees all accounts, and you do not", given.role));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            ids::{OrgKey, UserId},
            scope::OrgScope,
        },
        op::Actor,
    };
    use jiff::Timestamp;
    use rstest::rstest;

    fn cx(role: Role, scopes: Option<&[Scope]>, accounts: AccountAccess) -> OpCx {
        let scopes = scopes.map(|scopes| scopes.iter().copied().collect());
        let actor = Actor { scopes, ..Actor::member(UserId::generate(), "ann".into(), role) };
        let scope = OrgScope::granted_by_sign_in(OrgKey::generate(), "acme".parse().unwrap(), accounts);
        OpCx::without_request(actor, scope, Timestamp::UNIX_EPOCH)
    }

    #[rstest]
    #[case(Role::OrganizationAdmin, Role::OrganizationAdmin, true)]
    #[case(Role::Admin, Role::Admin, true)]
    #[case(Role::Admin, Role::Viewer, true)]
    #[case(Role::Admin, Role::OrganizationAdmin, false)]
    #[case(Role::Viewer, Role::User, false)]
    fn a_role_is_given_up_to_ones_own(#[case] own: Role, #[case] given: Role, #[case] allowed: bool) {
        let cx = cx(own, None, AccountAccess::All);
        assert_eq!(require_within(&cx, Rights::of_role(given)).is_ok(), allowed);
    }

    #[test]
    fn a_key_gives_no_more_than_its_scopes() {
        let key =
            cx(Role::OrganizationAdmin, Some(&[Scope::UsersManage, Scope::SchedulerRun]), AccountAccess::All);
        let given = |scopes: &[Scope]| {
            let scopes: BTreeSet<Scope> = scopes.iter().copied().collect();
            let rights = Rights { role: Role::OrganizationAdmin, scopes: Some(&scopes) };
            require_within(&key, rights).map_err(|error| error.code())
        };
        assert_eq!(given(&[Scope::SchedulerRun]), Ok(()));
        assert_eq!(given(&[Scope::SchedulerManage]), Err(ErrorCode::AboveOwnRights));
        let viewer = require_within(&key, Rights::of_role(Role::Viewer));
        assert_eq!(
            viewer.unwrap_err().code(),
            ErrorCode::AboveOwnRights,
            "a person sees savings, this key does not"
        );
    }

    #[test]
    fn who_sees_some_accounts_makes_nobody_see_all() {
        let narrowed = cx(Role::OrganizationAdmin, None, AccountAccess::Only(BTreeSet::new()));
        assert!(require_within(&narrowed, Rights::of_role(Role::OrganizationAdmin)).is_err());
        assert!(require_within(&narrowed, Rights::of_role(Role::Admin)).is_ok());
    }
}
