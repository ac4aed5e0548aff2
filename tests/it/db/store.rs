//! A scan's picture replaces the one before: completely, at once, and only where it differs.

use super::sample::{Picture, account, later, link, scope};
use crate::support::database::{TestDatabase, on_both_engines};
use tuner::db::{RecommendationFilter, RecommendationSort, StoredRows};

on_both_engines! { a_picture_is_stored_and_listed }

async fn a_picture_is_stored_and_listed(db: &TestDatabase) {
    let (scope, id) = (scope(db, "acme").await, account(1));
    link(db, &scope, id).await;
    let picture = Picture::of(id, later(60)).with_volumes(&scope, &[("vol-1", 5), ("vol-2", 7)]);
    let stored = picture.store(db, &scope).await;
    assert_eq!((stored.resources_written, stored.tags_written, stored.recommendations_written), (2, 4, 2));
    let again = Picture { at: later(120), ..picture };
    assert_eq!(again.store(db, &scope).await, StoredRows::default(), "nothing changed");
    let org = db.scoped(&scope);
    let listed = org
        .list_recommendations(&RecommendationFilter::default(), RecommendationSort::Savings, None, 10)
        .await
        .unwrap();
    let ids: Vec<&str> = listed.iter().map(|kept| kept.recommendation.resource_id.as_str()).collect();
    assert_eq!(ids, ["vol-2", "vol-1"]);
    assert_eq!(listed[0].recommendation.first_seen, later(60));
    assert_eq!(listed[0].recommendation.last_seen, later(120));
}
