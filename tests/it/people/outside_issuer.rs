//! An outside issuer names people, organisations and roles; local sign-in is off.

use super::{PASSWORD, attempt, by_token, token};
use crate::support::{
    app::TestApp,
    database::{TestDatabase, on_both_engines},
};
use secrecy::ExposeSecret;
use serde_json::json;
use std::fs;
use tuner::{
    domain::permission::{Role, Scope},
    error::ErrorCode,
    op::OpCx,
    service::{
        api_keys::{NewKey, issue},
        members::{MemberChange, change_member, find_member, issue_token},
        profile::sign_out_everywhere,
        setup::offer_setup,
        sign_in::by_api_key,
    },
};

on_both_engines! {
    the_issuer_decides_about_roles,
    local_sign_in_is_off,
    nobody_is_made_where_that_is_off,
}

/// The issuer is a Tuner of its own; the other one trusts its keys.
async fn issuer_and_follower(db: &TestDatabase, env: &[(&str, &str)]) -> (TestDatabase, TestApp, TestApp) {
    let elsewhere = TestDatabase::sqlite().await;
    let issuer = TestApp::open(&elsewhere).await;
    let keys = issuer.settings.data_dir.join("jwks.json");
    fs::write(&keys, json!({"keys": [issuer.signing.as_ref().unwrap().public()]}).to_string()).unwrap();
    let own = [("TUNER_AUTH__JWKS_FILE", keys.to_str().unwrap()), ("TUNER_AUTH__ISSUER", "tuner")];
    let env: Vec<(&str, &str)> = own.iter().chain(env).copied().collect();
    let follower = TestApp::with(db, &env).await;
    (elsewhere, issuer, follower)
}

async fn the_issuer_decides_about_roles(db: &TestDatabase) {
    let (_elsewhere, issuer, app) = issuer_and_follower(db, &[]).await;
    let at_issuer = issuer.operator("acme").await;
    super::add(&issuer, &at_issuer, "owner", Role::OrganizationAdmin, &[]).await;
    let ann = super::add(&issuer, &at_issuer, "ann", Role::Admin, &[]).await;
    let admin = token(&issuer, &at_issuer.scope, ann).await;
    let (actor, scope) = by_token(&app, &admin).await.unwrap();
    assert_eq!((actor.role, scope.organization().as_str()), (Role::Admin, "acme"), "made at first sight");
    let cx = OpCx::without_request(actor.clone(), scope, app.now());
    let scopes = [Scope::SchedulerRun].into();
    let key = NewKey { name: "cron".into(), role: Role::Admin, scopes, accounts: None, expires_at: None };
    let key = issue(&app, &cx, actor.user_id, key).await.unwrap();

    let lower = MemberChange { role: Some(Role::Viewer), ..MemberChange::default() };
    change_member(&issuer, &at_issuer, ann, lower.clone()).await.unwrap();
    let viewer = token(&issuer, &at_issuer.scope, ann).await;
    assert_eq!(by_token(&app, &viewer).await.unwrap().0.role, Role::Viewer);
    let (of_key, _) = by_api_key(&app, key.text.expose_secret(), app.now()).await.unwrap();
    assert_eq!(of_key.role, Role::Viewer, "the key follows");
    let operator = app.operator("acme").await;
    let refused = change_member(&app, &operator, actor.user_id, lower).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Conflict, "the next token would undo it");
    app.forward(1);
    let cx = OpCx { now: app.now(), ..cx };
    sign_out_everywhere(&app, &cx).await.unwrap();
    assert!(by_token(&app, &viewer).await.is_err());
    app.settled().await;
}

async fn local_sign_in_is_off(db: &TestDatabase) {
    let (_elsewhere, _issuer, app) = issuer_and_follower(db, &[]).await;
    assert_eq!(attempt(&app, "ann", PASSWORD, None).await.unwrap_err().code(), ErrorCode::Conflict);
    assert!(offer_setup(&app).await.unwrap().is_none());
    let operator = app.operator("acme").await;
    let user = super::add(&app, &operator, "ann", Role::Viewer, &[]).await;
    let refused = issue_token(&app, &operator.scope, user, app.now()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Conflict);
    assert_eq!(find_member(&app, &operator, "ann").await.unwrap().user, user);
}

async fn nobody_is_made_where_that_is_off(db: &TestDatabase) {
    let (_elsewhere, issuer, app) = issuer_and_follower(db, &[("TUNER_AUTH__PROVISION", "false")]).await;
    let at_issuer = issuer.operator("acme").await;
    let ann = super::add(&issuer, &at_issuer, "ann", Role::Admin, &[]).await;
    let token = token(&issuer, &at_issuer.scope, ann).await;
    let refused = by_token(&app, &token).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unauthenticated);
    assert!(app.database.list_organizations().await.unwrap().is_empty());
}
