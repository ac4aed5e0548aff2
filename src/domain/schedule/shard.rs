//! Accounts are dealt out to a fixed number of parts; who works on a part holds its lease.

use crate::domain::ids::{AccountId, OrgKey};
use sha2::{Digest, Sha256};

pub const SHARDS: u32 = 64;

pub type Shard = u32;

/// Always the same part for an account, on every server.
#[must_use]
pub fn shard_of(org: OrgKey, account: AccountId) -> Shard {
    let mut hash = Sha256::new();
    hash.update(org.uuid().as_bytes());
    hash.update(account.to_i64().to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    u32::from(digest.first().copied().unwrap_or_default()) % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn accounts_are_spread_over_all_shards() {
        let org = OrgKey::from_uuid(uuid::Uuid::from_u128(7));
        let mut sizes = BTreeMap::new();
        for number in 1..=6_400 {
            *sizes.entry(shard_of(org, AccountId::from_i64(number))).or_insert(0) += 1;
        }
        assert_eq!(sizes.len(), 64);
        assert!(sizes.values().all(|size| (50..200).contains(size)), "{sizes:?}");
    }
}
