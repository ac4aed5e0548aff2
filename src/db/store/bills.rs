//! Daily costs and the permission report of a scan: what differs from what is kept is written.

use super::Store;
use crate::{
    db::{
        batch::{Batch, ROWS},
        document,
        error::DbError,
        stmt::statements,
        time,
        value::{Value, values},
    },
    domain::{
        billing::Forecast,
        cost::{DailyCost, ForeignCost},
        scan::PermissionState,
    },
};
use chrono::NaiveDate;
use jiff::civil::Date;
use std::collections::BTreeMap;

statements! {
    scoped STORED_COSTS { "SELECT day, service, amount FROM daily_cost WHERE org_id = ? AND account_id = ? AND day >= ? AND day <= ?" }
    scoped UPSERT_COST {
        sqlite: "INSERT INTO daily_cost (org_id, account_id, day, service, amount) VALUES (?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id, day, service) DO UPDATE SET amount = excluded.amount",
        mysql: "INSERT INTO daily_cost (org_id, account_id, day, service, amount) VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE amount = VALUES(amount)"
    }
    scoped DELETE_COST { "DELETE FROM daily_cost WHERE org_id = ? AND account_id = ? AND day = ? AND service IN (?)" }
    scoped DELETE_FOREIGN { "DELETE FROM foreign_cost WHERE org_id = ? AND account_id = ? AND day >= ? AND day <= ?" }
    scoped INSERT_FOREIGN { "INSERT INTO foreign_cost (org_id, account_id, day, service, currency, amount) VALUES (?, ?, ?, ?, ?, ?)" }
    scoped UPSERT_FORECAST {
        sqlite: "INSERT INTO cost_forecast (org_id, account_id, month_day, from_day, until_day, amount) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id) DO UPDATE SET month_day = excluded.month_day, from_day = excluded.from_day, until_day = excluded.until_day, amount = excluded.amount",
        mysql: "INSERT INTO cost_forecast (org_id, account_id, month_day, from_day, until_day, amount) VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE month_day = VALUES(month_day), from_day = VALUES(from_day), until_day = VALUES(until_day), amount = VALUES(amount)"
    }
    scoped STORED_PERMISSIONS { "SELECT action, status, needed_by FROM account_permission WHERE org_id = ? AND account_id = ?" }
    scoped UPSERT_PERMISSION {
        sqlite: "INSERT INTO account_permission (org_id, account_id, action, status, needed_by, since) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id, action) DO UPDATE SET status = excluded.status, needed_by = excluded.needed_by, since = excluded.since",
        mysql: "INSERT INTO account_permission (org_id, account_id, action, status, needed_by, since) VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE status = VALUES(status), needed_by = VALUES(needed_by), since = VALUES(since)"
    }
    scoped DELETE_PERMISSION { "DELETE FROM account_permission WHERE org_id = ? AND account_id = ? AND action IN (?)" }
}

/// What the column holds.
const SERVICE_CHARS: usize = 190;

#[derive(sqlx::FromRow)]
struct CostRow {
    day: NaiveDate,
    service: String,
    amount: i64,
}

#[derive(sqlx::FromRow)]
struct PermissionRow {
    action: String,
    status: String,
    needed_by: String,
}

/// Cost Explorer may name a service on several lines of a day.
fn summed(costs: &[DailyCost]) -> BTreeMap<(Date, String), i64> {
    let mut sums = BTreeMap::new();
    for cost in costs {
        let service = super::resources::trimmed(&cost.service, SERVICE_CHARS);
        let sum: &mut i64 = sums.entry((cost.day, service)).or_default();
        *sum = sum.saturating_add(cost.amount.get());
    }
    sums
}

fn summed_by_currency(costs: &[ForeignCost]) -> BTreeMap<(Date, String, String), i64> {
    let mut sums = BTreeMap::new();
    for ForeignCost { day, service, amount } in costs {
        let service = super::resources::trimmed(service, SERVICE_CHARS);
        let sum: &mut i64 = sums.entry((*day, service, amount.currency.to_string())).or_default();
        *sum = sum.saturating_add(amount.micros);
    }
    sums
}

impl Store {
    /// Replaces the days from the first to the last one; other days are left alone.
    pub(super) async fn costs(&mut self, costs: &[DailyCost]) -> Result<(), DbError> {
        let mut sums = summed(costs);
        let (Some(((first, _), _)), Some(((last, _), _))) = (sums.first_key_value(), sums.last_key_value())
        else {
            return Ok(());
        };
        let span = values![self.account, *first, *last];
        let mut vanished: BTreeMap<Date, Vec<Value>> = BTreeMap::new();
        for row in self.tx.fetch_all::<CostRow>(STORED_COSTS, span).await? {
            let key = (time::date_from_db(row.day), row.service);
            match sums.get(&key) {
                Some(amount) if *amount == row.amount => drop(sums.remove(&key)),
                Some(_) => {}
                None => vanished.entry(key.0).or_default().push(key.1.into()),
            }
        }
        let mut batch = Batch::default();
        for ((day, service), amount) in sums {
            self.tx.push(&mut batch, values![self.account, day, service, amount]);
            self.rows.costs_written += 1;
            if batch.is_full() {
                self.tx.flush(UPSERT_COST, &mut batch).await?;
            }
        }
        self.tx.flush(UPSERT_COST, &mut batch).await?;
        for (day, services) in vanished {
            self.rows.costs_written +=
                self.tx.execute_in(DELETE_COST, values![self.account, day], services).await?;
        }
        Ok(())
    }

    /// The same of other currencies; few accounts have any, so all of the days are written again.
    pub(super) async fn foreign_costs(&mut self, costs: &[ForeignCost]) -> Result<(), DbError> {
        let sums = summed_by_currency(costs);
        let (Some(((first, ..), _)), Some(((last, ..), _))) = (sums.first_key_value(), sums.last_key_value())
        else {
            return Ok(());
        };
        self.tx.execute(DELETE_FOREIGN, values![self.account, *first, *last]).await?;
        let mut batch = Batch::default();
        for ((day, service, currency), amount) in sums {
            self.tx.push(&mut batch, values![self.account, day, service, currency, amount]);
            self.rows.costs_written += 1;
            if batch.is_full() {
                self.tx.flush(INSERT_FOREIGN, &mut batch).await?;
            }
        }
        self.tx.flush(INSERT_FOREIGN, &mut batch).await
    }

    pub(super) async fn forecast(&mut self, forecast: &Forecast) -> Result<(), DbError> {
        let Forecast { from, until, amount } = *forecast;
        let row = values![self.account, from.first_of_month(), from, until, amount];
        self.rows.costs_written += self.tx.execute(UPSERT_FORECAST, row).await?.min(1);
        Ok(())
    }

    /// `since` is when a state was first found, not when it was last looked at: that is the last scan.
    pub(super) async fn permissions(&mut self, report: &[PermissionState]) -> Result<(), DbError> {
        let mut wanted: BTreeMap<&str, (&str, String)> = BTreeMap::new();
        for state in report {
            let needed_by = document::write(&state.needed_by);
            wanted.insert(&state.action, (state.status.as_str(), needed_by));
        }
        let mut vanished: Vec<Value> = Vec::new();
        let stored = self.tx.fetch_all::<PermissionRow>(STORED_PERMISSIONS, values![self.account]).await?;
        for row in stored {
            match wanted.get(row.action.as_str()) {
                Some((status, needed_by)) if *status == row.status && *needed_by == row.needed_by => {
                    wanted.remove(row.action.as_str());
                }
                Some(_) => {}
                None => vanished.push(row.action.into()),
            }
        }
        let mut batch = Batch::default();
        for (action, (status, needed_by)) in wanted {
            self.tx.push(&mut batch, values![self.account, action, status, needed_by, self.seen_at]);
            self.rows.permissions_written += 1;
            if batch.is_full() {
                self.tx.flush(UPSERT_PERMISSION, &mut batch).await?;
            }
        }
        self.tx.flush(UPSERT_PERMISSION, &mut batch).await?;
        for actions in vanished.chunks(ROWS) {
            self.rows.permissions_written +=
                self.tx.execute_in(DELETE_PERMISSION, values![self.account], actions.to_vec()).await?;
        }
        Ok(())
    }
}
