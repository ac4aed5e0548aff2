//! Serves the OpenAPI document. It is written once, at the start.

use crate::http::{
    access::Public,
    routes::{Routes, routes},
};
use actix_web::{HttpResponse, http::header::ContentType, web};
use utoipa::openapi::OpenApi;

pub struct Document(web::Bytes);

impl Document {
    pub(crate) fn new(api: &OpenApi) -> Result<Self, serde_json::Error> {
        Ok(Self(serde_json::to_vec(api)?.into()))
    }
}

pub fn routes() -> Routes {
    routes![get_openapi]
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "running it",
    responses((status = 200, description = "An OpenAPI 3.1 document", body = Object)))]
async fn get_openapi(_: Public, document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok().insert_header(ContentType::json()).body(document.0.clone())
}
