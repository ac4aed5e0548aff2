//! How the audit scales: appends entries to a database of its own, then reads, exports and verifies them, and
//! prints times and peak memory. `cargo run --example audit_scale -- FOLDER ROWS`; FOLDER is kept, so that a
//! second run with 0 rows measures again.

#![allow(clippy::expect_used, reason = "a measurement that cannot go on says so")]

use jiff::{SignedDuration, Timestamp};
use std::{collections::BTreeMap, sync::Arc, time::Instant};
use tuner::{
    audit::{AuditLog, Checkpoints, Draft, Ending},
    db::{AuditCursor, AuditFilter, AuditOrder, ConnectOptions, Database, NewAudit},
    domain::{
        audit::{AuditActor, AuditActorKind, AuditEvent, AuditOutcome, AuditPhase, ChainCheck},
        clock::Clock,
        ids::{AccountId, RequestId, UserId},
        permission::Role,
        scope::OrgScope,
    },
    op::{Actor, OpCx, Origin},
};

const BATCH: i64 = 500;
const PAGE: u32 = 1000;

fn event(number: i64, users: &[UserId]) -> AuditEvent {
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
    let user = usize::try_from(number).ok().and_then(|n| users.get(n % users.len())).copied();
    let refused = number % 997 == 0;
    AuditEvent {
        at: begin + SignedDuration::from_millis(number * 2),
        actor: AuditActor { kind: AuditActorKind::Member, user, api_key: None },
        action: if number % 13 == 0 { "get_account".into() } else { "list_recommendations".into() },
        account: (number % 13 == 0).then(|| AccountId::from_i64(100_000_000_000 + number % 50)),
        target: None,
        phase: AuditPhase::Event,
        outcome: if refused { AuditOutcome::Refused } else { AuditOutcome::Succeeded },
        status: Some(if refused { 404 } else { 200 }),
        code: refused.then(|| "notFound".to_owned()),
        detail: None,
        request_id: Some(RequestId::generate()),
        intent: None,
        origin: Some([7; 32]),
    }
}

fn peak_mb() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb: u64 = line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default();
    format!("peak {} MB", kb / 1024)
}

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("FOLDER");
    let rows: i64 = arguments.next().expect("ROWS").parse().expect("a number");
    std::fs::create_dir_all(&folder).expect("the folder");
    let url = format!("sqlite://{folder}/tuner.db");
    let db = Database::connect(&url, &ConnectOptions::default()).await.expect("the database opens");
    let begin = "2026-01-01T00:00:00Z".parse().expect("a time");
    db.migrate(begin).await.expect("it migrates");
    let organization =
        db.find_or_create_organization(&"acme".parse().expect("a name"), begin).await.expect("it is made");
    let scope = db.system_scope(organization.key, organization.name);
    let users: Vec<UserId> = (1..=100).map(|n| UserId::from_uuid(uuid::Uuid::from_u128(n))).collect();
    append(&db, &scope, rows, &users).await;
    pages(&db, &scope, &users).await;
    reads(&db, &scope, &folder).await;
    export(&db, &scope).await;
    verify(&db, &scope).await;
}

async fn append(db: &Database, scope: &OrgScope, rows: i64, users: &[UserId]) {
    let (began, cpu) = (Instant::now(), cpu_seconds());
    for first in (0..rows).step_by(usize::try_from(BATCH).unwrap_or(1)) {
        let last = (first + BATCH).min(rows);
        let new: Vec<NewAudit> =
            (first..last).map(|number| NewAudit { event: event(number, users), origin: None }).collect();
        db.scoped(scope).append_audit(&new).await.expect("it is appended");
    }
    println!(
        "append {rows} rows: {:.1} s, CPU {:.1} s, {}",
        began.elapsed().as_secs_f64(),
        cpu_seconds() - cpu,
        peak_mb()
    );
}

async fn pages(db: &Database, scope: &OrgScope, users: &[UserId]) {
    let all = AuditFilter::default();
    let month = begin_plus_hours(1).zip(begin_plus_hours(2));
    let filters = [
        ("newest", all.clone()),
        ("of a user", AuditFilter { user: users.first().copied(), ..all.clone() }),
        ("of an account", AuditFilter { account: Some(AccountId::from_i64(100_000_000_013)), ..all.clone() }),
        ("refused", AuditFilter { outcome: Some(AuditOutcome::Refused), ..all.clone() }),
        (
            "of an hour long ago",
            AuditFilter { from: month.map(|m| m.0), to: month.map(|m| m.1), ..all.clone() },
        ),
        ("of an action that never was", AuditFilter { action: Some("none".to_owned()), ..all }),
    ];
    for (name, filter) in filters {
        let mut after: Option<AuditCursor> = None;
        let mut slowest = 0.0_f64;
        for _ in 0..20 {
            let began = Instant::now();
            let org = db.scoped(scope);
            let page = org.list_audit(&filter, UserId::generate(), AuditOrder::NewestFirst, after, 50);
            let page = page.await.expect("it is listed");
            slowest = slowest.max(began.elapsed().as_secs_f64() * 1000.0);
            after = page.last().map(|last| AuditCursor::of(&last.entry));
            if after.is_none() {
                break;
            }
        }
        println!("page of 50, {name}: slowest of 20 {slowest:.1} ms");
    }
}

/// What auditing costs a request that reads: from its entry to its end, the writer included.
async fn reads(db: &Database, scope: &OrgScope, folder: &str) {
    const READS: i64 = 50_000;
    let checkpoints = Checkpoints::new(format!("{folder}/checkpoints").into());
    let log = AuditLog::start(Arc::new(db.clone()), checkpoints, Clock::system());
    let actor = Actor::member(UserId::from_uuid(uuid::Uuid::from_u128(1)), "ann".to_owned(), Role::Viewer);
    let origin =
        Origin { ip: "192.0.2.7".parse().ok(), user_agent: Some("Mozilla/5.0 (X11; Linux x86_64)".into()) };
    let cx = OpCx { origin, ..OpCx::without_request(actor, scope.clone(), Clock::system().now()) };
    let (began, cpu) = (Instant::now(), cpu_seconds());
    for _ in 0..READS {
        let pending = log.expect(Draft::of(&cx, "list_recommendations")).await.expect("there is room");
        pending.finish(Ending::answered(200, None)).await;
    }
    log.close().await;
    let (wall, micros) = (began.elapsed().as_secs_f64(), (cpu_seconds() - cpu) * 1e6);
    println!("audit {READS} reads: {wall:.1} s, CPU {:.1} µs each", micros / 50_000.0);
}

fn begin_plus_hours(hours: i64) -> Option<Timestamp> {
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().ok()?;
    Some(begin + SignedDuration::from_hours(hours))
}

async fn export(db: &Database, scope: &OrgScope) {
    let (began, mut after, mut rows) = (Instant::now(), None, 0);
    loop {
        let all = AuditFilter::default();
        let org = db.scoped(scope);
        let page = org.list_audit(&all, UserId::generate(), AuditOrder::OldestFirst, after, PAGE);
        let page = page.await.expect("it is listed");
        rows += page.len();
        after = page.last().map(|last| AuditCursor::of(&last.entry));
        if after.is_none() {
            break;
        }
    }
    println!("export {rows} rows: {:.1} s, {}", began.elapsed().as_secs_f64(), peak_mb());
}

async fn verify(db: &Database, scope: &OrgScope) {
    let (began, org) = (Instant::now(), db.scoped(scope));
    let state = org.find_audit_chain().await.expect("it is found").unwrap_or_default();
    let mut check = ChainCheck::new(scope.key(), state.floor, BTreeMap::new(), Timestamp::UNIX_EPOCH);
    let mut after = i64::MIN;
    loop {
        let page = org.walk_audit(after, state.newest, PAGE).await.expect("it is walked");
        let Some(last) = page.last() else { break };
        after = last.sequence;
        for walked in &page {
            match &walked.entry {
                Some(entry) => check.add(entry),
                None => check.add_edited(walked.sequence),
            }
        }
    }
    let result = check.finish(state.head);
    println!(
        "verify: {:.1} s, {}, {:?}",
        began.elapsed().as_secs_f64(),
        peak_mb(),
        result.map(|i| i.entries)
    );
}
