//! AWS in a box for the tests of this room: real wire format over a local listener, and a ledger on paper.

use super::{Ledger, Order, Outcome, OutcomeStatus, TagProof};
use crate::{
    aws::{WriteSession, lab},
    domain::{
        ids::ActionId,
        region::Region,
        schedule::{Action, Facts, Observed, Power, Target, TargetKind},
        tags::Tags,
    },
};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

pub const NOW: Timestamp = Timestamp::UNIX_EPOCH;

pub fn region() -> Region {
    "eu-west-1".parse().unwrap()
}

/// The parameters of a call.
pub type Form = BTreeMap<String, String>;

struct Script<F>(F);

impl<F: Fn(&Form) -> ResponseTemplate + Send + Sync> Respond for Script<F> {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let form = form_of(request);
        match form["Action"].as_str() {
            "AssumeRole" => ok(lab::assume_role_reply()),
            _ => (self.0)(&form),
        }
    }
}

fn form_of(request: &Request) -> Form {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

/// AWS as a function from calls to answers.
pub struct Aws {
    server: MockServer,
    pub session: WriteSession,
}

impl Aws {
    pub async fn that(answers: impl Fn(&Form) -> ResponseTemplate + Send + Sync + 'static) -> Self {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(Script(answers)).mount(&server).await;
        let session = lab::session(&server.uri()).await;
        Self { server, session }
    }

    /// All calls that came, STS's left out.
    pub async fn calls(&self) -> Vec<Form> {
        let requests = self.server.received_requests().await.unwrap();
        requests.iter().map(form_of).filter(|form| form["Action"] != "AssumeRole").collect()
    }

    pub async fn count(&self, action: &str) -> usize {
        let requests = self.server.received_requests().await.unwrap();
        requests.iter().map(form_of).filter(|form| form["Action"] == action).count()
    }
}

/// `InstanceId.1`, `InstanceId.2`, …
pub fn ids_of(form: &Form) -> Vec<String> {
    listed(form, "InstanceId.")
}

pub fn listed(form: &Form, prefix: &str) -> Vec<String> {
    form.iter().filter(|(key, _)| key.starts_with(prefix)).map(|(_, value)| value.clone()).collect()
}

pub fn ok(body: impl Into<String>) -> ResponseTemplate {
    reply(200, body)
}

fn reply(status: u16, body: impl Into<String>) -> ResponseTemplate {
    let template = ResponseTemplate::new(status).set_body_raw(body.into(), "text/xml");
    template.insert_header("x-amzn-requestid", format!("req-{status}").as_str())
}

/// AWS where the line breaks on each call but those of STS, which are answered; with the number of broken ones.
pub async fn aws_that_hangs_up() -> (WriteSession, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let broken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&broken);
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            let mut request = String::new();
            while !request.contains("Action=") {
                let mut bytes = [0; 4_096];
                let read = line.read(&mut bytes).await.unwrap();
                request.push_str(&String::from_utf8_lossy(&bytes[..read]));
            }
            if request.contains("Action=AssumeRole") {
                let body = lab::assume_role_reply();
                let head =
                    format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
                line.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            } else {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    (lab::session(&url).await, broken)
}

pub fn ec2_error(status: u16, code: &str, message: &str) -> ResponseTemplate {
    let body = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
         <RequestID>r</RequestID></Response>"
    );
    reply(status, body)
}

pub fn rds_error(status: u16, code: &str, message: &str) -> ResponseTemplate {
    let body = format!(
        "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    );
    reply(status, body)
}

/// The answer to a start or stop of instances that were in the given state before.
pub fn changed(form: &Form, before: &str) -> ResponseTemplate {
    let action = &form["Action"];
    let items: Vec<String> = ids_of(form)
        .iter()
        .map(|id| {
            format!(
                "<item><instanceId>{id}</instanceId><currentState><code>0</code><name>pending</name></currentState>\
                 <previousState><code>80</code><name>{before}</name></previousState></item>"
            )
        })
        .collect();
    let items = items.concat();
    ok(format!(
        "<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId>\
         <instancesSet>{items}</instancesSet></{action}Response>"
    ))
}

pub fn rds_ok(form: &Form, inner: &str) -> ResponseTemplate {
    let action = &form["Action"];
    ok(format!(
        "<{action}Response xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><{action}Result>{inner}</{action}Result>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>"
    ))
}

/// A page of `DescribeInstances`.
pub fn instances(items: &str, next_token: &str) -> ResponseTemplate {
    ok(format!(
        "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><reservationSet><item>\
         <instancesSet>{items}</instancesSet></item></reservationSet><nextToken>{next_token}</nextToken>\
         </DescribeInstancesResponse>"
    ))
}

pub fn instance(id: &str, state: &str, more: &str) -> String {
    format!(
        "<item><instanceId>{id}</instanceId><instanceState><code>0</code><name>{state}</name></instanceState>\
         <instanceType>m5.large</instanceType><placement><availabilityZone>eu-west-1a</availabilityZone></placement>\
         {more}</item>"
    )
}

pub const EC2_GATE: &str = "<tagSet><item><key>Scheduler</key><value>Enabled</value></item></tagSet>";
pub const RDS_GATE: &str = "<TagList><Tag><Key>Scheduler</Key><Value>Enabled</Value></Tag></TagList>";

/// Seen just now, tagged and in the state that the action begins from.
pub fn seen(kind: TargetKind, id: &str, action: Action) -> Observed {
    let engine = match kind {
        TargetKind::Instance => "",
        TargetKind::DbInstance => "postgres",
        TargetKind::DbCluster => "aurora-mysql",
    };
    Observed {
        target: Target { account: lab::ACCOUNT.parse().unwrap(), region: region(), kind, id: id.into() },
        name: None,
        tags: Tags::from_iter([("Scheduler", "Enabled")]),
        power: action.opposite().leads_to(),
        seen_at: NOW,
        facts: Facts {
            size: "m5.large".into(),
            zone: "eu-west-1a".into(),
            engine: engine.into(),
            ..Facts::default()
        },
    }
}

pub fn order_for(observed: &Observed, action: Action) -> Order {
    Order::new(ActionId::generate(), TagProof::of(observed, action, NOW).expect("a proof"))
}

pub fn orders(kind: TargetKind, ids: &[String], action: Action) -> Vec<Order> {
    ids.iter().map(|id| order_for(&seen(kind, id, action), action)).collect()
}

/// `i-00000001` and so on.
pub fn instance_ids(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("i-{n:08x}")).collect()
}

/// Whom the ledger lets through.
type Gate = Box<dyn Fn(&Order, usize) -> bool + Send + Sync>;

/// A ledger on paper.
pub struct Books {
    names: BTreeMap<ActionId, String>,
    gate: Gate,
    admitted: Mutex<Vec<Vec<String>>>,
    told: Mutex<Vec<(String, Outcome)>>,
}

impl Books {
    pub fn of(orders: &[Order]) -> Self {
        Self::with_gate(orders, |_, _| true)
    }

    /// The gate is told the order and how often orders were admitted before.
    pub fn with_gate(orders: &[Order], gate: impl Fn(&Order, usize) -> bool + Send + Sync + 'static) -> Self {
        let names = orders.iter().map(|order| (order.id, order.target.id.to_string())).collect();
        Self { names, gate: Box::new(gate), admitted: Mutex::default(), told: Mutex::default() }
    }

    /// What was asked for, in its order.
    pub fn admitted(&self) -> Vec<Vec<String>> {
        self.admitted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What each resource was told; fails where one was told twice.
    pub fn told(&self) -> BTreeMap<String, Outcome> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let map: BTreeMap<String, Outcome> = told.iter().cloned().collect();
        assert_eq!(map.len(), told.len(), "told twice: {told:?}");
        assert_eq!(map.len(), self.names.len(), "each is told once: {map:?}");
        map
    }

    /// The ids that were told a status.
    pub fn with_status(&self, status: OutcomeStatus) -> Vec<String> {
        let told = self.told();
        told.into_iter().filter(|(_, outcome)| outcome.status == status).map(|(id, _)| id).collect()
    }
}

impl Ledger for Books {
    fn admit(&self, orders: Vec<Order>) -> BoxFuture<'_, Vec<Order>> {
        let mut admitted = self.admitted.lock().unwrap_or_else(PoisonError::into_inner);
        let before = admitted.len();
        admitted.push(orders.iter().map(|order| order.target.id.to_string()).collect());
        let through = orders.into_iter().filter(|order| (self.gate)(order, before)).collect();
        Box::pin(std::future::ready(through))
    }

    fn tell(&self, outcomes: Vec<Outcome>) -> BoxFuture<'_, ()> {
        let named = outcomes.into_iter().map(|outcome| (self.names[&outcome.id].clone(), outcome));
        self.told.lock().unwrap_or_else(PoisonError::into_inner).extend(named);
        Box::pin(std::future::ready(()))
    }
}

pub fn power_of(observed: &[Observed]) -> BTreeMap<&str, Power> {
    observed.iter().map(|seen| (&*seen.target.id, seen.power)).collect()
}
