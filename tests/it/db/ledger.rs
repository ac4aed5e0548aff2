//! The savings ledger: what is implemented is frozen, looked at by every scan and booked by the day, once.

use super::{
    sample::{Picture, account, later, link, recommendation, region, scope},
    scheduler::{day as day_off, leased, target},
};
use crate::support::database::{TestDatabase, noon, on_both_engines};
use jiff::civil::{Date, date};
use tuner::{
    db::{Book, Decision, EntryFilter, KeptEntry, SavingFilter, SavingGrouping, SavingKey},
    domain::{
        cost::DailyCost,
        ids::{RecommendationId, UserId},
        inventory::ResourceKind,
        ledger::{SavingState, WhyUnseen},
        money::MicroUsd,
        recommendation::Recommendation,
        scope::OrgScope,
    },
};

on_both_engines! {
    what_is_gone_is_booked_by_the_day,
    a_scan_that_is_repeated_books_nothing_twice,
    what_is_found_again_slips_back,
    less_than_promised_is_partly_realised,
    what_cannot_be_verified_waits,
    what_is_taken_back_keeps_its_days,
    the_promise_stays_when_prices_change,
    hours_that_the_scheduler_had_it_off_are_not_counted_again,
    of_choices_that_exclude_each_other_one_is_booked,
    choices_that_count_together_are_booked_together,
    after_a_year_an_entry_ends,
    old_days_are_forgotten,
    an_account_takes_its_ledger_along,
    a_day_of_history_is_how_it_ended,
    spend_of_some_days_is_no_spend,
}

const DAY: i64 = 86_400;
const SAVES: i64 = 73;
/// 24 of 730 hours of 73 USD.
const A_DAY: i64 = 2_400_000;
/// From 12:01:30 to midnight, rounded down.
const FIRST_DAY: i64 = 73_000_000 * 43_110 / (730 * 3_600);
const FIRST: Date = date(2026, 11, 22);

async fn scan(db: &TestDatabase, scope: &OrgScope, day: i64, volumes: &[(&str, i64)]) {
    Picture::of(account(1), later(day * DAY)).with_volumes(scope, volumes).store(db, scope).await;
}

async fn decide(db: &TestDatabase, scope: &OrgScope, picture: &Picture, decision: Decision, at: i64) {
    let id = picture.recommendations[0].recommendation_id;
    let by = UserId::generate();
    db.scoped(scope).decide_recommendation(id, &decision, by, later(at)).await.unwrap();
}

/// A volume that saves 73 USD, found and marked as implemented on the first day.
async fn implemented(db: &TestDatabase) -> (OrgScope, Picture) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let picture = Picture::of(account(1), later(60)).with_volumes(&scope, &[("vol-1", SAVES)]);
    picture.store(db, &scope).await;
    let note = Some("deleted it".to_owned());
    decide(db, &scope, &picture, Decision::Implement { note }, 90).await;
    (scope, picture)
}

async fn entry(db: &TestDatabase, scope: &OrgScope) -> KeptEntry {
    let all = db.scoped(scope).list_saving_entries(&EntryFilter::default(), None, 10).await.unwrap();
    assert_eq!(all.len(), 1);
    all.into_iter().next().unwrap()
}

async fn verification(db: &TestDatabase, scope: &OrgScope) -> SavingState {
    entry(db, scope).await.entry.verdict.verification
}

/// Day, estimated, realised.
async fn days(db: &TestDatabase, scope: &OrgScope) -> Vec<(i8, i64, i64)> {
    let (from, to) = (date(2026, 1, 1), date(2036, 1, 1));
    let filter = SavingFilter { from, to, account: None, implemented_by: None };
    let sums = db.scoped(scope).sum_saving_days(&filter, SavingGrouping::Day).await.unwrap();
    let day = |key| match key {
        SavingKey::Day(day) => day.day(),
        other => panic!("{other:?} is no day"),
    };
    sums.into_iter().map(|sum| (day(sum.key), sum.estimated.get(), sum.realised.get())).collect()
}

async fn what_is_gone_is_booked_by_the_day(db: &TestDatabase) {
    let (scope, _) = implemented(db).await;
    let open = entry(db, &scope).await.entry;
    assert_eq!(open.verdict.verification, SavingState::Pending);
    assert_eq!(open.promise().list, MicroUsd::from_usd(SAVES));
    assert_eq!((open.note.as_deref(), open.implemented_at), (Some("deleted it"), later(90)));
    assert_eq!(days(db, &scope).await, [], "no scan has looked since");
    scan(db, &scope, 2, &[]).await;
    let kept = entry(db, &scope).await.entry;
    assert_eq!(kept.verdict.verification, SavingState::Realised);
    assert_eq!(kept.verdict.realised, MicroUsd::from_usd(SAVES));
    let expected = [(22, FIRST_DAY, FIRST_DAY), (23, A_DAY, A_DAY)];
    assert_eq!(days(db, &scope).await, expected, "the day of the scan is not over");
}

async fn a_scan_that_is_repeated_books_nothing_twice(db: &TestDatabase) {
    let (scope, _) = implemented(db).await;
    scan(db, &scope, 2, &[]).await;
    let once = days(db, &scope).await;
    Picture::of(account(1), later(2 * DAY + 600)).store(db, &scope).await;
    assert_eq!(days(db, &scope).await, once);
    scan(db, &scope, 3, &[]).await;
    assert_eq!(days(db, &scope).await.len(), 3);
}

async fn what_is_found_again_slips_back(db: &TestDatabase) {
    let (scope, _) = implemented(db).await;
    scan(db, &scope, 1, &[]).await;
    scan(db, &scope, 2, &[("vol-1", SAVES)]).await;
    assert_eq!(verification(db, &scope).await, SavingState::SlippedBack);
    let expected = [(22, FIRST_DAY, FIRST_DAY), (23, A_DAY, 0)];
    assert_eq!(days(db, &scope).await, expected, "nobody knows when it came back");
    scan(db, &scope, 3, &[]).await;
    assert_eq!(verification(db, &scope).await, SavingState::Realised);
}

async fn less_than_promised_is_partly_realised(db: &TestDatabase) {
    let (scope, _) = implemented(db).await;
    scan(db, &scope, 1, &[("vol-1", 23)]).await;
    let verdict = entry(db, &scope).await.entry.verdict;
    assert_eq!(verdict.verification, SavingState::Partly);
    assert_eq!((verdict.realised, verdict.remaining), (MicroUsd::from_usd(50), Some(MicroUsd::from_usd(23))));
}

async fn what_cannot_be_verified_waits(db: &TestDatabase) {
    let (scope, first) = implemented(db).await;
    scan(db, &scope, 1, &[]).await;
    let mut blind = Picture::of(account(1), later(2 * DAY));
    blind.unconfirmed.insert(first.recommendations[0].recommendation_id);
    blind.store(db, &scope).await;
    let verdict = entry(db, &scope).await.entry.verdict;
    assert_eq!((verdict.verification, verdict.reason), (SavingState::Unverifiable, Some(WhyUnseen::NoData)));
    assert_eq!(days(db, &scope).await.len(), 1, "what was booked stays, nothing is added");
    scan(db, &scope, 3, &[]).await;
    assert_eq!(days(db, &scope).await.len(), 3, "the next scan that can tell makes up for it");
}

async fn what_is_taken_back_keeps_its_days(db: &TestDatabase) {
    let (scope, picture) = implemented(db).await;
    scan(db, &scope, 1, &[]).await;
    decide(db, &scope, &picture, Decision::Reopen, DAY + 60).await;
    scan(db, &scope, 3, &[]).await;
    assert_eq!(entry(db, &scope).await.entry.closed_at, Some(later(DAY + 60)));
    assert_eq!(days(db, &scope).await, [(22, FIRST_DAY, FIRST_DAY)]);
}

async fn the_promise_stays_when_prices_change(db: &TestDatabase) {
    let (scope, picture) = implemented(db).await;
    let promised = entry(db, &scope).await.entry.frozen;
    scan(db, &scope, 1, &[("vol-1", 90)]).await;
    let kept = entry(db, &scope).await.entry;
    assert_eq!(kept.frozen, promised);
    assert_eq!(kept.verdict.realised, MicroUsd::ZERO, "never below nothing");
    assert_eq!(kept.frozen.rule, picture.recommendations[0].rule);
}

async fn hours_that_the_scheduler_had_it_off_are_not_counted_again(db: &TestDatabase) {
    let (scope, leases) = leased(db).await;
    let mut picture = Picture::of(account(1), later(60));
    let found = Recommendation {
        resource_type: ResourceKind::Instance,
        ..recommendation(&scope, account(1), "i-1", SAVES)
    };
    picture.recommendations.push(found);
    picture.store(db, &scope).await;
    decide(db, &scope, &picture, Decision::Implement { note: None }, 90).await;
    let second = FIRST.tomorrow().unwrap();
    let off = |id: &str, seconds| day_off(target(account(1), region(), id), second, seconds);
    let book = Book { days: vec![off("i-1", 43_200), off("i-2", 80_000)], ..Book::default() };
    db.scoped(&scope).write_book(&leases, &book, later(1)).await.unwrap();
    scan(db, &scope, 2, &[]).await;
    let expected = [(22, FIRST_DAY, FIRST_DAY), (23, A_DAY / 2, A_DAY / 2)];
    assert_eq!(days(db, &scope).await, expected, "half of the second day was the scheduler's");
}

/// Two recommendations for one volume, found by one scan and implemented before the next.
async fn both_implemented(db: &TestDatabase, second_is_best: bool) -> (OrgScope, RecommendationId) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let mut picture = Picture::of(account(1), later(60));
    let dearer = recommendation(&scope, account(1), "vol-1", SAVES);
    let cheaper = Recommendation {
        resource_id: dearer.resource_id.clone(),
        is_best_for_resource: second_is_best,
        ..recommendation(&scope, account(1), "cheaper", SAVES / 2)
    };
    let [best, other] = [&dearer, &cheaper].map(|found| found.recommendation_id);
    picture.recommendations = vec![dearer, cheaper];
    picture.store(db, &scope).await;
    for id in [best, other] {
        let decision = Decision::Implement { note: None };
        let org = db.scoped(&scope);
        org.decide_recommendation(id, &decision, UserId::generate(), later(90)).await.unwrap();
    }
    scan(db, &scope, 2, &[]).await;
    (scope, best)
}

async fn counted_with(db: &TestDatabase, scope: &OrgScope) -> Vec<RecommendationId> {
    let all = db.scoped(scope).list_saving_entries(&EntryFilter::default(), None, 10).await.unwrap();
    assert_eq!(all.len(), 2);
    all.into_iter().filter_map(|kept| kept.entry.counted_with).collect()
}

async fn of_choices_that_exclude_each_other_one_is_booked(db: &TestDatabase) {
    let (scope, best) = both_implemented(db, false).await;
    assert_eq!(counted_with(db, &scope).await, [best]);
    assert_eq!(days(db, &scope).await.last(), Some(&(23, A_DAY, A_DAY)));
}

async fn choices_that_count_together_are_booked_together(db: &TestDatabase) {
    let (scope, _) = both_implemented(db, true).await;
    assert_eq!(counted_with(db, &scope).await, []);
    let both = A_DAY + A_DAY * (SAVES / 2) / SAVES;
    assert_eq!(days(db, &scope).await.last(), Some(&(23, both, both)));
}

async fn after_a_year_an_entry_ends(db: &TestDatabase) {
    let (scope, _) = implemented(db).await;
    scan(db, &scope, 400, &[]).await;
    let closed = entry(db, &scope).await.entry;
    assert_eq!((closed.booked_until, closed.closed_at.is_some()), (date(2027, 11, 22), true));
    assert_eq!(days(db, &scope).await.len(), 365);
    scan(db, &scope, 401, &[]).await;
    assert_eq!(days(db, &scope).await.len(), 365, "it is how things are now");
}

async fn old_days_are_forgotten(db: &TestDatabase) {
    let (scope, picture) = implemented(db).await;
    scan(db, &scope, 2, &[]).await;
    decide(db, &scope, &picture, Decision::Reopen, 2 * DAY + 60).await;
    let org = db.scoped(&scope);
    let since = (later(DAY), FIRST.tomorrow().unwrap());
    // The day of the first scan's history, and the first day of the entry.
    assert_eq!(org.count_old_savings(since).await.unwrap(), 2);
    assert_eq!(org.forget_savings(since).await.unwrap(), 2);
    assert_eq!(days(db, &scope).await, [(23, A_DAY, A_DAY)]);
    let later_on = (later(9 * DAY), date(2026, 12, 1));
    let due = org.count_old_savings(later_on).await.unwrap();
    assert_eq!(
        (due, org.forget_savings(later_on).await.unwrap()),
        (3, 3),
        "a day, its entry, a day of history"
    );
    assert_eq!(org.list_saving_entries(&EntryFilter::default(), None, 10).await.unwrap(), []);
}

async fn an_account_takes_its_ledger_along(db: &TestDatabase) {
    let (scope, _) = implemented(db).await;
    scan(db, &scope, 1, &[]).await;
    let org = db.scoped(&scope);
    org.delete_account(account(1)).await.unwrap();
    assert_eq!(org.list_saving_entries(&EntryFilter::default(), None, 10).await.unwrap(), []);
    assert_eq!(days(db, &scope).await, []);
    assert_eq!(org.list_account_days(None, FIRST, FIRST.tomorrow().unwrap()).await.unwrap(), []);
}

/// 30 days that cost 10 USD each, and as much of a service that no rule judges.
fn spent(days: i64) -> Vec<DailyCost> {
    let last = FIRST.yesterday().unwrap();
    let cost = |(ago, service): (i64, &str)| DailyCost {
        day: last.saturating_sub(jiff::Span::new().days(ago)),
        service: service.to_owned(),
        amount: MicroUsd::from_usd(10),
    };
    (-1..days).flat_map(|ago| [(ago, "Amazon EC2"), (ago, "Support")]).map(cost).collect()
}

async fn a_day_of_history_is_how_it_ended(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    for (at, usd) in [(60, 9), (120, 8)] {
        let mut picture = Picture::of(account(1), later(at)).with_volumes(&scope, &[("vol-1", usd)]);
        picture.costs = spent(40);
        picture.store(db, &scope).await;
    }
    let rows = db.scoped(&scope).list_account_days(None, FIRST, FIRST).await.unwrap();
    assert_eq!(rows.len(), 1, "one row a day");
    assert_eq!(
        (rows[0].day, rows[0].possible),
        (noon().to_zoned(jiff::tz::TimeZone::UTC).date(), MicroUsd::from_usd(8))
    );
    let month = |usd| MicroUsd::from_usd(usd).scale(730, 720);
    assert_eq!((rows[0].spend, rows[0].optimisable_spend), (Some(month(600)), Some(month(300))));
}

async fn spend_of_some_days_is_no_spend(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let mut picture = Picture::of(account(1), later(60));
    picture.costs = spent(5);
    picture.store(db, &scope).await;
    let rows = db.scoped(&scope).list_account_days(None, FIRST, FIRST).await.unwrap();
    assert_eq!((rows[0].spend, rows[0].optimisable_spend), (None, None));
}
