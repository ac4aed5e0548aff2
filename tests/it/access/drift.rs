//! The timer: a role that stops asking for the external ID is found, not used, reported, and used again once mended.

use crate::support::{
    in_process::{Log, TestApp},
    server::Engine,
    stand_in::{attempts, make_role, new_account, trust, trust_with_external_id},
};
use jiff::ToSpan;
use rstest::rstest;
use serde_json::{Value, json};
use tuner::{
    collect::RegionChoice,
    domain::{account::AccountStatus, ids::AccountId},
    error::ErrorCode,
    service::{
        scans::start_scan,
        verification::{Round, verify_due},
    },
};

/// What the timer does when a day has gone by.
async fn next_round(t: &TestApp) -> Round {
    t.clock.set(t.clock.now() + 25.hours());
    verify_due(&t.app, t.clock.now(), t.app.settings.aws.verify_every).await.unwrap()
}

const PASSED: Round = Round { passed: 1, drifted: 0, undecided: 0 };
const DRIFTED: Round = Round { passed: 0, drifted: 1, undecided: 0 };
const UNDECIDED: Round = Round { passed: 0, drifted: 0, undecided: 1 };

#[rstest]
#[case::sqlite_no_condition(Engine::Sqlite, Value::Null)]
#[case::sqlite_wildcard(Engine::Sqlite, json!({"StringLike": {"sts:ExternalId": "*"}}))]
#[case::mysql_another_id(Engine::MySql, json!({"StringEquals": {"sts:ExternalId": "another"}}))]
#[tokio::test]
async fn a_trust_policy_that_changes_under_a_linked_account(
    #[case] engine: Engine,
    #[case] condition: Value,
) {
    let t = TestApp::open(engine).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    let (linked, _) = t.link(&cx, id).await;
    let log = Log::listen();
    assert_eq!(next_round(&t).await, PASSED);
    assert_eq!(log.events(id), [""; 0]);

    make_role(&id.to_string(), &trust(condition)).await;
    assert_eq!(next_round(&t).await, DRIFTED);
    assert_eq!(t.account(&cx, id).await.status, AccountStatus::Drifted);
    assert_eq!(log.events(id), ["role.drifted"]);
    let refused = start_scan(&t.app, &cx, id, RegionChoice::All).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NotLinked);

    assert_eq!(next_round(&t).await, DRIFTED);
    assert_eq!(log.events(id), ["role.drifted"], "told once, not every day");

    make_role(&id.to_string(), &trust_with_external_id(linked.external_id.expose())).await;
    assert_eq!(next_round(&t).await, PASSED);
    assert_eq!(t.account(&cx, id).await.status, AccountStatus::Linked);
    t.close().await;
}

#[tokio::test]
async fn a_role_that_was_just_verified_is_left_alone() {
    let t = TestApp::open(Engine::Sqlite).await;
    let cx = t.organization("acme").await;
    let (_, role) = t.link(&cx, new_account().parse().unwrap()).await;
    let before = attempts(role.as_str()).await.len();
    t.clock.set(t.clock.now() + 23.hours());
    let round = verify_due(&t.app, t.clock.now(), t.app.settings.aws.verify_every).await.unwrap();
    assert_eq!(round, Round::default());
    assert_eq!(attempts(role.as_str()).await.len(), before);
    t.close().await;
}

#[tokio::test]
async fn nothing_changes_while_sts_cannot_be_reached() {
    let t = TestApp::open(Engine::Sqlite).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    let (linked, _) = t.link(&cx, id).await;
    let cut_off = t.another_at("http://127.0.0.1:1").await;
    let log = Log::listen();
    t.clock.set(t.clock.now() + 25.hours());
    let round = verify_due(&cut_off, t.clock.now(), cut_off.settings.aws.verify_every).await.unwrap();
    assert_eq!(round, UNDECIDED);
    let account = t.account(&cx, id).await;
    assert_eq!((account.status, account.verified_at), (AccountStatus::Linked, linked.verified_at));
    assert_eq!(log.events(id), [""; 0]);
    // Still due: the next round decides.
    assert_eq!(next_round(&t).await, PASSED);
    t.close().await;
}
