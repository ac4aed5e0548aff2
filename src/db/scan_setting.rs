//! When accounts are scanned by themselves, and what their scans may cost.

use super::{account::WHAT, error::DbError, handle::OrgDb, stmt::statements, time, value::values};
use crate::domain::{ids::AccountId, money::MicroUsd};
use chrono::{DateTime, Utc};
use jiff::Timestamp;

statements! {
    scoped GET { "SELECT cron, time_zone, next_at, monthly_budget FROM scan_setting WHERE org_id = ? AND account_id = ?" }
    scoped PUT {
        sqlite: "INSERT INTO scan_setting (org_id, account_id, cron, time_zone, next_at, monthly_budget, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id) DO UPDATE SET cron = excluded.cron, time_zone = excluded.time_zone, next_at = excluded.next_at, monthly_budget = excluded.monthly_budget, updated_at = excluded.updated_at",
        mysql: "INSERT INTO scan_setting (org_id, account_id, cron, time_zone, next_at, monthly_budget, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE cron = VALUES(cron), time_zone = VALUES(time_zone), next_at = VALUES(next_at), monthly_budget = VALUES(monthly_budget), updated_at = VALUES(updated_at)"
    }
    scoped CLAIM { "UPDATE scan_setting SET next_at = ? WHERE org_id = ? AND account_id = ? AND next_at = ?" }
    scoped SPENT { "SELECT CAST(COALESCE(SUM(cost), 0) AS SIGNED) FROM scan WHERE org_id = ? AND account_id = ? AND started_at >= ?" }
    scoped DUE { "SELECT account_id, cron, time_zone, next_at FROM scan_setting WHERE org_id = ? AND next_at <= ? ORDER BY next_at LIMIT ?" }
}

/// As kept; the plan is parsed by who uses it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanSetting {
    /// Cron expression and time zone.
    pub plan: Option<(String, String)>,
    pub next_at: Option<Timestamp>,
    pub monthly_budget: Option<MicroUsd>,
}

/// An account whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueScan {
    pub account: AccountId,
    pub plan: (String, String),
    pub due_at: Timestamp,
}

type SettingRow = (Option<String>, Option<String>, Option<DateTime<Utc>>, Option<i64>);
type DueRow = (i64, Option<String>, Option<String>, DateTime<Utc>);

impl OrgDb<'_> {
    /// Nothing set where nobody set anything.
    pub async fn get_scan_setting(&self, account: AccountId) -> Result<ScanSetting, DbError> {
        self.require(account, WHAT)?;
        let row: Option<SettingRow> = self.fetch_optional(GET, values![account]).await?;
        let Some((cron, time_zone, next_at, budget)) = row else { return Ok(ScanSetting::default()) };
        Ok(ScanSetting {
            plan: cron.zip(time_zone),
            next_at: next_at.map(time::from_db),
            monthly_budget: budget.map(MicroUsd::new),
        })
    }

    pub async fn put_scan_setting(
        &self,
        account: AccountId,
        setting: &ScanSetting,
        now: Timestamp,
    ) -> Result<(), DbError> {
        self.require(account, WHAT)?;
        let (cron, zone) = setting.plan.as_ref().map(|(cron, zone)| (cron, zone)).unzip();
        let values = values![account, cron, zone, setting.next_at, setting.monthly_budget, now];
        self.execute(PUT, values).await.map(drop).map_err(|e| e.or_missing(WHAT))
    }

    /// True for the one server that shall scan what was due at `due_at`.
    pub async fn claim_due_scan(
        &self,
        account: AccountId,
        due_at: Timestamp,
        next: Option<Timestamp>,
    ) -> Result<bool, DbError> {
        self.require(account, WHAT)?;
        Ok(self.execute(CLAIM, values![next, account, due_at]).await? == 1)
    }

    /// What AWS charged for the scans of an account since then; of running ones nothing is known yet.
    pub async fn scan_cost_since(&self, account: AccountId, since: Timestamp) -> Result<MicroUsd, DbError> {
        self.require(account, WHAT)?;
        let row: Option<(i64,)> = self.fetch_optional(SPENT, values![account, since]).await?;
        Ok(MicroUsd::new(row.map_or(0, |(cost,)| cost)))
    }

    /// The longest due first; whoever claims one scans it.
    pub async fn list_due_scans(&self, now: Timestamp, limit: u32) -> Result<Vec<DueScan>, DbError> {
        let rows: Vec<DueRow> = self.fetch_all(DUE, values![now, limit]).await?;
        let read = |(account, cron, time_zone, due_at): DueRow| {
            let plan = cron.zip(time_zone)?;
            Some(DueScan { account: AccountId::from_i64(account), plan, due_at: time::from_db(due_at) })
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }
}
