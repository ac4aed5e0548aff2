//! What each of the session's clients can do, and what nobody can do with it.

use super::*;
use crate::domain::region::Region;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::body_string_contains};

async fn server_that_answers(status: u16, body: &str) -> MockServer {
    let server = MockServer::start().await;
    let sts = ResponseTemplate::new(200).set_body_raw(lab::assume_role_reply(), "text/xml");
    Mock::given(body_string_contains("Action=AssumeRole")).respond_with(sts).mount(&server).await;
    let other = ResponseTemplate::new(status).set_body_raw(body, "text/xml");
    Mock::given(wiremock::matchers::any()).respond_with(other).with_priority(9).mount(&server).await;
    server
}

fn error(code: &str) -> String {
    format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors>\
         <RequestID>r-1</RequestID></Response>"
    )
}

/// How often an operation reached the network.
async fn reached(server: &MockServer, operation: &str) -> usize {
    let needle = format!("Action={operation}&");
    let requests = server.received_requests().await.unwrap();
    requests.iter().filter(|request| String::from_utf8_lossy(&request.body).contains(&needle)).count()
}

#[tokio::test]
async fn reading_clients_cannot_start_or_stop() {
    let server = server_that_answers(400, &error("No")).await;
    let session = lab::session(&server.uri()).await;
    let (ec2, rds) = (session.ec2(&Region::global()), session.rds(&Region::global()));
    ec2.start_instances().instance_ids("i-1").send().await.unwrap_err();
    ec2.stop_instances().instance_ids("i-1").send().await.unwrap_err();
    rds.stop_db_instance().db_instance_identifier("a").send().await.unwrap_err();
    rds.start_db_cluster().db_cluster_identifier("a").send().await.unwrap_err();
    ec2.describe_volumes().send().await.unwrap_err();
    assert_eq!(session.usage().total_calls, 0);
    let blocked = session.take_blocked();
    assert_eq!(blocked.len(), 5, "{blocked:?}");
}

#[tokio::test]
async fn a_switch_can_do_nothing_but_start_and_stop() {
    let server = server_that_answers(400, &error("No")).await;
    let session = lab::session(&server.uri()).await;
    let switch = session.switch(&Region::global());
    switch.ec2.terminate_instances().instance_ids("i-1").send().await.unwrap_err();
    switch.ec2.create_tags().resources("i-1").send().await.unwrap_err();
    switch.ec2.describe_instances().send().await.unwrap_err();
    switch.rds.delete_db_instance().db_instance_identifier("a").send().await.unwrap_err();
    assert_eq!(session.usage().total_calls, 0, "nothing left");
    switch.ec2.stop_instances().instance_ids("i-1").send().await.unwrap_err();
    assert_eq!(reached(&server, "StopInstances").await, 1);
}

#[tokio::test]
async fn starts_and_stops_are_never_tried_again_and_reads_are() {
    let server = server_that_answers(500, &error("InsufficientInstanceCapacity")).await;
    let session = lab::session(&server.uri()).await;
    let switch = session.switch(&Region::global());
    switch.ec2.start_instances().instance_ids("i-1").send().await.unwrap_err();
    switch.ec2.stop_instances().instance_ids("i-1").send().await.unwrap_err();
    switch.rds.start_db_instance().db_instance_identifier("a").send().await.unwrap_err();
    switch.rds.stop_db_instance().db_instance_identifier("a").send().await.unwrap_err();
    switch.rds.start_db_cluster().db_cluster_identifier("a").send().await.unwrap_err();
    switch.rds.stop_db_cluster().db_cluster_identifier("a").send().await.unwrap_err();
    for action in START_STOP {
        let (_, operation) = action.split_once(':').unwrap();
        assert_eq!(reached(&server, operation).await, 1, "{operation}");
    }
    session.ec2(&Region::global()).describe_instances().send().await.unwrap_err();
    assert_eq!(reached(&server, "DescribeInstances").await, 5);
    assert_eq!(session.usage().calls["ec2"]["DescribeInstances"], 5);
}

#[tokio::test]
async fn a_scheduling_session_has_credentials_and_a_policy_of_its_own() {
    let server = server_that_answers(400, &error("No")).await;
    let sessions = lab::sessions(&server.uri());
    let link = lab::link(&sessions);
    sessions.read(&link).await.unwrap();
    sessions.schedule(&link).await.unwrap();
    sessions.schedule(&link).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let policies: Vec<String> = requests
        .iter()
        .filter_map(|request| {
            let mut form = url::form_urlencoded::parse(&request.body);
            form.find(|(key, _)| key == "Policy").map(|(_, value)| value.into_owned())
        })
        .collect();
    assert_eq!(policies.len(), 2, "one for each purpose");
    assert!(!policies[0].contains("StartInstances"));
    for action in START_STOP.iter().chain(&SCHEDULER_READS) {
        assert!(policies[1].contains(action), "{action}");
    }
    assert!(policies[1].contains("\"aws:ResourceTag/Scheduler\":\"Enabled\""));
}

#[tokio::test]
async fn credentials_that_aws_refuses_are_not_used_again() {
    let server = server_that_answers(400, &error("ExpiredToken")).await;
    let session = lab::session(&server.uri()).await;
    session.discard_credentials().await;
    session.ec2(&Region::global()).describe_regions().send().await.unwrap_err();
    assert_eq!(reached(&server, "AssumeRole").await, 2);
}

#[tokio::test]
async fn a_foreign_link_never_reaches_sts() {
    let server = server_that_answers(400, &error("No")).await;
    let sessions = lab::sessions(&server.uri());
    let foreign = RoleLink { organization: "other".parse().unwrap(), ..lab::link(&sessions) };
    let other = "arn:aws:iam::999999999999:role/TunerScheduler".parse().unwrap();
    let stray = RoleLink { role_arn: other, ..lab::link(&sessions) };
    assert!(matches!(sessions.schedule(&foreign).await, Err(SessionError::ForeignExternalId(_))));
    assert!(matches!(sessions.schedule(&stray).await, Err(SessionError::OtherAccount { .. })));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn throttling_slows_all_of_the_service_in_the_region_and_nothing_else() {
    let server = server_that_answers(503, &error("RequestLimitExceeded")).await;
    let session = lab::session(&server.uri()).await;
    let (here, there): (Region, Region) = ("eu-west-1".parse().unwrap(), "eu-west-2".parse().unwrap());
    let now = std::time::Duration::ZERO;
    let free =
        async |region: &Region, action| session.throttle().admit_within(region, &[(action, 1)], now).await;
    for (region, action) in
        [(&here, "ec2:StopInstances"), (&here, "rds:StopDBInstance"), (&there, "ec2:StopInstances")]
    {
        assert!(free(region, action).await);
    }
    assert!(free(&here, "ec2:StartInstances").await);
    session.switch(&here).ec2.start_instances().instance_ids("i-1").send().await.unwrap_err();
    assert!(!free(&here, "ec2:StartInstances").await);
    assert!(!free(&here, "ec2:StopInstances").await);
    assert!(free(&here, "rds:StopDBInstance").await);
    assert!(free(&there, "ec2:StopInstances").await);
}

#[tokio::test]
async fn nothing_prints_a_secret() {
    let server = server_that_answers(400, &error("No")).await;
    let session = lab::session(&server.uri()).await;
    let printed = format!("{session:?} {:?}", session.switch(&Region::global()));
    assert!(!printed.contains("made-up"), "{printed}");
}
