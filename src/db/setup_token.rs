//! The one-time token of the first start. Only its SHA-256 is kept; it serves once.

use super::{error::DbError, handle::Database, stmt::statements, value::values};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

statements! {
    global PUT {
        sqlite: "INSERT INTO setup_token (slot, hash, created_at, used_at) SELECT 1, ?, ?, NULL WHERE NOT EXISTS (SELECT 1 FROM member WHERE role = 'ORGANIZATION_ADMIN' AND disabled_at IS NULL) ON CONFLICT (slot) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at, used_at = NULL",
        mysql: "INSERT INTO setup_token (slot, hash, created_at, used_at) SELECT 1, ?, ?, NULL FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM member WHERE role = 'ORGANIZATION_ADMIN' AND disabled_at IS NULL) ON DUPLICATE KEY UPDATE hash = VALUES(hash), created_at = VALUES(created_at), used_at = NULL"
    }
    global CONSUME { "UPDATE setup_token SET used_at = ? WHERE slot = 1 AND hash = ? AND used_at IS NULL AND created_at >= ?" }
}

fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Database {
    /// Replaces any earlier token; false where an organisation has an admin already.
    pub async fn create_setup_token(&self, token: &str, now: Timestamp) -> Result<bool, DbError> {
        Ok(self.execute(PUT, values![hash_of(token), now]).await? > 0)
    }

    /// True for the one caller that brings the token first, if it was created since then.
    pub async fn consume_setup_token(
        &self,
        token: &str,
        created_since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, DbError> {
        Ok(self.execute(CONSUME, values![now, hash_of(token), created_since]).await? == 1)
    }
}
