//! Lists narrowed to resources that carry a tag.
//!
//! Engines plan this badly in one of two cases: a tag of few resources wants to start from the tags, a tag of
//! many from the list's order. So a look at the tags comes first, and the condition says which way to go.

use super::{
    dynamic::Listing,
    error::DbError,
    handle::OrgDb,
    stmt::statements,
    store::trimmed,
    value::{Value, values},
};
use uuid::Uuid;

statements! {
    scoped CARRIERS { "SELECT resource_key FROM resource_tag WHERE org_id = ?" }
}

/// Up to so many carriers are named one by one.
const FEW: u32 = 500;

/// A tag that the resource carries, with this value or with any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFilter {
    pub key: String,
    pub value: Option<String>,
}

/// A tag that was looked at, ready to narrow lists.
pub(super) enum TagCondition {
    /// These resources and no others carry it.
    Few(Vec<Uuid>),
    Many {
        key: String,
        value: Option<String>,
    },
}

impl OrgDb<'_> {
    pub(super) async fn look_at_tag(&self, tag: &TagFilter) -> Result<TagCondition, DbError> {
        let (key, value) = (trimmed(&tag.key, 128), tag.value.as_ref().map(|value| trimmed(value, 256)));
        let mut carriers = self.listing(CARRIERS);
        carriers.and("tag_key = ?", values![&key]);
        carriers.and_equal("tag_value = ?", value.as_ref());
        carriers.then(" LIMIT ?", values![FEW + 1]);
        let carriers: Vec<(Uuid,)> = self.list(carriers).await?;
        if u32::try_from(carriers.len()).is_ok_and(|count| count <= FEW) {
            return Ok(TagCondition::Few(carriers.into_iter().map(|(key,)| key).collect()));
        }
        Ok(TagCondition::Many { key, value })
    }
}

impl TagCondition {
    /// The outer row is called `r`. A scalar subquery by primary key: an EXISTS would be turned into a join in
    /// the wrong order.
    pub(super) fn narrow(&self, listing: &mut Listing) {
        match self {
            Self::Few(keys) => {
                listing.and_any_of("r.resource_key", keys.iter().map(|key| Value::from(*key)));
            }
            Self::Many { key, value: None } => listing.and(
                "(SELECT t.tag_key FROM resource_tag t WHERE t.org_id = r.org_id AND t.account_id = r.account_id AND t.resource_key = r.resource_key AND t.tag_key = ?) IS NOT NULL",
                values![key],
            ),
            Self::Many { key, value: Some(value) } => listing.and(
                "(SELECT t.tag_value FROM resource_tag t WHERE t.org_id = r.org_id AND t.account_id = r.account_id AND t.resource_key = r.resource_key AND t.tag_key = ?) = ?",
                values![key, value],
            ),
        }
    }
}
