//! People and programs, their sign-in and their rights, at a time of the test's own.

mod keys;
mod local;
mod outside_issuer;
mod sessions;
mod tokens;

use crate::support::app::{TestApp, browser};
use secrecy::ExposeSecret;
use std::collections::BTreeSet;
use tuner::{
    db::NewAccount,
    domain::{
        ids::{AccountId, UserId},
        permission::Role,
        scope::OrgScope,
    },
    error::Error,
    op::{Actor, OpCx},
    service::{
        invitations::{accept_invitation, invite},
        local::{LogIn, SignedInMember, log_in},
        members::{NewPerson, add_member, issue_token},
        sign_in,
    },
};

const PASSWORD: &str = "violet anchor mumbles softly";

fn account(number: u64) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

async fn link(app: &TestApp, scope: &OrgScope, id: AccountId) {
    let external_id = app.external_ids.issue(id, scope.organization());
    let new = NewAccount { id, name: "x".to_owned(), external_id, created_at: app.now() };
    app.database.scoped(scope).create_account(&new).await.unwrap();
}

async fn add(app: &TestApp, cx: &OpCx, name: &str, role: Role, accounts: &[AccountId]) -> UserId {
    let accounts = accounts.iter().copied().collect();
    let new = NewPerson { name: name.to_owned(), display_name: None, role, accounts };
    add_member(app, cx, new).await.unwrap().member.user
}

/// Somebody who chose [`PASSWORD`] with a set-up link.
async fn with_password(app: &TestApp, cx: &OpCx, name: &str, role: Role) -> UserId {
    let user = add(app, cx, name, role, &[]).await;
    let link = invite(app, cx, user).await.unwrap().link;
    let secret = link.expose_secret().split_once('#').unwrap().1.to_owned();
    accept_invitation(app, &secret, &PASSWORD.into(), app.now()).await.unwrap();
    user
}

async fn attempt(
    app: &TestApp,
    name: &str,
    password: &str,
    code: Option<&str>,
) -> Result<SignedInMember, Error> {
    let asked = LogIn {
        organization: Some("acme".parse().unwrap()),
        name: name.to_owned(),
        password: password.into(),
        totp_code: code.map(str::to_owned),
    };
    log_in(app, &asked, &browser(), app.now()).await
}

/// A token of the member's, as text.
async fn token(app: &TestApp, scope: &OrgScope, user: UserId) -> String {
    issue_token(app, scope, user, app.now()).await.unwrap().text.expose_secret().to_owned()
}

async fn by_token(app: &tuner::app::App, token: &str) -> Result<(Actor, OrgScope), Error> {
    let claims = app.verifier.verify(token).await?;
    sign_in::by_token(app, &claims, app.clock.now()).await
}

/// What somebody does after signing in with a token.
async fn cx_of(app: &TestApp, token: &str) -> OpCx {
    let (actor, scope) = by_token(app, token).await.unwrap();
    OpCx::without_request(actor, scope, app.now())
}

fn set<T: Ord + Copy>(items: &[T]) -> BTreeSet<T> {
    items.iter().copied().collect()
}
