//! A fast AWS stand-in for measurements: static replies over loopback with AWS's real page limits and an
//! adjustable latency, so that what is measured is Tuner.
//!
//! Deliberately not a model of AWS: no signatures are checked, nothing changes, no permission is missing.
//! `fast_stand_in --resources 10000 --latency-ms 50 --regions 1` prints `ready http://127.0.0.1:PORT`.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measuring tool, not a service"
)]
#![allow(clippy::disallowed_methods, reason = "it routes by AWS's protocols, and its time is the wall's")]

mod cloudwatch;
mod fleet;
mod json;
mod query;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use fleet::Fleet;
use std::{sync::Arc, time::Duration};

#[derive(clap::Parser)]
struct Arguments {
    #[arg(long, default_value_t = 10_000)]
    resources: usize,
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// The fleet is spread evenly over this many of AWS's regions
    #[arg(long, default_value_t = 1)]
    regions: usize,
    /// Of each hundred resources, so many are waste
    #[arg(long, default_value_t = 15)]
    waste: usize,
    /// Machines and databases carry the scheduler's tags and follow so many schedules (schedule-0, …) by turns
    #[arg(long, default_value_t = 0)]
    schedules: usize,
    #[arg(long, default_value_t = 0)]
    port: u16,
}

struct StandIn {
    fleet: Fleet,
    latency: Duration,
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let arguments = <Arguments as clap::Parser>::parse();
    let Arguments { resources, regions, waste, schedules, .. } = arguments;
    let fleet = Fleet::new(resources, regions, fleet::Waste(waste), schedules);
    let stand_in =
        web::Data::new(Arc::new(StandIn { fleet, latency: Duration::from_millis(arguments.latency_ms) }));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(stand_in.clone())
            .app_data(web::PayloadConfig::new(16 << 20))
            .default_service(web::to(answer))
    })
    .workers(1)
    .bind(("127.0.0.1", arguments.port))?;
    println!("ready http://{}", server.addrs()[0]);
    server.run().await
}

async fn answer(request: HttpRequest, body: web::Bytes, stand_in: web::Data<Arc<StandIn>>) -> HttpResponse {
    if !stand_in.latency.is_zero() {
        tokio::time::sleep(stand_in.latency).await;
    }
    let (key, region, service) = credential_scope(&request);
    if request.path().starts_with("/service/") {
        let operation = request.path().rsplit('/').next().unwrap_or_default();
        return cloudwatch::answer(operation, &body, stand_in.fleet.waste());
    }
    if let Some(target) = request.headers().get("x-amz-target").and_then(|t| t.to_str().ok()) {
        return json::answer(target.rsplit('.').next().unwrap_or_default(), &body);
    }
    query::answer(&stand_in.fleet, &query::Scope { key, region, service }, &body)
}

/// `Credential=KEY/20260801/us-east-1/ec2/aws4_request`: key, region and service.
fn credential_scope(request: &HttpRequest) -> (String, String, String) {
    let header = request.headers().get("authorization").and_then(|h| h.to_str().ok()).unwrap_or_default();
    let mut parts = header.split_once("Credential=").map_or("", |(_, rest)| rest).split('/');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let (key, _date) = (next(), next());
    (key, next(), next())
}
