//! Bearer tokens of Tuner's own: what changed counts in the next request, on every server.

use super::{account, add, by_token, cx_of, link, set, token};
use crate::support::{
    app::TestApp,
    database::{TestDatabase, on_both_engines},
};
use tuner::{
    domain::{permission::Role, scope::AccountAccess},
    error::ErrorCode,
    op::OpCx,
    service::{
        members::{MemberChange, Standing, change_member},
        personal_data::erase,
        profile::{end_token, sign_out_everywhere},
    },
};

on_both_engines! {
    a_change_counts_in_the_next_request_everywhere,
    signing_out_everywhere_refuses_what_was_issued_before,
    one_token_is_signed_out_alone,
    the_name_of_an_erased_person_is_free_and_nobodys_token_fits,
}

async fn a_change_counts_in_the_next_request_everywhere(db: &TestDatabase) {
    let app = TestApp::open(db).await;
    let cx = app.operator("acme").await;
    for number in [1, 2] {
        link(&app, &cx.scope, account(number)).await;
    }
    add(&app, &cx, "owner", Role::OrganizationAdmin, &[]).await;
    let user = add(&app, &cx, "ann", Role::Admin, &[account(1), account(2)]).await;
    let token = token(&app, &cx.scope, user).await;
    let there = app.another().await;
    let change = async |change: MemberChange| {
        let cx = OpCx { now: app.now(), ..cx.clone() };
        change_member(&app, &cx, user, change).await.unwrap();
    };
    let standing = |standing| MemberChange { standing: Some(standing), ..MemberChange::default() };
    let sees = async || {
        let (actor, scope) = by_token(&there, &token).await.map_err(|error| error.code())?;
        Ok::<_, ErrorCode>((actor.role, scope.accounts().clone()))
    };
    let only = |numbers: &[u64]| AccountAccess::Only(numbers.iter().map(|n| account(*n)).collect());
    assert_eq!(sees().await, Ok((Role::Admin, only(&[1, 2]))));
    change(MemberChange { accounts: Some(set(&[account(2)])), ..MemberChange::default() }).await;
    assert_eq!(sees().await, Ok((Role::Admin, only(&[2]))));
    change(MemberChange { role: Some(Role::Viewer), ..MemberChange::default() }).await;
    assert_eq!(sees().await, Ok((Role::Viewer, only(&[2]))));
    change(MemberChange { role: Some(Role::OrganizationAdmin), ..MemberChange::default() }).await;
    assert_eq!(sees().await, Ok((Role::OrganizationAdmin, AccountAccess::All)));
    app.forward(1);
    change(standing(Standing::Disabled)).await;
    assert_eq!(sees().await, Err(ErrorCode::Unauthenticated));
    change(standing(Standing::Enabled)).await;
    assert!(sees().await.is_err(), "who was kept out signs in anew");
}

async fn signing_out_everywhere_refuses_what_was_issued_before(db: &TestDatabase) {
    let app = TestApp::open(db).await;
    let operator = app.operator("acme").await;
    let (ann, bob) = (
        add(&app, &operator, "ann", Role::User, &[]).await,
        add(&app, &operator, "bob", Role::User, &[]).await,
    );
    let (old, of_bob) = (token(&app, &operator.scope, ann).await, token(&app, &operator.scope, bob).await);
    let there = app.another().await;
    assert!(by_token(&there, &old).await.is_ok());
    // Within the same second: the order must still be told.
    app.clock.set(app.now() + jiff::SignedDuration::from_millis(200));
    sign_out_everywhere(&app, &cx_of(&app, &old).await).await.unwrap();
    app.clock.set(app.now() + jiff::SignedDuration::from_millis(1));
    let new = token(&app, &operator.scope, ann).await;
    assert_eq!(by_token(&there, &old).await.unwrap_err().code(), ErrorCode::Unauthenticated);
    assert!(by_token(&there, &new).await.is_ok(), "signed in again");
    assert!(by_token(&there, &of_bob).await.is_ok(), "nobody else");
}

async fn one_token_is_signed_out_alone(db: &TestDatabase) {
    let app = TestApp::open(db).await;
    let operator = app.operator("acme").await;
    let ann = add(&app, &operator, "ann", Role::User, &[]).await;
    let (one, other) = (token(&app, &operator.scope, ann).await, token(&app, &operator.scope, ann).await);
    let claims = app.verifier.verify(&one).await.unwrap();
    end_token(&app, &cx_of(&app, &one).await, &claims).await.unwrap();
    assert!(by_token(&app, &one).await.is_err());
    assert!(by_token(&app, &other).await.is_ok());
    app.at(8 * 60 + 2);
    assert!(by_token(&app, &other).await.is_err(), "also a token that was verified before expires");
}

async fn the_name_of_an_erased_person_is_free_and_nobodys_token_fits(db: &TestDatabase) {
    let app = TestApp::open(db).await;
    let operator = app.operator("acme").await;
    add(&app, &operator, "owner", Role::OrganizationAdmin, &[]).await;
    let before = add(&app, &operator, "bob", Role::OrganizationAdmin, &[]).await;
    let old = token(&app, &operator.scope, before).await;
    erase(&app, &operator, before).await.unwrap();
    assert!(by_token(&app, &old).await.is_err());
    add(&app, &operator, "bob", Role::OrganizationAdmin, &[]).await;
    assert!(by_token(&app, &old).await.is_err(), "another person has the name now");
}
