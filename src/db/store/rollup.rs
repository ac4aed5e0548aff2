//! Totals of an account by service and state, so that a summary never counts a million rows.

use super::Store;
use crate::{
    db::{batch::Batch, error::DbError, handle::OrgTx, stmt::statements, value::values},
    domain::{ids::AccountId, recommendation::RecommendationStatus},
};
use std::collections::BTreeMap;

statements! {
    scoped COUNT { "SELECT service, status, COUNT(*) AS recommendations, CAST(SUM(savings) AS SIGNED) AS savings, CAST(SUM(counted) AS SIGNED) AS counted, CAST(SUM(listed) AS SIGNED) AS listed FROM recommendation WHERE org_id = ? AND account_id = ? GROUP BY service, status" }
    scoped STORED { "SELECT service, status, recommendations, savings, counted, listed FROM savings_rollup WHERE org_id = ? AND account_id = ?" }
    scoped UPSERT {
        sqlite: "INSERT INTO savings_rollup (org_id, account_id, service, status, recommendations, savings, counted, listed) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id, service, status) DO UPDATE SET recommendations = excluded.recommendations, savings = excluded.savings, counted = excluded.counted, listed = excluded.listed",
        mysql: "INSERT INTO savings_rollup (org_id, account_id, service, status, recommendations, savings, counted, listed) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE recommendations = VALUES(recommendations), savings = VALUES(savings), counted = VALUES(counted), listed = VALUES(listed)"
    }
    scoped ADD {
        sqlite: "INSERT INTO savings_rollup (org_id, account_id, service, status, recommendations, savings, counted, listed) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id, service, status) DO UPDATE SET recommendations = savings_rollup.recommendations + excluded.recommendations, savings = savings_rollup.savings + excluded.savings, counted = savings_rollup.counted + excluded.counted, listed = savings_rollup.listed + excluded.listed",
        mysql: "INSERT INTO savings_rollup (org_id, account_id, service, status, recommendations, savings, counted, listed) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE recommendations = recommendations + VALUES(recommendations), savings = savings + VALUES(savings), counted = counted + VALUES(counted), listed = listed + VALUES(listed)"
    }
    scoped DELETE { "DELETE FROM savings_rollup WHERE org_id = ? AND account_id = ? AND service = ? AND status = ?" }
}

/// A number of recommendations and their sums; negative where they leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sums {
    pub recommendations: i64,
    pub savings: i64,
    pub counted: i64,
    pub listed: i64,
}

impl Sums {
    pub(in crate::db) const fn negated(self) -> Self {
        Self {
            recommendations: -self.recommendations,
            savings: -self.savings,
            counted: -self.counted,
            listed: -self.listed,
        }
    }
}

#[derive(sqlx::FromRow)]
struct RollupRow {
    service: String,
    status: String,
    recommendations: i64,
    savings: i64,
    counted: i64,
    listed: i64,
}

fn keyed(rows: Vec<RollupRow>) -> BTreeMap<(String, String), Sums> {
    let sums = |row: &RollupRow| Sums {
        recommendations: row.recommendations,
        savings: row.savings,
        counted: row.counted,
        listed: row.listed,
    };
    rows.into_iter()
        .map(|row| (sums(&row), row))
        .map(|(sums, row)| ((row.service, row.status), sums))
        .collect()
}

impl Store {
    pub(super) async fn totals(&mut self) -> Result<(), DbError> {
        self.rows.totals_written = recount(&mut self.tx, self.account).await?;
        Ok(())
    }
}

/// Counts an account anew; the account must be held. Gives the number of rows that changed.
pub(in crate::db) async fn recount(tx: &mut OrgTx, account: AccountId) -> Result<u64, DbError> {
    let mut now = keyed(tx.fetch_all(COUNT, values![account]).await?);
    let before = keyed(tx.fetch_all(STORED, values![account]).await?);
    let mut written = 0;
    for (key, sums) in before {
        if now.get(&key) == Some(&sums) {
            now.remove(&key);
        } else if !now.contains_key(&key) {
            written += tx.execute(DELETE, values![account, key.0, key.1]).await?;
        }
    }
    let mut batch = Batch::default();
    for ((service, status), sums) in now {
        tx.push(
            &mut batch,
            values![account, service, status, sums.recommendations, sums.savings, sums.counted, sums.listed],
        );
        written += 1;
    }
    tx.flush(UPSERT, &mut batch).await?;
    Ok(written)
}

/// Moves the totals when one recommendation changes its state; the account must be held.
pub(in crate::db) async fn add_to_rollup(
    tx: &mut OrgTx,
    account: AccountId,
    service: &str,
    status: RecommendationStatus,
    by: Sums,
) -> Result<(), DbError> {
    let row = values![account, service, status, by.recommendations, by.savings, by.counted, by.listed];
    tx.execute(ADD, row).await.map(drop)
}
