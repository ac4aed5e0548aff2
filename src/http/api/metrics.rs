//! `GET /metrics` in Prometheus' text format.
//!
//! Invariant: no label names a tenant, a person or an address.

use crate::{
    domain::security_event::SecurityEvent,
    error::Error,
    http::{
        access::Public,
        middleware::client::was_passed_on,
        routes::{Routes, routes},
    },
    settings::MetricsAudience,
};
use actix_web::{HttpRequest, HttpResponse, web::Data};
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use url::{Host, Url};

const BUCKETS_SECS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// The aim is one second; a catch-up may be an hour late.
const LATENESS_SECS: [f64; 10] = [0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];
/// Samples wait in memory until then.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    #[error("the metrics cannot be set up: {0}")]
    Build(#[from] BuildError),
    #[error("the metrics were set up already")]
    Twice,
}

/// What was measured, and to whom it is shown.
#[derive(Clone)]
pub struct Exposition {
    handle: Option<PrometheusHandle>,
    audience: MetricsAudience,
}

impl Exposition {
    /// Once in a process: measurements go to one recorder.
    pub fn install(audience: MetricsAudience) -> Result<Self, MetricsError> {
        if audience == MetricsAudience::Off {
            return Ok(Self::none());
        }
        let lateness = Matcher::Full("tuner_schedule_lateness_seconds".to_owned());
        let recorder = PrometheusBuilder::new()
            .set_buckets(&BUCKETS_SECS)?
            .set_buckets_for_metric(lateness, &LATENESS_SECS)?
            .build_recorder();
        let handle = Some(recorder.handle());
        metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Twice)?;
        describe();
        // A series that begins at its first event shows no increase to an alarm.
        for event in SecurityEvent::ALL {
            metrics::counter!("tuner_security_events_total", "event" => event.as_str()).increment(0);
        }
        metrics::counter!("tuner_schedule_missed_total").increment(0);
        metrics::counter!("tuner_schedule_restarted_by_aws_total").increment(0);
        Ok(Self { handle, audience })
    }

    #[must_use]
    pub const fn none() -> Self {
        Self { handle: None, audience: MetricsAudience::Off }
    }

    /// Keeps the samples few where nobody reads them.
    pub async fn keep_small(self, stopping: CancellationToken) {
        let Some(handle) = self.handle else { return };
        while stopping.run_until_cancelled(tokio::time::sleep(UPKEEP_EVERY)).await.is_some() {
            handle.run_upkeep();
        }
    }

    /// A proxy on this machine would speak for the whole world.
    fn shows_to(&self, request: &HttpRequest) -> bool {
        let here = request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
        match self.audience {
            MetricsAudience::Public => true,
            MetricsAudience::Loopback => {
                here && !was_passed_on(request.headers()) && names_this_machine(request)
            }
            MetricsAudience::Off => false,
        }
    }
}

/// A page whose own name was made to lead here (DNS rebinding) asks for that name.
fn names_this_machine(request: &HttpRequest) -> bool {
    let asked = Url::parse(&format!("http://{}/", request.connection_info().host()));
    match asked.as_ref().map(Url::host) {
        Ok(Some(Host::Domain(name))) => name == "localhost",
        Ok(Some(Host::Ipv4(_) | Host::Ipv6(_))) => true,
        Ok(None) | Err(_) => false,
    }
}

fn describe() {
    describe_counter!("tuner_http_requests_total", "Requests by method, route and status");
    describe_histogram!("tuner_http_request_duration_seconds", Unit::Seconds, "Time to the answer's head");
    describe_counter!("tuner_security_events_total", "Security events by name");
    describe_gauge!("tuner_db_connections", "Connections to the database by state");
    describe_gauge!("tuner_scans_running", "Scans that run in this process");
    describe_counter!("tuner_webhook_attempts_total", "Attempts to tell a webhook, by outcome");
    describe_histogram!(
        "tuner_schedule_lateness_seconds",
        Unit::Seconds,
        "From the moment that a start or stop was due to its call"
    );
    describe_counter!("tuner_schedule_actions_total", "Starts and stops by action and outcome");
    describe_counter!("tuner_schedule_missed_total", "Changes that were too old to be caught up with");
    describe_counter!(
        "tuner_schedule_restarted_by_aws_total",
        "Databases that AWS had started after seven days, stopped again"
    );
    describe_gauge!("tuner_tls_certificate_days_left", "Days until our own certificate ends");
    describe_counter!("tuner_tls_reloads_total", "Certificates that were read again, by outcome");
}

pub fn routes() -> Routes {
    routes![get_metrics]
}

/// Measurements in Prometheus' text format; by default for callers on the server's own machine.
#[utoipa::path(get, path = "/metrics", tag = "running it",
    responses((status = 200, description = "Prometheus text format 0.0.4", content_type = "text/plain", body = String)))]
async fn get_metrics(
    _: Public,
    request: HttpRequest,
    exposition: Data<Exposition>,
) -> Result<HttpResponse, Error> {
    let handle = exposition.handle.as_ref().filter(|_| exposition.shows_to(&request));
    let handle = handle.ok_or_else(Error::not_found)?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(handle.render()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn by_default_only_this_machine_itself_reads_them() {
        let shows = |audience, peer: &str, header: Option<&'static str>| {
            let mut request = TestRequest::get().peer_addr(peer.parse().unwrap());
            if let Some(name) = header {
                request = request.insert_header((name, "192.0.2.1"));
            }
            Exposition { handle: None, audience }.shows_to(&request.to_http_request())
        };
        assert!(shows(MetricsAudience::Loopback, "127.0.0.1:9", None));
        assert!(shows(MetricsAudience::Loopback, "[::1]:9", None));
        assert!(!shows(MetricsAudience::Loopback, "192.0.2.1:9", None));
        let rebound = TestRequest::get().peer_addr("127.0.0.1:9".parse().unwrap());
        let rebound = rebound.insert_header(("host", "evil.example:8080")).to_http_request();
        assert!(!Exposition { handle: None, audience: MetricsAudience::Loopback }.shows_to(&rebound));
        assert!(!shows(MetricsAudience::Loopback, "127.0.0.1:9", Some("x-forwarded-for")));
        assert!(!shows(MetricsAudience::Loopback, "127.0.0.1:9", Some("forwarded")));
        assert!(shows(MetricsAudience::Public, "192.0.2.1:9", Some("x-forwarded-for")));
        assert!(!shows(MetricsAudience::Off, "127.0.0.1:9", None));
    }
}
