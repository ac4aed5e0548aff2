//! Browser sessions end: unused, after eight hours, at sign-out; the clean-up forgets them.

use super::{PASSWORD, with_password};
use crate::support::{
    app::{TestApp, browser},
    database::{TestDatabase, on_both_engines},
};
use secrecy::ExposeSecret;
use tuner::{
    domain::permission::Role,
    error::ErrorCode,
    service::{
        local::SignedInMember,
        profile::{change_password, sign_out_everywhere},
        sessions::{end_session, open_session, sweep_sessions},
        sign_in::by_session,
    },
};

on_both_engines! {
    a_session_ends_after_an_hour_unused,
    a_session_ends_after_eight_hours_however_busy,
    sign_out_ends_it_on_every_server,
    a_changed_password_ends_every_session,
    what_has_ended_is_forgotten,
}

struct Opened {
    app: TestApp,
    member: SignedInMember,
    value: String,
}

impl Opened {
    async fn new(db: &TestDatabase) -> Self {
        let app = TestApp::open(db).await;
        let cx = app.operator("acme").await;
        with_password(&app, &cx, "ann", Role::OrganizationAdmin).await;
        let member = super::attempt(&app, "ann", PASSWORD, None).await.unwrap();
        let value = open_session(&app, &member.scope, member.user, app.now(), &browser()).await.unwrap();
        Self { app, value: value.expose_secret().to_owned(), member }
    }

    /// Whether it still counts; what was noted meanwhile is written.
    async fn counts(&self) -> bool {
        let counts = match by_session(&self.app, &self.value, self.app.now()).await {
            Ok((actor, _)) => actor.user_id == self.member.user,
            Err(error) => {
                assert_eq!(error.code(), ErrorCode::Unauthenticated);
                false
            }
        };
        self.app.settled().await;
        counts
    }
}

async fn a_session_ends_after_an_hour_unused(db: &TestDatabase) {
    let opened = Opened::new(db).await;
    for (minute, counts) in [(0, true), (59, true), (118, true), (178, false), (179, false)] {
        opened.app.at(minute);
        assert_eq!(opened.counts().await, counts, "minute {minute}");
    }
}

async fn a_session_ends_after_eight_hours_however_busy(db: &TestDatabase) {
    let opened = Opened::new(db).await;
    for minute in (0..8 * 60).step_by(30) {
        opened.app.at(minute);
        assert!(opened.counts().await, "minute {minute}");
    }
    opened.app.at(8 * 60);
    assert!(!opened.counts().await);
}

async fn sign_out_ends_it_on_every_server(db: &TestDatabase) {
    let opened = Opened::new(db).await;
    let there = opened.app.another().await;
    assert!(by_session(&there, &opened.value, opened.app.now()).await.is_ok());
    end_session(&opened.app, &opened.value).await.unwrap();
    assert!(by_session(&there, &opened.value, opened.app.now()).await.is_err());
    for odd in ["", "x", &"x".repeat(5000), &opened.value.to_lowercase()] {
        assert!(by_session(&there, odd, opened.app.now()).await.is_err());
    }
}

async fn a_changed_password_ends_every_session(db: &TestDatabase) {
    let opened = Opened::new(db).await;
    let (actor, scope) = by_session(&opened.app, &opened.value, opened.app.now()).await.unwrap();
    let cx = tuner::op::OpCx::without_request(actor, scope, opened.app.forward(5));
    let wrong = change_password(&opened.app, &cx, &"not that one at all".into(), &"x".into()).await;
    assert_eq!(wrong.unwrap_err().code(), ErrorCode::Unprocessable);
    let weak = change_password(&opened.app, &cx, &PASSWORD.into(), &"acme acme acme ann".into()).await;
    assert_eq!(weak.unwrap_err().code(), ErrorCode::Unprocessable);
    assert!(opened.counts().await, "nothing happened yet");
    let new = "brittle comet orchard seven";
    change_password(&opened.app, &cx, &PASSWORD.into(), &new.into()).await.unwrap();
    assert!(!opened.counts().await);
    assert!(super::attempt(&opened.app, "ann", PASSWORD, None).await.is_err());
    assert!(super::attempt(&opened.app, "ann", new, None).await.is_ok());
}

async fn what_has_ended_is_forgotten(db: &TestDatabase) {
    let opened = Opened::new(db).await;
    let app = &opened.app;
    let cx = app.operator("acme").await;
    let kept = || async { db.scoped(&cx.scope).list_sessions(opened.member.user).await.unwrap().len() };
    // The set-up link was used at noon.
    assert_eq!(sweep_sessions(app, app.at(59)).await.unwrap(), 1);
    assert_eq!(kept().await, 1);
    assert_eq!(sweep_sessions(app, app.at(61)).await.unwrap(), 1);
    assert_eq!(kept().await, 0);
    let member = &opened.member;
    open_session(app, &member.scope, member.user, app.now(), &browser()).await.unwrap();
    let (actor, scope) =
        (tuner::op::Actor::member(member.user, "ann".into(), Role::Viewer), cx.scope.clone());
    let cx_of_member = tuner::op::OpCx::without_request(actor, scope, app.now());
    sign_out_everywhere(app, &cx_of_member).await.unwrap();
    assert_eq!(kept().await, 0);
}
