//! `/users/{userId}/data-export`: all that is kept of a person, as JSON.

use crate::{
    app::App,
    domain::ids::UserId,
    error::Error,
    http::{
        access::{Access, needs},
        routes::{Routes, routes},
    },
    service::personal_data,
};
use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION},
    web,
};

/// Member, grants, sessions, API keys, decisions and audit entries; no password, hash or secret.
#[utoipa::path(get, path = "/api/v1/users/{userId}/data-export", tag = "people",
    params(("userId" = String, Path, format = Uuid)), responses((status = 200, body = Object)))]
async fn export_user(
    access: Access<needs::ManageUsers>,
    app: web::Data<App>,
    id: web::Path<UserId>,
) -> Result<HttpResponse, Error> {
    let data = personal_data::export(&app, &access.cx, *id).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"user-{id}.json\"")))
        .json(data.to_json()))
}

pub fn routes() -> Routes {
    routes![export_user]
}
