//! The savings ledger for people: entries, what was promised and what came by day, month, account or person, and
//! how the accounts stood over time.

pub use crate::db::{EntryCursor, EntryFilter, KeptEntry};
use crate::{
    app::App,
    db::{AccountDay, DayFilter, SavingFilter, SavingGrouping, SavingKey},
    domain::{
        ids::{AccountId, UserId},
        ledger::efficiency_permille,
        money::MicroUsd,
    },
    error::Error,
    op::OpCx,
};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use std::collections::BTreeMap;

/// A month back, unless the caller says otherwise.
const DEFAULT_DAYS: i64 = 30;
/// An account counts as it last stood for so long after its last scan.
const STANDS_FOR_DAYS: i64 = 31;
/// More would be more than anybody looks at, and a heavy question.
const MOST_DAYS: i32 = 3_660;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    #[default]
    Day,
    Month,
    Account,
    User,
}

#[derive(Clone, Debug, Default)]
pub struct Question {
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub account: Option<AccountId>,
    pub implemented_by: Option<UserId>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Realised {
    /// What was promised for these days.
    pub estimated: MicroUsd,
    /// What came of it.
    pub realised: MicroUsd,
    /// What time off brought, as the scheduler booked it.
    pub scheduled: MicroUsd,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RealisedReport {
    pub from: Date,
    pub to: Date,
    pub total: Realised,
    /// By a day, a month (`2026-11`), an account's number or a user's id.
    pub rows: Vec<(String, Realised)>,
}

/// How the accounts stood at the end of a day; amounts a month of 730 hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryDay {
    pub day: Date,
    pub accounts: u32,
    pub possible: MicroUsd,
    /// None where one of the accounts has none.
    pub possible_after_discounts: Option<MicroUsd>,
    pub realised: MicroUsd,
    /// Accounts whose spend is known; spend and score are theirs.
    pub accounts_with_spend: u32,
    pub spend: Option<MicroUsd>,
    pub optimisable_spend: Option<MicroUsd>,
    /// What is possible in those accounts, after discounts where that is known.
    pub possible_of_spend: MicroUsd,
}

/// Newest first.
pub async fn list_entries(
    app: &App,
    cx: &OpCx,
    filter: &EntryFilter,
    after: Option<EntryCursor>,
    limit: u32,
) -> Result<Vec<KeptEntry>, Error> {
    Ok(app.database.scoped(&cx.scope).list_saving_entries(filter, after, limit).await?)
}

fn span_of(cx: &OpCx, question: &Question) -> Result<(Date, Date), Error> {
    let to = question.to.unwrap_or_else(|| cx.now.to_zoned(TimeZone::UTC).date());
    let from = question.from.unwrap_or_else(|| to.saturating_sub(DEFAULT_DAYS.days()));
    if from > to {
        return Err(Error::invalid_field("from", "must not be after 'to'"));
    }
    if (to - from).get_days() > MOST_DAYS {
        return Err(Error::invalid_field("from", "ask for ten years at most"));
    }
    Ok((from, to))
}

/// What was promised and what came, by what was asked for.
pub async fn sum_realised(
    app: &App,
    cx: &OpCx,
    question: &Question,
    grouping: Grouping,
) -> Result<RealisedReport, Error> {
    let (from, to) = span_of(cx, question)?;
    let db = app.database.scoped(&cx.scope);
    let filter =
        SavingFilter { from, to, account: question.account, implemented_by: question.implemented_by };
    let by = match grouping {
        Grouping::Day | Grouping::Month => SavingGrouping::Day,
        Grouping::Account => SavingGrouping::Account,
        Grouping::User => SavingGrouping::User,
    };
    let mut rows: BTreeMap<String, Realised> = BTreeMap::new();
    for sum in db.sum_saving_days(&filter, by).await? {
        let row = rows.entry(key_text(sum.key, grouping)).or_default();
        row.estimated += sum.estimated;
        row.realised += sum.realised;
    }
    // Whoever asks for one person's savings does not ask for the scheduler's.
    if question.implemented_by.is_none() {
        for (key, saved) in time_off(app, cx, question.account, (from, to), grouping).await? {
            rows.entry(key).or_default().scheduled += saved;
        }
    }
    let mut total = Realised::default();
    for row in rows.values() {
        total.estimated += row.estimated;
        total.realised += row.realised;
        total.scheduled += row.scheduled;
    }
    Ok(RealisedReport { from, to, total, rows: rows.into_iter().collect() })
}

/// The name of the scheduler's row among those of people.
const SCHEDULER: &str = "scheduler";

async fn time_off(
    app: &App,
    cx: &OpCx,
    account: Option<AccountId>,
    (from, to): (Date, Date),
    grouping: Grouping,
) -> Result<Vec<(String, MicroUsd)>, Error> {
    let db = app.database.scoped(&cx.scope);
    let filter = DayFilter { from, to, account, schedule: None, target: None };
    if grouping == Grouping::Account {
        let sums = db.sum_off_by_account(&filter).await?;
        return Ok(sums.into_iter().map(|(account, saved)| (account.to_string(), saved)).collect());
    }
    let days = db.sum_schedule_days(&filter).await?;
    let key = |day: Date| match grouping {
        Grouping::User => SCHEDULER.to_owned(),
        _ => key_text(SavingKey::Day(day), grouping),
    };
    Ok(days.into_iter().map(|sum| (key(sum.day), sum.saved)).collect())
}

fn key_text(key: SavingKey, grouping: Grouping) -> String {
    match key {
        SavingKey::Day(day) if grouping == Grouping::Month => day.strftime("%Y-%m").to_string(),
        SavingKey::Day(day) => day.to_string(),
        SavingKey::Account(account) => account.to_string(),
        SavingKey::User(user) => user.to_string(),
    }
}

/// Day by day. An account counts as it last stood until it is scanned again, for a month at most.
pub async fn history(
    app: &App,
    cx: &OpCx,
    question: &Question,
) -> Result<(Date, Date, Vec<HistoryDay>), Error> {
    let (from, to) = span_of(cx, question)?;
    let db = app.database.scoped(&cx.scope);
    let begin = from.saturating_sub(STANDS_FOR_DAYS.days());
    let rows = db.list_account_days(question.account, begin, to).await?;
    Ok((from, to, days_of(&rows, from, to)))
}

/// Rows come by account, then by day.
fn days_of(rows: &[AccountDay], from: Date, to: Date) -> Vec<HistoryDay> {
    let mut days: BTreeMap<Date, HistoryDay> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        let next = rows.get(at + 1).filter(|next| next.account == row.account).map(|next| next.day);
        let stands_until = row.day.saturating_add(STANDS_FOR_DAYS.days());
        let end = next.map_or(stands_until, |next| next.min(stands_until));
        let mut day = row.day.max(from);
        while day < end && day <= to {
            days.entry(day).or_insert_with(|| HistoryDay::empty(day)).add(row);
            day = day.saturating_add(1.day());
        }
    }
    days.into_values().collect()
}

impl HistoryDay {
    const fn empty(day: Date) -> Self {
        Self {
            day,
            accounts: 0,
            possible: MicroUsd::ZERO,
            possible_after_discounts: Some(MicroUsd::ZERO),
            realised: MicroUsd::ZERO,
            accounts_with_spend: 0,
            spend: None,
            optimisable_spend: None,
            possible_of_spend: MicroUsd::ZERO,
        }
    }

    fn add(&mut self, row: &AccountDay) {
        let sum = |a: Option<MicroUsd>, b: Option<MicroUsd>| a.zip(b).map(|(a, b)| a + b);
        self.accounts += 1;
        self.possible += row.possible;
        self.possible_after_discounts = sum(self.possible_after_discounts, row.possible_after_discounts);
        self.realised += row.realised;
        if let Some((spend, optimisable)) = row.spend.zip(row.optimisable_spend) {
            self.accounts_with_spend += 1;
            self.spend = Some(self.spend.unwrap_or_default() + spend);
            self.optimisable_spend = Some(self.optimisable_spend.unwrap_or_default() + optimisable);
            self.possible_of_spend += row.possible_after_discounts.unwrap_or(row.possible);
        }
    }

    /// In thousandths; none where no spend is known.
    #[must_use]
    pub fn efficiency(&self) -> Option<i64> {
        efficiency_permille(self.possible_of_spend, self.optimisable_spend)
    }
}

#[cfg(test)]
mod tests;
