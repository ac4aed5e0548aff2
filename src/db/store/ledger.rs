//! The savings ledger after a scan: what it shows of every open entry, the days that it confirms, and how the
//! account stands.
//!
//! Invariant: an entry's days are booked up to the day of the scan and the entry moves with them in one
//! transaction, so that no day is booked twice.

use super::{Store, Unseen};
use crate::{
    db::{
        batch::{Batch, ROWS},
        error::DbError,
        saving_entry::EntryRow,
        stmt::statements,
        time,
        value::{Value, values},
    },
    domain::{
        ids::RecommendationId,
        inventory::ResourceKind,
        ledger::{Choices, DayPart, Entry, SavingState, Sighting, Verdict, WhyUnseen, came_true, parts_of},
        money::MicroUsd,
        region::Region,
        schedule::TargetKind,
        snapshot::Coverage,
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use std::collections::{BTreeSet, HashMap};

pub(super) mod history;

statements! {
    scoped OPEN { "SELECT r.account_id, r.recommendation_id, r.implemented_at, r.implemented_by, r.note, r.verification, r.realised, r.peak, r.remaining, r.reason, r.verified_at, r.booked_until, r.closed_at, r.counted_with, r.body, k.savings, k.last_seen, s.body AS resource_body FROM saving_entry r LEFT JOIN recommendation k ON k.org_id = r.org_id AND k.account_id = r.account_id AND k.recommendation_id = r.recommendation_id LEFT JOIN resource s ON s.org_id = k.org_id AND s.account_id = k.account_id AND s.resource_key = k.resource_key WHERE r.org_id = ? AND r.account_id = ? AND r.closed_at IS NULL ORDER BY r.implemented_at, r.recommendation_id" }
    scoped OFF { "SELECT region, kind, resource_id, day, seconds_off FROM schedule_day WHERE org_id = ? AND account_id = ? AND day >= ? AND day < ? AND resource_id IN (?)" }
    scoped VERIFY { "UPDATE saving_entry SET verification = ?, realised = ?, peak = ?, remaining = ?, reason = ?, verified_at = ?, booked_until = ?, closed_at = ?, counted_with = ? WHERE org_id = ? AND account_id = ? AND recommendation_id = ? AND implemented_at = ?" }
    scoped ADD_DAY { "INSERT INTO saving_day (org_id, account_id, recommendation_id, implemented_at, day, implemented_by, seconds, estimated, realised) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)" }
}

/// An entry is booked for a year: after that, what it changed is how things are.
const BOOKED_FOR_YEARS: i64 = 1;

/// What of a scan the ledger asks.
#[derive(Clone, Copy)]
pub struct LedgerQuestions<'a> {
    /// Why a recommendation that was not found again in a region that was scanned means nothing; none where it is
    /// gone indeed.
    pub unseen: &'a (dyn Fn(&Unseen) -> Option<WhyUnseen> + Sync),
    /// Whether Cost Explorer's service is one that rules judge.
    pub is_judged: fn(&str) -> bool,
    /// Whether cost data tells what discounts make of a saving.
    pub discounts_known: bool,
}

#[derive(sqlx::FromRow)]
struct OpenRow {
    #[sqlx(flatten)]
    entry: EntryRow,
    savings: Option<i64>,
    last_seen: Option<DateTime<Utc>>,
    /// The resource as it is kept now.
    resource_body: Option<String>,
}

#[derive(sqlx::FromRow)]
struct OffRow {
    region: String,
    kind: String,
    resource_id: String,
    day: NaiveDate,
    seconds_off: i64,
}

/// Seconds off by region, kind, resource and day.
type Off = HashMap<(String, String, String, Date), i64>;

const fn target_kind(kind: ResourceKind) -> Option<TargetKind> {
    match kind {
        ResourceKind::Instance => Some(TargetKind::Instance),
        ResourceKind::DbInstance => Some(TargetKind::DbInstance),
        ResourceKind::DbCluster => Some(TargetKind::DbCluster),
        _ => None,
    }
}

fn seconds_off(off: &Off, entry: &Entry, day: Date) -> i64 {
    let r = &entry.frozen;
    let Some(kind) = target_kind(r.resource_type) else { return 0 };
    let key = (r.region.to_string(), kind.as_str().to_owned(), r.resource_id.clone(), day);
    off.get(&key).copied().unwrap_or_default()
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// What the scan looked at, and what it can say of it.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub questions: LedgerQuestions<'a>,
    pub coverage: &'a Coverage,
    pub only_regions: Option<&'a [Region]>,
}

impl Look<'_> {
    fn sighting(&self, entry: &Entry, found: Option<i64>, resource: Option<&str>) -> Sighting {
        if self.only_regions.is_some_and(|regions| !regions.contains(&entry.frozen.region)) {
            return Sighting::Unseen(WhyUnseen::RegionNotScanned);
        }
        if let Some(savings) = found {
            return Sighting::Found(MicroUsd::new(savings));
        }
        match self.why_unseen(entry) {
            None => Sighting::Gone,
            // Its metrics are too young for the rule; its configuration was read.
            Some(WhyUnseen::NoData) if self.became_as_advised(entry, resource) => Sighting::Gone,
            Some(reason) => Sighting::Unseen(reason),
        }
    }

    fn became_as_advised(&self, entry: &Entry, resource: Option<&str>) -> bool {
        let r = &entry.frozen;
        let now = resource.and_then(|body| serde_json::from_str(body).ok());
        self.coverage.complete(r.resource_type, &r.region)
            && now.is_some_and(|now| came_true(&r.current_configuration, &r.recommended_configuration, &now))
    }

    fn why_unseen(&self, entry: &Entry) -> Option<WhyUnseen> {
        let r = &entry.frozen;
        let unseen = Unseen {
            id: entry.recommendation,
            rule: r.rule.clone(),
            region: r.region.clone(),
            kind: Some(r.resource_type),
            resource_id: r.resource_id.clone(),
        };
        (self.questions.unseen)(&unseen)
    }
}

/// An entry with what this scan makes of it.
struct Looked<'a> {
    entry: &'a Entry,
    after: Verdict,
    /// The first day that is not booked: today, or the end of the entry's year.
    until: Date,
    verified_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    rival: Option<RecommendationId>,
}

impl<'a> Looked<'a> {
    fn at(entry: &'a Entry, sighting: Sighting, choices: &Choices<'_>, seen_at: Timestamp) -> Self {
        let today = day_of(seen_at);
        let begin = day_of(entry.implemented_at);
        let end = begin.checked_add(BOOKED_FOR_YEARS.years()).unwrap_or(Date::MAX);
        let after = entry.verdict.after(entry.promise(), sighting);
        let verified = after.verification != SavingState::Unverifiable;
        // Days that this scan cannot confirm wait for one that can.
        let until = if verified { today.min(end).max(entry.booked_until) } else { entry.booked_until };
        let ends_at =
            (verified && today >= end).then(|| end.to_zoned(TimeZone::UTC).ok().map(|end| end.timestamp()));
        Self {
            entry,
            after,
            until,
            verified_at: if verified { Some(seen_at) } else { entry.verified_at },
            ends_at: ends_at.flatten(),
            rival: choices.instead_of(entry),
        }
    }

    /// The days that this scan confirms.
    fn days(&self, off: &Off) -> Vec<Vec<Value>> {
        let entry = self.entry;
        let (expected, worth) = if self.rival.is_some() {
            (MicroUsd::ZERO, MicroUsd::ZERO)
        } else {
            let before = entry.verified_at.map(|_| entry.verdict);
            (entry.promise().expected, Verdict::worth_between(before, self.after))
        };
        let row = |part: DayPart| {
            let part = entry.part_of(part, seconds_off(off, entry, part.day));
            values![
                entry.account,
                entry.recommendation,
                entry.implemented_at,
                part.day,
                entry.implemented_by,
                part.seconds,
                part.worth(expected),
                part.worth(worth),
            ]
        };
        parts_of(entry.span(self.until)).map(row).collect()
    }
}

impl Store {
    pub(super) async fn ledger(&mut self, look: Look<'_>) -> Result<(), DbError> {
        let rows: Vec<OpenRow> = self.tx.fetch_all(OPEN, values![self.account]).await?;
        let (mut seen, mut open) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for row in rows {
            let found = row.savings.filter(|_| row.last_seen.is_none());
            let entry = Entry::try_from(row.entry)?;
            seen.push(look.sighting(&entry, found, row.resource_body.as_deref()));
            open.push(entry);
        }
        let today = day_of(self.seen_at);
        let off = self.time_off(&open, today).await?;
        let choices = Choices::of(&open);
        let mut days = Batch::default();
        for (entry, sighting) in open.iter().zip(seen) {
            let looked = Looked::at(entry, sighting, &choices, self.seen_at);
            for row in looked.days(&off) {
                self.tx.push(&mut days, row);
                if days.is_full() {
                    self.tx.flush(ADD_DAY, &mut days).await?;
                }
            }
            self.verify(&looked).await?;
        }
        self.tx.flush(ADD_DAY, &mut days).await?;
        self.history(today, look.questions).await
    }

    async fn verify(&mut self, looked: &Looked<'_>) -> Result<(), DbError> {
        let Looked { entry, after, until, verified_at, ends_at, rival } = looked;
        let values = values![
            after.verification.as_str(),
            after.realised,
            after.peak,
            after.remaining,
            after.reason.map(WhyUnseen::as_str),
            *verified_at,
            *until,
            *ends_at,
            *rival,
            entry.account,
            entry.recommendation,
            entry.implemented_at,
        ];
        self.tx.execute(VERIFY, values).await.map(drop)
    }

    /// What the scheduler's book says of the entries' resources in the days to be booked.
    async fn time_off(&mut self, open: &[Entry], today: Date) -> Result<Off, DbError> {
        let mut off = Off::new();
        let Some(from) = open.iter().map(|entry| entry.booked_until).min() else { return Ok(off) };
        let switched = open.iter().filter(|entry| target_kind(entry.frozen.resource_type).is_some());
        let ids: BTreeSet<&str> = switched.map(|entry| entry.frozen.resource_id.as_str()).collect();
        let ids: Vec<Value> = ids.into_iter().map(Value::from).collect();
        for ids in ids.chunks(ROWS) {
            let rows: Vec<OffRow> =
                self.tx.fetch_in(OFF, values![self.account, from, today], ids.to_vec()).await?;
            off.extend(rows.into_iter().map(|row| {
                ((row.region, row.kind, row.resource_id, time::date_from_db(row.day)), row.seconds_off)
            }));
        }
        Ok(off)
    }
}
