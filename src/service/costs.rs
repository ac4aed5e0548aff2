//! What was spent, summed by service, account or day, and where the running month is heading.

pub use crate::db::{AccountForecast, CostGrouping, CostKey, CostSum};
use crate::{
    app::App,
    db::CostFilter,
    domain::{
        cost::{CostHistory, ForeignAmount},
        ids::AccountId,
    },
    error::Error,
    op::OpCx,
};
use jiff::{ToSpan, civil::Date, tz::TimeZone};

/// The last 30 complete days, unless the caller says otherwise.
const DEFAULT_DAYS: i64 = 30;

#[derive(Clone, Debug, Default)]
pub struct CostQuestion {
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub account: Option<AccountId>,
    pub service: Option<String>,
}

/// What was spent in a span, both days included.
#[derive(Clone, Debug)]
pub struct CostSums {
    pub from: Date,
    pub to: Date,
    pub sums: Vec<CostSum>,
    /// What is billed in other currencies, each for itself and not by group.
    pub foreign: Vec<ForeignAmount>,
}

pub async fn sum_costs(
    app: &App,
    cx: &OpCx,
    question: CostQuestion,
    grouping: CostGrouping,
) -> Result<CostSums, Error> {
    let to =
        question.to.unwrap_or_else(|| CostHistory::last_complete_day(cx.now.to_zoned(TimeZone::UTC).date()));
    let from = question.from.unwrap_or_else(|| to.saturating_sub((DEFAULT_DAYS - 1).days()));
    if from > to {
        return Err(Error::invalid_field("from", "must not be after 'to'"));
    }
    let filter = CostFilter { from, to, account: question.account, service: question.service };
    let db = app.database.scoped(&cx.scope);
    let sums = db.sum_costs(&filter, grouping).await?;
    Ok(CostSums { from, to, sums, foreign: db.sum_foreign_costs(&filter).await? })
}

/// Of the accounts that the caller sees and AWS told a forecast of in this month.
pub async fn list_forecasts(
    app: &App,
    cx: &OpCx,
    account: Option<AccountId>,
) -> Result<Vec<AccountForecast>, Error> {
    let today = cx.now.to_zoned(TimeZone::UTC).date();
    Ok(app.database.scoped(&cx.scope).list_forecasts(account, today).await?)
}
