//! Totals of savings, from the roll-up that every change of a recommendation keeps right.

use super::{error::DbError, handle::OrgDb, stmt::statements, value::values};
use crate::domain::{
    ids::AccountId, inventory::Service, money::MicroUsd, recommendation::RecommendationStatus,
};
use std::{collections::BTreeMap, ops::AddAssign};

statements! {
    scoped LIST { "SELECT account_id, service, recommendations, savings, counted, listed FROM savings_rollup WHERE org_id = ?" }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SavingsTotal {
    pub recommendations: i64,
    /// Each recommendation by itself, alternatives included.
    pub savings: MicroUsd,
    /// Each resource once, after discounts where they are known: the figure to show.
    pub counted: MicroUsd,
    /// Each resource once, at list price.
    pub listed: MicroUsd,
}

impl AddAssign for SavingsTotal {
    fn add_assign(&mut self, other: Self) {
        self.recommendations += other.recommendations;
        self.savings += other.savings;
        self.counted += other.counted;
        self.listed += other.listed;
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavingsSummary {
    pub total: SavingsTotal,
    pub by_account: BTreeMap<AccountId, SavingsTotal>,
    pub by_service: BTreeMap<Service, SavingsTotal>,
}

#[derive(sqlx::FromRow)]
struct TotalRow {
    account_id: i64,
    service: String,
    recommendations: i64,
    savings: i64,
    counted: i64,
    listed: i64,
}

impl OrgDb<'_> {
    /// What recommendations in one state add up to, for one account or for all that the caller sees.
    pub async fn summarize_savings(
        &self,
        status: RecommendationStatus,
        account: Option<AccountId>,
    ) -> Result<SavingsSummary, DbError> {
        let mut listing = self.listing(LIST);
        listing.and("status = ?", values![status]);
        listing.and_equal("account_id = ?", account);
        listing.and_visible("account_id", self.access());
        let rows: Vec<TotalRow> = self.list(listing).await?;
        let mut summary = SavingsSummary::default();
        for row in rows {
            let total = SavingsTotal {
                recommendations: row.recommendations,
                savings: MicroUsd::new(row.savings),
                counted: MicroUsd::new(row.counted),
                listed: MicroUsd::new(row.listed),
            };
            let service = row.service.parse().map_err(|()| DbError::Corrupt("savings_rollup.service"))?;
            summary.total += total;
            *summary.by_account.entry(AccountId::from_i64(row.account_id)).or_default() += total;
            *summary.by_service.entry(service).or_default() += total;
        }
        Ok(summary)
    }
}
