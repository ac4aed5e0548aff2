//! `/users`: the people of the organisation, their roles, grants and set-up links.

use super::{
    filters::one_more,
    texts::{AccountIdText, DisplayNameText, NameText},
};
use crate::{
    app::App,
    domain::{
        ids::{AccountId, UserId},
        permission::Role,
    },
    error::Error,
    http::{
        access::{Access, needs},
        audit::naming,
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::{
        invitations::{Invitation, invite},
        members::{self, KnownMember, MemberChange, NewPerson, Standing},
        personal_data,
    },
};
use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserView {
    #[schema(value_type = String, format = Uuid)]
    user_id: UserId,
    /// The name to sign in with; the `sub` of tokens.
    name: String,
    display_name: Option<String>,
    role: Role,
    /// The accounts that were granted; null where the role sees all of them.
    #[schema(value_type = Option<Vec<AccountIdText>>)]
    account_ids: Option<BTreeSet<AccountId>>,
    disabled: bool,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
}

impl From<KnownMember> for UserView {
    fn from(KnownMember { member, accounts }: KnownMember) -> Self {
        Self {
            user_id: member.user,
            name: member.subject,
            display_name: member.display_name,
            role: member.role,
            account_ids: accounts,
            disabled: member.disabled_at.is_some(),
            created_at: member.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitationView {
    /// For the person alone: it lets them choose their password, once.
    setup_link: String,
    #[schema(value_type = String, format = "date-time")]
    expires_at: Timestamp,
}

impl From<Invitation> for InvitationView {
    fn from(made: Invitation) -> Self {
        Self { setup_link: made.link.expose_secret().to_owned(), expires_at: made.expires_at }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewUserView {
    #[serde(flatten)]
    user: UserView,
    /// Null where an outside issuer signs people in.
    invitation: Option<InvitationView>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewUserBody {
    #[schema(value_type = NameText)]
    name: String,
    #[schema(value_type = Option<DisplayNameText>)]
    display_name: Option<String>,
    role: Role,
    /// What they may see, unless the role sees all.
    #[serde(default)]
    #[schema(value_type = Vec<AccountIdText>)]
    account_ids: BTreeSet<AccountId>,
}

#[utoipa::path(post, path = "/api/v1/users", tag = "people", request_body = NewUserBody,
    responses((status = 201, body = NewUserView)))]
async fn create_user(
    access: Access<needs::ManageUsers>,
    app: web::Data<App>,
    Json(body): Json<NewUserBody>,
) -> Result<HttpResponse, Error> {
    let NewUserBody { name, display_name, role, account_ids: accounts } = body;
    let new = NewPerson { name, display_name, role, accounts };
    let made = members::add_member(&app, &access.cx, new).await?;
    let invitation = match app.issuer {
        Some(_) => Some(invite(&app, &access.cx, made.member.user).await?.into()),
        None => None,
    };
    let target = format!("userId={}", made.member.user);
    let view = NewUserView { user: made.into(), invitation };
    let response = HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(view);
    Ok(naming(response, target))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserQuery {
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<UserId>>,
}

#[utoipa::path(get, path = "/api/v1/users", tag = "people", params(UserQuery),
    responses((status = 200, body = Page<UserView>)))]
async fn list_users(
    access: Access<needs::ManageUsers>,
    app: web::Data<App>,
    query: web::Query<UserQuery>,
) -> Result<Json<Page<UserView>>, Error> {
    let UserQuery { limit, cursor } = query.into_inner();
    let all = members::list_members(&app, &access.cx, cursor.map(|c| c.0), one_more(limit)).await?;
    let views = all.into_iter().map(UserView::from).collect();
    Ok(Json(Page::cut(views, limit, |last: &UserView| last.user_id)))
}

#[utoipa::path(get, path = "/api/v1/users/{userId}", tag = "people", params(("userId" = String, Path, format = Uuid)),
    responses((status = 200, body = UserView)))]
async fn get_user(
    access: Access<needs::ManageUsers>,
    app: web::Data<App>,
    id: web::Path<UserId>,
) -> Result<Json<UserView>, Error> {
    Ok(Json(members::get_member(&app, &access.cx, *id).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserChangeBody {
    role: Option<Role>,
    /// All that they see from now on.
    #[schema(value_type = Option<Vec<AccountIdText>>)]
    account_ids: Option<BTreeSet<AccountId>>,
    /// An empty one is taken away.
    #[schema(value_type = Option<DisplayNameText>)]
    display_name: Option<String>,
    /// A disabled member's sessions and tokens end, and their API keys rest.
    disabled: Option<bool>,
}

/// What is named changes, and counts in the member's next request.
#[utoipa::path(patch, path = "/api/v1/users/{userId}", tag = "people", params(("userId" = String, Path, format = Uuid)),
    request_body = UserChangeBody, responses((status = 200, body = UserView)))]
async fn change_user(
    access: Access<needs::ManageUsers>,
    app: web::Data<App>,
    id: web::Path<UserId>,
    Json(body): Json<UserChangeBody>,
) -> Result<Json<UserView>, Error> {
    let UserChangeBody { role, account_ids: accounts, display_name, disabled } = body;
    let standing = disabled.map(|disabled| if disabled { Standing::Disabled } else { Standing::Enabled });
    let change = MemberChange { role, accounts, display_name, standing };
    Ok(Json(members::change_member(&app, &access.cx, *id, change).await?.into()))
}

/// A new set-up link, also for whoever lost their password or their device.
#[utoipa::path(post, path = "/api/v1/users/{userId}/invitation", tag = "people",
    params(("userId" = String, Path, format = Uuid)), responses((status = 201, body = InvitationView)))]
async fn invite_user(
    access: Access<needs::ManageUsers>,
    app: web::Data<App>,
    id: web::Path<UserId>,
) -> Result<HttpResponse, Error> {
    let made: InvitationView = invite(&app, &access.cx, *id).await?.into();
    Ok(HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(made))
}

/// Erases the person. Their id stays as a pseudonym in what they decided and in the audit.
#[utoipa::path(delete, path = "/api/v1/users/{userId}", tag = "people", params(("userId" = String, Path, format = Uuid)),
    responses((status = 204)))]
async fn erase_user(
    access: Access<needs::ManageUsers>,
    app: web::Data<App>,
    id: web::Path<UserId>,
) -> Result<HttpResponse, Error> {
    personal_data::erase(&app, &access.cx, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes() -> Routes {
    routes![create_user, list_users, get_user, change_user, invite_user, erase_user]
}
