use super::*;
use crate::domain::ids::OrgKey;
use jiff::{SignedDuration, ToSpan};
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

fn org() -> OrgKey {
    OrgKey::from_uuid(Uuid::from_u128(7))
}

fn start() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn id(number: usize) -> Uuid {
    Uuid::from_u128(number as u128 + 1)
}

fn event(number: usize) -> AuditEvent {
    AuditEvent {
        at: start() + SignedDuration::from_secs(i64::try_from(number).unwrap()),
        actor: AuditActor {
            kind: AuditActorKind::ApiKey,
            user: Some(UserId::from_uuid(id(number % 3))),
            api_key: Some(ApiKeyId::from_uuid(id(number % 5))),
        },
        action: "create_account".into(),
        account: Some(AccountId::from_i64(1000 + i64::try_from(number).unwrap())),
        target: Some(format!("scanId={number}")),
        phase: AuditPhase::Outcome,
        outcome: AuditOutcome::Failed,
        status: Some(409),
        code: Some("conflict".to_owned()),
        detail: Some("why".to_owned()),
        request_id: Some(RequestId::from_uuid(id(number))),
        intent: Some(i64::try_from(number).unwrap()),
        origin: Some([9; 32]),
    }
}

fn chain(length: usize) -> Vec<AuditEntry> {
    let mut last = ChainPoint::default();
    let mut entries = Vec::new();
    for number in 0..length {
        let (sequence, event) = (last.sequence + 1, event(number));
        let hash = link(org(), sequence, &last.hash, &event);
        last = ChainPoint { sequence, hash };
        entries.push(AuditEntry { sequence, event, hash });
    }
    entries
}

fn point(entry: &AuditEntry) -> ChainPoint {
    ChainPoint { sequence: entry.sequence, hash: entry.hash }
}

fn mark(entry: &AuditEntry) -> (i64, Mark) {
    (entry.sequence, Mark { hash: entry.hash, at: start() })
}

fn check(entries: &[AuditEntry], head: ChainPoint, marks: &[(i64, Mark)]) -> Result<Intact, Break> {
    let seven_years_ago = start() - SignedDuration::from_hours(24 * 365 * 7);
    let marks: BTreeMap<i64, Mark> = marks.iter().copied().collect();
    let mut check = ChainCheck::new(org(), ChainPoint::default(), marks, seven_years_ago);
    for entry in entries {
        check.add(entry);
    }
    check.finish(head)
}

fn broken(entries: &[AuditEntry], head: ChainPoint) -> (i64, &'static str) {
    let found = check(entries, head, &[]).unwrap_err();
    (found.sequence, found.kind.as_str())
}

/// Gives each row of a table the number of its place, as whoever hides a change would.
fn renumbered(mut entries: Vec<AuditEntry>) -> Vec<AuditEntry> {
    for (sequence, entry) in (1..).zip(&mut entries) {
        entry.sequence = sequence;
    }
    entries
}

/// A new chain over what is left: all that somebody without the checkpoint can do.
fn rehashed(entries: Vec<AuditEntry>) -> Vec<AuditEntry> {
    let mut last = [0; 32];
    let mut entries = renumbered(entries);
    for entry in &mut entries {
        entry.hash = link(org(), entry.sequence, &last, &entry.event);
        last = entry.hash;
    }
    entries
}

#[test]
fn what_was_written_verifies() {
    let entries = chain(20);
    let (head, mark) = (point(&entries[19]), mark(&entries[12]));
    let intact = check(&entries, head, &[mark]).unwrap();
    assert_eq!(intact, Intact { entries: 20, floor: 0, head, marked: Some(13) });
    assert_eq!(check(&[], ChainPoint::default(), &[]).unwrap().entries, 0);
}

#[test]
fn the_bytes_are_fixed_for_ever() {
    let bytes = chain::canonical_bytes(org(), 1, &[0; 32], &event(0));
    let hash: Hash = Sha256::digest(&bytes).into();
    assert_eq!(bytes.len(), 266);
    assert_eq!(hex::encode(hash), "ded4e3a7f643e6fe00a618d574bab30d3155bffd3f4ab4da2a388ba940096c19");
}

type Change = fn(&mut AuditEvent);

const CHANGES: &[Change] = &[
    |e| e.at += 1.microsecond(),
    |e| e.actor.kind = AuditActorKind::Member,
    |e| e.actor.user = None,
    |e| e.actor.user = Some(UserId::from_uuid(id(77))),
    |e| e.actor.api_key = None,
    |e| e.action = "delete_account".into(),
    |e| e.account = None,
    |e| e.account = Some(AccountId::from_i64(5)),
    |e| e.target = None,
    |e| e.target = Some(String::new()),
    |e| e.phase = AuditPhase::Event,
    |e| e.outcome = AuditOutcome::Succeeded,
    |e| e.status = Some(200),
    |e| e.status = None,
    |e| e.code = None,
    |e| e.detail = Some("another".to_owned()),
    // The same letters, another border between the fields.
    |e| (e.code, e.detail) = (Some("conflictw".to_owned()), Some("hy".to_owned())),
    |e| (e.code, e.detail) = (None, Some("conflictwhy".to_owned())),
    |e| e.request_id = None,
    |e| e.intent = Some(99),
    |e| e.intent = None,
    |e| e.origin = Some([8; 32]),
    |e| e.origin = None,
];

proptest! {
    #[test]
    fn a_changed_field_is_found(length in 1_usize..30, at in any::<prop::sample::Index>(), change in 0..CHANGES.len()) {
        let mut entries = chain(length);
        let (at, head) = (at.index(length), point(&entries[length - 1]));
        CHANGES[change](&mut entries[at].event);
        prop_assert_eq!(broken(&entries, head), (entries[at].sequence, "edited"));
    }

    #[test]
    fn a_changed_hash_is_found(length in 1_usize..30, at in any::<prop::sample::Index>(), bit in 0_usize..256) {
        let mut entries = chain(length);
        let (at, head) = (at.index(length), point(&entries[length - 1]));
        entries[at].hash[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(broken(&entries, head), (entries[at].sequence, "edited"));
    }

    #[test]
    fn a_deleted_entry_is_found(length in 3_usize..30, at in any::<prop::sample::Index>()) {
        let mut entries = chain(length);
        let (at, head) = (at.index(length - 2), point(&entries[length - 1]));
        let sequence = entries.remove(at).sequence;
        prop_assert_eq!(broken(&entries, head), (sequence, "missing"));
        prop_assert_eq!(broken(&renumbered(entries), head), (sequence, "missing"));
    }

    #[test]
    fn an_inserted_entry_is_found(length in 2_usize..30, at in any::<prop::sample::Index>()) {
        let mut entries = chain(length);
        let (at, head) = (at.index(length), point(&entries[length - 1]));
        let forged = AuditEntry { sequence: 0, event: event(500), hash: [3; 32] };
        entries.insert(at, forged);
        let sequence = i64::try_from(at).unwrap() + 1;
        prop_assert_eq!(broken(&renumbered(entries), head), (sequence, "inserted"));
    }

    #[test]
    fn entries_that_changed_places_are_found(length in 2_usize..30, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let mut entries = chain(length);
        let (a, b, head) = (a.index(length), b.index(length), point(&entries[length - 1]));
        prop_assume!(a != b);
        entries.swap(a, b);
        let first = i64::try_from(a.min(b)).unwrap() + 1;
        prop_assert_eq!(broken(&renumbered(entries), head), (first, "reordered"));
    }

    #[test]
    fn an_end_that_was_cut_off_is_found(length in 2_usize..30, at in any::<prop::sample::Index>()) {
        let entries = chain(length);
        let keep = 1 + at.index(length - 1);
        let (head, mark) = (point(&entries[length - 1]), mark(&entries[length - 1]));
        let first = i64::try_from(keep).unwrap() + 1;
        prop_assert_eq!(broken(&entries[..keep], head), (first, "truncated"));
        // Whoever also sets the head back is found by the mark.
        let found = check(&entries[..keep], point(&entries[keep - 1]), &[mark]).unwrap_err();
        prop_assert_eq!(found, Break { sequence: first, kind: BreakKind::Truncated });
    }

    #[test]
    fn a_chain_that_was_written_anew_is_found_by_a_mark(length in 2_usize..30, at in any::<prop::sample::Index>()) {
        let mut entries = chain(length);
        let mark = mark(&entries[length - 1]);
        entries[at.index(length)].event.action = "nothing".into();
        let entries = rehashed(entries);
        let head = point(&entries[length - 1]);
        prop_assert!(check(&entries, head, &[]).is_ok(), "the chain alone cannot tell");
        let found = check(&entries, head, &[mark]).unwrap_err();
        prop_assert_eq!(found.kind, BreakKind::Rewritten);
    }
}

#[test]
fn rows_behind_the_head_are_found() {
    let entries = chain(5);
    assert_eq!(broken(&entries, point(&entries[3])), (5, "inserted"));
    assert_eq!(broken(&entries, ChainPoint { sequence: 5, hash: [1; 32] }), (5, "edited"));
    assert_eq!(broken(&entries, ChainPoint::default()), (1, "inserted"), "the head itself was deleted");
}

#[test]
fn an_entry_of_another_organization_does_not_fit() {
    let entries = chain(3);
    let other = OrgKey::from_uuid(Uuid::from_u128(8));
    let mut check = ChainCheck::new(other, ChainPoint::default(), BTreeMap::new(), start());
    for entry in &entries {
        check.add(entry);
    }
    assert!(check.finish(point(&entries[2])).is_err());
}

#[test]
fn what_is_left_after_its_time_verifies() {
    let entries = chain(10);
    let (floor, head, old) = (point(&entries[3]), point(&entries[9]), mark(&entries[2]));
    let run = |keep_since: Timestamp, rest: &[AuditEntry]| {
        let mut check = ChainCheck::new(org(), floor, BTreeMap::from([old]), keep_since);
        for entry in rest {
            check.add(entry);
        }
        check.finish(head)
    };
    let later = start() + SignedDuration::from_hours(48);
    assert_eq!(run(later, &entries[4..]).unwrap(), Intact { entries: 6, floor: 4, head, marked: None });
    assert_eq!(run(later, &entries[5..]).unwrap_err(), Break { sequence: 5, kind: BreakKind::Missing });
    // A floor above what a mark saw lately was not set by retention.
    let early = start() - SignedDuration::from_hours(48);
    assert_eq!(run(early, &entries[4..]).unwrap_err(), Break { sequence: 3, kind: BreakKind::Missing });
}

#[test]
fn texts_are_made_to_fit() {
    let long = AuditEvent { target: Some(format!("a\u{1b}[2J{}", "x".repeat(900))), ..event(1) }.fitted();
    let target = long.target.unwrap();
    assert_eq!(target.chars().count(), 255);
    assert!(!target.contains('\u{1b}'));
}

#[test]
fn an_origin_is_hidden_by_its_salt() {
    let origin = |salt, ip: &str, agent: &str| {
        AuditOrigin { salt: [salt; 16], ip: ip.parse().ok(), user_agent: Some(agent.into()) }.digest()
    };
    assert_ne!(origin(1, "192.0.2.1", "curl"), origin(2, "192.0.2.1", "curl"));
    assert_ne!(origin(1, "192.0.2.1", "curl"), origin(1, "192.0.2.11", "curl"));
    assert_ne!(origin(1, "", "curl"), origin(1, "", ""));
    assert_eq!(origin_digest(&[1; 16], Some("192.0.2.1"), Some("curl")), origin(1, "192.0.2.1", "curl"));
}
