//! Recommendations whose time is over go, and the totals with them.

use super::sample::{Picture, account, later, link, scope};
use crate::support::database::{TestDatabase, on_both_engines};
use tuner::{
    db::{Decision, RecommendationFilter, RecommendationSort, RetentionLimits},
    domain::{ids::UserId, money::MicroUsd, recommendation::RecommendationStatus as Status, scope::OrgScope},
};

on_both_engines! {
    what_was_decided_long_ago_goes,
    a_dismissal_stays_while_scans_see_it,
    totals_follow_what_went,
}

const DAY: i64 = 86_400;

fn limits(now: i64) -> RetentionLimits {
    RetentionLimits {
        implemented_before: later(now - 365 * DAY),
        dismissed_before: later(now - 90 * DAY),
        snoozed_until_before: later(now - 30 * DAY),
    }
}

/// Four volumes: one is left alone, the others are implemented, dismissed and snoozed for ten days.
async fn decided(db: &TestDatabase) -> (OrgScope, Picture) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let volumes = &[("vol-1", 1), ("vol-2", 2), ("vol-3", 4), ("vol-4", 8)];
    let picture = Picture::of(account(1), later(60)).with_volumes(&scope, volumes);
    picture.store(db, &scope).await;
    let snooze = Decision::Snooze { until: later(10 * DAY) };
    let dismiss = Decision::Dismiss { reason: "needed".to_owned(), until: None };
    let decisions = [Decision::Implement { note: None }, dismiss, snooze];
    for (recommendation, decision) in picture.recommendations.iter().skip(1).zip(decisions) {
        let id = recommendation.recommendation_id;
        db.scoped(&scope).decide_recommendation(id, &decision, UserId::generate(), later(90)).await.unwrap();
    }
    (scope, picture)
}

async fn kept(db: &TestDatabase, scope: &OrgScope) -> Vec<String> {
    let all = RecommendationFilter::default();
    let rows =
        db.scoped(scope).list_recommendations(&all, RecommendationSort::Resource, None, 10).await.unwrap();
    rows.into_iter().map(|row| row.recommendation.resource_id).collect()
}

async fn forget(db: &TestDatabase, scope: &OrgScope, now: i64) -> u64 {
    let org = db.scoped(scope);
    let due = org.count_old_recommendations(&limits(now)).await.unwrap();
    let mut deleted = 0;
    for (account, count) in due {
        let gone = org.forget_recommendations(account, &limits(now)).await.unwrap();
        assert_eq!(gone, count, "what was counted was deleted");
        deleted += gone;
    }
    deleted
}

async fn what_was_decided_long_ago_goes(db: &TestDatabase) {
    let (scope, _) = decided(db).await;
    // The next scan sees none of them.
    Picture::of(account(1), later(120)).store(db, &scope).await;
    assert_eq!(forget(db, &scope, 39 * DAY).await, 0);
    assert_eq!(forget(db, &scope, 41 * DAY).await, 1, "snoozed: 30 days after its end");
    assert_eq!(kept(db, &scope).await, ["vol-1", "vol-2", "vol-3"]);
    assert_eq!(forget(db, &scope, 91 * DAY).await, 1, "dismissed: 3 months");
    assert_eq!(kept(db, &scope).await, ["vol-1", "vol-2"]);
    assert_eq!(forget(db, &scope, 366 * DAY).await, 1, "implemented: 12 months");
    assert_eq!(kept(db, &scope).await, ["vol-1"]);
    assert_eq!(forget(db, &scope, 9_000 * DAY).await, 0);
}

/// Without its row the next scan would open it again, against the decision.
async fn a_dismissal_stays_while_scans_see_it(db: &TestDatabase) {
    let (scope, picture) = decided(db).await;
    Picture { at: later(80 * DAY), ..picture }.store(db, &scope).await;
    forget(db, &scope, 100 * DAY).await;
    assert!(kept(db, &scope).await.contains(&"vol-3".to_owned()));
    Picture::of(account(1), later(110 * DAY)).store(db, &scope).await;
    forget(db, &scope, 150 * DAY).await;
    assert!(kept(db, &scope).await.contains(&"vol-3".to_owned()), "it was seen 70 days ago");
    forget(db, &scope, 171 * DAY).await;
    assert!(!kept(db, &scope).await.contains(&"vol-3".to_owned()));
}

async fn totals_follow_what_went(db: &TestDatabase) {
    let (scope, _) = decided(db).await;
    let total = async |status| {
        let summary = db.scoped(&scope).summarize_savings(status, None).await.unwrap();
        (summary.total.recommendations, summary.total.savings)
    };
    assert_eq!(total(Status::Implemented).await, (1, MicroUsd::from_usd(2)));
    forget(db, &scope, 366 * DAY).await;
    assert_eq!(total(Status::Implemented).await, (0, MicroUsd::ZERO));
    assert_eq!(total(Status::Active).await, (1, MicroUsd::from_usd(1)));
}
