//! The audit's chains in the database: appended, read, verified, forgotten.

use super::sample::{account, later, scope};
use crate::support::database::{TestDatabase, noon, on_both_engines};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use tuner::{
    db::{AuditCursor, AuditFilter, AuditOrder, Database, NewAudit, NewMember},
    domain::{
        audit::{
            AuditActor, AuditActorKind, AuditEvent, AuditOrigin, AuditOutcome, AuditPhase, Break, BreakKind,
            ChainCheck, ChainPoint, Intact,
        },
        ids::{AccountId, RequestId, UserId},
        permission::Role,
        scope::OrgScope,
    },
};

on_both_engines! {
    entries_come_back_as_they_were_hashed,
    many_writers_make_one_chain,
    pages_follow_each_other_in_both_directions,
    filters_narrow_together,
    an_administrator_of_accounts_sees_those_and_their_own,
    another_organization_sees_no_entry,
    an_edited_entry_is_found,
    an_edited_word_is_found,
    an_edited_origin_is_found,
    a_deleted_entry_is_found,
    an_inserted_entry_is_found,
    entries_that_changed_places_are_found,
    a_cut_off_end_is_found,
    a_deleted_head_is_found,
    a_person_is_forgotten_and_the_chain_holds,
    old_entries_go_and_the_rest_verifies,
    one_server_does_what_is_due,
}

fn event(number: i64) -> AuditEvent {
    AuditEvent {
        at: later(number),
        actor: AuditActor { kind: AuditActorKind::Member, user: Some(UserId::generate()), api_key: None },
        action: "list_accounts".into(),
        account: None,
        target: Some("scanId=Ü ".to_owned()),
        phase: AuditPhase::Event,
        outcome: AuditOutcome::Succeeded,
        status: Some(200),
        code: None,
        detail: None,
        request_id: Some(RequestId::generate()),
        intent: None,
        origin: None,
    }
}

fn from_somewhere(mut event: AuditEvent, ip: &str) -> NewAudit {
    let origin = AuditOrigin { salt: [7; 16], ip: ip.parse().ok(), user_agent: Some("curl/8 (Ü)".into()) };
    event.origin = Some(origin.digest());
    NewAudit { event, origin: Some(origin) }
}

async fn append(db: &Database, scope: &OrgScope, events: Vec<AuditEvent>) -> ChainPoint {
    let new: Vec<NewAudit> = events.into_iter().map(|event| NewAudit { event, origin: None }).collect();
    db.scoped(scope).append_audit(&new).await.unwrap()
}

/// Ten entries, as most tests need.
async fn filled(db: &TestDatabase) -> OrgScope {
    let scope = scope(db, "acme").await;
    append(db, &scope, (1..=10).map(event).collect()).await;
    scope
}

async fn check(db: &Database, scope: &OrgScope) -> Result<Intact, Break> {
    let org = db.scoped(scope);
    let state = org.find_audit_chain().await.unwrap().unwrap();
    let mut check = ChainCheck::new(scope.key(), state.floor, BTreeMap::new(), noon());
    let mut after = i64::MIN;
    loop {
        let page = org.walk_audit(after, state.newest, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.sequence;
        for walked in &page {
            match &walked.entry {
                Some(entry) => check.add(entry),
                None => check.add_edited(walked.sequence),
            }
        }
    }
    check.finish(state.head)
}

async fn broken(db: &TestDatabase, scope: &OrgScope) -> (i64, BreakKind) {
    let found = check(db, scope).await.unwrap_err();
    (found.sequence, found.kind)
}

async fn sequences(
    db: &Database,
    scope: &OrgScope,
    filter: &AuditFilter,
    reader: UserId,
    order: AuditOrder,
) -> Vec<i64> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = db.scoped(scope).list_audit(filter, reader, order, after, 3).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = Some(AuditCursor::of(&last.entry));
        all.extend(page.iter().map(|kept| kept.entry.sequence));
    }
}

async fn entries_come_back_as_they_were_hashed(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    assert_eq!(org.find_audit_chain().await.unwrap(), None);
    let mut full = event(1);
    full.account = Some(account(1));
    full.code = Some("conflict".to_owned());
    full.detail = Some("why".to_owned());
    full.intent = Some(4);
    let ann = NewMember {
        user: full.actor.user.unwrap(),
        subject: "ann".to_owned(),
        display_name: None,
        role: Role::Viewer,
        created_at: noon(),
    };
    org.create_member(&ann).await.unwrap();
    let new = from_somewhere(full.clone(), "2001:db8::7");
    let end = org.append_audit(std::slice::from_ref(&new)).await.unwrap();
    let all = AuditFilter::default();
    let page = org.list_audit(&all, ann.user, AuditOrder::NewestFirst, None, 10).await.unwrap();
    let kept = &page[0];
    assert_eq!(kept.entry.event, new.event);
    assert_eq!((kept.entry.sequence, kept.entry.hash), (end.sequence, end.hash));
    assert_eq!((kept.ip.as_deref(), kept.user_agent.as_deref()), (Some("2001:db8::7"), Some("curl/8 (Ü)")));
    assert_eq!(kept.subject.as_deref(), Some("ann"));
    assert_eq!(check(db, &scope).await.unwrap().entries, 1);
}

async fn many_writers_make_one_chain(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let other = db.another().await;
    let write = async |db: &Database, size: i64| {
        for number in 0..10 {
            append(db, &scope, (0..size).map(|n| event(number * size + n)).collect()).await;
        }
    };
    tokio::join!(write(db, 1), write(&other, 1), write(db, 7), write(&other, 3));
    let intact = check(db, &scope).await.unwrap();
    assert_eq!((intact.entries, intact.head.sequence), (120, 120));
}

async fn pages_follow_each_other_in_both_directions(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    // Entries are not written in the order of their times, and several have the same.
    let times = [5, 3, 3, 3, 9, 1, 9, 7];
    append(db, &scope, times.into_iter().map(event).collect()).await;
    let all = AuditFilter::default();
    let reader = UserId::generate();
    let oldest = sequences(db, &scope, &all, reader, AuditOrder::OldestFirst).await;
    assert_eq!(oldest, [6, 2, 3, 4, 1, 8, 5, 7]);
    let mut newest = sequences(db, &scope, &all, reader, AuditOrder::NewestFirst).await;
    newest.reverse();
    assert_eq!(newest, oldest);
}

async fn filters_narrow_together(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let ann = UserId::generate();
    let events = (1..=6).map(|number| {
        let mut event = event(number);
        if number % 2 == 0 {
            event.actor.user = Some(ann);
            event.action = "link_account".into();
        }
        if number > 3 {
            event.account = Some(account(7));
            event.outcome = AuditOutcome::Refused;
        }
        event
    });
    append(db, &scope, events.collect()).await;
    let find = async |filter: AuditFilter| {
        sequences(db, &scope, &filter, UserId::generate(), AuditOrder::OldestFirst).await
    };
    let none = AuditFilter::default();
    assert_eq!(find(AuditFilter { user: Some(ann), ..none.clone() }).await, [2, 4, 6]);
    assert_eq!(find(AuditFilter { account: Some(account(7)), ..none.clone() }).await, [4, 5, 6]);
    assert_eq!(
        find(AuditFilter { action: Some("link_account".to_owned()), ..none.clone() }).await,
        [2, 4, 6]
    );
    assert_eq!(find(AuditFilter { outcome: Some(AuditOutcome::Refused), ..none.clone() }).await, [4, 5, 6]);
    let span = AuditFilter { from: Some(later(2)), to: Some(later(5)), ..none.clone() };
    assert_eq!(find(span.clone()).await, [2, 3, 4], "the end is not included");
    assert_eq!(find(AuditFilter { user: Some(ann), account: Some(account(7)), ..span }).await, [4]);
    assert_eq!(find(AuditFilter { action: Some("' OR 1=1 --".to_owned()), ..none }).await, Vec::<i64>::new());
}

async fn an_administrator_of_accounts_sees_those_and_their_own(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let ann = UserId::generate();
    let of_account = |number, id| AuditEvent { account: Some(id), ..event(number) };
    let mut own = event(3);
    own.actor.user = Some(ann);
    append(db, &scope, vec![of_account(1, account(1)), of_account(2, account(2)), own, event(4)]).await;
    let seen = async |accounts: BTreeSet<AccountId>| {
        let narrowed = scope.clone().narrowed_to(accounts);
        sequences(db, &narrowed, &AuditFilter::default(), ann, AuditOrder::OldestFirst).await
    };
    assert_eq!(seen(BTreeSet::from([account(1), account(9)])).await, [1, 3]);
    assert_eq!(seen(BTreeSet::new()).await, [3]);
}

async fn another_organization_sees_no_entry(db: &TestDatabase) {
    let acme = filled(db).await;
    let globex = scope(db, "globex").await;
    let org = db.scoped(&globex);
    let all = AuditFilter::default();
    assert!(
        org.list_audit(&all, UserId::generate(), AuditOrder::NewestFirst, None, 10).await.unwrap().is_empty()
    );
    assert_eq!(org.find_audit_chain().await.unwrap(), None);
    assert!(org.walk_audit(i64::MIN, i64::MAX, 10).await.unwrap().is_empty());
    assert_eq!(org.forget_audit(later(1_000), 10).await.unwrap(), 0);
    append(db, &globex, vec![event(1)]).await;
    assert_eq!(check(db, &globex).await.unwrap().head.sequence, 1, "a chain of its own");
    assert_eq!(check(db, &acme).await.unwrap().entries, 10);
}

async fn an_edited_entry_is_found(db: &TestDatabase) {
    let scope = filled(db).await;
    db.run("UPDATE audit_entry SET action = 'nothing' WHERE sequence = 4").await;
    assert_eq!(broken(db, &scope).await, (4, BreakKind::Edited));
}

async fn an_edited_word_is_found(db: &TestDatabase) {
    let scope = filled(db).await;
    db.run("UPDATE audit_entry SET outcome = 'nonsense' WHERE sequence = 4").await;
    assert_eq!(broken(db, &scope).await, (4, BreakKind::Edited));
}

async fn an_edited_origin_is_found(db: &TestDatabase) {
    let scope = filled(db).await;
    db.scoped(&scope).append_audit(&[from_somewhere(event(11), "192.0.2.7")]).await.unwrap();
    check(db, &scope).await.unwrap();
    db.run("UPDATE audit_origin SET ip = '192.0.2.8'").await;
    assert_eq!(broken(db, &scope).await, (11, BreakKind::Edited));
}

async fn a_deleted_entry_is_found(db: &TestDatabase) {
    let scope = filled(db).await;
    db.run("DELETE FROM audit_entry WHERE sequence = 4").await;
    assert_eq!(broken(db, &scope).await, (4, BreakKind::Missing));
    for sequence in 5..=10 {
        let sql = format!("UPDATE audit_entry SET sequence = {} WHERE sequence = {sequence}", sequence - 1);
        db.run_text(sql).await;
    }
    assert_eq!(broken(db, &scope).await, (4, BreakKind::Missing), "those behind it were moved up");
}

async fn an_inserted_entry_is_found(db: &TestDatabase) {
    let scope = filled(db).await;
    for sequence in (4..=10).rev() {
        let sql = format!("UPDATE audit_entry SET sequence = {} WHERE sequence = {sequence}", sequence + 1);
        db.run_text(sql).await;
    }
    db.run(
        "INSERT INTO audit_entry (org_id, sequence, at_micros, actor_kind, action, phase, outcome, hash) \
         SELECT org_id, 4, at_micros, actor_kind, 'forged', phase, outcome, hash FROM audit_entry WHERE sequence = 3",
    )
    .await;
    assert_eq!(broken(db, &scope).await, (4, BreakKind::Inserted));
}

async fn entries_that_changed_places_are_found(db: &TestDatabase) {
    let scope = filled(db).await;
    db.run("UPDATE audit_entry SET sequence = 100 WHERE sequence = 4").await;
    db.run("UPDATE audit_entry SET sequence = 4 WHERE sequence = 8").await;
    db.run("UPDATE audit_entry SET sequence = 8 WHERE sequence = 100").await;
    assert_eq!(broken(db, &scope).await, (4, BreakKind::Reordered));
}

async fn a_cut_off_end_is_found(db: &TestDatabase) {
    let scope = filled(db).await;
    db.run("DELETE FROM audit_entry WHERE sequence > 7").await;
    assert_eq!(broken(db, &scope).await, (8, BreakKind::Truncated));
}

async fn a_deleted_head_is_found(db: &TestDatabase) {
    let scope = filled(db).await;
    db.run("DELETE FROM audit_head").await;
    assert_eq!(broken(db, &scope).await, (1, BreakKind::Inserted));
}

async fn a_person_is_forgotten_and_the_chain_holds(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    let (ann, bob) = (from_somewhere(event(1), "192.0.2.1"), from_somewhere(event(2), "192.0.2.2"));
    org.append_audit(&[ann.clone(), bob]).await.unwrap();
    let other = db.another().await;
    let globex = super::sample::scope(db, "globex").await;
    assert_eq!(other.scoped(&globex).erase_audit_origin(ann.event.actor.user.unwrap()).await.unwrap(), 0);
    assert_eq!(org.erase_audit_origin(ann.event.actor.user.unwrap()).await.unwrap(), 1);
    let all = AuditFilter::default();
    let page = org.list_audit(&all, UserId::generate(), AuditOrder::OldestFirst, None, 10).await.unwrap();
    let ips: Vec<_> = page.iter().map(|kept| kept.ip.as_deref()).collect();
    assert_eq!(ips, [None, Some("192.0.2.2")]);
    assert_eq!(page[0].entry.event.actor.user, ann.event.actor.user, "the pseudonym stays");
    assert_eq!(check(db, &scope).await.unwrap().entries, 2);
    let kept = db.texts("SELECT ip FROM audit_origin".to_owned()).await;
    assert_eq!(kept, ["192.0.2.2"]);
}

async fn old_entries_go_and_the_rest_verifies(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    // One that is young stands between old ones: what is behind it waits for it.
    append(db, &scope, [1, 2, 3, 9, 4, 10].into_iter().map(event).collect()).await;
    assert_eq!(org.count_old_audit(later(5), 100).await.unwrap(), 3);
    assert_eq!(org.forget_audit(later(5), 2).await.unwrap(), 2);
    assert_eq!(org.forget_audit(later(5), 2).await.unwrap(), 1);
    assert_eq!(org.forget_audit(later(5), 2).await.unwrap(), 0);
    let intact = check(db, &scope).await.unwrap();
    assert_eq!((intact.floor, intact.entries, intact.head.sequence), (3, 3, 6));
    append(db, &scope, vec![event(11)]).await;
    assert_eq!(check(db, &scope).await.unwrap().head.sequence, 7, "numbers go on");
    db.run("DELETE FROM audit_entry WHERE sequence = 4").await;
    assert_eq!(broken(db, &scope).await, (4, BreakKind::Missing));
}

async fn one_server_does_what_is_due(db: &TestDatabase) {
    let other = db.another().await;
    let (due, next): (Timestamp, Timestamp) = (later(0), later(7 * 86_400));
    let claim = async |db: &Database, due, now| db.claim_timer("t", due, now, now + lease()).await.unwrap();
    let (a, b) = tokio::join!(claim(db, due, later(1)), claim(&other, due, later(1)));
    assert!(a ^ b, "one of both");
    assert!(!claim(db, due, later(2)).await, "it is being done");
    assert!(claim(&other, due, later(1_000)).await, "the first one died");
    other.finish_timer("t", due).await.unwrap();
    assert!(!claim(db, due, later(9_000)).await, "it is done");
    assert!(claim(db, next, later(7 * 86_400 + 1)).await, "a week later it is due again");
    assert!(db.claim_timer("u", due, later(1), later(2)).await.unwrap(), "another timer is another matter");
}

fn lease() -> jiff::SignedDuration {
    jiff::SignedDuration::from_secs(600)
}
