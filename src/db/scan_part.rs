//! Lists and regions that a running scan has finished, in pieces that every database takes.

use super::{account::WHAT, error::DbError, handle::OrgDb, stmt::statements, value::values};
use crate::domain::{ids::AccountId, inventory::ResourceKind, region::Region};
use jiff::Timestamp;

statements! {
    scoped LIST { "SELECT body FROM scan_part WHERE org_id = ? AND account_id = ? AND region = ? AND kind = ? AND taken_at >= ? ORDER BY piece" }
    scoped INSERT { "INSERT INTO scan_part (org_id, account_id, region, kind, piece, taken_at, body) VALUES (?, ?, ?, ?, ?, ?, ?)" }
    scoped DELETE_REGION { "DELETE FROM scan_part WHERE org_id = ? AND account_id = ? AND region = ?" }
    scoped DELETE_LIST { "DELETE FROM scan_part WHERE org_id = ? AND account_id = ? AND region = ? AND kind = ?" }
    scoped DELETE_OLDER { "DELETE FROM scan_part WHERE org_id = ? AND account_id = ? AND taken_at < ?" }
    scoped DELETE_ACCOUNT { "DELETE FROM scan_part WHERE org_id = ? AND account_id = ?" }
}

/// For who deletes all that belongs to an account, and for who keeps a scan.
pub(super) const DELETE_OF: super::stmt::Scoped = DELETE_ACCOUNT;
const PIECE_BYTES: usize = 1 << 20;

/// What a part is of.
#[derive(Clone, Copy, Debug)]
pub struct ScanPartKey<'a> {
    pub account: AccountId,
    pub region: &'a Region,
    /// None: all of the region.
    pub list: Option<ResourceKind>,
}

impl ScanPartKey<'_> {
    /// As the column has it: a region as a whole has no kind.
    fn kind(self) -> &'static str {
        self.list.map_or("", ResourceKind::as_str)
    }
}

impl OrgDb<'_> {
    /// None where nothing is kept that is young enough.
    pub async fn find_scan_part(
        &self,
        key: ScanPartKey<'_>,
        since: Timestamp,
    ) -> Result<Option<Vec<u8>>, DbError> {
        let ScanPartKey { account, region, .. } = key;
        self.require(account, WHAT)?;
        let pieces: Vec<(Vec<u8>,)> =
            self.fetch_all(LIST, values![account, region, key.kind(), since]).await?;
        let whole: Vec<u8> = pieces.into_iter().flat_map(|(piece,)| piece).collect();
        Ok((!whole.is_empty()).then_some(whole))
    }

    /// In the place of what was kept before: a region takes the place of its lists, too.
    pub async fn put_scan_part(
        &self,
        key: ScanPartKey<'_>,
        taken_at: Timestamp,
        body: &[u8],
    ) -> Result<(), DbError> {
        let ScanPartKey { account, region, list } = key;
        self.require(account, WHAT)?;
        let mut tx = self.begin().await?;
        match list {
            None => tx.execute(DELETE_REGION, values![account, region]).await?,
            Some(_) => tx.execute(DELETE_LIST, values![account, region, key.kind()]).await?,
        };
        for (piece, bytes) in body.chunks(PIECE_BYTES).enumerate() {
            let piece = i64::try_from(piece).unwrap_or(i64::MAX);
            tx.execute(INSERT, values![account, region, key.kind(), piece, taken_at, bytes.to_vec()]).await?;
        }
        tx.commit().await
    }

    /// Forgets what no scan will go on from.
    pub async fn delete_scan_parts(&self, account: AccountId, before: Timestamp) -> Result<(), DbError> {
        self.require(account, WHAT)?;
        self.execute(DELETE_OLDER, values![account, before]).await.map(drop)
    }
}
