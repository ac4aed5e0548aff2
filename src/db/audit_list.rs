//! The audit as people read it: narrowed by a filter, in the order of time, page by page.
//!
//! Names of people are looked up while reading; the chain knows ids alone.

use super::{
    audit::EntryRow,
    dynamic::Listing,
    error::DbError,
    handle::OrgDb,
    stmt::statements,
    value::{Value, values},
};
use crate::domain::{
    audit::{AuditEntry, AuditOutcome},
    ids::{AccountId, UserId},
    scope::AccountAccess,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

statements! {
    scoped LIST { "SELECT r.sequence, r.at_micros, r.actor_kind, r.user_id, r.api_key_id, r.action, r.account_id, r.target, r.phase, r.outcome, r.status, r.code, r.detail, r.request_id, r.intent, r.origin, r.hash, o.salt, o.ip, o.user_agent, m.subject FROM audit_entry r LEFT JOIN audit_origin o ON o.org_id = r.org_id AND o.digest = r.origin LEFT JOIN member m ON m.org_id = r.org_id AND m.user_id = r.user_id WHERE r.org_id = ?" }
    scoped OUTCOMES { "SELECT r.intent FROM audit_entry r WHERE r.org_id = ?" }
    scoped ORPHANS { "SELECT r.sequence, r.action, r.target FROM audit_entry r WHERE r.org_id = ? AND r.phase = 'intent' AND NOT EXISTS (SELECT 1 FROM audit_entry o WHERE o.org_id = r.org_id AND o.sequence > r.sequence AND o.intent = r.sequence) AND NOT EXISTS (SELECT 1 FROM scheduler_action a WHERE a.org_id = r.org_id AND a.account_id = r.account_id AND a.audit_intent = r.sequence)" }
}

/// Intents that are asked for in one statement.
const INTENTS: usize = 1_000;

/// What a list is narrowed to; everything together must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub from: Option<Timestamp>,
    /// Not included.
    pub to: Option<Timestamp>,
    pub action: Option<String>,
    pub user: Option<UserId>,
    pub account: Option<AccountId>,
    pub outcome: Option<AuditOutcome>,
}

/// The last one of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditCursor {
    pub at_micros: i64,
    pub sequence: i64,
}

impl AuditCursor {
    #[must_use]
    pub fn of(entry: &AuditEntry) -> Self {
        Self { at_micros: entry.event.at.as_microsecond(), sequence: entry.sequence }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditOrder {
    NewestFirst,
    OldestFirst,
}

/// An entry with what is kept beside the chain.
#[derive(Clone, Debug)]
pub struct KeptAudit {
    pub entry: AuditEntry,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// What the person is called now; none for one who was erased.
    pub subject: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ListRow {
    #[sqlx(flatten)]
    entry: EntryRow,
    subject: Option<String>,
}

impl TryFrom<ListRow> for KeptAudit {
    type Error = DbError;
    fn try_from(row: ListRow) -> Result<Self, DbError> {
        let (ip, user_agent) = (row.entry.ip.clone(), row.entry.user_agent.clone());
        Ok(Self { entry: row.entry.into_entry()?, ip, user_agent, subject: row.subject })
    }
}

impl OrgDb<'_> {
    /// A page. Who does not see all accounts gets the entries of those that were granted, and their own.
    pub async fn list_audit(
        &self,
        filter: &AuditFilter,
        reader: UserId,
        order: AuditOrder,
        after: Option<AuditCursor>,
        limit: u32,
    ) -> Result<Vec<KeptAudit>, DbError> {
        let mut listing = self.listing(LIST);
        narrow(&mut listing, filter);
        if let AccountAccess::Only(accounts) = self.access() {
            let accounts: Vec<Value> = accounts.iter().map(|account| Value::from(*account)).collect();
            listing.and("(r.user_id = ? OR r.account_id", values![reader]);
            listing.then_any_of(accounts);
            listing.then(")", []);
        }
        begin_behind(&mut listing, order, after);
        listing.then(
            match order {
                AuditOrder::NewestFirst => " ORDER BY r.at_micros DESC, r.sequence DESC LIMIT ?",
                AuditOrder::OldestFirst => " ORDER BY r.at_micros, r.sequence LIMIT ?",
            },
            values![limit],
        );
        let rows: Vec<ListRow> = self.list(listing).await?;
        rows.into_iter().map(KeptAudit::try_from).collect()
    }
}

/// An intent without an outcome and without an action.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OrphanedIntent {
    pub sequence: i64,
    pub action: String,
    pub target: Option<String>,
}

impl OrgDb<'_> {
    /// Of some kinds of actions in an account, since then.
    pub async fn list_orphaned_intents(
        &self,
        account: AccountId,
        since: Timestamp,
        actions: &[String],
    ) -> Result<Vec<OrphanedIntent>, DbError> {
        let mut listing = self.listing(ORPHANS);
        listing.and("r.account_id = ? AND r.at_micros >= ?", values![account, since.as_microsecond()]);
        listing.and("r.action", []);
        listing.then_any_of(actions.iter().map(|action| Value::from(&**action)));
        self.list(listing).await
    }

    /// Those of the intents whose outcome is audited.
    pub async fn find_audited_outcomes(&self, intents: &[i64]) -> Result<BTreeSet<i64>, DbError> {
        let mut found = BTreeSet::new();
        for some in intents.chunks(INTENTS) {
            let mut listing = self.listing(OUTCOMES);
            // An outcome comes after its intent: the walk through the chain is a short one.
            listing.and_equal("r.sequence > ?", some.iter().min().copied());
            listing.and("r.intent", []);
            listing.then_any_of(some.iter().map(|intent| Value::from(*intent)));
            let rows: Vec<(i64,)> = self.list(listing).await?;
            found.extend(rows.into_iter().map(|(intent,)| intent));
        }
        Ok(found)
    }
}

fn narrow(listing: &mut Listing, filter: &AuditFilter) {
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    listing.and_equal("r.at_micros >= ?", micros(filter.from));
    listing.and_equal("r.at_micros < ?", micros(filter.to));
    listing.and_equal("r.action = ?", filter.action.as_ref());
    listing.and_equal("r.user_id = ?", filter.user);
    listing.and_equal("r.account_id = ?", filter.account);
    listing.and_equal("r.outcome = ?", filter.outcome.map(AuditOutcome::as_str));
}

/// The first condition bounds the walk through the index, which an OR alone would not on MySQL.
fn begin_behind(listing: &mut Listing, order: AuditOrder, after: Option<AuditCursor>) {
    let Some(AuditCursor { at_micros, sequence }) = after else { return };
    let condition = match order {
        AuditOrder::NewestFirst => "r.at_micros <= ? AND (r.at_micros < ? OR r.sequence < ?)",
        AuditOrder::OldestFirst => "r.at_micros >= ? AND (r.at_micros > ? OR r.sequence > ?)",
    };
    listing.and(condition, values![at_micros, at_micros, sequence]);
}
