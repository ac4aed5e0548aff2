//! The external ID: ours alone, checked before AWS hears of it, replaced without a gap.

use crate::support::{
    in_process::{Log, TestApp},
    server::Engine,
    stand_in::{attempts, make_role, new_account, trust_with_external_id},
};
use jiff::ToSpan;
use rstest::rstest;
use tuner::{
    collect::RegionChoice,
    domain::{
        account::AccountStatus,
        external_id::ExternalId,
        ids::{AccountId, OrganizationId},
        scan::ScanStatus,
    },
    op::OpCx,
    service::{
        accounts::rotate_external_id,
        scans::{get_scan, start_scan},
        verification::{verify_account, verify_due},
    },
};

/// What somebody who can write to the database would put there: a real ID, but of another organisation.
async fn tamper(t: &TestApp, cx: &OpCx, id: AccountId) -> ExternalId {
    let evil: OrganizationId = "evil".parse().unwrap();
    let foreign = t.app.external_ids.issue(id, &evil);
    let db = t.app.database.scoped(&cx.scope);
    db.set_next_external_id(id, Some(&foreign)).await.unwrap();
    assert!(db.promote_external_id(id, &foreign, cx.now).await.unwrap());
    foreign
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_tampered_external_id_is_refused_before_sts_is_called(#[case] engine: Engine) {
    let t = TestApp::open(engine).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    let (_, role) = t.link(&cx, id).await;
    let foreign = tamper(&t, &cx, id).await;
    // The customer's role would even let it in.
    make_role(&id.to_string(), &trust_with_external_id(foreign.expose())).await;
    let before = attempts(role.as_str()).await.len();

    let log = Log::listen();
    let (account, verification) = verify_account(&t.app, &cx, id).await.unwrap();
    assert!(!verification.passed);
    assert_eq!(account.status, AccountStatus::Drifted);
    assert!(log.events(id).contains(&"externalId.refused".to_owned()), "{:?}", log.events(id));
    assert_eq!(attempts(role.as_str()).await.len(), before, "STS was not called");
    t.close().await;
}

#[tokio::test]
async fn a_scan_with_a_tampered_external_id_fails_before_sts_is_called() {
    let t = TestApp::open(Engine::Sqlite).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    let (_, role) = t.link(&cx, id).await;
    tamper(&t, &cx, id).await;
    let before = attempts(role.as_str()).await.len();
    let scan = start_scan(&t.app, &cx, id, RegionChoice::All).await.unwrap();
    let ended = loop {
        let record = get_scan(&t.app, &cx, id, scan.id).await.unwrap();
        if record.scan.status != ScanStatus::Running {
            break record;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(ended.scan.status, ScanStatus::Failed);
    assert!(ended.error.unwrap().contains("was not made by this server"));
    assert_eq!(attempts(role.as_str()).await.len(), before, "STS was not called");
    t.close().await;
}

#[tokio::test]
async fn a_tampered_next_external_id_is_reported_and_never_used() {
    let t = TestApp::open(Engine::Sqlite).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    let (linked, role) = t.link(&cx, id).await;
    let foreign = t.app.external_ids.issue(id, &"evil".parse().unwrap());
    t.app.database.scoped(&cx.scope).set_next_external_id(id, Some(&foreign)).await.unwrap();
    let log = Log::listen();
    let (account, _) = verify_account(&t.app, &cx, id).await.unwrap();
    assert_eq!((account.status, &account.external_id), (AccountStatus::Linked, &linked.external_id));
    assert_eq!(log.events(id), ["externalId.refused"]);
    let asked = attempts(role.as_str()).await;
    assert!(asked.iter().all(|attempt| attempt["externalId"] != foreign.expose()));
    t.close().await;
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn both_ids_are_accepted_during_a_rotation_and_the_old_one_stops_after_it(#[case] engine: Engine) {
    let t = TestApp::open(engine).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    let (first, role) = t.link(&cx, id).await;
    let begun = rotate_external_id(&t.app, &cx, id).await.unwrap();
    let next = begun.account.next_external_id.clone().unwrap();
    assert_eq!(begun.account.external_id, first.external_id, "the first stays until the second is accepted");
    // The customer takes the trust policy as it is shown: it names both.
    make_role(&id.to_string(), &begun.trust_policy).await;

    t.clock.set(t.clock.now() + 25.hours());
    let now = t.clock.now();
    let round = verify_due(&t.app, now, t.app.settings.aws.verify_every).await.unwrap();
    assert_eq!((round.passed, round.drifted), (1, 0));
    let promoted = t.account(&cx, id).await;
    assert_eq!(promoted.external_id, next);
    assert_eq!((promoted.next_external_id, promoted.external_id_since), (None, now));

    // The customer drops the old one.
    make_role(&id.to_string(), &trust_with_external_id(next.expose())).await;
    let before = attempts(role.as_str()).await.len();
    let (account, verification) = verify_account(&t.app, &cx, id).await.unwrap();
    assert!(verification.passed && account.status == AccountStatus::Linked);
    let after = attempts(role.as_str()).await.split_off(before);
    assert!(after.iter().any(|attempt| attempt["externalId"] == next.expose()));
    assert!(after.iter().all(|attempt| attempt["externalId"] != first.external_id.expose()), "it stopped");
    t.close().await;
}
