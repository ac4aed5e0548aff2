//! How an account stands at the end of a day: what could be saved, what came, what was spent.

use super::{super::Store, LedgerQuestions};
use crate::{
    db::{error::DbError, stmt::statements, value::values},
    domain::{
        cost::{CostHistory, DAYS_OF_SPEND, a_month_of},
        money::MicroUsd,
    },
};
use jiff::civil::Date;

statements! {
    scoped POSSIBLE { "SELECT CAST(COALESCE(SUM(listed), 0) AS SIGNED), CAST(COALESCE(SUM(counted), 0) AS SIGNED) FROM savings_rollup WHERE org_id = ? AND account_id = ? AND status = 'ACTIVE'" }
    scoped REALISED { "SELECT CAST(COALESCE(SUM(realised), 0) AS SIGNED) FROM saving_entry WHERE org_id = ? AND account_id = ? AND closed_at IS NULL AND counted_with IS NULL AND verification <> 'unverifiable'" }
    scoped SPENT { "SELECT service, CAST(SUM(amount) AS SIGNED) FROM daily_cost WHERE org_id = ? AND account_id = ? AND day >= ? AND day <= ? GROUP BY service" }
    scoped DAYS_KNOWN { "SELECT COUNT(DISTINCT day) FROM daily_cost WHERE org_id = ? AND account_id = ? AND day >= ? AND day <= ?" }
    scoped UPSERT {
        sqlite: "INSERT INTO saving_history (org_id, account_id, day, possible, possible_after_discounts, realised, spend, optimisable_spend) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id, day) DO UPDATE SET possible = excluded.possible, possible_after_discounts = excluded.possible_after_discounts, realised = excluded.realised, spend = excluded.spend, optimisable_spend = excluded.optimisable_spend",
        mysql: "INSERT INTO saving_history (org_id, account_id, day, possible, possible_after_discounts, realised, spend, optimisable_spend) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE possible = VALUES(possible), possible_after_discounts = VALUES(possible_after_discounts), realised = VALUES(realised), spend = VALUES(spend), optimisable_spend = VALUES(optimisable_spend)"
    }
}

#[derive(Clone, Copy)]
struct Spent {
    all: MicroUsd,
    /// By services that rules judge.
    judged: MicroUsd,
}

impl Store {
    /// The last scan of a day says how the day ended.
    pub(super) async fn history(
        &mut self,
        today: Date,
        questions: LedgerQuestions<'_>,
    ) -> Result<(), DbError> {
        let (listed, after_discounts): (i64, i64) =
            self.tx.fetch_optional(POSSIBLE, values![self.account]).await?.unwrap_or_default();
        let (realised,): (i64,) =
            self.tx.fetch_optional(REALISED, values![self.account]).await?.unwrap_or_default();
        let spent = self.spent(today, questions.is_judged).await?;
        let row = values![
            self.account,
            today,
            MicroUsd::new(listed),
            questions.discounts_known.then_some(MicroUsd::new(after_discounts)),
            MicroUsd::new(realised),
            spent.map(|spent| spent.all),
            spent.map(|spent| spent.judged),
        ];
        self.tx.execute(UPSERT, row).await.map(drop)
    }

    /// None where some of the days are not known.
    async fn spent(&mut self, today: Date, is_judged: fn(&str) -> bool) -> Result<Option<Spent>, DbError> {
        let (from, to) = CostHistory::days_of_spend(today);
        let span = values![self.account, from, to];
        let known: Option<(i64,)> = self.tx.fetch_optional(DAYS_KNOWN, span.clone()).await?;
        if known.is_none_or(|(days,)| days < DAYS_OF_SPEND) {
            return Ok(None);
        }
        let services: Vec<(String, i64)> = self.tx.fetch_all(SPENT, span).await?;
        let sum = |wanted: &dyn Fn(&str) -> bool| -> MicroUsd {
            let amounts = services.iter().filter(|(service, _)| wanted(service));
            a_month_of(amounts.map(|(_, amount)| MicroUsd::new(*amount)).sum())
        };
        Ok(Some(Spent { all: sum(&|_| true), judged: sum(&is_judged) }))
    }
}
