//! What was spent, summed by service, account or day.

use crate::{
    app::App,
    db::{CostFilter, CostGrouping, CostSum},
    domain::{cost::CostHistory, ids::AccountId},
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

/// The span that was asked for, both days included, and its sums.
pub async fn sum_costs(
    app: &App,
    cx: &OpCx,
    question: CostQuestion,
    grouping: CostGrouping,
) -> Result<(Date, Date, Vec<CostSum>), Error> {
    let to =
        question.to.unwrap_or_else(|| CostHistory::last_complete_day(cx.now.to_zoned(TimeZone::UTC).date()));
    let from = question.from.unwrap_or_else(|| to.saturating_sub((DEFAULT_DAYS - 1).days()));
    if from > to {
        return Err(Error::invalid_field("from", "must not be after 'to'"));
    }
    let filter = CostFilter { from, to, account: question.account, service: question.service };
    Ok((from, to, app.database.scoped(&cx.scope).sum_costs(&filter, grouping).await?))
}
