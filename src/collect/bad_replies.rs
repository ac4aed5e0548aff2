//! Replies that AWS should not give, and sometimes does: circles, repeats, resources that go between two calls, names
//! that nobody has heard of.

use super::{
    COLLECTORS, all_actions,
    region::{Listed, list},
    scope::{Journal, Scope, Seen},
};
use crate::{
    aws::lab::reader,
    domain::{
        inventory::{InstanceState, Platform, ResourceKind, VolumeType},
        region::Region,
        scan::GapReason,
    },
};
use std::collections::HashMap;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

type Form = HashMap<String, String>;

/// What a kind's collector makes of the answers.
async fn read(
    kind: ResourceKind,
    answer: impl Fn(&Form) -> ResponseTemplate + Send + Sync + 'static,
) -> (Listed, Seen) {
    let server = MockServer::start().await;
    let respond = move |request: &Request| {
        answer(&url::form_urlencoded::parse(&request.body).into_owned().collect::<Form>())
    };
    Mock::given(any()).respond_with(respond).mount(&server).await;
    let session = reader(&server.uri(), &all_actions()).await;
    let journal = Journal::new(8, None);
    let scope = Scope { session: &session, region: Region::global(), journal: &journal };
    let mut listings = COLLECTORS.iter().filter_map(|collector| collector.listing.as_ref());
    let listed = list(&scope, listings.find(|listing| listing.kind == kind).unwrap()).await;
    (listed, journal.into_seen())
}

fn ok(body: String) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body, "text/xml")
}

fn volumes(items: &str, next: &str) -> ResponseTemplate {
    ok(format!(
        "<DescribeVolumesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><volumeSet>{items}</volumeSet>\
         <nextToken>{next}</nextToken></DescribeVolumesResponse>"
    ))
}

fn volume(id: &str, more: &str) -> String {
    let kind = if more.contains("volumeType") { "" } else { "<volumeType>gp3</volumeType>" };
    format!("<item><volumeId>{id}</volumeId><size>10</size><status>available</status>{kind}{more}</item>")
}

fn ids(listed: &Listed) -> Vec<&str> {
    listed.found.volumes.iter().map(|volume| &*volume.common.id).collect()
}

#[tokio::test]
async fn pages_that_turn_in_circles_end_in_a_gap() {
    let (listed, seen) = read(ResourceKind::Volume, |form| match form.get("NextToken").map(String::as_str) {
        None => volumes(&volume("vol-1", ""), "two"),
        Some("two") => volumes(&volume("vol-2", ""), "three"),
        Some(_) => volumes(&volume("vol-3", ""), "two"),
    })
    .await;
    assert_eq!(ids(&listed), ["vol-1", "vol-2", "vol-3"], "what came stays");
    assert!(!listed.complete, "what is not there proves nothing");
    let gaps: Vec<_> = seen.gaps.iter().map(|gap| (gap.reason, &*gap.code)).collect();
    assert_eq!(gaps, [(GapReason::InvalidReply, "RepeatedNextToken")]);
}

#[tokio::test]
async fn what_two_pages_name_is_there_once() {
    let (listed, seen) = read(ResourceKind::Volume, |form| {
        if form.contains_key("NextToken") {
            volumes(&(volume("vol-2", "") + &volume("vol-3", "")), "")
        } else {
            volumes(&(volume("vol-1", "") + &volume("vol-2", "")), "two")
        }
    })
    .await;
    assert_eq!(ids(&listed), ["vol-1", "vol-2", "vol-3"]);
    assert!(listed.complete && seen.gaps.is_empty());
}

#[tokio::test]
async fn a_resource_without_an_id_is_none() {
    let (listed, _) =
        read(ResourceKind::Volume, |_| volumes(&(volume("", "") + &volume("vol-1", "")), "")).await;
    assert_eq!(ids(&listed), ["vol-1"]);
}

#[tokio::test]
async fn an_unknown_type_of_volume_is_kept_as_such() {
    let odd = "<volumeType>gp9</volumeType><iops>-5</iops><createTime>0001-01-01T00:00:00Z</createTime>";
    let (listed, seen) = read(ResourceKind::Volume, move |_| volumes(&volume("vol-1", odd), "")).await;
    assert!(seen.gaps.is_empty(), "{:?}", seen.gaps);
    assert_eq!(listed.found.volumes[0].volume_type, VolumeType::Other);
}

#[tokio::test]
async fn an_instance_that_nobody_has_heard_of_is_kept() {
    let (listed, seen) = read(ResourceKind::Instance, |_| {
        ok("<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><reservationSet><item>\
            <instancesSet><item><instanceId>i-1</instanceId><instanceType>zz9-plural.z</instanceType>\
            <instanceState><code>99</code><name>dreaming</name></instanceState><architecture>qubit</architecture>\
            <platformDetails>CP/M</platformDetails><instanceLifecycle>borrowed</instanceLifecycle></item>\
            </instancesSet></item></reservationSet></DescribeInstancesResponse>"
            .into())
    })
    .await;
    assert!(listed.complete && seen.gaps.is_empty(), "{:?}", seen.gaps);
    let one = &listed.found.instances[0];
    assert_eq!(
        (&*one.instance_type, one.state, one.platform),
        ("zz9-plural.z", InstanceState::Unknown, Platform::Other)
    );
}

#[tokio::test]
async fn tags_come_as_they_are() {
    let odd = "&lt;b&gt;&quot;it's&quot;&#10;&#9;=1+1 \u{1f980}\u{7f}\u{202e}";
    let tags = format!("<tagSet><item><key>{odd}</key><value>{odd}</value></item></tagSet>");
    let (listed, _) = read(ResourceKind::Volume, move |_| volumes(&volume("vol-1", &tags), "")).await;
    let wanted = "<b>\"it's\"\n\t=1+1 \u{1f980}\u{7f}\u{202e}";
    assert_eq!(listed.found.volumes[0].common.tags.get(wanted), Some(wanted));
}

#[tokio::test]
async fn half_a_reply_is_a_gap() {
    for body in ["<DescribeVolumesResponse", "", "not found", "{\"volumes\": []}"] {
        let (listed, seen) = read(ResourceKind::Volume, move |_| ok(body.to_owned())).await;
        assert!(!listed.complete, "{body:?}");
        assert_eq!(seen.gaps[0].reason, GapReason::InvalidReply, "{body:?}");
    }
}

const ELB: &str = "xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\"";

fn arn(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/{name}/1")
}

fn elb(operation: &str, result: &str) -> ResponseTemplate {
    ok(format!(
        "<{operation}Response {ELB}><{operation}Result>{result}</{operation}Result></{operation}Response>"
    ))
}

fn gone(code: &str) -> ResponseTemplate {
    let body =
        format!("<ErrorResponse {ELB}><Error><Type>Sender</Type><Code>{code}</Code></Error></ErrorResponse>");
    ResponseTemplate::new(400).set_body_raw(body, "text/xml")
}

fn two_balancers() -> ResponseTemplate {
    let member = |name: &str| {
        format!(
            "<member><LoadBalancerArn>{}</LoadBalancerArn><Type>application</Type><State><Code>active</Code></State>\
             </member>",
            arn(name)
        )
    };
    elb(
        "DescribeLoadBalancers",
        &format!("<LoadBalancers>{}{}</LoadBalancers>", member("going"), member("kept")),
    )
}

/// The first load balancer goes, and with it the target group of the second, while they are read.
fn while_they_go(form: &Form) -> ResponseTemplate {
    match form["Action"].as_str() {
        "DescribeLoadBalancers" => two_balancers(),
        "DescribeTags" if form.values().any(|value| *value == arn("going")) => gone("LoadBalancerNotFound"),
        "DescribeTags" => elb(
            "DescribeTags",
            &format!(
                "<TagDescriptions><member><ResourceArn>{}</ResourceArn><Tags><member><Key>keep</Key><Value>yes</Value>\
                 </member></Tags></member></TagDescriptions>",
                arn("kept")
            ),
        ),
        "DescribeTargetGroups" => elb(
            "DescribeTargetGroups",
            &format!(
                "<TargetGroups><member><TargetGroupArn>tg-1</TargetGroupArn><LoadBalancerArns><member>{}</member>\
                 </LoadBalancerArns></member></TargetGroups>",
                arn("kept")
            ),
        ),
        "DescribeTargetHealth" => gone("TargetGroupNotFound"),
        _ if form["LoadBalancerArn"] == arn("going") => gone("LoadBalancerNotFound"),
        _ => elb("DescribeListeners", "<Listeners/>"),
    }
}

#[tokio::test]
async fn what_goes_between_two_calls_is_no_gap() {
    let (listed, seen) = read(ResourceKind::LoadBalancer, while_they_go).await;
    assert!(listed.complete);
    assert_eq!(seen.gaps, []);
    let [going, kept] = listed.found.load_balancers.as_slice() else {
        panic!("{:?}", listed.found.load_balancers)
    };
    assert!(going.common.tags.is_empty() && going.listeners.is_none());
    assert_eq!(kept.common.tags.get("keep"), Some("yes"), "the other's tags are asked for by themselves");
    let targets = kept.targets.as_ref().unwrap();
    assert_eq!((targets.groups, targets.registered), (1, 0));
}

#[tokio::test]
async fn targets_that_cannot_be_read_are_not_none() {
    let (listed, seen) = read(ResourceKind::LoadBalancer, |form| match form["Action"].as_str() {
        "DescribeTargetHealth" => gone("AccessDenied"),
        _ => while_they_go(form),
    })
    .await;
    assert!(listed.found.load_balancers.iter().any(|balancer| balancer.targets.is_none()));
    assert_eq!(seen.gaps.len(), 1);
    assert_eq!(
        (seen.gaps[0].reason, &*seen.gaps[0].action),
        (GapReason::AccessDenied, super::load_balancer_targets::HEALTH)
    );
}
