//! Values that lie encrypted in their columns; and sealing them anew with a new key.
//!
//! Invariant: [`COLUMNS`] here and in `seal` name the same columns (a test compares them), so that a rotation
//! leaves out none. A row is replaced only while it holds what was read: a change in the meantime wins.

use super::{
    account, credential,
    error::DbError,
    handle::OrgDb,
    stmt::Scoped,
    value::{Value, values},
    webhook,
};
use crate::{
    domain::ids::{AccountId, DataKeyId},
    seal::{Place, SealError, Vault},
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Rows of a page of the rotation.
const PAGE: u32 = 200;

/// A column of sealed values: how its rows are walked, and how one is replaced.
pub(super) struct SealedColumn {
    pub table: &'static str,
    pub column: &'static str,
    pub rows: Rows,
    pub kept: Kept,
    /// The key and the sealed value of the rows behind a key, in their order.
    pub page: Scoped,
    /// Sets the value of a row that still holds another one.
    pub replace: Scoped,
}

/// What a column holds of a sealed value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kept {
    /// Base64, where the column was made for text.
    Text,
    Bytes,
}

impl Kept {
    fn read(self, kept: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Text => STANDARD_NO_PAD.decode(kept).ok(),
            Self::Bytes => Some(kept.to_vec()),
        }
    }

    fn write(self, sealed: Vec<u8>) -> Value {
        match self {
            Self::Text => STANDARD_NO_PAD.encode(sealed).into(),
            Self::Bytes => sealed.into(),
        }
    }

    /// What was read, to compare with.
    fn again(self, kept: Vec<u8>) -> Value {
        match self {
            Self::Text => String::from_utf8(kept).unwrap_or_default().into(),
            Self::Bytes => kept.into(),
        }
    }
}

/// By what the rows of a table are told apart within their organisation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rows {
    Account,
    /// For tables whose rows have ids of ours.
    Id,
}

pub(super) const COLUMNS: &[&SealedColumn] = &[
    &account::EXTERNAL_ID,
    &account::NEXT_EXTERNAL_ID,
    &credential::TOTP_SEED,
    &webhook::URL,
    &webhook::SECRET,
    &webhook::PREVIOUS_SECRET,
];

/// The key of a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum RowKey {
    Account(AccountId),
    Id(Uuid),
}

impl RowKey {
    /// What a sealed value is bound to.
    pub(super) fn bytes(self) -> Vec<u8> {
        match self {
            Self::Account(account) => account.to_i64().to_be_bytes().to_vec(),
            Self::Id(id) => id.as_bytes().to_vec(),
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Account(account) => account.into(),
            Self::Id(id) => id.into(),
        }
    }
}

impl Rows {
    const fn before_all(self) -> RowKey {
        match self {
            Self::Account => RowKey::Account(AccountId::before_all()),
            Self::Id => RowKey::Id(Uuid::nil()),
        }
    }
}

impl SealedColumn {
    fn place<'a>(&self, row: &'a [u8]) -> Place<'a> {
        Place { table: self.table, column: self.column, row }
    }

    const fn corrupt(&self) -> DbError {
        DbError::Corrupt(self.column)
    }
}

fn sealed_in(column: &SealedColumn, kept: &[u8]) -> Result<Vec<u8>, DbError> {
    column.kept.read(kept).ok_or_else(|| column.corrupt())
}

/// What sealing anew came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    pub values: u64,
    /// They do not open, so somebody wrote to the database. Left as they are.
    pub refused: u64,
}

impl OrgDb<'_> {
    /// A value as its column holds it.
    pub(super) async fn seal(
        &self,
        column: &SealedColumn,
        row: RowKey,
        plain: &[u8],
    ) -> Result<Value, DbError> {
        let row = row.bytes();
        let sealed = self.vault()?.seal(self.scope(), column.place(&row), plain).await?;
        Ok(column.kept.write(sealed))
    }

    /// The value that a column holds.
    pub(super) async fn open(
        &self,
        column: &SealedColumn,
        row: RowKey,
        kept: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, DbError> {
        let (row, sealed) = (row.bytes(), sealed_in(column, kept)?);
        Ok(self.vault()?.open(self.scope(), column.place(&row), &sealed).await?)
    }

    /// Seals at most so many of the values that another key than this one sealed. Looks at what is there, so it
    /// goes on wherever it stopped.
    pub async fn reseal(&self, current: DataKeyId, at_most: u64) -> Result<Resealed, DbError> {
        let mut done = Resealed::default();
        for column in COLUMNS {
            self.reseal_column(column, current, at_most, &mut done).await?;
        }
        Ok(done)
    }

    async fn reseal_column(
        &self,
        column: &SealedColumn,
        current: DataKeyId,
        at_most: u64,
        done: &mut Resealed,
    ) -> Result<(), DbError> {
        let mut after = Some(column.rows.before_all());
        while let Some(from) = after {
            let page = self.page(column, from).await?;
            after = page.last().map(|(row, _)| *row);
            for (row, kept) in page {
                if done.values >= at_most {
                    return Ok(());
                }
                match self.reseal_one(column, row, kept, current).await {
                    Ok(replaced) => done.values += u64::from(replaced),
                    Err(DbError::Sealed(SealError::Refused { .. }) | DbError::Corrupt(_)) => {
                        done.refused += 1;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    async fn page(&self, column: &SealedColumn, after: RowKey) -> Result<Vec<(RowKey, Vec<u8>)>, DbError> {
        let values = values![after.value(), PAGE];
        Ok(match column.rows {
            Rows::Account => {
                let rows: Vec<(i64, Vec<u8>)> = self.fetch_all(column.page, values).await?;
                rows.into_iter().map(|(id, kept)| (RowKey::Account(AccountId::from_i64(id)), kept)).collect()
            }
            Rows::Id => {
                let rows: Vec<(Uuid, Vec<u8>)> = self.fetch_all(column.page, values).await?;
                rows.into_iter().map(|(id, kept)| (RowKey::Id(id), kept)).collect()
            }
        })
    }

    async fn reseal_one(
        &self,
        column: &SealedColumn,
        row: RowKey,
        kept: Vec<u8>,
        current: DataKeyId,
    ) -> Result<bool, DbError> {
        if Vault::is_sealed_with(&sealed_in(column, &kept)?, current) {
            return Ok(false);
        }
        let plain = self.open(column, row, &kept).await?;
        let anew = self.seal(column, row, &plain).await?;
        let values = values![anew, row.value(), column.kept.again(kept)];
        Ok(self.execute(column.replace, values).await? == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_rotation_leaves_no_column_out() {
        let walked: BTreeSet<_> = COLUMNS.iter().map(|column| (column.table, column.column)).collect();
        assert_eq!(walked, crate::seal::COLUMNS.iter().copied().collect());
    }
}
