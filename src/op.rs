//! The first argument of every use case: who acts, for which organisation, when, in which request.
//!
//! Made by sign-in (`http::access`) from a verified token, never from what a request says.

use crate::domain::{
    ids::{RequestId, UserId},
    permission::Role,
    scope::OrgScope,
};
use jiff::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub user_id: UserId,
    /// The `sub` of the token: how the issuer names the person.
    pub subject: String,
    pub role: Role,
}

#[derive(Clone, Debug)]
pub struct OpCx {
    pub actor: Actor,
    pub scope: OrgScope,
    pub request_id: RequestId,
    /// Taken once: an operation happens at one time.
    pub now: Timestamp,
}
