//! Rates, for people: `cargo test --test it bulk -- --ignored --nocapture`. Asserts nothing about time.

use super::sample::{Picture, account, later, link, scope};
use crate::support::database::{TestDatabase, on_both_engines};
use std::time::Instant;
use tuner::{
    db::{RecommendationCursor, RecommendationFilter, RecommendationSort, TagFilter},
    domain::recommendation::RecommendationStatus as Status,
};

on_both_engines! {
    #[ignore = "takes minutes and measures; run by hand"]
    rates,
}

const ACCOUNTS: u64 = 5;
const VOLUMES: usize = 20_000;

async fn rates(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let names: Vec<String> = (0..VOLUMES).map(|number| format!("vol-{number:017x}")).collect();
    let volumes: Vec<(&str, i64)> =
        names.iter().zip(0..).map(|(name, at)| (name.as_str(), at % 90)).collect();
    for number in 1..=ACCOUNTS {
        link(db, &scope, account(number)).await;
        let mut picture = Picture::of(account(number), later(60)).with_volumes(&scope, &volumes);
        let started = Instant::now();
        let rows = picture.store(db, &scope).await.total();
        report("first scan", rows, started);
        picture.at = later(120);
        let started = Instant::now();
        picture.store(db, &scope).await;
        report("same again", rows, started);
    }
    for sort in [RecommendationSort::Savings, RecommendationSort::FirstSeen, RecommendationSort::Resource] {
        let filter = RecommendationFilter { status: Some(Status::Active), ..RecommendationFilter::default() };
        page_through(db, &scope, &format!("{sort:?}"), filter, sort).await;
    }
    let tag = Some(TagFilter { key: "team".to_owned(), value: Some("data".to_owned()) });
    let filter =
        RecommendationFilter { status: Some(Status::Active), tag, ..RecommendationFilter::default() };
    page_through(db, &scope, "common tag", filter.clone(), RecommendationSort::Savings).await;
    let tag = Some(TagFilter { key: "Name".to_owned(), value: Some(names[77].clone()) });
    page_through(db, &scope, "rare tag", RecommendationFilter { tag, ..filter }, RecommendationSort::Savings)
        .await;
    let filter = RecommendationFilter { account: Some(account(3)), ..RecommendationFilter::default() };
    page_through(db, &scope, "one account, any state", filter, RecommendationSort::Savings).await;
    let started = Instant::now();
    db.scoped(&scope).summarize_savings(Status::Active, None).await.unwrap();
    report("summary", 1, started);
}

async fn page_through(
    db: &TestDatabase,
    scope: &tuner::domain::scope::OrgScope,
    name: &str,
    filter: RecommendationFilter,
    sort: RecommendationSort,
) {
    let (mut after, mut worst, mut pages) = (None, 0, 0);
    let started = Instant::now();
    while pages < 200 {
        let asked = Instant::now();
        let page = db.scoped(scope).list_recommendations(&filter, sort, after.as_ref(), 50).await.unwrap();
        worst = worst.max(asked.elapsed().as_micros());
        let Some(last) = page.last() else { break };
        after = Some(RecommendationCursor::of(&last.recommendation, sort));
        pages += 1;
    }
    let mean = started.elapsed().as_micros() / pages.max(1);
    println!("{name}: {pages} pages of 50, mean {mean} us, worst {worst} us");
}

fn report(what: &str, rows: u64, started: Instant) {
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap().max(1);
    println!("{what}: {rows} rows in {millis} ms, {} rows/s", rows * 1_000 / millis);
}
