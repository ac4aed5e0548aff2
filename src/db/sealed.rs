//! Values that lie encrypted in their columns, as base64 text; and sealing them anew with a new key.
//!
//! Invariant: [`COLUMNS`] here and in `seal` name the same columns (a test compares them), so that a rotation
//! leaves out none. A row is replaced only while it holds what was read: a change in the meantime wins.

use super::{
    account, credential,
    error::DbError,
    handle::OrgDb,
    stmt::Scoped,
    value::{Value, values},
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
    /// The key and the sealed value of the rows behind a key, in their order.
    pub page: Scoped,
    /// Sets the value of a row that still holds another one.
    pub replace: Scoped,
}

/// By what the rows of a table are told apart within their organisation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rows {
    Account,
    /// For tables whose rows have ids of ours.
    Id,
}

pub(super) const COLUMNS: &[&SealedColumn] =
    &[&account::EXTERNAL_ID, &account::NEXT_EXTERNAL_ID, &credential::TOTP_SEED];

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

/// The bytes of a sealed value from its column.
fn from_column(column: &SealedColumn, text: &str) -> Result<Vec<u8>, DbError> {
    STANDARD_NO_PAD.decode(text).map_err(|_| column.corrupt())
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
        plain: &str,
    ) -> Result<String, DbError> {
        let row = row.bytes();
        let sealed = self.vault()?.seal(self.scope(), column.place(&row), plain.as_bytes()).await?;
        Ok(STANDARD_NO_PAD.encode(sealed))
    }

    /// The value that a column holds.
    pub(super) async fn open(
        &self,
        column: &SealedColumn,
        row: RowKey,
        text: &str,
    ) -> Result<Zeroizing<String>, DbError> {
        let (row, sealed) = (row.bytes(), from_column(column, text)?);
        let plain = self.vault()?.open(self.scope(), column.place(&row), &sealed).await?;
        let text = std::str::from_utf8(&plain).map_err(|_| column.corrupt())?;
        Ok(Zeroizing::new(text.to_owned()))
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
            for (row, text) in page {
                if done.values >= at_most {
                    return Ok(());
                }
                match self.reseal_one(column, row, &text, current).await {
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

    async fn page(&self, column: &SealedColumn, after: RowKey) -> Result<Vec<(RowKey, String)>, DbError> {
        let values = values![after.value(), PAGE];
        Ok(match column.rows {
            Rows::Account => {
                let rows: Vec<(i64, String)> = self.fetch_all(column.page, values).await?;
                rows.into_iter().map(|(id, text)| (RowKey::Account(AccountId::from_i64(id)), text)).collect()
            }
            Rows::Id => {
                let rows: Vec<(Uuid, String)> = self.fetch_all(column.page, values).await?;
                rows.into_iter().map(|(id, text)| (RowKey::Id(id), text)).collect()
            }
        })
    }

    async fn reseal_one(
        &self,
        column: &SealedColumn,
        row: RowKey,
        text: &str,
        current: DataKeyId,
    ) -> Result<bool, DbError> {
        if Vault::is_sealed_with(&from_column(column, text)?, current) {
            return Ok(false);
        }
        let plain = self.open(column, row, text).await?;
        let anew = self.seal(column, row, &plain).await?;
        Ok(self.execute(column.replace, values![anew, row.value(), text]).await? == 1)
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
