use super::{super::connector::lab, *};
use crate::domain::ids::{OrgKey, OrganizationId};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

const SECRET: &str = "made-up-secret-access-key";

fn assume_role_reply() -> String {
    format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
         <AccessKeyId>ASIAMADEUP</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>\
         <SessionToken>made-up-token</SessionToken><Expiration>2026-07-01T13:00:00Z</Expiration>\
         </Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
}

async fn sts_that_lets_in() -> MockServer {
    let server = MockServer::start().await;
    let reply = ResponseTemplate::new(200).set_body_raw(assume_role_reply(), "text/xml");
    Mock::given(any()).respond_with(reply).mount(&server).await;
    server
}

fn sessions(url: &str, clock: &Clock) -> Sessions {
    let ids = ExternalIds::new(vec![1; 32]).unwrap();
    Sessions::new(Arc::new(lab::connector(url, &["ec2:DescribeVolumes"])), ids, clock.clone())
}

fn clock() -> Clock {
    Clock::fixed("2026-07-01T12:00:00Z".parse().unwrap())
}

fn link(sessions: &Sessions, org: OrgKey, organization: &str) -> RoleLink {
    let organization: OrganizationId = organization.parse().unwrap();
    let account = "123456789012".parse().unwrap();
    let external_id = sessions.external_ids.issue(account, &organization);
    let role_arn = "arn:aws:iam::123456789012:role/TunerReadOnly".parse().unwrap();
    RoleLink { org, organization, account, role_arn, external_id }
}

#[tokio::test]
async fn a_foreign_external_id_never_reaches_sts() {
    let server = sts_that_lets_in().await;
    let sessions = sessions(&server.uri(), &clock());
    let mut foreign = link(&sessions, OrgKey::generate(), "acme");
    foreign.organization = "other".parse().unwrap();
    let error = sessions.read(&foreign).await.unwrap_err();
    assert!(matches!(error, SessionError::ForeignExternalId(_)));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_role_of_another_account_never_reaches_sts() {
    let server = sts_that_lets_in().await;
    let sessions = sessions(&server.uri(), &clock());
    let role_arn = "arn:aws:iam::999999999999:role/TunerReadOnly".parse().unwrap();
    let other = RoleLink { role_arn, ..link(&sessions, OrgKey::generate(), "acme") };
    assert!(matches!(sessions.read(&other).await, Err(SessionError::OtherAccount { .. })));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn many_askers_share_one_request_and_tenants_share_none() {
    let server = sts_that_lets_in().await;
    let sessions = sessions(&server.uri(), &clock());
    let acme = link(&sessions, OrgKey::generate(), "acme");
    let opened = futures_util::future::join_all((0..20).map(|_| sessions.read(&acme))).await;
    assert!(opened.iter().all(Result::is_ok));
    assert_eq!(server.received_requests().await.unwrap().len(), 1);

    let other = RoleLink { org: OrgKey::generate(), ..acme };
    sessions.read(&other).await.unwrap();
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

#[tokio::test]
async fn credentials_within_five_minutes_of_their_end_are_not_kept() {
    let server = sts_that_lets_in().await;
    let clock = Clock::fixed("2026-07-01T12:56:00Z".parse().unwrap());
    let sessions = sessions(&server.uri(), &clock);
    let acme = link(&sessions, OrgKey::generate(), "acme");
    sessions.read(&acme).await.unwrap();
    sessions.read(&acme).await.unwrap();
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

#[tokio::test]
async fn every_request_carries_the_session_policy_and_the_external_id() {
    let server = sts_that_lets_in().await;
    let sessions = sessions(&server.uri(), &clock());
    let acme = link(&sessions, OrgKey::generate(), "acme");
    sessions.read(&acme).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let form: HashMap<String, String> = url::form_urlencoded::parse(&requests[0].body).into_owned().collect();
    assert_eq!(form["ExternalId"], acme.external_id.expose());
    assert_eq!(form["RoleSessionName"], "tuner-session-123456789012");
    assert_eq!(form["DurationSeconds"], "3600");
    assert!(form["Policy"].contains("ec2:DescribeVolumes"));
}

/// Two services that do not fit into one policy.
fn large(service: &str) -> Vec<&'static str> {
    (0..30).map(|n| &*format!("{service}:DescribeSomethingOfThatSort{n:02}").leak()).collect()
}

#[tokio::test]
async fn a_part_is_entered_once_and_only_when_a_client_needs_it() {
    let server = sts_that_lets_in().await;
    let actions = [
        large("ec2"),
        large("rds"),
        vec!["ec2:DescribeVolumes", "ec2:DescribeInstances", "rds:DescribeDBInstances"],
    ]
    .concat();
    let ids = ExternalIds::new(vec![1; 32]).unwrap();
    let sessions = Sessions::new(Arc::new(lab::connector(&server.uri(), &actions)), ids, clock());
    let session = sessions.read(&link(&sessions, OrgKey::generate(), "acme")).await.unwrap();
    let entered = async || {
        let requests = server.received_requests().await.unwrap();
        let bodies = requests.iter().map(|r| String::from_utf8_lossy(&r.body).into_owned());
        bodies.filter(|body| body.contains("Action=AssumeRole")).collect::<Vec<_>>()
    };
    assert_eq!(entered().await.len(), 1);
    // The listener answers with nonsense: what counts is who is entered before a call.
    let _ = session.ec2(&Region::global()).describe_volumes().send().await;
    assert_eq!(entered().await.len(), 1, "the first part is the one of the largest service");

    let rds = session.rds(&Region::global());
    futures_util::future::join_all((0..20).map(|_| rds.describe_db_instances().send())).await;
    let entered = entered().await;
    assert_eq!(entered.len(), 2);
    assert!(entered[1].contains("rds%3ADescribeDBInstances") && !entered[1].contains("ec2%3A"));
    assert!(entered[0].contains("ec2%3ADescribeVolumes") && !entered[0].contains("rds%3A"));
}

#[tokio::test]
async fn nothing_prints_a_secret() {
    let server = sts_that_lets_in().await;
    let sessions = sessions(&server.uri(), &clock());
    let acme = link(&sessions, OrgKey::generate(), "acme");
    let session = sessions.read(&acme).await.unwrap();
    let printed = format!("{session:?} {sessions:?} {acme:?}");
    assert!(!printed.contains(SECRET) && !printed.contains("made-up-token"));
    assert!(!printed.contains(acme.external_id.expose()));
}
