//! For load balancers and orchestrators: is the process alive, can it serve.
//!
//! Says no more than that: both routes are public.

use crate::{
    error::Error,
    http::{
        access::Public,
        json::Json,
        routes::{Routes, routes},
    },
};
use actix_web::web::Data;
use futures_util::future::BoxFuture;
use serde::Serialize;
use utoipa::ToSchema;

/// Whether the database and what else is needed answers.
pub trait Readiness: Send + Sync {
    fn check(&self) -> BoxFuture<'_, Result<(), Error>>;
}

#[derive(Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

pub fn routes() -> Routes {
    routes![get_health, get_readiness]
}

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "running it", responses((status = 200, body = Health)))]
async fn get_health(_: Public) -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The process can serve requests: its database answers.
#[utoipa::path(get, path = "/readyz", tag = "running it", responses(
    (status = 200, body = Health), (status = 503, description = "Not now", body = crate::http::Problem, content_type = "application/problem+json")))]
async fn get_readiness(_: Public, readiness: Data<dyn Readiness>) -> Result<Json<Health>, Error> {
    readiness.check().await?;
    Ok(Json(Health { status: "ready" }))
}
