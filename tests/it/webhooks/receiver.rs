//! Somebody's server: it checks signatures with another library than the one that made them.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

pub struct Receiver {
    server: MockServer,
    status: Arc<AtomicU16>,
    arrivals: UnboundedReceiver<Message>,
}

/// A message as it came in.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: String,
    pub timestamp: i64,
    pub signatures: Vec<String>,
    pub content_type: String,
    pub text: String,
}

impl Message {
    fn of(request: &Request) -> Self {
        let header = |name: &str| request.headers[name].to_str().unwrap().to_owned();
        Self {
            id: header("webhook-id"),
            timestamp: header("webhook-timestamp").parse().unwrap(),
            signatures: header("webhook-signature").split(' ').map(str::to_owned).collect(),
            content_type: header("content-type"),
            text: String::from_utf8(request.body.clone()).unwrap(),
        }
    }

    pub fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub fn resource(&self) -> String {
        self.body()["data"]["resourceId"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether one of the signatures is made with this secret.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let signed = format!("{}.{}.{}", self.id, self.timestamp, self.text);
        self.signatures.iter().any(|signature| {
            let tag = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
            hmac::verify(&key, signed.as_bytes(), &tag).is_ok()
        })
    }
}

struct Answer {
    status: Arc<AtomicU16>,
    delay: Duration,
    tell: UnboundedSender<Message>,
}

impl Respond for Answer {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let message = Message::of(request);
        let refused = message.text.contains("poison");
        let _ = self.tell.send(message);
        let status = if refused { 500 } else { self.status.load(Ordering::SeqCst) };
        ResponseTemplate::new(status).insert_header("Location", "/elsewhere").set_delay(self.delay)
    }
}

impl Receiver {
    /// Takes everything, until told otherwise.
    pub async fn start() -> Self {
        Self::slow(Duration::ZERO).await
    }

    /// Begins its answers that late.
    pub async fn slow(delay: Duration) -> Self {
        let server = MockServer::start().await;
        let (tell, arrivals) = unbounded_channel();
        let status = Arc::new(AtomicU16::new(204));
        let answer = Answer { status: Arc::clone(&status), delay, tell };
        Mock::given(any()).respond_with(answer).mount(&server).await;
        Self { server, status, arrivals }
    }

    /// With a path that is a secret.
    pub fn url(&self) -> String {
        format!("{}/services/T0-canary-path", self.server.uri())
    }

    pub fn port(&self) -> u16 {
        self.server.address().port()
    }

    pub fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// What has arrived since the last look.
    pub fn arrived(&mut self) -> Vec<Message> {
        std::iter::from_fn(|| self.arrivals.try_recv().ok()).collect()
    }

    /// Waits for the next one.
    pub async fn next(&mut self) -> Message {
        let waited = tokio::time::timeout(Duration::from_mins(1), self.arrivals.recv()).await;
        waited.expect("a message arrives").unwrap()
    }
}
