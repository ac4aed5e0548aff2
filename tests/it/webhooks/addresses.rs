//! Where messages may go: nowhere inside, whatever the address looks like.

use super::{Receiver, account, deliveries, failed, organization, register, request};
use crate::support::{
    app::TestApp,
    database::{TestDatabase, on_both_engines},
};
use tuner::{
    domain::{notice::NoticeEvent, webhook::DeliveryFailure},
    error::ErrorCode,
    service::{
        notify::{deliver_due, tell},
        webhooks,
    },
};

on_both_engines! { what_leads_inside_by_name_is_told_nothing, an_address_allowed_once_is_checked_each_time }

#[tokio::test]
async fn addresses_that_lead_inside_are_refused() {
    let db = TestDatabase::sqlite().await;
    let app = TestApp::open(&db).await;
    let cx = organization(&app, "acme").await;
    for url in [
        "https://127.0.0.1/hook-canary",
        "https://[::1]/hook-canary",
        "https://2130706433/hook-canary",
        "https://10.0.0.1/hook-canary",
        "https://192.168.1.1/hook-canary",
        "https://169.254.169.254/hook-canary",
        "https://[fd00:ec2::254]/hook-canary",
        "https://[::ffff:10.0.0.1]/hook-canary",
        "http://127.0.0.1/hook-canary",
        "http://hooks.example.com/hook-canary",
        "https://me:hook-canary@hooks.example.com/",
        "https://hooks.example.com/hook-canary#fragment",
        "ftp://hooks.example.com/hook-canary",
        "file:///hook-canary",
        "//hooks.example.com/hook-canary",
        "hook-canary",
        "",
        &format!("https://hooks.example.com/hook-canary/{}", "x".repeat(2_048)),
    ] {
        let error = webhooks::create(&app, &cx, request(url, NoticeEvent::ALL)).await.unwrap_err();
        assert_eq!((error.code(), &*error.fields()[0].field), (ErrorCode::InvalidRequest, "url"), "{url}");
        assert!(!error.to_string().contains("hook-canary"), "it is not repeated: {error}");
    }
    assert_eq!(webhooks::list(&app, &cx).await.unwrap().len(), 0);
}

/// The name is harmless, what it resolves to is not.
async fn what_leads_inside_by_name_is_told_nothing(db: &TestDatabase) {
    let (app, mut receiver) = (TestApp::open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let url = format!("https://localhost:{}/hook", receiver.port());
    let (id, _) = register(&app, &cx, &url).await;
    tell(&app, &cx.scope, failed(account(1), "i-1")).await.unwrap();
    deliver_due(&app).await.unwrap();
    let tested = webhooks::test(&app, &cx, id).await.unwrap();
    assert_eq!((tested.failure, tested.status), (Some(DeliveryFailure::AddressRefused), None));
    let told = deliveries(&app, &cx, id).await;
    assert!(told.iter().all(|d| d.last_failure == Some(DeliveryFailure::AddressRefused)), "{told:?}");
    assert_eq!(receiver.arrived().len(), 0, "no connection was made");
}

/// What the operator allowed yesterday is not allowed today.
async fn an_address_allowed_once_is_checked_each_time(db: &TestDatabase) {
    let (app, mut receiver) = (super::open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, _) = register(&app, &cx, &receiver.url()).await;
    assert_eq!(webhooks::test(&app, &cx, id).await.unwrap().failure, None);
    let mut settings = app.settings.clone();
    settings.net.allowed_networks.clear();
    let strict = tuner::app::App::open(settings, app.clock.clone()).await.unwrap();
    let tested = webhooks::test(&strict, &cx, id).await.unwrap();
    assert_eq!(tested.failure, Some(DeliveryFailure::AddressRefused));
    assert_eq!(receiver.arrived().len(), 1);
}
