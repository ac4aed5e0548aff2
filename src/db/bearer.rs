//! Who a token, a session or an API key belongs to, in one statement each: the person, whether they may act,
//! and their grants. Asked anew for every request, so that whatever changed counts at once, on every server.
//!
//! Invariant: the only statements that begin without an organisation, because what they are given names it;
//! their joins keep every table to that one organisation.

use super::{
    api_key::{read_accounts, read_scopes},
    error::DbError,
    handle::Database,
    stmt::statements,
    time,
    value::values,
};
use crate::domain::{
    ids::{AccountId, ApiKeyId, OrgKey, OrganizationId, SessionId, UserId},
    permission::{Role, Scope},
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

statements! {
    global BY_SUBJECT { "SELECT o.id AS org_key, o.name AS organization, m.user_id, m.subject, m.role, m.disabled_at, m.signed_out_at, (SELECT COUNT(*) FROM ended_token e WHERE e.org_id = o.id AND e.fingerprint = ?) AS ended, g.account_id FROM organization o JOIN member m ON m.org_id = o.id LEFT JOIN account_grant g ON g.org_id = m.org_id AND g.user_id = m.user_id WHERE o.name = ? AND m.subject = ?" }
    global BY_SESSION { "SELECT o.id AS org_key, o.name AS organization, m.user_id, m.subject, m.role, m.disabled_at, m.signed_out_at, s.session_id, s.last_seen_at, s.expires_at, g.account_id FROM session s JOIN organization o ON o.id = s.org_id JOIN member m ON m.org_id = s.org_id AND m.user_id = s.user_id LEFT JOIN account_grant g ON g.org_id = m.org_id AND g.user_id = m.user_id WHERE s.hash = ?" }
    global BY_KEY { "SELECT o.id AS org_key, o.name AS organization, m.user_id, m.subject, m.role, m.disabled_at, m.signed_out_at, k.key_id, k.role AS key_role, k.scopes, k.accounts, k.expires_at, k.revoked_at, k.last_used_at, g.account_id FROM api_key k JOIN organization o ON o.id = k.org_id JOIN member m ON m.org_id = k.org_id AND m.user_id = k.issued_by LEFT JOIN account_grant g ON g.org_id = m.org_id AND g.user_id = m.user_id WHERE k.hash = ?" }
}

/// A member as sign-in sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub org: OrgKey,
    pub organization: OrganizationId,
    pub user: UserId,
    pub subject: String,
    pub role: Role,
    pub disabled: bool,
    /// Tokens that were issued before count no more.
    pub signed_out_at: Option<Timestamp>,
    pub grants: BTreeSet<AccountId>,
}

#[derive(Clone, Debug)]
pub struct TokenOwner {
    pub person: Person,
    /// This very token was signed out.
    pub ended: bool,
}

#[derive(Clone, Debug)]
pub struct SessionOwner {
    pub person: Person,
    pub session: SessionId,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct KeyOwner {
    /// Who issued it.
    pub person: Person,
    pub key: ApiKeyId,
    pub role: Role,
    pub scopes: BTreeSet<Scope>,
    pub accounts: Option<BTreeSet<AccountId>>,
    pub expires_at: Timestamp,
    pub revoked: bool,
    pub last_used_at: Option<Timestamp>,
}

/// One row for each grant, or one without.
#[derive(sqlx::FromRow)]
struct PersonRow {
    org_key: Uuid,
    organization: String,
    user_id: Uuid,
    subject: String,
    role: String,
    disabled_at: Option<DateTime<Utc>>,
    signed_out_at: Option<DateTime<Utc>>,
    account_id: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    #[sqlx(flatten)]
    person: PersonRow,
    ended: i64,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    #[sqlx(flatten)]
    person: PersonRow,
    session_id: Uuid,
    last_seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    #[sqlx(flatten)]
    person: PersonRow,
    key_id: Uuid,
    key_role: String,
    scopes: String,
    accounts: Option<String>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

/// The first row, and the accounts of all.
fn with_grants<R>(rows: Vec<R>, account: impl Fn(&R) -> Option<i64>) -> Option<(R, BTreeSet<AccountId>)> {
    let grants = rows.iter().filter_map(account).map(AccountId::from_i64).collect();
    rows.into_iter().next().map(|first| (first, grants))
}

impl PersonRow {
    fn into_person(self, grants: BTreeSet<AccountId>) -> Result<Person, DbError> {
        Ok(Person {
            org: OrgKey::from_uuid(self.org_key),
            organization: self.organization.parse().map_err(|_| DbError::Corrupt("organization.name"))?,
            user: UserId::from_uuid(self.user_id),
            subject: self.subject,
            role: self.role.parse().map_err(|()| DbError::Corrupt("member.role"))?,
            disabled: self.disabled_at.is_some(),
            signed_out_at: self.signed_out_at.map(time::from_db),
            grants,
        })
    }
}

impl Database {
    /// MySQL takes `bob` and `bob ` for equal; a person is only who has exactly this subject.
    pub async fn find_token_owner(
        &self,
        organization: &OrganizationId,
        subject: &str,
        fingerprint: [u8; 32],
    ) -> Result<Option<TokenOwner>, DbError> {
        let rows: Vec<TokenRow> =
            self.fetch_all(BY_SUBJECT, values![fingerprint, organization, subject]).await?;
        let Some((row, grants)) = with_grants(rows, |row| row.person.account_id) else { return Ok(None) };
        if row.person.subject != subject {
            return Ok(None);
        }
        let ended = row.ended > 0;
        Ok(Some(TokenOwner { person: row.person.into_person(grants)?, ended }))
    }

    pub async fn find_session_owner(&self, hash: [u8; 32]) -> Result<Option<SessionOwner>, DbError> {
        let rows: Vec<SessionRow> = self.fetch_all(BY_SESSION, values![hash]).await?;
        let Some((row, grants)) = with_grants(rows, |row| row.person.account_id) else { return Ok(None) };
        Ok(Some(SessionOwner {
            session: SessionId::from_uuid(row.session_id),
            last_seen_at: time::from_db(row.last_seen_at),
            expires_at: time::from_db(row.expires_at),
            person: row.person.into_person(grants)?,
        }))
    }

    pub async fn find_key_owner(&self, hash: [u8; 32]) -> Result<Option<KeyOwner>, DbError> {
        let rows: Vec<KeyRow> = self.fetch_all(BY_KEY, values![hash]).await?;
        let Some((row, grants)) = with_grants(rows, |row| row.person.account_id) else { return Ok(None) };
        Ok(Some(KeyOwner {
            key: ApiKeyId::from_uuid(row.key_id),
            role: row.key_role.parse().map_err(|()| DbError::Corrupt("api_key.role"))?,
            scopes: read_scopes(&row.scopes)?,
            accounts: read_accounts(row.accounts.as_deref())?,
            expires_at: time::from_db(row.expires_at),
            revoked: row.revoked_at.is_some(),
            last_used_at: row.last_used_at.map(time::from_db),
            person: row.person.into_person(grants)?,
        }))
    }
}
