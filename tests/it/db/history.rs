//! The life of a recommendation: each step is kept, goes with it, and is nobody else's.

use super::sample::{Picture, account, later, link, scope};
use crate::support::database::{TestDatabase, on_both_engines};
use tuner::{
    db::{Decision, EventKind, KeptEvent, RetentionLimits, Taken},
    domain::{
        ids::{RecommendationId, UserId},
        recommendation::RecommendationStatus as Status,
        scope::OrgScope,
    },
};

on_both_engines! {
    each_step_is_kept_with_who_when_and_why,
    a_scan_adds_what_it_changed_and_nothing_else,
    many_are_decided_at_once_in_the_state_that_was_meant,
    what_is_excluded_counts_for_nothing_and_comes_back,
    an_excluded_one_that_was_dismissed_stays_dismissed,
    a_rule_that_is_switched_off_leaves_its_findings_excluded,
    the_end_of_a_snooze_is_a_step,
    steps_go_with_their_recommendation,
    an_account_that_was_deleted_begins_anew,
    another_organization_reads_nothing,
}

const DAY: i64 = 86_400;
const IDS: &[(&str, i64)] = &[("vol-1", 5), ("vol-2", 7), ("vol-3", 9)];

async fn stored(db: &TestDatabase) -> (OrgScope, Vec<RecommendationId>) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let picture = Picture::of(account(1), later(60)).with_volumes(&scope, IDS);
    picture.store(db, &scope).await;
    let ids = picture.recommendations.iter().map(|r| r.recommendation_id).collect();
    (scope, ids)
}

async fn steps(db: &TestDatabase, scope: &OrgScope, id: RecommendationId) -> Vec<KeptEvent> {
    let mut steps = db.scoped(scope).list_events(account(1), id, None, 100).await.unwrap();
    steps.reverse();
    steps
}

async fn kinds(db: &TestDatabase, scope: &OrgScope, id: RecommendationId) -> Vec<EventKind> {
    steps(db, scope, id).await.into_iter().map(|step| step.event).collect()
}

async fn status(db: &TestDatabase, scope: &OrgScope, id: RecommendationId) -> Status {
    db.scoped(scope).get_recommendation(id).await.unwrap().recommendation.status
}

async fn active_savings(db: &TestDatabase, scope: &OrgScope) -> String {
    db.scoped(scope).summarize_savings(Status::Active, None).await.unwrap().total.savings.to_string()
}

fn dismiss(reason: &str) -> Decision {
    Decision::Dismiss { reason: reason.to_owned(), until: None }
}

async fn each_step_is_kept_with_who_when_and_why(db: &TestDatabase) {
    let (scope, ids) = stored(db).await;
    let (org, by) = (db.scoped(&scope), UserId::generate());
    org.decide_recommendation(ids[0], &Decision::Snooze { until: later(900) }, by, later(90)).await.unwrap();
    org.decide_recommendation(ids[0], &dismiss("needed"), by, later(100)).await.unwrap();
    org.decide_recommendation(ids[0], &Decision::Reopen, by, later(110)).await.unwrap();
    let steps = steps(db, &scope, ids[0]).await;
    let told: Vec<_> = steps.iter().map(|s| (s.event, s.before, s.after, s.at)).collect();
    assert_eq!(
        told,
        [
            (EventKind::Snoozed, Status::Active, Status::Snoozed, later(90)),
            (EventKind::Dismissed, Status::Snoozed, Status::Dismissed, later(100)),
            (EventKind::Reopened, Status::Dismissed, Status::Active, later(110)),
        ]
    );
    assert!(steps.iter().all(|step| step.actor == Some(by)));
    assert_eq!((steps[0].until, steps[1].note.as_deref()), (Some(later(900)), Some("needed")));
    assert_eq!(org.list_events_of(by).await.unwrap(), steps);
    let page = org.list_events(account(1), ids[0], Some(steps[2].id), 1).await.unwrap();
    assert_eq!(page, [steps[1].clone()], "newest first, from behind the cursor");
}

async fn a_scan_adds_what_it_changed_and_nothing_else(db: &TestDatabase) {
    let (scope, ids) = stored(db).await;
    assert_eq!(kinds(db, &scope, ids[0]).await, [], "that it was found is no step");
    // Not found; found again; not judged; again not judged; found again with another figure.
    Picture::of(account(1), later(120)).store(db, &scope).await;
    let found = |at: i64, usd| Picture::of(account(1), later(at)).with_volumes(&scope, &[("vol-1", usd)]);
    found(180, 5).store(db, &scope).await;
    for at in [240, 300] {
        let mut doubtful = Picture::of(account(1), later(at));
        doubtful.unconfirmed = ids.iter().copied().collect();
        doubtful.store(db, &scope).await;
    }
    found(360, 6).store(db, &scope).await;
    found(420, 7).store(db, &scope).await;
    let expected =
        [EventKind::Resolved, EventKind::SeenAgain, EventKind::Unconfirmed, EventKind::SeenAgain];
    assert_eq!(kinds(db, &scope, ids[0]).await, expected);
    assert!(steps(db, &scope, ids[0]).await.iter().all(|step| step.actor.is_none()));
    assert_eq!(kinds(db, &scope, ids[1]).await, [Resolved], "gone once");
}

async fn many_are_decided_at_once_in_the_state_that_was_meant(db: &TestDatabase) {
    let (scope, ids) = stored(db).await;
    let (org, by) = (db.scoped(&scope), UserId::generate());
    // Somebody was faster with one of them.
    org.decide_recommendation(ids[1], &Decision::Implement { note: None }, by, later(90)).await.unwrap();
    let decision = dismiss("all of them");
    let taken = Taken { decision: &decision, by, at: later(100) };
    let changed = org.decide_recommendations(account(1), &ids, Status::Active, &taken).await.unwrap();
    assert_eq!(changed, 2);
    assert_eq!(status(db, &scope, ids[1]).await, Status::Implemented);
    let kept = org.get_recommendation(ids[2]).await.unwrap();
    assert_eq!(kept.decision.unwrap().note.as_deref(), Some("all of them"));
    assert_eq!(kinds(db, &scope, ids[2]).await, [EventKind::Dismissed]);
    assert_eq!(active_savings(db, &scope).await, "0.00", "totals follow");
    assert_eq!(org.decide_recommendations(account(1), &ids, Status::Active, &taken).await.unwrap(), 0);
    // Reopened, those that are gone meanwhile are not open.
    Picture::of(account(1), later(120)).with_volumes(&scope, &IDS[..1]).store(db, &scope).await;
    let taken = Taken { decision: &Decision::Reopen, by, at: later(130) };
    assert_eq!(org.decide_recommendations(account(1), &ids, Status::Dismissed, &taken).await.unwrap(), 2);
    assert_eq!(status(db, &scope, ids[0]).await, Status::Active);
    assert_eq!(status(db, &scope, ids[2]).await, Status::Resolved);
    assert_eq!(active_savings(db, &scope).await, "5.00");
}

/// As the scan hands over what the settings leave out.
fn with_excluded(scope: &OrgScope, at: i64) -> Picture {
    let mut picture = Picture::of(account(1), later(at)).with_volumes(scope, IDS);
    let excluded = &mut picture.recommendations[0];
    excluded.status = Status::Excluded;
    excluded.excluded = Some(tuner::domain::rule_settings::Excluded {
        exclusion_id: None,
        reason: "kept on purpose".to_owned(),
        until: None,
    });
    picture
}

async fn what_is_excluded_counts_for_nothing_and_comes_back(db: &TestDatabase) {
    let (scope, ids) = stored(db).await;
    with_excluded(&scope, 120).store(db, &scope).await;
    assert_eq!(status(db, &scope, ids[0]).await, Status::Excluded);
    assert_eq!(active_savings(db, &scope).await, "16.00");
    let kept = db.scoped(&scope).get_recommendation(ids[0]).await.unwrap().recommendation;
    assert_eq!(kept.excluded.unwrap().reason, "kept on purpose");
    let again = with_excluded(&scope, 180).store(db, &scope).await;
    assert_eq!(again.recommendations_written, 0, "nothing changed");
    Picture::of(account(1), later(240)).with_volumes(&scope, IDS).store(db, &scope).await;
    assert_eq!(status(db, &scope, ids[0]).await, Status::Active);
    assert_eq!(kinds(db, &scope, ids[0]).await, [EventKind::Excluded, EventKind::SeenAgain]);
    Picture::of(account(1), later(300)).store(db, &scope).await;
    assert_eq!(status(db, &scope, ids[0]).await, Status::Resolved);
}

async fn an_excluded_one_that_was_dismissed_stays_dismissed(db: &TestDatabase) {
    let (scope, ids) = stored(db).await;
    let by = UserId::generate();
    db.scoped(&scope).decide_recommendation(ids[0], &dismiss("no"), by, later(90)).await.unwrap();
    with_excluded(&scope, 120).store(db, &scope).await;
    assert_eq!(status(db, &scope, ids[0]).await, Status::Dismissed);
}

async fn a_rule_that_is_switched_off_leaves_its_findings_excluded(db: &TestDatabase) {
    let (scope, ids) = stored(db).await;
    let mut off = Picture::of(account(1), later(120));
    off.switched_off = true;
    off.store(db, &scope).await;
    off.at = later(180);
    let again = off.store(db, &scope).await;
    assert_eq!(again.recommendations_written, 0);
    assert_eq!(status(db, &scope, ids[0]).await, Status::Excluded);
    assert_eq!(kinds(db, &scope, ids[0]).await, [EventKind::Excluded]);
    // On again, and the waste is gone meanwhile.
    Picture::of(account(1), later(240)).store(db, &scope).await;
    assert_eq!(status(db, &scope, ids[0]).await, Status::Resolved);
}

async fn the_end_of_a_snooze_is_a_step(db: &TestDatabase) {
    let (scope, ids) = stored(db).await;
    let (org, by) = (db.scoped(&scope), UserId::generate());
    org.decide_recommendation(ids[0], &Decision::Snooze { until: later(900) }, by, later(90)).await.unwrap();
    assert_eq!(org.wake_recommendations(later(901)).await.unwrap(), 1);
    let last = steps(db, &scope, ids[0]).await.pop().unwrap();
    assert_eq!((last.event, last.after, last.actor), (EventKind::Ended, Status::Active, None));
}

async fn steps_go_with_their_recommendation(db: &TestDatabase) {
    let (scope, ids) = stored(db).await;
    let (org, by) = (db.scoped(&scope), UserId::generate());
    org.decide_recommendation(ids[0], &Decision::Implement { note: None }, by, later(90)).await.unwrap();
    org.decide_recommendation(ids[1], &dismiss("no"), by, later(90)).await.unwrap();
    let now = 400 * DAY;
    let limits = RetentionLimits {
        implemented_before: later(now - 365 * DAY),
        dismissed_before: later(now - 90 * DAY),
        snoozed_until_before: later(now - 30 * DAY),
    };
    // The dismissed one is still seen, and stays with its history.
    assert_eq!(org.forget_recommendations(account(1), &limits).await.unwrap(), 1);
    assert_eq!(kinds(db, &scope, ids[0]).await, []);
    assert_eq!(kinds(db, &scope, ids[1]).await, [EventKind::Dismissed]);
}

/// Nothing is left of a deleted account: no decision comes back with it.
async fn an_account_that_was_deleted_begins_anew(db: &TestDatabase) {
    let (scope, ids) = stored(db).await;
    let by = UserId::generate();
    db.scoped(&scope).decide_recommendation(ids[0], &dismiss("no"), by, later(90)).await.unwrap();
    db.scoped(&scope).delete_account(account(1)).await.unwrap();
    link(db, &scope, account(1)).await;
    Picture::of(account(1), later(120)).with_volumes(&scope, IDS).store(db, &scope).await;
    assert_eq!(status(db, &scope, ids[0]).await, Status::Active, "the same finding, undecided");
    assert_eq!(kinds(db, &scope, ids[0]).await, []);
    assert_eq!(db.scoped(&scope).list_events_of(by).await.unwrap(), []);
}

async fn another_organization_reads_nothing(db: &TestDatabase) {
    let (acme, ids) = stored(db).await;
    let by = UserId::generate();
    db.scoped(&acme).decide_recommendation(ids[0], &dismiss("no"), by, later(90)).await.unwrap();
    let evil = scope(db, "evil").await;
    assert_eq!(kinds(db, &evil, ids[0]).await, []);
    assert_eq!(db.scoped(&evil).list_events_of(by).await.unwrap(), []);
    let decision = dismiss("theirs");
    let taken = Taken { decision: &decision, by, at: later(100) };
    let changed = db.scoped(&evil).decide_recommendations(account(1), &ids, Status::Active, &taken).await;
    assert_eq!(changed.unwrap(), 0);
    let narrow = acme.narrowed_to(std::collections::BTreeSet::new());
    assert_eq!(kinds(db, &narrow, ids[0]).await, []);
}
