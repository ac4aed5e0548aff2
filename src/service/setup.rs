//! The first start: one token, used once, makes the first administrator. There is no default password.

use super::{
    local::SignedInMember,
    members::checked_subject,
    passwords::{Factors, hash_new},
};
use crate::{
    app::App,
    db::NewMember,
    domain::{
        ids::{OrganizationId, UserId},
        permission::Role,
    },
    error::{Error, ErrorCode},
};
use aws_lc_rs::rand;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

/// Whoever starts the server reads the token at once.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(24);
const TOKEN_BYTES: usize = 32;

/// What the first administrator becomes.
#[derive(Clone, Debug)]
pub struct SetUp {
    pub token: String,
    /// How the administrator is called, and the subject of their tokens.
    pub name: String,
    pub organization: OrganizationId,
    /// None: tokens come from the command line until a set-up link is used.
    pub password: Option<SecretString>,
}

/// A new token while nobody administers anything and Tuner issues the tokens; an older one ends.
pub async fn offer_setup(app: &App) -> Result<Option<String>, Error> {
    if app.issuer.is_none() {
        return Ok(None);
    }
    let mut bytes = [0; TOKEN_BYTES];
    rand::fill(&mut bytes).map_err(|_| Error::internal("the system gives no random numbers"))?;
    let token = hex::encode(bytes);
    Ok(app.database.create_setup_token(&token, app.clock.now()).await?.then_some(token))
}

/// Uses the token up and makes the first administrator. A password that is refused leaves the token as it was.
pub async fn complete_setup(app: &App, set_up: SetUp, now: Timestamp) -> Result<SignedInMember, Error> {
    let name = checked_subject(&set_up.name)?;
    let password_hash = match &set_up.password {
        Some(password) => {
            let known = [name, set_up.organization.as_str()];
            Some(hash_new(password, Factors::PasswordAlone, &known).await?)
        }
        None => None,
    };
    if !app.database.consume_setup_token(&set_up.token, now - TOKEN_LIFE, now).await? {
        return Err(Error::new(
            ErrorCode::Unauthenticated,
            "the set-up token is wrong, used or too old; restart the server for a new one",
        ));
    }
    let organization = app.database.find_or_create_organization(&set_up.organization, now).await?;
    let scope = app.database.system_scope(organization.key, organization.name.clone());
    let member = NewMember {
        user: UserId::generate(),
        subject: name.to_owned(),
        display_name: None,
        role: Role::OrganizationAdmin,
        created_at: now,
    };
    app.database.scoped(&scope).create_member(&member).await?;
    if let Some(hash) = password_hash {
        app.database.scoped(&scope).set_password(member.user, &hash, now).await?;
    }
    Ok(SignedInMember { scope, user: member.user, subject: member.subject })
}
