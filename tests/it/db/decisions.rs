//! What people decide survives scans, and the totals follow at once.

use super::sample::{Picture, account, later, link, scope};
use crate::support::database::{TestDatabase, on_both_engines};
use tuner::{
    db::{DbError, Decision},
    domain::{
        ids::{RecommendationId, UserId},
        money::MicroUsd,
        recommendation::RecommendationStatus as Status,
        scope::OrgScope,
    },
};

on_both_engines! {
    a_decision_is_kept_with_who_and_why,
    a_decision_survives_a_scan,
    a_snooze_ends,
    a_snooze_that_ran_out_ends_with_the_next_scan,
    totals_follow_a_decision,
}

const IDS: &[(&str, i64)] = &[("vol-1", 5), ("vol-2", 7)];

async fn stored(db: &TestDatabase) -> (OrgScope, Picture) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let picture = Picture::of(account(1), later(60)).with_volumes(&scope, IDS);
    picture.store(db, &scope).await;
    (scope, picture)
}

async fn decide(db: &TestDatabase, scope: &OrgScope, id: RecommendationId, decision: Decision) -> Status {
    let by = UserId::generate();
    db.scoped(scope).decide_recommendation(id, &decision, by, later(90)).await.unwrap()
}

async fn status(db: &TestDatabase, scope: &OrgScope, id: RecommendationId) -> Status {
    db.scoped(scope).get_recommendation(id).await.unwrap().recommendation.status
}

async fn a_decision_is_kept_with_who_and_why(db: &TestDatabase) {
    let (scope, picture) = stored(db).await;
    let (org, id, by) = (db.scoped(&scope), picture.recommendations[0].recommendation_id, UserId::generate());
    assert_eq!(org.get_recommendation(id).await.unwrap().decision, None);
    let dismiss = Decision::Dismiss { reason: "needed at year's end".to_owned(), until: Some(later(9_000)) };
    assert_eq!(org.decide_recommendation(id, &dismiss, by, later(90)).await.unwrap(), Status::Dismissed);
    let taken = org.get_recommendation(id).await.unwrap().decision.unwrap();
    assert_eq!((taken.by, taken.at, taken.until), (by, later(90), Some(later(9_000))));
    assert_eq!(taken.note.as_deref(), Some("needed at year's end"));
    let reopened = org.decide_recommendation(id, &Decision::Reopen, by, later(100)).await.unwrap();
    assert_eq!(reopened, Status::Active);
    assert_eq!(org.get_recommendation(id).await.unwrap().decision, None);
    let missing = RecommendationId::generate();
    let error = org.decide_recommendation(missing, &Decision::Reopen, by, later(100)).await.unwrap_err();
    assert!(matches!(error, DbError::NotFound("recommendation")));
}

async fn a_decision_survives_a_scan(db: &TestDatabase) {
    let (scope, picture) = stored(db).await;
    let [first, second] = [0, 1].map(|at| picture.recommendations[at].recommendation_id);
    decide(db, &scope, first, Decision::Dismiss { reason: "no".to_owned(), until: None }).await;
    decide(db, &scope, second, Decision::Implement { note: None }).await;
    // Found again with another figure, then not at all.
    let changed = Picture::of(account(1), later(120)).with_volumes(&scope, &[("vol-1", 6), ("vol-2", 8)]);
    changed.store(db, &scope).await;
    assert_eq!(status(db, &scope, first).await, Status::Dismissed);
    let found = db.scoped(&scope).get_recommendation(first).await.unwrap().recommendation;
    assert_eq!(found.estimated_monthly_savings, MicroUsd::from_usd(6));
    Picture::of(account(1), later(180)).store(db, &scope).await;
    assert_eq!(status(db, &scope, first).await, Status::Dismissed);
    assert_eq!(status(db, &scope, second).await, Status::Implemented);
    let gone = db.scoped(&scope).get_recommendation(first).await.unwrap().recommendation;
    assert_eq!(gone.last_seen, later(120));
    assert_eq!(decide(db, &scope, first, Decision::Reopen).await, Status::Resolved, "it is gone");
}

async fn a_snooze_ends(db: &TestDatabase) {
    let (scope, picture) = stored(db).await;
    let [first, second] = [0, 1].map(|at| picture.recommendations[at].recommendation_id);
    decide(db, &scope, first, Decision::Snooze { until: later(1_000) }).await;
    decide(db, &scope, second, Decision::Dismiss { reason: "no".to_owned(), until: None }).await;
    let org = db.scoped(&scope);
    assert_eq!(org.wake_recommendations(later(999)).await.unwrap(), 0);
    assert_eq!(org.wake_recommendations(later(1_000)).await.unwrap(), 1);
    assert_eq!(status(db, &scope, first).await, Status::Active);
    assert_eq!(status(db, &scope, second).await, Status::Dismissed, "without an end it stays");
    let open = org.summarize_savings(Status::Active, None).await.unwrap();
    assert_eq!(open.total.counted, MicroUsd::from_usd(5));
}

async fn a_snooze_that_ran_out_ends_with_the_next_scan(db: &TestDatabase) {
    let (scope, picture) = stored(db).await;
    let first = picture.recommendations[0].recommendation_id;
    decide(db, &scope, first, Decision::Snooze { until: later(1_000) }).await;
    let mut again = Picture { at: later(999), ..picture };
    again.store(db, &scope).await;
    assert_eq!(status(db, &scope, first).await, Status::Snoozed);
    again.at = later(1_000);
    again.store(db, &scope).await;
    assert_eq!(status(db, &scope, first).await, Status::Active);
}

async fn totals_follow_a_decision(db: &TestDatabase) {
    let (scope, picture) = stored(db).await;
    let org = db.scoped(&scope);
    let first = picture.recommendations[0].recommendation_id;
    decide(db, &scope, first, Decision::Snooze { until: later(1_000) }).await;
    let open = org.summarize_savings(Status::Active, None).await.unwrap();
    assert_eq!((open.total.recommendations, open.total.counted), (1, MicroUsd::from_usd(7)));
    let snoozed = org.summarize_savings(Status::Snoozed, None).await.unwrap();
    assert_eq!((snoozed.total.recommendations, snoozed.total.counted), (1, MicroUsd::from_usd(5)));
    decide(db, &scope, first, Decision::Reopen).await;
    let open = org.summarize_savings(Status::Active, Some(account(1))).await.unwrap();
    assert_eq!((open.total.recommendations, open.total.counted), (2, MicroUsd::from_usd(12)));
    assert_eq!(open.by_account[&account(1)], open.total);
    assert_eq!(open.by_service.len(), 1);
    // A scan that counts anew finds nothing to mend but the row that became empty.
    let recounted = Picture { at: later(120), ..picture }.store(db, &scope).await;
    assert_eq!(recounted.totals_written, 1);
}
