//! Everything that is tagged for the scheduler, and what it remembers of it.
//!
//! Written by whoever holds the shard's lease, and not at all by whoever lost it. Rows are written only where
//! something changed: when a region was looked at last stands in `scheduled_region`.

use super::{
    document,
    dynamic::Listing,
    error::DbError,
    handle::OrgDb,
    pool::Engine,
    stmt::statements,
    time,
    value::{Value, values},
};
use crate::domain::{
    ids::AccountId,
    money::MicroUsd,
    region::Region,
    schedule::{
        Desired, Facts, Memory, Observed, OffSince, Power, ScheduledResource, Target, TargetKind,
        cost::Coverage,
    },
    tags::Tags,
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

statements! {
    scoped LIST { "SELECT account_id, region, kind, resource_id, name, power, schedule_name, desired, ineligible, reason, body, memory, next_change_at, off_since, off_price, off_coverage, seen_at, gone_at FROM scheduled_resource WHERE org_id = ?" }
    scoped FORGET { "DELETE FROM scheduled_resource WHERE org_id = ? AND gone_at < ?" }
    scoped COUNT_GONE { "SELECT COUNT(*) FROM scheduled_resource WHERE org_id = ? AND gone_at < ?" }
    scoped UPSERT {
        sqlite: "INSERT INTO scheduled_resource (org_id, account_id, region, kind, resource_id, name, power, schedule_name, desired, ineligible, reason, body, memory, next_change_at, off_since, off_price, off_coverage, seen_at, gone_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id, region, kind, resource_id) DO UPDATE SET name = excluded.name, power = excluded.power, schedule_name = excluded.schedule_name, desired = excluded.desired, ineligible = excluded.ineligible, reason = excluded.reason, body = excluded.body, memory = excluded.memory, next_change_at = excluded.next_change_at, off_since = excluded.off_since, off_price = excluded.off_price, off_coverage = excluded.off_coverage, seen_at = excluded.seen_at, gone_at = excluded.gone_at",
        mysql: "INSERT INTO scheduled_resource (org_id, account_id, region, kind, resource_id, name, power, schedule_name, desired, ineligible, reason, body, memory, next_change_at, off_since, off_price, off_coverage, seen_at, gone_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE name = VALUES(name), power = VALUES(power), schedule_name = VALUES(schedule_name), desired = VALUES(desired), ineligible = VALUES(ineligible), reason = VALUES(reason), body = VALUES(body), memory = VALUES(memory), next_change_at = VALUES(next_change_at), off_since = VALUES(off_since), off_price = VALUES(off_price), off_coverage = VALUES(off_coverage), seen_at = VALUES(seen_at), gone_at = VALUES(gone_at)"
    }
}

const WHAT: &str = "scheduled resource";
/// What the columns hold; tags and names are customers' free text.
const NAME_CHARS: usize = 256;

/// What a list is narrowed to; everything together must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduledFilter {
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    pub kind: Option<TargetKind>,
    pub schedule: Option<String>,
    pub power: Option<Power>,
    /// A `Reason` or a `NoPlan`.
    pub reason: Option<String>,
    pub ineligible: Option<bool>,
    /// Those that are off because of Tuner.
    pub off: Option<bool>,
    /// Those that are gone are left out unless asked for.
    pub with_gone: bool,
}

/// What is kept as one document.
#[derive(Serialize, Deserialize)]
struct Body {
    tags: Tags,
    facts: Facts,
}

#[derive(sqlx::FromRow)]
struct ResourceRow {
    account_id: i64,
    region: String,
    kind: String,
    resource_id: String,
    name: Option<String>,
    power: String,
    schedule_name: Option<String>,
    desired: Option<String>,
    ineligible: Option<String>,
    reason: Option<String>,
    body: String,
    memory: Option<String>,
    next_change_at: Option<DateTime<Utc>>,
    off_since: Option<DateTime<Utc>>,
    off_price: Option<i64>,
    off_coverage: Option<String>,
    seen_at: DateTime<Utc>,
    gone_at: Option<DateTime<Utc>>,
}

pub(super) fn target_of(
    account: i64,
    region: &str,
    kind: &str,
    id: String,
    what: &'static str,
) -> Result<Target, DbError> {
    Ok(Target {
        account: AccountId::from_i64(account),
        region: region.parse().map_err(|_| DbError::Corrupt(what))?,
        kind: kind.parse().map_err(|()| DbError::Corrupt(what))?,
        id: id.into(),
    })
}

impl ResourceRow {
    fn off(&self) -> Result<Option<OffSince>, DbError> {
        let Some(since) = self.off_since else { return Ok(None) };
        let coverage = self.off_coverage.as_deref().map(str::parse::<Coverage>).transpose();
        let coverage = coverage.map_err(|()| DbError::Corrupt("scheduled_resource.off_coverage"))?;
        Ok(Some(OffSince {
            since: time::from_db(since),
            price: self.off_price.map(MicroUsd::new),
            coverage: coverage.unwrap_or(Coverage::Unknown),
        }))
    }
}

impl TryFrom<ResourceRow> for ScheduledResource {
    type Error = DbError;
    fn try_from(row: ResourceRow) -> Result<Self, DbError> {
        let off = row.off()?;
        let body: Body = document::read(&row.body, "scheduled_resource.body")?;
        let memory: Option<Memory> = row
            .memory
            .as_deref()
            .map(|text| document::read(text, "scheduled_resource.memory"))
            .transpose()?;
        let desired = row.desired.as_deref().map(str::parse::<Desired>).transpose();
        Ok(Self {
            observed: Observed {
                target: target_of(
                    row.account_id,
                    &row.region,
                    &row.kind,
                    row.resource_id,
                    "scheduled_resource.region",
                )?,
                name: row.name.map(Into::into),
                tags: body.tags,
                power: row.power.parse().map_err(|()| DbError::Corrupt("scheduled_resource.power"))?,
                seen_at: time::from_db(row.seen_at),
                facts: body.facts,
            },
            schedule_name: row.schedule_name,
            desired: desired.map_err(|()| DbError::Corrupt("scheduled_resource.desired"))?,
            ineligible: row.ineligible,
            reason: row.reason,
            memory,
            next_change_at: row.next_change_at.map(time::from_db),
            off,
            gone_at: row.gone_at.map(time::from_db),
        })
    }
}

pub(super) fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

pub(super) fn row_of(resource: &ScheduledResource) -> Vec<Value> {
    let Observed { target, name, tags, power, seen_at, facts } = &resource.observed;
    let body = Body { tags: tags.clone(), facts: facts.clone() };
    values![
        target.account,
        &target.region,
        target.kind,
        &*target.id,
        name.as_deref().map(|name| cut(name, NAME_CHARS)),
        *power,
        resource.schedule_name.as_deref().map(|name| cut(name, NAME_CHARS)),
        resource.desired,
        resource.ineligible.as_ref(),
        resource.reason.as_ref(),
        document::write(&body),
        resource.memory.as_ref().map(document::write),
        resource.next_change_at,
        resource.off.map(|off| off.since),
        resource.off.and_then(|off| off.price),
        resource.off.map(|off| off.coverage),
        *seen_at,
        resource.gone_at,
    ]
}

impl OrgDb<'_> {
    /// In the order of their keys; `after` is the last one of the page before.
    pub async fn list_scheduled(
        &self,
        filter: &ScheduledFilter,
        after: Option<&Target>,
        limit: u32,
    ) -> Result<Vec<ScheduledResource>, DbError> {
        let mut listing = self.listing(LIST);
        narrow(&mut listing, filter);
        listing.and_visible("account_id", self.access());
        if let Some(after) = after {
            begin_behind(&mut listing, after);
        }
        listing.then(" ORDER BY account_id, region, kind, resource_id LIMIT ?", values![limit]);
        let rows: Vec<ResourceRow> = self.list(listing).await?;
        rows.into_iter().map(ScheduledResource::try_from).collect()
    }

    pub async fn get_scheduled(&self, target: &Target) -> Result<ScheduledResource, DbError> {
        self.require(target.account, WHAT)?;
        let mut listing = self.listing(LIST);
        listing.and(
            "account_id = ? AND region = ? AND kind = ? AND resource_id = ?",
            values![target.account, &target.region, target.kind, &*target.id],
        );
        let row: Option<ResourceRow> = self.list(listing).await?.pop();
        row.ok_or(DbError::NotFound(WHAT))?.try_into()
    }

    pub async fn count_gone_scheduled(&self, before: Timestamp) -> Result<u64, DbError> {
        let found: Option<(i64,)> = self.fetch_optional(COUNT_GONE, values![before]).await?;
        Ok(found.and_then(|(count,)| u64::try_from(count).ok()).unwrap_or_default())
    }

    /// Deletes what has been gone for long; its actions and days stay.
    pub async fn forget_gone_scheduled(&self, before: Timestamp) -> Result<u64, DbError> {
        self.execute(FORGET, values![before]).await
    }
}

/// For `scheduler_book`, which writes rows as a whole.
pub(super) const REPLACE: super::stmt::Scoped = UPSERT;

fn narrow(listing: &mut Listing, filter: &ScheduledFilter) {
    listing.and_equal("account_id = ?", filter.account);
    listing.and_equal("region = ?", filter.region.as_ref());
    listing.and_equal("kind = ?", filter.kind);
    listing.and_equal("schedule_name = ?", filter.schedule.as_ref());
    listing.and_equal("power = ?", filter.power);
    listing.and_equal("reason = ?", filter.reason.as_ref());
    match filter.ineligible {
        Some(true) => listing.and("ineligible IS NOT NULL", []),
        Some(false) => listing.and("ineligible IS NULL", []),
        None => {}
    }
    match filter.off {
        Some(true) => listing.and("off_since IS NOT NULL", []),
        Some(false) => listing.and("off_since IS NULL", []),
        None => {}
    }
    if !filter.with_gone {
        listing.and("gone_at IS NULL", []);
    }
}

/// Rows behind the last one. SQLite compares rows through an index, MySQL wants the same said with OR.
pub(super) fn begin_behind(listing: &mut Listing, after: &Target) {
    let (account, region, kind, id) = (after.account, &after.region, after.kind, &*after.id);
    if listing.engine() == Engine::Sqlite {
        let behind = "(account_id, region, kind, resource_id) > (?, ?, ?, ?)";
        listing.and(behind, values![account, region, kind, id]);
    } else {
        listing.and(
            "account_id >= ? AND (account_id > ? OR region > ? OR region = ? AND (kind > ? OR kind = ? AND resource_id > ?))",
            values![account, account, region, region, kind, kind, id],
        );
    }
}
