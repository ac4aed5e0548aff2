//! Names, passwords and one-time codes: who fails learns nothing, and not for long.

use super::{PASSWORD, add, attempt, cx_of, token, with_password};
use crate::support::{
    app::{TestApp, browser},
    database::{TestDatabase, on_both_engines},
};
use secrecy::ExposeSecret;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use tuner::{
    domain::permission::Role,
    error::{Error, ErrorCode},
    op::OpCx,
    service::{
        invitations::{accept_invitation, invite},
        local::{LogIn, log_in},
        members::{MemberChange, Standing, change_member},
        profile::{confirm_totp, offer_totp, remove_totp},
        setup::{SetUp, complete_setup, offer_setup},
    },
};

on_both_engines! {
    known_and_unknown_names_fail_and_lock_alike,
    success_forgives,
    a_code_is_asked_for_and_serves_once,
    wrong_proofs_count_as_failed_sign_ins,
    codes_are_removed_only_from_a_long_password,
    a_set_up_link_is_the_way_back,
    the_first_administrator_chooses_a_password,
}

/// All that a caller sees of an error.
fn seen(error: &Error) -> (ErrorCode, String, Option<u32>) {
    (error.code(), error.detail().to_owned(), error.retry_after_secs())
}

async fn known_and_unknown_names_fail_and_lock_alike(db: &TestDatabase) {
    let app = TestApp::open(db).await;
    let cx = app.operator("acme").await;
    for name in ["known", "disabled", "locked-with-the-right-one"] {
        with_password(&app, &cx, name, Role::User).await;
    }
    let disabled = app.database.scoped(&cx.scope).find_member("disabled").await.unwrap().unwrap().user;
    let change = MemberChange { standing: Some(Standing::Disabled), ..MemberChange::default() };
    change_member(&app, &cx, disabled, change).await.unwrap();
    add(&app, &cx, "without-a-password", Role::User, &[]).await;
    let mut histories = Vec::new();
    for (organization, name, password) in [
        ("acme", "known", "not that one at all"),
        ("acme", "known ", "not that one at all"),
        ("acme", "nobody", "not that one at all"),
        ("acme", "nobody-else", PASSWORD),
        ("nowhere", "known", PASSWORD),
        ("acme", "disabled", PASSWORD),
        ("acme", "without-a-password", ""),
    ] {
        let mut history = Vec::new();
        for _ in 0..7 {
            let asked = LogIn {
                organization: Some(organization.parse().unwrap()),
                name: name.to_owned(),
                password: password.into(),
                totp_code: None,
            };
            history.push(seen(&log_in(&app, &asked, &browser(), app.now()).await.unwrap_err()));
        }
        histories.push((name, history));
    }
    let first = histories[0].1.clone();
    let codes: Vec<ErrorCode> = first.iter().map(|(code, ..)| *code).collect();
    let (wrong, locked) = (ErrorCode::Unauthenticated, ErrorCode::TooManyRequests);
    assert_eq!(codes, [wrong, wrong, wrong, wrong, wrong, locked, locked]);
    assert_eq!(first[5].2, Some(15 * 60));
    for (name, history) in histories {
        if name == "known " {
            assert!(history.iter().all(|seen| *seen == first[5]), "blanks around a name are no other name");
        } else {
            assert_eq!(history, first, "{name}");
        }
    }
}

async fn success_forgives(db: &TestDatabase) {
    let app = TestApp::open(db).await;
    let cx = app.operator("acme").await;
    with_password(&app, &cx, "ann", Role::User).await;
    for _ in 0..3 {
        for _ in 0..4 {
            assert!(attempt(&app, "ann", "wrong", None).await.is_err());
        }
        attempt(&app, "ann", PASSWORD, None).await.unwrap();
    }
    for _ in 0..5 {
        assert!(attempt(&app, "ann", "wrong", None).await.is_err());
    }
    let locked = attempt(&app, "ann", PASSWORD, None).await.unwrap_err();
    assert_eq!(locked.code(), ErrorCode::TooManyRequests, "the right password does not open the lock");
    app.at(14);
    assert!(attempt(&app, "ann", PASSWORD, None).await.is_err());
    app.at(15);
    assert!(attempt(&app, "ann", PASSWORD, None).await.is_ok());
}

/// Turns codes on; the authenticator app.
async fn enrol(app: &TestApp, cx: &OpCx) -> Totp {
    let offer = offer_totp(app, cx, &PASSWORD.into()).await.unwrap();
    let device = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_secret(Secret::try_from_base32(&offer.secret).unwrap())
        .build()
        .unwrap();
    assert!(offer.url.contains(&offer.secret), "{}", offer.url);
    let wrong = confirm_totp(app, cx, "000000").await.unwrap_err();
    assert_eq!(wrong.code(), ErrorCode::Unprocessable);
    confirm_totp(app, cx, &code(&device, app, 0)).await.unwrap();
    device
}

/// The code that the device shows some seconds from now.
fn code(device: &Totp, app: &TestApp, seconds: i64) -> String {
    device.generate(u64::try_from(app.now().as_second() + seconds).unwrap()).to_string()
}

async fn a_code_is_asked_for_and_serves_once(db: &TestDatabase) {
    let app = TestApp::open(db).await;
    let operator = app.operator("acme").await;
    let user = with_password(&app, &operator, "ann", Role::User).await;
    let cx = cx_of(&app, &token(&app, &operator.scope, user).await).await;
    offer_totp(&app, &cx, &PASSWORD.into()).await.unwrap();
    attempt(&app, "ann", PASSWORD, None).await.unwrap();
    let device = enrol(&app, &cx).await;
    let spent = code(&device, &app, 0);
    app.forward(60);
    let now = code(&device, &app, 0);
    for wrong in [None, Some(""), Some("000000"), Some(&*spent)] {
        let error = attempt(&app, "ann", PASSWORD, wrong).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Unauthenticated, "{wrong:?}");
    }
    assert!(attempt(&app, "ann", PASSWORD, Some(&now)).await.is_ok());
    assert!(attempt(&app, "ann", PASSWORD, Some(&now)).await.is_err(), "once");
    let early = code(&device, &app, 30);
    assert!(attempt(&app, "ann", PASSWORD, Some(&early)).await.is_ok(), "a device that is ahead");
    assert!(attempt(&app, "ann", PASSWORD, Some(&now)).await.is_err(), "none before the last one");
    let again = offer_totp(&app, &cx, &PASSWORD.into()).await.err().unwrap();
    assert_eq!(again.code(), ErrorCode::Conflict);
}

async fn wrong_proofs_count_as_failed_sign_ins(db: &TestDatabase) {
    let app = TestApp::open(db).await;
    let operator = app.operator("acme").await;
    let user = with_password(&app, &operator, "ann", Role::User).await;
    let cx = cx_of(&app, &token(&app, &operator.scope, user).await).await;
    for _ in 0..5 {
        let error = offer_totp(&app, &cx, &"wrong".into()).await.err().unwrap();
        assert_eq!(error.code(), ErrorCode::Unprocessable);
    }
    let error = offer_totp(&app, &cx, &PASSWORD.into()).await.err().unwrap();
    assert_eq!(error.code(), ErrorCode::TooManyRequests);
    assert_eq!(attempt(&app, "ann", PASSWORD, None).await.unwrap_err().code(), ErrorCode::TooManyRequests);
}

async fn codes_are_removed_only_from_a_long_password(db: &TestDatabase) {
    let app = TestApp::open(db).await;
    let operator = app.operator("acme").await;
    let user = with_password(&app, &operator, "ann", Role::User).await;
    let signed_in = async || cx_of(&app, &token(&app, &operator.scope, user).await).await;
    let cx = signed_in().await;
    let short = "kV7#wq2Z";
    let change = tuner::service::profile::change_password;
    let refused = change(&app, &cx, &PASSWORD.into(), &short.into()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unprocessable, "too short to do alone");
    enrol(&app, &cx).await;
    change(&app, &cx, &PASSWORD.into(), &short.into()).await.unwrap();
    app.forward(1);
    let cx = signed_in().await;
    let refused = remove_totp(&app, &cx, &short.into()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unprocessable);
    change(&app, &cx, &short.into(), &PASSWORD.into()).await.unwrap();
    remove_totp(&app, &signed_in().await, &PASSWORD.into()).await.unwrap();
    attempt(&app, "ann", PASSWORD, None).await.unwrap();
}

async fn a_set_up_link_is_the_way_back(db: &TestDatabase) {
    let app = TestApp::open(db).await;
    let operator = app.operator("acme").await;
    let user = with_password(&app, &operator, "ann", Role::User).await;
    let old = token(&app, &operator.scope, user).await;
    enrol(&app, &cx_of(&app, &old).await).await;
    app.forward(1);
    let link = invite(&app, &operator, user).await.unwrap().link.expose_secret().to_owned();
    let (page, secret) = link.split_once('#').unwrap();
    assert_eq!(page, "https://tuner.example/base/join", "the secret stands in the fragment alone");
    let accept = async |secret: &str, password: &str| {
        accept_invitation(&app, secret, &password.into(), app.now()).await.map_err(|error| error.code())
    };
    assert_eq!(
        accept(secret, "short").await.err(),
        Some(ErrorCode::Unprocessable),
        "the link is not used up"
    );
    assert_eq!(accept("another", PASSWORD).await.err(), Some(ErrorCode::Unauthenticated));
    assert!(super::by_token(&app, &old).await.is_ok(), "a link that nobody used changes nothing");
    let new = "brittle comet orchard seven";
    assert_eq!(accept(secret, new).await.unwrap().user, user);
    assert_eq!(accept(secret, new).await.err(), Some(ErrorCode::Unauthenticated), "once");
    assert!(super::by_token(&app, &old).await.is_err(), "who was signed in is out");
    attempt(&app, "ann", new, None).await.unwrap();
    let late = invite(&app, &operator, user).await.unwrap().link.expose_secret().to_owned();
    app.at(72 * 60 + 1);
    let late = accept(late.split_once('#').unwrap().1, PASSWORD).await;
    assert_eq!(late.err(), Some(ErrorCode::Unauthenticated), "too old");
}

async fn the_first_administrator_chooses_a_password(db: &TestDatabase) {
    let app = TestApp::open(db).await;
    let offered = offer_setup(&app).await.unwrap().unwrap();
    let set_up = |password: &str| SetUp {
        token: offered.clone(),
        name: "owner".to_owned(),
        organization: "acme".parse().unwrap(),
        password: Some(password.into()),
    };
    let weak = complete_setup(&app, set_up("ownerowneracmeowner"), app.now()).await.unwrap_err();
    assert_eq!(weak.code(), ErrorCode::Unprocessable, "and the token is not used up");
    complete_setup(&app, set_up(PASSWORD), app.now()).await.unwrap();
    let only =
        LogIn { organization: None, name: "owner".to_owned(), password: PASSWORD.into(), totp_code: None };
    assert_eq!(log_in(&app, &only, &browser(), app.now()).await.unwrap().subject, "owner");
    app.scope("second").await;
    let which = log_in(&app, &only, &browser(), app.now()).await.unwrap_err();
    assert_eq!(which.code(), ErrorCode::Unauthenticated, "with two of them it must be said which");
    assert!(offer_setup(&app).await.unwrap().is_none());
}
