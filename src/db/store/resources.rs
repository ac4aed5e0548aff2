//! Resources: compared by key and digest with what is kept, so that only a change is written.

use super::Store;
use crate::{
    db::{
        batch::{Batch, ROWS},
        error::DbError,
        stmt::statements,
        value::{Value, values},
    },
    domain::{
        inventory::{ResourceKind, resource_key},
        region::Region,
        snapshot::Coverage,
        tags::Tags,
    },
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

statements! {
    scoped STORED { "SELECT kind, region, resource_key, digest FROM resource WHERE org_id = ? AND account_id = ? ORDER BY kind, region, resource_key" }
    scoped UPSERT {
        sqlite: "INSERT INTO resource (org_id, account_id, resource_key, kind, region, resource_id, name, body, digest, first_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id, resource_key) DO UPDATE SET name = excluded.name, body = excluded.body, digest = excluded.digest",
        mysql: "INSERT INTO resource (org_id, account_id, resource_key, kind, region, resource_id, name, body, digest, first_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE name = VALUES(name), body = VALUES(body), digest = VALUES(digest)"
    }
    scoped UPSERT_TAG {
        sqlite: "INSERT INTO resource_tag (org_id, account_id, resource_key, tag_key, tag_value) VALUES (?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id, resource_key, tag_key) DO UPDATE SET tag_value = excluded.tag_value",
        mysql: "INSERT INTO resource_tag (org_id, account_id, resource_key, tag_key, tag_value) VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE tag_value = VALUES(tag_value)"
    }
    scoped DELETE_TAGS { "DELETE FROM resource_tag WHERE org_id = ? AND account_id = ? AND resource_key IN (?)" }
    scoped DELETE { "DELETE FROM resource WHERE org_id = ? AND account_id = ? AND resource_key IN (?)" }
}

/// What the column holds.
const NAME_CHARS: usize = 256;

/// A resource on its way into the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRow {
    pub kind: ResourceKind,
    pub region: Region,
    pub resource_id: Box<str>,
    pub name: Option<Box<str>>,
    pub tags: Tags,
    /// The resource as JSON. The same resource must give the same text at every scan.
    pub body: String,
}

/// Eight bytes over name and body, eight over the tags: they are rewritten apart from each other.
type TwoDigests = [u8; 16];

/// What is kept of one resource: 36 bytes, for there may be a million.
struct Stored {
    key: Uuid,
    digest: TwoDigests,
    /// Index into the kinds and regions that occur.
    scope: u32,
}

/// What is kept of an account, sorted by key, and which of it this scan saw.
#[derive(Default)]
struct Known {
    rows: Vec<Stored>,
    seen: Vec<bool>,
    scopes: Vec<(String, String)>,
}

#[derive(sqlx::FromRow)]
struct StoredRow {
    kind: String,
    region: String,
    resource_key: Uuid,
    digest: Vec<u8>,
}

impl Known {
    /// Rows come grouped by kind and region.
    fn add(&mut self, row: StoredRow) {
        let scope = (row.kind, row.region);
        if self.scopes.last() != Some(&scope) {
            self.scopes.push(scope);
        }
        let scope = u32::try_from(self.scopes.len() - 1).unwrap_or(u32::MAX);
        // A digest of another length matches nothing: the row is written anew.
        let digest = row.digest.try_into().unwrap_or_default();
        self.rows.push(Stored { key: row.resource_key, digest, scope });
    }

    fn sort(&mut self) {
        self.rows.sort_unstable_by_key(|row| row.key);
        self.seen = vec![false; self.rows.len()];
    }

    /// The digest that is kept; from now on the resource counts as seen.
    fn see(&mut self, key: Uuid) -> Option<TwoDigests> {
        let at = self.rows.binary_search_by_key(&key, |row| row.key).ok()?;
        if let Some(seen) = self.seen.get_mut(at) {
            *seen = true;
        }
        self.rows.get(at).map(|row| row.digest)
    }

    /// Keys that were not seen although their kind was listed to its end in their region.
    fn vanished(&self, coverage: &Coverage) -> Vec<Uuid> {
        let listed: Vec<bool> = self.scopes.iter().map(|scope| is_listed(scope, coverage)).collect();
        let in_listed = |row: &Stored| {
            usize::try_from(row.scope).ok().and_then(|scope| listed.get(scope)).copied().unwrap_or(false)
        };
        let unseen = self.rows.iter().zip(&self.seen).filter(|(row, seen)| !**seen && in_listed(row));
        unseen.map(|(row, _)| row.key).collect()
    }
}

/// A kind that this binary does not know any more is left alone.
fn is_listed((kind, region): &(String, String), coverage: &Coverage) -> bool {
    match (kind.parse::<ResourceKind>(), region.parse::<Region>()) {
        (Ok(kind), Ok(region)) => coverage.complete(kind, &region),
        _ => false,
    }
}

fn half_of_hash(fields: &[&str]) -> [u8; 8] {
    let mut hash = Sha256::new();
    for field in fields {
        hash.update(field.as_bytes());
        hash.update([0]);
    }
    let full: [u8; 32] = hash.finalize().into();
    full.first_chunk().copied().unwrap_or_default()
}

fn digest_of(name: Option<&str>, body: &str, tags: &BTreeMap<String, String>) -> TwoDigests {
    let pairs: Vec<&str> = tags.iter().flat_map(|(key, value)| [key.as_str(), value]).collect();
    let halves = half_of_hash(&[name.unwrap_or_default(), body]).into_iter().chain(half_of_hash(&pairs));
    let mut digest = TwoDigests::default();
    for (to, from) in digest.iter_mut().zip(halves) {
        *to = from;
    }
    digest
}

/// MySQL takes `a` and `a ` for one key: blanks at the end go, and of equal keys the last one stays.
fn stored_tags(tags: &Tags) -> BTreeMap<String, String> {
    tags.iter().map(|(key, value)| (trimmed(key, 128), trimmed(value, 256))).collect()
}

/// As it is kept, and as a filter must ask for it.
pub(in crate::db) fn trimmed(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect::<String>().trim_end_matches(' ').to_owned()
}

/// Rows that wait for their statement.
#[derive(Default)]
struct Waiting {
    resources: Batch,
    untagged: Vec<Value>,
    tags: Vec<Vec<Value>>,
}

impl Store {
    pub(super) async fn resources(
        &mut self,
        coverage: &Coverage,
        resources: impl Iterator<Item = ResourceRow> + Send,
    ) -> Result<(), DbError> {
        let mut known = Known::default();
        self.tx.fetch_each(STORED, values![self.account], |row| known.add(row)).await?;
        known.sort();
        let mut waiting = Waiting::default();
        for resource in resources {
            self.compare(resource, &mut known, &mut waiting);
            if waiting.resources.is_full() || waiting.untagged.len() >= ROWS {
                self.send(&mut waiting).await?;
            }
        }
        self.send(&mut waiting).await?;
        self.delete_resources(&known.vanished(coverage)).await
    }

    /// Puts a resource among those that wait if it is new or changed.
    fn compare(&mut self, resource: ResourceRow, known: &mut Known, waiting: &mut Waiting) {
        let ResourceRow { kind, region, resource_id, name, tags, body } = resource;
        let key = resource_key(kind, self.account, &region, &resource_id).uuid();
        let name: Option<String> = name.map(|name| name.chars().take(NAME_CHARS).collect());
        let tags = stored_tags(&tags);
        let digest = digest_of(name.as_deref(), &body, &tags);
        let before = known.see(key);
        if before == Some(digest) {
            return;
        }
        if before.is_none_or(|before| before.last_chunk::<8>() != digest.last_chunk::<8>()) {
            if before.is_some() {
                waiting.untagged.push(key.into());
            }
            let tag_rows = tags.into_iter().map(|(tag, value)| values![self.account, key, tag, value]);
            waiting.tags.extend(tag_rows);
        }
        let row = values![self.account, key, kind, &region, resource_id, name, body, digest, self.seen_at];
        self.tx.push(&mut waiting.resources, row);
        self.rows.resources_written += 1;
    }

    /// Resources before their tags: a tag refers to its resource.
    async fn send(&mut self, waiting: &mut Waiting) -> Result<(), DbError> {
        self.tx.flush(UPSERT, &mut waiting.resources).await?;
        let untagged = std::mem::take(&mut waiting.untagged);
        self.rows.tags_written += self.tx.execute_in(DELETE_TAGS, values![self.account], untagged).await?;
        let mut batch = Batch::default();
        for row in waiting.tags.drain(..) {
            self.tx.push(&mut batch, row);
            self.rows.tags_written += 1;
            if batch.is_full() {
                self.tx.flush(UPSERT_TAG, &mut batch).await?;
            }
        }
        self.tx.flush(UPSERT_TAG, &mut batch).await
    }

    async fn delete_resources(&mut self, keys: &[Uuid]) -> Result<(), DbError> {
        for keys in keys.chunks(ROWS) {
            let keys: Vec<Value> = keys.iter().copied().map(Value::from).collect();
            self.rows.tags_written +=
                self.tx.execute_in(DELETE_TAGS, values![self.account], keys.clone()).await?;
            self.rows.resources_deleted += self.tx.execute_in(DELETE, values![self.account], keys).await?;
        }
        Ok(())
    }
}
