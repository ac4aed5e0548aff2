//! A scan's picture replaces the one before: completely, at once, and only where it differs.

use super::sample::{
    Picture, account, later, ledger_questions, link, other_region, recommendation, region, scope, volume,
};
use crate::support::database::{TestDatabase, on_both_engines, small_pool};
use std::collections::BTreeSet;
use tuner::{
    db::{
        Database, DbError, RecommendationFilter, RecommendationSort, ResourceFilter, StoredRows, TagFilter,
    },
    domain::{
        ids::{AccountId, ScanId},
        inventory::ResourceKind,
        money::MicroUsd,
        recommendation::{Recommendation, RecommendationStatus as Status},
        scan::{Gap, GapReason, ScanStatus},
        scope::OrgScope,
    },
};

on_both_engines! {
    a_picture_is_stored_and_listed,
    only_what_changed_is_written,
    a_fleet_larger_than_a_batch_comes_and_goes,
    what_was_not_listed_is_kept,
    tags_follow_their_resource,
    a_recommendation_that_is_gone_is_resolved_and_may_come_back,
    an_unconfirmed_recommendation_is_stale,
    a_reader_sees_the_old_picture_until_the_end,
    a_failed_store_leaves_the_old_picture,
    a_scan_without_its_lease_stores_nothing,
    a_scan_row_tells_how_it_ended,
}

async fn statuses(db: &TestDatabase, scope: &OrgScope) -> Vec<(String, Status)> {
    let all = RecommendationFilter::default();
    let listed =
        db.scoped(scope).list_recommendations(&all, RecommendationSort::Resource, None, 100).await.unwrap();
    listed.into_iter().map(|kept| (kept.recommendation.resource_id, kept.recommendation.status)).collect()
}

async fn resource_ids(db: &Database, scope: &OrgScope) -> BTreeSet<String> {
    let listed = db.scoped(scope).list_resources(&ResourceFilter::default(), None, 5000).await.unwrap();
    listed.into_iter().map(|resource| resource.resource_id).collect()
}

async fn linked(db: &TestDatabase) -> (OrgScope, AccountId) {
    let (scope, id) = (scope(db, "acme").await, account(1));
    link(db, &scope, id).await;
    (scope, id)
}

async fn a_picture_is_stored_and_listed(db: &TestDatabase) {
    let (scope, id) = linked(db).await;
    let picture = Picture::of(id, later(60)).with_volumes(&scope, &[("vol-1", 5), ("vol-2", 7)]);
    let stored = picture.store(db, &scope).await;
    assert_eq!((stored.resources_written, stored.tags_written, stored.recommendations_written), (2, 4, 2));
    let again = Picture { at: later(120), ..picture };
    assert_eq!(again.store(db, &scope).await, StoredRows::default(), "nothing changed");
    let org = db.scoped(&scope);
    assert_eq!(org.get_account(id).await.unwrap().last_scan_at, Some(later(120)));
    let all = RecommendationFilter::default();
    let listed = org.list_recommendations(&all, RecommendationSort::Savings, None, 10).await.unwrap();
    let found: Vec<&Recommendation> = listed.iter().map(|kept| &kept.recommendation).collect();
    assert_eq!(found[0].resource_id, "vol-2");
    let expected = Recommendation { last_seen: later(120), ..again.recommendations[0].clone() };
    assert_eq!(found[1], &expected, "all of it comes back, seen first then and last now");
    assert_eq!(org.get_recommendation(expected.recommendation_id).await.unwrap().recommendation, expected);
}

async fn only_what_changed_is_written(db: &TestDatabase) {
    let (scope, id) = linked(db).await;
    let names: Vec<String> = (0..200).map(|number| format!("vol-{number:03}")).collect();
    let volumes: Vec<(&str, i64)> = names.iter().map(|name| (name.as_str(), 3)).collect();
    let mut picture = Picture::of(id, later(60)).with_volumes(&scope, &volumes);
    picture.store(db, &scope).await;
    picture.at = later(120);
    for changed in [17, 42] {
        let (tags, name) = ([("Name", names[changed].as_str()), ("team", "data")], &names[changed]);
        picture.resources[changed] = volume(name, 200, &tags);
    }
    let expected = StoredRows { resources_written: 2, ..StoredRows::default() };
    assert_eq!(picture.store(db, &scope).await, expected, "1 % changed");
}

async fn a_fleet_larger_than_a_batch_comes_and_goes(db: &TestDatabase) {
    let (scope, id) = linked(db).await;
    let names: Vec<String> = (0..1_201).map(|number| format!("vol-{number:04}")).collect();
    let volumes: Vec<(&str, i64)> = names.iter().map(|name| (name.as_str(), 1)).collect();
    let stored = Picture::of(id, later(60)).with_volumes(&scope, &volumes).store(db, &scope).await;
    assert_eq!((stored.resources_written, stored.tags_written), (1_201, 2_402));
    assert_eq!(resource_ids(db, &scope).await.len(), 1_201);
    let summary = db.scoped(&scope).summarize_savings(Status::Active, None).await.unwrap();
    assert_eq!(summary.total.recommendations, 1_201);
    assert_eq!(summary.total.counted, MicroUsd::from_usd(1_201));
    let rest = Picture::of(id, later(120)).with_volumes(&scope, &volumes[..1]);
    let stored = rest.store(db, &scope).await;
    assert_eq!((stored.resources_deleted, stored.tags_written), (1_200, 2_400));
    assert_eq!(stored.recommendations_resolved, 1_200);
    assert_eq!(resource_ids(db, &scope).await, BTreeSet::from(["vol-0000".to_owned()]));
    let summary = db.scoped(&scope).summarize_savings(Status::Resolved, None).await.unwrap();
    assert_eq!(summary.total.recommendations, 1_200);
}

async fn what_was_not_listed_is_kept(db: &TestDatabase) {
    let (scope, id) = linked(db).await;
    let mut first = Picture::of(id, later(60)).with_volumes(&scope, &[("vol-1", 5), ("vol-2", 5)]);
    let mut elsewhere = volume("vol-far", 1, &[]);
    elsewhere.region = other_region();
    let mut instance = volume("i-1", 1, &[]);
    instance.kind = ResourceKind::Instance;
    first.resources.extend([elsewhere, instance]);
    first.store(db, &scope).await;
    // Only volumes of one region are listed to their end, and one of them is gone.
    let second = Picture::of(id, later(120)).with_volumes(&scope, &[("vol-1", 5)]);
    let stored = second.store(db, &scope).await;
    assert_eq!(stored.resources_deleted, 1);
    let kept = ["i-1", "vol-1", "vol-far"].map(str::to_owned);
    assert_eq!(resource_ids(db, &scope).await, BTreeSet::from(kept));
}

async fn tags_follow_their_resource(db: &TestDatabase) {
    let (scope, id) = linked(db).await;
    let mut picture = Picture::of(id, later(60));
    picture.resources = vec![volume("vol-1", 1, &[("team", "data"), ("team ", "blank"), ("env", "Prod")])];
    assert_eq!(picture.store(db, &scope).await.tags_written, 2, "a blank at the end makes no other key");
    picture.at = later(120);
    picture.resources = vec![volume("vol-1", 1, &[("team", "web")])];
    let stored = picture.store(db, &scope).await;
    assert_eq!((stored.resources_written, stored.tags_written), (1, 3), "two go, one comes");
    let tagged = async |key: &str, value: Option<&str>| {
        let tag = Some(TagFilter { key: key.to_owned(), value: value.map(str::to_owned) });
        let filter = ResourceFilter { tag, ..ResourceFilter::default() };
        db.scoped(&scope).list_resources(&filter, None, 10).await.unwrap().len()
    };
    assert_eq!(tagged("team", Some("web")).await, 1);
    assert_eq!(tagged("team", None).await, 1);
    assert_eq!(tagged("Team", None).await, 0, "case counts");
    assert_eq!(tagged("team", Some("data")).await, 0);
    assert_eq!(tagged("env", None).await, 0);
}

async fn a_recommendation_that_is_gone_is_resolved_and_may_come_back(db: &TestDatabase) {
    let (scope, id) = linked(db).await;
    let both = Picture::of(id, later(60)).with_volumes(&scope, &[("vol-1", 5), ("vol-2", 7)]);
    both.store(db, &scope).await;
    let one = Picture::of(id, later(120)).with_volumes(&scope, &[("vol-1", 5)]);
    assert_eq!(one.store(db, &scope).await.recommendations_resolved, 1);
    let org = db.scoped(&scope);
    let gone = org.get_recommendation(both.recommendations[1].recommendation_id).await.unwrap();
    assert_eq!(gone.recommendation.status, Status::Resolved);
    assert_eq!(gone.recommendation.last_seen, later(60), "the scan before this one saw it last");
    let again = Picture { at: later(180), ..one };
    assert_eq!(again.store(db, &scope).await, StoredRows::default(), "what is resolved stays so");
    Picture { at: later(240), ..both }.store(db, &scope).await;
    let back = org.get_recommendation(gone.recommendation.recommendation_id).await.unwrap().recommendation;
    assert_eq!((back.status, back.first_seen, back.last_seen), (Status::Active, later(60), later(240)));
}

async fn an_unconfirmed_recommendation_is_stale(db: &TestDatabase) {
    let (scope, id) = linked(db).await;
    let both = Picture::of(id, later(60)).with_volumes(&scope, &[("vol-1", 5), ("vol-2", 7)]);
    both.store(db, &scope).await;
    let mut denied = Picture::of(id, later(120));
    denied.unconfirmed = BTreeSet::from([both.recommendations[1].recommendation_id]);
    let stored = denied.store(db, &scope).await;
    assert_eq!((stored.recommendations_stale, stored.recommendations_resolved), (1, 1));
    let expected = [("vol-1".to_owned(), Status::Resolved), ("vol-2".to_owned(), Status::Stale)];
    assert_eq!(statuses(db, &scope).await, expected);
    denied.at = later(180);
    assert_eq!(denied.store(db, &scope).await, StoredRows::default(), "still not known");
    denied.at = later(240);
    denied.unconfirmed.clear();
    assert_eq!(denied.store(db, &scope).await.recommendations_resolved, 1, "known at last: gone");
    let stale =
        db.scoped(&scope).get_recommendation(both.recommendations[1].recommendation_id).await.unwrap();
    assert_eq!(stale.recommendation.last_seen, later(60));
}

/// Another process reads while the scan has written its first batches.
async fn a_reader_sees_the_old_picture_until_the_end(db: &TestDatabase) {
    let (scope, id) = linked(db).await;
    Picture::of(id, later(60)).with_volumes(&scope, &[("vol-old", 5)]).store(db, &scope).await;
    let mut new = Picture::of(id, later(120));
    new.resources = (0..1_500).map(|number| volume(&format!("vol-{number}"), 1, &[])).collect();
    let scan = new.begin(db, &scope).await;
    let record = new.record(scan);
    let mut seen_meanwhile = BTreeSet::new();
    let resources = new.resources.iter().enumerate().map(|(at, resource)| {
        if at == 1_200 {
            seen_meanwhile = read_elsewhere(&db.url, &scope);
        }
        resource.clone()
    });
    let picture = tuner::db::ScanPicture {
        record: &record,
        coverage: &new.coverage,
        recommendations: vec![],
        unconfirmed: &|_| false,
        switched_off: &|_| false,
        ledger: ledger_questions(),
        only_regions: None,
        costs: &[],
        foreign_costs: &[],
        forecast: None,
        permissions: &[],
    };
    db.scoped(&scope).store_scan(picture, resources).await.unwrap();
    assert_eq!(seen_meanwhile, BTreeSet::from(["vol-old".to_owned()]));
    assert_eq!(resource_ids(db, &scope).await.len(), 1_500);
}

/// In a thread with a runtime of its own, as the caller's stands still meanwhile.
fn read_elsewhere(url: &str, scope: &OrgScope) -> BTreeSet<String> {
    let read = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let other = Database::connect(url, &small_pool()).await.unwrap();
            let seen = resource_ids(&other, scope).await;
            other.close().await;
            seen
        })
    };
    std::thread::scope(|threads| threads.spawn(read).join().unwrap())
}

async fn a_failed_store_leaves_the_old_picture(db: &TestDatabase) {
    let (scope, id) = linked(db).await;
    Picture::of(id, later(60)).with_volumes(&scope, &[("vol-1", 5)]).store(db, &scope).await;
    let mut broken = Picture::of(id, later(120)).with_volumes(&scope, &[("vol-2", 5)]);
    let mut too_long = recommendation(&scope, id, "vol-3", 1);
    too_long.rule = "x".repeat(65);
    broken.recommendations.push(too_long);
    let scan = broken.begin(db, &scope).await;
    let error = broken.store_as(db, &scope, scan).await.unwrap_err();
    assert!(matches!(error, DbError::Query { operation: "UPSERT", .. }), "{error:?}");
    assert_eq!(resource_ids(db, &scope).await, BTreeSet::from(["vol-1".to_owned()]));
    assert_eq!(statuses(db, &scope).await, [("vol-1".to_owned(), Status::Active)]);
    let found = db.scoped(&scope).get_scan(scan).await.unwrap();
    assert_eq!(found.scan.status, ScanStatus::Running);
    assert_eq!(db.scoped(&scope).get_account(id).await.unwrap().last_scan_at, Some(later(60)));
}

async fn a_scan_without_its_lease_stores_nothing(db: &TestDatabase) {
    let (scope, id) = linked(db).await;
    let picture = Picture::of(id, later(60)).with_volumes(&scope, &[("vol-1", 5)]);
    let scan = picture.begin(db, &scope).await;
    let other = ScanId::generate();
    assert!(db.scoped(&scope).claim_scan(id, other, later(10_000), later(20_000)).await.unwrap());
    let error = picture.store_as(db, &scope, scan).await.unwrap_err();
    assert!(matches!(error, DbError::LeaseLost(lost) if lost == id), "{error:?}");
    assert!(resource_ids(db, &scope).await.is_empty());
}

async fn a_scan_row_tells_how_it_ended(db: &TestDatabase) {
    let (scope, id) = linked(db).await;
    let org = db.scoped(&scope);
    let picture = Picture::of(id, later(60));
    let first = picture.begin(db, &scope).await;
    let running = org.get_scan(first).await.unwrap();
    assert_eq!((running.scan.status, running.scan.finished_at), (ScanStatus::Running, None));
    assert_eq!(running.scan.regions, [region()]);
    picture.store_as(db, &scope, first).await.unwrap();
    assert_eq!(org.get_scan(first).await.unwrap(), picture.record(first));
    let second = Picture::of(id, later(120)).begin(db, &scope).await;
    let mut failed = picture.record(second);
    failed.scan.status = ScanStatus::Failed;
    failed.error = Some("é".repeat(600));
    failed.gaps = vec![Gap {
        region: region(),
        action: "ec2:DescribeVolumes".to_owned(),
        reason: GapReason::AccessDenied,
        code: "UnauthorizedOperation".to_owned(),
    }];
    org.finish_scan(&failed).await.unwrap();
    let found = org.get_scan(second).await.unwrap();
    assert_eq!((found.scan.status, &found.gaps), (ScanStatus::Failed, &failed.gaps));
    assert_eq!(found.error, Some("é".repeat(500)), "cut to what the column holds");
    let newest_first = org.list_scans(id, None, 1).await.unwrap();
    assert_eq!(newest_first[0].scan.id, second);
    assert_eq!(org.list_scans(id, Some(second), 5).await.unwrap()[0].scan.id, first);
    assert_eq!(db.interrupt_scans(later(200)).await.unwrap(), 0, "none is running");
    org.release_scan(id, second).await.unwrap();
    let third = Picture::of(id, later(240)).begin(db, &scope).await;
    assert_eq!(db.interrupt_scans(later(250)).await.unwrap(), 0, "its lease holds");
    assert_eq!(db.interrupt_scans(later(2_400)).await.unwrap(), 1, "its lease ran out");
    assert_eq!(org.get_scan(third).await.unwrap().scan.status, ScanStatus::Interrupted);
}
