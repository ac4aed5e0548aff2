//! Regions that a running scan has finished, in pieces that every database takes.

use super::{account::WHAT, error::DbError, handle::OrgDb, stmt::statements, value::values};
use crate::domain::{ids::AccountId, region::Region};
use jiff::Timestamp;

statements! {
    scoped LIST { "SELECT body FROM scan_part WHERE org_id = ? AND account_id = ? AND region = ? AND taken_at >= ? ORDER BY piece" }
    scoped INSERT { "INSERT INTO scan_part (org_id, account_id, region, piece, taken_at, body) VALUES (?, ?, ?, ?, ?, ?)" }
    scoped DELETE_REGION { "DELETE FROM scan_part WHERE org_id = ? AND account_id = ? AND region = ?" }
    scoped DELETE_OLDER { "DELETE FROM scan_part WHERE org_id = ? AND account_id = ? AND taken_at < ?" }
    scoped DELETE_ACCOUNT { "DELETE FROM scan_part WHERE org_id = ? AND account_id = ?" }
}

/// For who deletes all that belongs to an account, and for who keeps a scan.
pub(super) const DELETE_OF: super::stmt::Scoped = DELETE_ACCOUNT;
const PIECE_BYTES: usize = 1 << 20;

impl OrgDb<'_> {
    /// None where nothing is kept that is young enough.
    pub async fn find_scan_part(
        &self,
        account: AccountId,
        region: &Region,
        since: Timestamp,
    ) -> Result<Option<Vec<u8>>, DbError> {
        self.require(account, WHAT)?;
        let pieces: Vec<(Vec<u8>,)> = self.fetch_all(LIST, values![account, region, since]).await?;
        let whole: Vec<u8> = pieces.into_iter().flat_map(|(piece,)| piece).collect();
        Ok((!whole.is_empty()).then_some(whole))
    }

    /// In the place of what was kept of the region before.
    pub async fn put_scan_part(
        &self,
        account: AccountId,
        region: &Region,
        taken_at: Timestamp,
        body: &[u8],
    ) -> Result<(), DbError> {
        self.require(account, WHAT)?;
        let mut tx = self.begin().await?;
        tx.execute(DELETE_REGION, values![account, region]).await?;
        for (piece, bytes) in body.chunks(PIECE_BYTES).enumerate() {
            let piece = i64::try_from(piece).unwrap_or(i64::MAX);
            tx.execute(INSERT, values![account, region, piece, taken_at, bytes.to_vec()]).await?;
        }
        tx.commit().await
    }

    /// Forgets what no scan will go on from.
    pub async fn delete_scan_parts(&self, account: AccountId, before: Timestamp) -> Result<(), DbError> {
        self.require(account, WHAT)?;
        self.execute(DELETE_OLDER, values![account, before]).await.map(drop)
    }
}
