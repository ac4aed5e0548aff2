//! Sign-ins that were sent to the OpenID provider and have not come back. Of what the browser must bring
//! back only SHA-256 is kept; a row serves once.

use super::{error::DbError, handle::Database, stmt::statements, value::values};
use crate::domain::return_path::ReturnPath;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

statements! {
    global INSERT { "INSERT INTO oidc_login (state_hash, browser_hash, nonce, pkce_verifier, return_path, created_at) VALUES (?, ?, ?, ?, ?, ?)" }
    global FIND { "SELECT nonce, pkce_verifier, return_path FROM oidc_login WHERE state_hash = ? AND browser_hash = ? AND created_at >= ?" }
    global CONSUME { "DELETE FROM oidc_login WHERE state_hash = ? AND browser_hash = ? AND created_at >= ?" }
    global FORGET { "DELETE FROM oidc_login WHERE created_at < ?" }
}

/// What proves that a browser began the sign-in which it ends.
#[derive(Clone, Copy)]
pub struct LoginProof<'a> {
    /// Went to the provider and comes back in the address.
    pub state: &'a str,
    /// Stayed in the browser, as a cookie.
    pub browser: &'a str,
}

/// What is needed when the browser comes back.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingLogin {
    pub nonce: String,
    pub pkce_verifier: String,
    pub return_path: ReturnPath,
}

impl std::fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PendingLogin(… to {})", self.return_path)
    }
}

fn hash_of(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

impl Database {
    pub async fn create_oidc_login(
        &self,
        proof: LoginProof<'_>,
        login: &PendingLogin,
        now: Timestamp,
    ) -> Result<(), DbError> {
        let (state, browser) = (hash_of(proof.state), hash_of(proof.browser));
        let path = login.return_path.as_str();
        let values = values![state, browser, &login.nonce, &login.pkce_verifier, path, now];
        self.execute(INSERT, values).await.map(drop)
    }

    /// Something for the one caller that brings the proof first, if it was created since then. A wrong
    /// proof uses nothing up: else whoever saw the address could end somebody's sign-in.
    pub async fn consume_oidc_login(
        &self,
        proof: LoginProof<'_>,
        created_since: Timestamp,
    ) -> Result<Option<PendingLogin>, DbError> {
        let (state, browser) = (hash_of(proof.state), hash_of(proof.browser));
        let values = || values![state, browser, created_since];
        let found: Option<(String, String, String)> = self.fetch_optional(FIND, values()).await?;
        let Some((nonce, pkce_verifier, path)) = found else { return Ok(None) };
        if self.execute(CONSUME, values()).await? != 1 {
            return Ok(None);
        }
        let return_path = path.parse().map_err(|_| DbError::Corrupt("oidc_login.return_path"))?;
        Ok(Some(PendingLogin { nonce, pkce_verifier, return_path }))
    }

    /// Those that were begun before then and never ended.
    pub async fn delete_oidc_logins(&self, created_before: Timestamp) -> Result<u64, DbError> {
        self.execute(FORGET, values![created_before]).await
    }
}
