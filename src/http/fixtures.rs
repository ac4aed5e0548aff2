//! The frame with routes of tests and a directory that believes every token.

use super::{
    access::{Credentials, Directory, SignIn, SignedIn},
    api::{self, auth::PublicKeys, health::Readiness, metrics::Exposition},
    audit::Trail,
    edge::Watch,
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
        security_event::SecurityEvent,
    },
    error::Error,
    op::Actor,
    service::{
        audit::{
            AuditLog,
            fixtures::{Memory, log_into},
        },
        security::Circumstances,
    },
};
use futures_util::future::{BoxFuture, FutureExt, ready};
use jiff::Timestamp;
use serde_json::json;
use std::sync::{Arc, Mutex};
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

/// Remembers what it was told: the event, and from where.
#[derive(Default)]
pub(crate) struct Noted(pub Mutex<Vec<(SecurityEvent, Option<String>)>>);

impl Watch for Noted {
    fn report(&self, event: SecurityEvent, what: Circumstances<'_>) {
        let ip = what.origin.and_then(|origin| origin.ip).map(|ip| ip.to_string());
        self.0.lock().unwrap().push((event, ip));
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
    frame_of(log_into(&Arc::new(Memory::default())), routes, env, database, Arc::new(Noted::default()))
}

/// The same, with an audit that the test reads.
pub(crate) fn frame_into(log: AuditLog, routes: Routes, env: &[(&str, &str)], database: Database) -> Frame {
    frame_of(log, routes, env, database, Arc::new(Noted::default()))
}

/// The same, with somebody who watches.
pub(crate) fn watched_frame(
    routes: Routes,
    env: &[(&str, &str)],
    database: Database,
    watch: Arc<dyn Watch>,
) -> Frame {
    frame_of(log_into(&Arc::new(Memory::default())), routes, env, database, watch)
}

fn frame_of(
    log: AuditLog,
    routes: Routes,
    env: &[(&str, &str)],
    database: Database,
    watch: Arc<dyn Watch>,
) -> Frame {
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
        exposition: Exposition::none(),
        watch,
    };
    Frame::new(&settings(env), parts).unwrap()
}

pub(crate) fn bearer(role: Role) -> (&'static str, String) {
    let claims = with(good_claims(), "roles", json!([role]));
    ("Authorization", format!("Bearer {}", good_token(&claims)))
}
