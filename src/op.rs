//! The first argument of every use case: who acts, for which organisation, when, in which request.
//!
//! Made by sign-in (`http::access`) from verified credentials, never from what a request says; by the command
//! line on the server's machine; and by timers for the system itself.

use crate::domain::{
    ids::{ApiKeyId, RequestId, UserId},
    permission::{Permission, Role, Scope},
    scope::OrgScope,
};
use jiff::Timestamp;
use std::{collections::BTreeSet, net::IpAddr, sync::Arc};

/// What kind of actor it is; the audit tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// A person who signed in; `user_id` is theirs.
    Member,
    /// A key; `user_id` is who issued it.
    ApiKey(ApiKeyId),
    /// Whoever may read the data folder, at the command line.
    Operator,
    /// A timer of the server.
    System,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub kind: ActorKind,
    pub user_id: UserId,
    /// The `sub` of the token: how the issuer names the person.
    pub subject: String,
    pub role: Role,
    /// An API key may do no more than these; none for people: all that the role holds.
    pub scopes: Option<BTreeSet<Scope>>,
}

impl Actor {
    #[must_use]
    pub const fn member(user_id: UserId, subject: String, role: Role) -> Self {
        Self { kind: ActorKind::Member, user_id, subject, role, scopes: None }
    }

    #[must_use]
    pub fn operator() -> Self {
        Self::nobody(ActorKind::Operator, "operator")
    }

    #[must_use]
    pub fn system() -> Self {
        Self::nobody(ActorKind::System, "system")
    }

    fn nobody(kind: ActorKind, subject: &str) -> Self {
        let user_id = UserId::from_uuid(uuid::Uuid::nil());
        Self { kind, user_id, subject: subject.to_owned(), role: Role::OrganizationAdmin, scopes: None }
    }

    /// The role holds it, and so does a scope where there are scopes.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        let scoped = |scopes: &BTreeSet<Scope>| scopes.iter().any(|s| s.permissions().contains(&permission));
        self.role.holds(permission) && self.scopes.as_ref().is_none_or(scoped)
    }
}

/// Where a request came from: behind listed proxies, what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub ip: Option<IpAddr>,
    /// As sent, at most 256 characters, without control characters.
    pub user_agent: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
pub struct OpCx {
    pub actor: Actor,
    pub scope: OrgScope,
    pub request_id: RequestId,
    /// Taken once: an operation happens at one time.
    pub now: Timestamp,
    pub origin: Origin,
}

impl OpCx {
    /// For what no request asked for: timers and the command line.
    #[must_use]
    pub fn without_request(actor: Actor, scope: OrgScope, now: Timestamp) -> Self {
        Self { actor, scope, request_id: RequestId::generate(), now, origin: Origin::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_narrows_a_role_and_never_widens_it() {
        let key = |role, scope| Actor {
            scopes: Some(BTreeSet::from([scope])),
            ..Actor::member(UserId::generate(), "key".into(), role)
        };
        let runs = key(Role::Admin, Scope::SchedulerRun);
        assert!(runs.may(Permission::RunScheduler));
        assert!(!runs.may(Permission::ManageScheduler) && !runs.may(Permission::ViewSavings));
        assert!(!key(Role::Viewer, Scope::UsersManage).may(Permission::ManageUsers));
    }
}
