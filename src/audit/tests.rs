use super::{
    AuditLog, Checkpoints, Draft, Ending, Store,
    checkpoint::{BadCheckpoint, Marks, append, read_marks},
    fixtures::Memory,
};
use crate::{
    domain::{
        audit::{AuditOutcome, AuditPhase, ChainPoint, Mark},
        clock::Clock,
        ids::{OrgKey, UserId},
        permission::Role,
        scope::{AccountAccess, OrgScope},
    },
    op::{Actor, OpCx, Origin},
};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, atomic::Ordering},
};

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn cx() -> OpCx {
    let scope = OrgScope::granted_by_sign_in(OrgKey::generate(), "acme".parse().unwrap(), AccountAccess::All);
    let actor = Actor::member(UserId::generate(), "ann".to_owned(), Role::Admin);
    let origin = Origin { ip: "192.0.2.7".parse().ok(), user_agent: Some("curl/8".into()) };
    OpCx { origin, ..OpCx::without_request(actor, scope, now()) }
}

struct Audit {
    log: AuditLog,
    memory: Arc<Memory>,
    folder: tempfile::TempDir,
}

fn audit() -> Audit {
    let (memory, folder) = (Arc::new(Memory::default()), tempfile::tempdir().unwrap());
    let checkpoints = Checkpoints::new(folder.path().join("marks"));
    let store = Arc::clone(&memory) as Arc<dyn Store>;
    Audit { log: AuditLog::start(store, checkpoints, Clock::fixed(now())), memory, folder }
}

#[tokio::test]
async fn an_effect_has_an_intent_before_and_an_outcome_behind_it() {
    let Audit { log, memory, .. } = audit();
    let pending = log.begin(Draft::of(&cx(), "delete_account").on(Some("123456789012"))).await.unwrap();
    let intent = memory.events().pop().unwrap();
    assert_eq!((intent.phase, intent.outcome), (AuditPhase::Intent, AuditOutcome::Pending));
    assert_eq!(intent.account, "123456789012".parse().ok());
    pending.finish(Ending::answered(409, Some("conflict"))).await;
    let outcome = memory.events().pop().unwrap();
    assert_eq!((outcome.phase, outcome.outcome), (AuditPhase::Outcome, AuditOutcome::Failed));
    assert_eq!(
        (outcome.intent, outcome.status, outcome.code.as_deref()),
        (Some(1), Some(409), Some("conflict"))
    );
    assert_eq!(outcome.request_id, intent.request_id);
}

#[tokio::test]
async fn an_effect_whose_intent_cannot_be_written_does_not_begin() {
    let Audit { log, memory, .. } = audit();
    memory.refuses.store(true, Ordering::SeqCst);
    assert!(log.begin(Draft::of(&cx(), "delete_account")).await.is_err());
    memory.refuses.store(false, Ordering::SeqCst);
    log.flush().await;
    assert!(memory.events().is_empty(), "an intent that was refused is not written later");
}

#[tokio::test]
async fn what_is_dropped_has_an_unknown_outcome() {
    let Audit { log, memory, .. } = audit();
    drop(log.begin(Draft::of(&cx(), "start_scan")).await.unwrap());
    drop(log.expect(Draft::of(&cx(), "list_accounts")).await.unwrap());
    log.flush().await;
    let events = memory.events();
    let ends: Vec<_> = events.iter().map(|e| (e.phase, e.outcome)).collect();
    assert!(ends.contains(&(AuditPhase::Outcome, AuditOutcome::Unknown)), "{ends:?}");
    assert!(ends.contains(&(AuditPhase::Event, AuditOutcome::Unknown)), "{ends:?}");
}

#[tokio::test]
async fn reads_survive_a_database_that_is_away_and_keep_their_order() {
    let Audit { log, memory, .. } = audit();
    memory.refuses.store(true, Ordering::SeqCst);
    for number in 0..5 {
        let pending = log.expect(Draft::of(&cx(), &format!("read_{number}"))).await.unwrap();
        pending.finish(Ending::answered(200, None)).await;
    }
    log.flush().await;
    assert!(memory.events().is_empty());
    memory.refuses.store(false, Ordering::SeqCst);
    log.close().await;
    let mut actions: Vec<String> = memory.events().iter().map(|e| e.action.to_string()).collect();
    actions.sort();
    assert_eq!(actions, ["read_0", "read_1", "read_2", "read_3", "read_4"]);
}

#[tokio::test]
async fn after_the_end_nothing_is_accepted() {
    let Audit { log, .. } = audit();
    log.close().await;
    assert!(log.begin(Draft::of(&cx(), "start_scan")).await.is_err());
    assert!(log.expect(Draft::of(&cx(), "list_accounts")).await.is_err());
    assert!(!log.offer(Draft::of(&cx(), "token.forged"), AuditOutcome::Refused.into()));
}

#[tokio::test]
async fn one_origin_is_kept_once_for_many_entries() {
    let Audit { log, memory, .. } = audit();
    let cx = cx();
    for _ in 0..3 {
        log.record(Draft::of(&cx, "sign_in"), AuditOutcome::Succeeded.into()).await.unwrap();
    }
    let elsewhere = OpCx { origin: Origin { ip: "192.0.2.8".parse().ok(), ..cx.origin.clone() }, ..cx };
    log.record(Draft::of(&elsewhere, "sign_in"), AuditOutcome::Succeeded.into()).await.unwrap();
    let entries = memory.entries.lock().unwrap();
    let kept: Vec<bool> = entries.iter().map(|new| new.origin.is_some()).collect();
    assert_eq!(kept, [true, false, false, true]);
    assert_eq!(entries[0].event.origin, entries[2].event.origin);
    assert_ne!(entries[0].event.origin, entries[3].event.origin);
    assert_eq!(
        entries[0].origin.as_ref().map(crate::domain::audit::AuditOrigin::digest),
        entries[0].event.origin
    );
}

#[tokio::test]
async fn the_end_of_each_chain_is_marked_outside() {
    let Audit { log, folder, .. } = audit();
    let cx = cx();
    log.record(Draft::of(&cx, "sign_in"), AuditOutcome::Succeeded.into()).await.unwrap();
    log.record(Draft::of(&cx, "sign_out"), AuditOutcome::Succeeded.into()).await.unwrap();
    log.close().await;
    let path = folder.path().join("marks");
    let marks = read_marks(&path, cx.scope.key()).unwrap();
    assert_eq!(marks.marks.keys().next_back(), Some(&2));
    assert_eq!(read_marks(&path, OrgKey::generate()).unwrap(), Marks::default());
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(path).unwrap()) & 0o777;
    assert_eq!(mode, 0o600);
}

#[test]
fn a_checkpoint_that_was_changed_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (path, chain) = (folder.path().join("marks"), OrgKey::generate());
    assert_eq!(read_marks(&path, chain).unwrap(), Marks::default(), "no file, no marks");
    let mut checkpoints = Checkpoints::new(path.clone());
    checkpoints.note(chain, ChainPoint { sequence: 7, hash: [7; 32] });
    let line = checkpoints.lines(now());
    fs::write(&path, format!("{line}{{\"at\":\"2026")).unwrap();
    append(&path, &line).unwrap();
    let marks = BTreeMap::from([(7, Mark { hash: [7; 32], at: now() })]);
    assert_eq!(read_marks(&path, chain).unwrap(), Marks { marks, unreadable: 1 }, "a line that broke off");
    checkpoints.note(chain, ChainPoint { sequence: 7, hash: [8; 32] });
    append(&path, &checkpoints.lines(now())).unwrap();
    assert!(matches!(read_marks(&path, chain), Err(BadCheckpoint::Contradiction { line: 4, .. })));
}
