//! Sessions: narrow, never shared between tenants, unable to do what no collector declares.

use crate::support::{
    in_process::{Log, TestApp},
    server::Engine,
    stand_in::{admin, attempts, new_account},
};
use futures_util::future::join_all;
use serde_json::Value;
use tuner::{
    aws::{Part, Parts, SessionError},
    collect::all_actions,
    domain::ids::AccountId,
    op::OpCx,
    service::{accounts::add_account, scans::report_blocked, verification::link_of},
};

#[tokio::test]
async fn two_organizations_with_the_same_role_never_share_credentials() {
    let t = TestApp::open(Engine::Sqlite).await;
    let (acme, evil) = (t.organization("acme").await, t.organization("evil").await);
    let id: AccountId = new_account().parse().unwrap();
    let (ours, role) = t.link(&acme, id).await;
    // The other organisation claims the same account and, past all checks, the very same role.
    let theirs = add_account(&t.app, &evil, id, "Shop").await.unwrap().account;
    let before = attempts(role.as_str()).await.len();

    let enter = async |cx: &OpCx, account| {
        t.app.sessions.read(&link_of(&t.app, cx, account, role.clone())).await.map(drop)
    };
    let both = join_all((0..20).map(async |n| match n % 2 {
        0 => (true, enter(&acme, &ours).await),
        _ => (false, enter(&evil, &theirs).await),
    }));
    for (of_acme, entered) in both.await {
        if of_acme {
            entered.unwrap();
        } else {
            assert!(matches!(entered, Err(SessionError::AssumeRoleDenied { .. })), "{entered:?}");
        }
    }
    let asked = attempts(role.as_str()).await.split_off(before);
    let known = [ours.external_id.expose(), theirs.external_id.expose()];
    assert!(asked.iter().all(|a| known.contains(&a["externalId"].as_str().unwrap())), "each with its own ID");
    let opened = admin("GET", "sessions", Value::Null).await;
    let opened = opened.as_array().unwrap().iter().filter(|s| s["roleArn"] == role.as_str());
    assert!(opened.into_iter().all(|s| s["externalId"] == ours.external_id.expose()));
    t.close().await;
}

#[tokio::test]
async fn every_attempt_carries_the_session_policy_and_it_only_reads() {
    let t = TestApp::open(Engine::Sqlite).await;
    let cx = t.organization("acme").await;
    let (_, role) = t.link(&cx, new_account().parse().unwrap()).await;
    let asked = attempts(role.as_str()).await;
    assert!(asked.len() >= 3, "with the ID, without, with a wrong one: {asked:?}");
    let parts = Parts::of(&all_actions());
    for attempt in asked {
        let policy: Value = serde_json::from_str(attempt["policy"].as_str().expect("a policy")).unwrap();
        let statements = policy["Statement"].as_array().unwrap();
        assert_eq!(statements.len(), 1);
        let actions = statements[0]["Action"].as_array().unwrap().iter().map(|a| a.as_str().unwrap());
        assert_eq!(actions.collect::<Vec<_>>(), parts.actions(Part::FIRST));
    }
    t.close().await;
}

#[tokio::test]
async fn an_operation_that_no_collector_declares_is_blocked_and_reported() {
    let t = TestApp::open(Engine::Sqlite).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    let (account, role) = t.link(&cx, id).await;
    let session = t.app.sessions.read(&link_of(&t.app, &cx, &account, role)).await.unwrap();
    let ec2 = session.ec2(&"us-east-1".parse().unwrap());
    ec2.terminate_instances().instance_ids("i-00000000000000001").send().await.unwrap_err();
    let log = Log::listen();
    report_blocked(&t.app, &cx, &session);
    assert_eq!(log.events(id), ["aws.operationBlocked"]);
    let calls = admin("GET", "calls", Value::Null).await;
    let reached = calls.as_array().unwrap().iter().any(|c| c["operation"] == "TerminateInstances");
    assert!(!reached, "it never left");
    t.close().await;
}
