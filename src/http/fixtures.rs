//! The frame with routes of tests and a directory that believes every token.

use super::{
    access::{Credentials, Directory, SignIn, SignedIn},
    api::{self, auth::PublicKeys, health::Readiness},
    audit::Trail,
    routes::Routes,
    server::{Frame, Parts},
};
use crate::{
    auth::fixtures::{good_claims, good_token, now, our_key, own_verifier, settings, with},
    domain::{
        clock::Clock,
        ids::{OrgKey, UserId},
        permission::Role,
        scope::{AccountAccess, OrgScope},
    },
    error::Error,
    op::Actor,
    service::audit::{
        AuditLog,
        fixtures::{Memory, log_into},
    },
};
use futures_util::future::{BoxFuture, FutureExt, ready};
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

struct Believer;

impl Directory for Believer {
    fn sign_in<'a>(
        &'a self,
        credentials: Credentials<'a>,
        _: Timestamp,
    ) -> BoxFuture<'a, Result<SignedIn, Error>> {
        let Credentials::Token(claims) = credentials else {
            return ready(Err(Error::internal("the tests of the frame use tokens"))).boxed();
        };
        let accounts = if claims.role.sees_all_accounts() {
            AccountAccess::All
        } else {
            AccountAccess::Only(["123456789012".parse().unwrap()].into())
        };
        let scope = OrgScope::granted_by_sign_in(
            OrgKey::from_uuid(Uuid::nil()),
            claims.organization.clone(),
            accounts,
        );
        let user_id = UserId::from_uuid(Uuid::nil());
        let actor = Actor::member(user_id, claims.subject.clone(), claims.role);
        // A database would answer later, too.
        async move {
            tokio::task::yield_now().await;
            Ok(SignedIn { actor, scope })
        }
        .boxed()
    }
}

pub(crate) struct Database {
    pub answers: bool,
}

impl Readiness for Database {
    fn check(&self) -> BoxFuture<'_, Result<(), Error>> {
        let outcome = if self.answers { Ok(()) } else { Err(Error::unavailable("no route to db.internal")) };
        ready(outcome).boxed()
    }
}

/// The frame's own routes and those of the test.
pub(crate) fn frame_with(routes: Routes, env: &[(&str, &str)], database: Database) -> Frame {
    frame_into(log_into(&Arc::new(Memory::default())), routes, env, database)
}

/// The same, with an audit that the test reads.
pub(crate) fn frame_into(log: AuditLog, routes: Routes, env: &[(&str, &str)], database: Database) -> Frame {
    let clock = Clock::fixed(now());
    let parts = Parts {
        routes: api::frame_routes().merge(routes),
        sign_in: SignIn {
            verifier: Arc::new(own_verifier(clock.clone())),
            directory: Arc::new(Believer),
            clock: clock.clone(),
        },
        trail: Trail { log, clock },
        keys: PublicKeys::new(Some(our_key())),
        readiness: Arc::new(database),
    };
    Frame::new(&settings(env).server, parts).unwrap()
}

pub(crate) fn bearer(role: Role) -> (&'static str, String) {
    let claims = with(good_claims(), "roles", json!([role]));
    ("Authorization", format!("Bearer {}", good_token(&claims)))
}
