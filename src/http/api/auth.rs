//! Who one is, and the public key of the tokens that Tuner signs.

use crate::{
    domain::{
        ids::{AccountId, OrganizationId, UserId},
        permission::{Permission, Role},
        scope::AccountAccess,
    },
    http::{
        access::{Access, Public, needs},
        json::Json,
        routes::{Routes, routes},
    },
    keys::SigningKey,
    op::OpCx,
};
use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web::Data};
use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;
use utoipa::ToSchema;

/// The key set; empty where an outside issuer signs.
pub struct PublicKeys(JwkSet);

impl PublicKeys {
    #[must_use]
    pub fn new(signing: Option<&SigningKey>) -> Self {
        Self(JwkSet { keys: signing.map(SigningKey::public).into_iter().cloned().collect() })
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    #[schema(value_type = String, format = Uuid)]
    user_id: UserId,
    subject: String,
    #[schema(value_type = String)]
    organization_id: OrganizationId,
    role: Role,
    permissions: Vec<Permission>,
    /// The accounts that were granted; null where the role sees all of them.
    #[schema(value_type = Option<Vec<String>>)]
    account_ids: Option<Vec<AccountId>>,
}

impl From<OpCx> for Me {
    fn from(cx: OpCx) -> Self {
        let role = cx.actor.role;
        Self {
            user_id: cx.actor.user_id,
            organization_id: cx.scope.organization().clone(),
            role,
            permissions: Permission::ALL
                .iter()
                .copied()
                .filter(|permission| cx.actor.may(*permission))
                .collect(),
            account_ids: match cx.scope.accounts() {
                AccountAccess::All => None,
                AccountAccess::Only(accounts) => Some(accounts.iter().copied().collect()),
            },
            subject: cx.actor.subject,
        }
    }
}

pub fn routes() -> Routes {
    routes![get_me, get_jwks]
}

/// Who the token's bearer is here, and what they may do.
#[utoipa::path(get, path = "/api/v1/auth/me", tag = "sign-in", responses((status = 200, body = Me)))]
async fn get_me(access: Access<needs::ViewSavings>) -> Json<Me> {
    Json(access.cx.into())
}

/// The public key of tokens that Tuner signs, as a JSON Web Key Set.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "sign-in",
    responses((status = 200, description = "A JSON Web Key Set (RFC 7517)", body = Object)))]
async fn get_jwks(_: Public, keys: Data<PublicKeys>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(&keys.0)
}
