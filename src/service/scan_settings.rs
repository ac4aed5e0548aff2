//! When an account is scanned by itself, and what AWS may charge for its scans in a month.

use crate::{
    app::App,
    db::ScanSetting,
    domain::{
        ids::AccountId,
        money::MicroUsd,
        scan_plan::{PlanError, ScanPlan},
    },
    error::Error,
    op::OpCx,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// What somebody wants; what is left out is off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Cron expression and time zone.
    pub plan: Option<(String, String)>,
    pub monthly_budget: Option<MicroUsd>,
}

/// What is set, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanSettings {
    pub set: ScanSetting,
    /// What AWS charged in this month (UTC) until now.
    pub spent: MicroUsd,
}

impl ScanSettings {
    /// What paid calls may still cost in this month.
    #[must_use]
    pub fn left(&self) -> Option<MicroUsd> {
        self.set.monthly_budget.map(|budget| (budget - self.spent).max(MicroUsd::ZERO))
    }
}

pub async fn get_settings(app: &App, cx: &OpCx, account: AccountId) -> Result<ScanSettings, Error> {
    let db = app.database.scoped(&cx.scope);
    db.get_account(account).await?;
    let set = db.get_scan_setting(account).await?;
    let spent = db.scan_cost_since(account, month_of(cx.now)).await?;
    Ok(ScanSettings { set, spent })
}

/// Puts the wish in the place of what was set before.
pub async fn put_settings(
    app: &App,
    cx: &OpCx,
    account: AccountId,
    wish: Wish,
) -> Result<ScanSettings, Error> {
    if wish.monthly_budget.is_some_and(|budget| budget < MicroUsd::ZERO) {
        return Err(Error::invalid_field("monthlyBudget", "an amount of US dollars, zero or more"));
    }
    let plan = wish.plan.map(|(cron, zone)| ScanPlan::parse(&cron, &zone)).transpose().map_err(refused)?;
    let setting = ScanSetting {
        next_at: plan.as_ref().and_then(|plan| plan.next_after(cx.now, cx.scope.key(), account)),
        plan: plan.map(|plan| (plan.cron().to_owned(), plan.time_zone().to_owned())),
        monthly_budget: wish.monthly_budget,
    };
    let db = app.database.scoped(&cx.scope);
    db.get_account(account).await?;
    db.put_scan_setting(account, &setting, cx.now).await?;
    get_settings(app, cx, account).await
}

fn refused(error: PlanError) -> Error {
    Error::invalid_field(error.field, error.reason)
}

/// The first instant of an instant's month.
fn month_of(now: Timestamp) -> Timestamp {
    let first: Date = now.to_zoned(TimeZone::UTC).date().first_of_month();
    first.to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_on_its_first_day_in_utc() {
        let begin = |now: &str| month_of(now.parse().unwrap()).to_string();
        assert_eq!(begin("2026-11-30T23:59:59Z"), "2026-11-01T00:00:00Z");
        assert_eq!(begin("2026-12-01T00:00:00Z"), "2026-12-01T00:00:00Z");
    }

    #[test]
    fn what_is_left_is_never_negative() {
        let settings = |budget: Option<i64>, spent| ScanSettings {
            set: ScanSetting { monthly_budget: budget.map(MicroUsd::new), ..ScanSetting::default() },
            spent: MicroUsd::new(spent),
        };
        assert_eq!(settings(None, 5).left(), None);
        assert_eq!(settings(Some(7), 5).left(), Some(MicroUsd::new(2)));
        assert_eq!(settings(Some(3), 5).left(), Some(MicroUsd::ZERO));
    }
}
