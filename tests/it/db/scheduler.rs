//! What a tick keeps: leases, resources, actions, runs and days.

use super::sample::{account, later, link, other_region, region, scope};
use crate::support::database::{TestDatabase, on_both_engines};
use jiff::civil::date;
use std::collections::BTreeMap;
use tuner::{
    db::{
        ActionFilter, ActionOutcome, Book, DayCursor, DayFilter, DbError, RunFilter, ScheduledFilter,
        ShardLeases, ShardWork,
    },
    domain::{
        ids::{AccountId, ActionId, RunId},
        money::MicroUsd,
        region::Region,
        schedule::{
            Action, ActionRecord, ActionStatus, Desired, Facts, Observed, OffSince, Power, RunCounts,
            RunRecord, RunStatus, RunSummary, ScheduleDay, ScheduledAccount, ScheduledRegion,
            ScheduledResource, StartedFor, Target, TargetKind, cost::Coverage, shard_of,
        },
        scope::OrgScope,
        tags::Tags,
    },
};

on_both_engines! {
    a_lease_is_one_holders_until_it_ends,
    a_minute_is_done_once,
    a_clock_that_ran_ahead_holds_nobody_up,
    resources_come_back_as_they_were_put,
    resources_are_listed_by_page_and_filter,
    who_lost_a_lease_writes_outcomes_alone,
    a_call_is_admitted_once_it_is_intended_and_the_lease_holds,
    an_action_is_settled_once,
    actions_are_listed_newest_first,
    accounts_and_regions_tell_how_they_are,
    a_run_tells_how_it_ended,
    days_add_up,
    what_is_old_goes,
    another_organisation_sees_nothing,
    a_deleted_account_takes_all_of_it_along,
}

const SHARDS: [u32; 4] = [3, 5, 8, 63];

pub fn target(account: AccountId, region: Region, id: &str) -> Target {
    Target { account, region, kind: TargetKind::Instance, id: id.into() }
}

fn resource(target: Target) -> ScheduledResource {
    ScheduledResource {
        observed: Observed {
            target,
            name: Some("web".into()),
            tags: [("Scheduler", "Enabled"), ("Schedule", "office")].into_iter().collect::<Tags>(),
            power: Power::Running,
            seen_at: later(0),
            facts: Facts { aws_state: "running".into(), size: "m5.large".into(), ..Facts::default() },
        },
        schedule_name: Some("office".into()),
        desired: Some(Desired::Running),
        ineligible: None,
        reason: Some("unchanged".into()),
        memory: None,
        next_change_at: Some(later(3600)),
        off: None,
        gone_at: None,
    }
}

fn intent(target: Target, fence: i64) -> ActionRecord {
    ActionRecord {
        id: ActionId::generate(),
        run: RunId::generate(),
        target,
        resource_name: Some("web".into()),
        schedule_name: Some("office".into()),
        action: Action::Stop,
        reason: "scheduleChange".into(),
        state_before: Power::Running,
        status: ActionStatus::Intended,
        fence,
        audit_intent: Some(7),
        due_at: later(0),
        decided_at: later(5),
        called_at: None,
        code: None,
        message: None,
        request_id: None,
        finished_at: None,
        verify_after: None,
        state_seen: None,
        verified_at: None,
    }
}

async fn take(db: &TestDatabase, shards: &[u32], at: i64) -> ShardLeases {
    db.take_shards(shards, RunId::generate(), ShardWork::Asked, later(at)).await.unwrap()
}

/// A linked account and the lease of its shard.
pub async fn leased(db: &TestDatabase) -> (OrgScope, ShardLeases) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let leases = take(db, &[shard_of(scope.key(), account(1))], 0).await;
    (scope, leases)
}

async fn put(db: &TestDatabase, scope: &OrgScope, leases: &ShardLeases, rows: Vec<ScheduledResource>) {
    let book = Book { resources: rows, ..Book::default() };
    db.scoped(scope).write_book(leases, &book, later(1)).await.unwrap();
}

async fn put_intents(db: &TestDatabase, scope: &OrgScope, leases: &ShardLeases, intents: &[ActionRecord]) {
    let book = Book { intents: intents.to_vec(), ..Book::default() };
    db.scoped(scope).write_book(leases, &book, later(1)).await.unwrap();
}

fn outcome(id: ActionId, status: ActionStatus) -> Book {
    Book { outcomes: vec![ActionOutcome::new(id, status, later(9))], ..Book::default() }
}

async fn a_lease_is_one_holders_until_it_ends(db: &TestDatabase) {
    let first = take(db, &SHARDS, 0).await;
    assert_eq!(first.fences, SHARDS.map(|shard| (shard, 1)).into());
    assert!(take(db, &SHARDS, 60).await.fences.is_empty(), "held for two minutes");
    assert_eq!(db.renew_shards(first.holder, later(100)).await.unwrap(), 4);
    assert!(take(db, &SHARDS, 180).await.fences.is_empty(), "renewed");
    db.release_shards(first.holder, &[3]).await.unwrap();
    let second = take(db, &SHARDS, 180).await;
    assert_eq!(second.fences, BTreeMap::from([(3, 2)]), "given back");
    let third = take(db, &[5], 221).await;
    assert_eq!(third.fences, BTreeMap::from([(5, 2)]), "run out");
    assert_eq!(db.renew_shards(first.holder, later(222)).await.unwrap(), 2, "5 is another's now");
    db.release_shards(first.holder, &[5]).await.unwrap();
    assert_eq!(db.held_shards(third.holder).await.unwrap(), third, "another's is not given back");
}

async fn a_minute_is_done_once(db: &TestDatabase) {
    let minute = |at| ShardWork::Minute(later(at));
    let first = db.take_shards(&SHARDS, RunId::generate(), minute(0), later(1)).await.unwrap();
    db.release_shards(first.holder, &SHARDS).await.unwrap();
    let again = db.take_shards(&SHARDS, RunId::generate(), minute(0), later(2)).await.unwrap();
    assert!(again.fences.is_empty(), "the other server has done this minute");
    assert_eq!(take(db, &[3], 2).await.fences.len(), 1, "who asks does not wait for the next one");
    let next = db.take_shards(&SHARDS, RunId::generate(), minute(60), later(61)).await.unwrap();
    assert_eq!(next.fences.len(), 3);
}

async fn a_clock_that_ran_ahead_holds_nobody_up(db: &TestDatabase) {
    let ahead = later(3600);
    let work = ShardWork::Minute(ahead);
    db.take_shards(&SHARDS, RunId::generate(), work, ahead).await.unwrap();
    let back = db.take_shards(&SHARDS, RunId::generate(), ShardWork::Minute(later(0)), later(1)).await;
    assert_eq!(back.unwrap().fences.len(), 4);
}

async fn resources_come_back_as_they_were_put(db: &TestDatabase) {
    let (scope, leases) = leased(db).await;
    let mut row = resource(target(account(1), region(), "i-1"));
    row.off =
        Some(OffSince { since: later(60), price: Some(MicroUsd::new(96_000)), coverage: Coverage::OnDemand });
    put(db, &scope, &leases, vec![row.clone()]).await;
    let org = db.scoped(&scope);
    assert_eq!(org.get_scheduled(&row.observed.target).await.unwrap(), row);
    (row.off, row.gone_at, row.reason) = (None, Some(later(90)), Some("gone".into()));
    row.observed.power = Power::Gone;
    put(db, &scope, &leases, vec![row.clone()]).await;
    assert_eq!(org.get_scheduled(&row.observed.target).await.unwrap(), row);
}

async fn resources_are_listed_by_page_and_filter(db: &TestDatabase) {
    let (scope, leases) = leased(db).await;
    let near = |id: &str| resource(target(account(1), region(), id));
    let mut far = resource(target(account(1), other_region(), "i-0"));
    far.schedule_name = None;
    let mut gone = near("i-3");
    gone.gone_at = Some(later(5));
    put(db, &scope, &leases, vec![near("i-1"), near("i-2"), gone, far]).await;
    let org = db.scoped(&scope);
    let ids = async |filter: ScheduledFilter| {
        let (mut after, mut ids) = (None, Vec::new());
        loop {
            let page = org.list_scheduled(&filter, after.as_ref(), 1).await.unwrap();
            let Some(last) = page.into_iter().next_back() else { return ids };
            ids.push(last.observed.target.id.to_string());
            after = Some(last.observed.target);
        }
    };
    assert_eq!(ids(ScheduledFilter::default()).await, ["i-1", "i-2", "i-0"]);
    let office = ScheduledFilter { schedule: Some("office".into()), ..ScheduledFilter::default() };
    assert_eq!(ids(office).await, ["i-1", "i-2"]);
    assert_eq!(ids(ScheduledFilter { off: Some(true), ..ScheduledFilter::default() }).await, [""; 0]);
    let all = ScheduledFilter { with_gone: true, ..ScheduledFilter::default() };
    assert_eq!(ids(all).await, ["i-1", "i-2", "i-3", "i-0"]);
}

async fn who_lost_a_lease_writes_outcomes_alone(db: &TestDatabase) {
    let (scope, leases) = leased(db).await;
    let org = db.scoped(&scope);
    let row = resource(target(account(1), region(), "i-1"));
    let action = intent(row.observed.target.clone(), 1);
    put_intents(db, &scope, &leases, std::slice::from_ref(&action)).await;
    let shard = shard_of(scope.key(), account(1));
    let newer = take(db, &[shard], 200).await;
    assert_eq!(newer.fences, BTreeMap::from([(shard, 2)]));
    let book = Book { resources: vec![row.clone()], ..outcome(action.id, ActionStatus::Accepted) };
    let error = org.write_book(&leases, &book, later(201)).await.unwrap_err();
    assert!(matches!(error, DbError::ShardLost), "{error}");
    assert!(org.get_scheduled(&row.observed.target).await.is_err());
    assert_eq!(org.get_action(action.id).await.unwrap().status, ActionStatus::Accepted);
    let late = Book { resources: vec![row], ..Book::default() };
    let error = org.write_book(&newer, &late, later(321)).await.unwrap_err();
    assert!(matches!(error, DbError::ShardLost), "run out, though nobody took it: {error}");
}

async fn a_call_is_admitted_once_it_is_intended_and_the_lease_holds(db: &TestDatabase) {
    let (scope, leases) = leased(db).await;
    let org = db.scoped(&scope);
    let [a, b, c] = ["i-1", "i-2", "i-3"].map(|id| intent(target(account(1), region(), id), 1));
    put_intents(db, &scope, &leases, &[a.clone(), b.clone(), c.clone()]).await;
    let both = [a.id, b.id];
    assert_eq!(org.admit_actions(&leases, account(1), &both, later(3)).await.unwrap(), both.into());
    assert_eq!(org.get_action(a.id).await.unwrap().called_at, Some(later(3)));
    assert_eq!(org.admit_actions(&leases, account(1), &both, later(4)).await.unwrap(), both.into(), "again");
    org.write_book(&leases, &outcome(a.id, ActionStatus::Accepted), later(5)).await.unwrap();
    assert_eq!(org.admit_actions(&leases, account(1), &both, later(6)).await.unwrap(), [b.id].into());
    assert!(org.admit_actions(&leases, account(1), &[c.id], later(120)).await.unwrap().is_empty(), "run out");
    let other = ShardLeases { fences: BTreeMap::new(), ..leases.clone() };
    assert!(org.admit_actions(&other, account(1), &[c.id], later(6)).await.unwrap().is_empty());
    let shard = shard_of(scope.key(), account(1));
    let newer = take(db, &[shard], 130).await;
    assert!(org.admit_actions(&leases, account(1), &[c.id], later(131)).await.unwrap().is_empty(), "stale");
    let taken_back = ShardLeases { fences: newer.fences, ..leases };
    let admitted = org.admit_actions(&taken_back, account(1), &[c.id], later(131)).await.unwrap();
    assert!(admitted.is_empty(), "another holder's fence");
}

async fn an_action_is_settled_once(db: &TestDatabase) {
    let (scope, leases) = leased(db).await;
    let org = db.scoped(&scope);
    let action = intent(target(account(1), region(), "i-1"), 1);
    put_intents(db, &scope, &leases, std::slice::from_ref(&action)).await;
    let mut accepted = outcome(action.id, ActionStatus::Accepted);
    accepted.outcomes[0].request_id = Some("req-1".into());
    accepted.outcomes[0].verify_after = Some(later(70));
    org.write_book(&leases, &accepted, later(9)).await.unwrap();
    let open = org.list_open_actions(None, None, 10).await.unwrap();
    assert_eq!((open.len(), open[0].verify_after), (1, Some(later(70))));
    let mut seen = outcome(action.id, ActionStatus::Verified);
    (seen.outcomes[0].state_seen, seen.outcomes[0].verified_at) = (Some(Power::Stopped), Some(later(80)));
    org.write_book(&leases, &seen, later(80)).await.unwrap();
    org.write_book(&leases, &outcome(action.id, ActionStatus::Failed), later(81)).await.unwrap();
    let kept = org.get_action(action.id).await.unwrap();
    assert_eq!((kept.status, kept.request_id.as_deref()), (ActionStatus::Verified, Some("req-1")));
    assert_eq!((kept.state_seen, kept.verified_at), (Some(Power::Stopped), Some(later(80))));
    assert_eq!(org.list_open_actions(None, None, 10).await.unwrap(), []);
}

async fn actions_are_listed_newest_first(db: &TestDatabase) {
    let (scope, leases) = leased(db).await;
    let org = db.scoped(&scope);
    let [a, mut b, c] = ["i-1", "i-2", "i-1"].map(|id| intent(target(account(1), region(), id), 1));
    b.action = Action::Start;
    put_intents(db, &scope, &leases, &[a.clone(), b.clone(), c.clone()]).await;
    let all = org.list_actions(&ActionFilter::default(), None, 2).await.unwrap();
    assert_eq!(all, [c.clone(), b.clone()]);
    let rest = org.list_actions(&ActionFilter::default(), Some(b.id), 2).await.unwrap();
    assert_eq!(rest, std::slice::from_ref(&a));
    assert_eq!(org.list_actions_of(&a.target, 9).await.unwrap(), [c.clone(), a.clone()]);
    let starts = ActionFilter { action: Some(Action::Start), ..ActionFilter::default() };
    assert_eq!(org.list_actions(&starts, None, 9).await.unwrap(), [b.clone()]);
    let of_run = ActionFilter { run: Some(c.run), ..ActionFilter::default() };
    assert_eq!(org.list_actions(&of_run, None, 9).await.unwrap(), [c]);
    let later_ones = ActionFilter { from: Some(later(6)), ..ActionFilter::default() };
    assert_eq!(org.list_actions(&later_ones, None, 9).await.unwrap(), []);
}

async fn accounts_and_regions_tell_how_they_are(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let org = db.scoped(&scope);
    let mut state = ScheduledAccount { swept_at: Some(later(1)), ..ScheduledAccount::default() };
    org.put_scheduled_account(account(1), &state).await.unwrap();
    (state.failure, state.failures) = (Some("AccessDenied".into()), 2);
    (state.failed_at, state.not_before) = (Some(later(60)), Some(later(660)));
    org.put_scheduled_account(account(1), &state).await.unwrap();
    assert_eq!(org.list_scheduled_accounts().await.unwrap(), BTreeMap::from([(account(1), state)]));
    let mut place = ScheduledRegion {
        account: account(1),
        region: region(),
        looked_at: Some(later(1)),
        failure: None,
        failed_at: None,
    };
    org.put_scheduled_region(&place).await.unwrap();
    (place.failure, place.failed_at) = (Some("Throttling".into()), Some(later(5)));
    org.put_scheduled_region(&place).await.unwrap();
    assert_eq!(org.list_scheduled_regions(None).await.unwrap(), [place]);
    assert_eq!(org.list_scheduled_regions(Some(account(2))).await.unwrap(), []);
}

async fn a_run_tells_how_it_ended(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    let mut run = RunRecord {
        id: RunId::generate(),
        started_for: StartedFor::Request,
        actor_name: "cron".into(),
        dry_run: true,
        status: RunStatus::Running,
        started_at: later(0),
        finished_at: None,
        summary: None,
    };
    org.create_run(&run).await.unwrap();
    assert_eq!(org.get_run(run.id).await.unwrap(), run);
    run.status = RunStatus::Partial;
    run.finished_at = Some(later(2));
    let counts = RunCounts { stopped: 3, ..RunCounts::default() };
    run.summary = Some(RunSummary { counts, failures: vec![] });
    org.finish_run(&run).await.unwrap();
    assert_eq!(org.list_runs(&RunFilter::default(), None, 5).await.unwrap(), [run.clone()]);
    assert_eq!(org.list_runs(&RunFilter::default(), Some(run.id), 5).await.unwrap(), []);
    let timers = RunFilter { started_for: Some(StartedFor::Timer), ..RunFilter::default() };
    assert_eq!(org.list_runs(&timers, None, 5).await.unwrap(), []);
    let died = RunRecord { id: RunId::generate(), status: RunStatus::Running, ..run.clone() };
    org.create_run(&died).await.unwrap();
    assert_eq!(org.interrupt_runs(later(1), later(900)).await.unwrap(), 1);
    assert_eq!(org.get_run(died.id).await.unwrap().status, RunStatus::Failed);
}

pub fn day(target: Target, day: jiff::civil::Date, seconds_off: i64) -> ScheduleDay {
    ScheduleDay {
        target,
        day,
        schedule_name: Some("office".into()),
        seconds_off,
        saved: MicroUsd::new(seconds_off * 10),
        price: Some(MicroUsd::new(36_000)),
        coverage: Coverage::OnDemand,
        updated_at: later(0),
    }
}

async fn days_add_up(db: &TestDatabase) {
    let (scope, leases) = leased(db).await;
    let org = db.scoped(&scope);
    let [a, b] = ["i-1", "i-2"].map(|id| target(account(1), region(), id));
    let (first, second) = (date(2026, 11, 22), date(2026, 11, 23));
    for seconds in [100, 50] {
        let days = vec![day(a.clone(), first, seconds), day(b.clone(), second, 7)];
        let book = Book { days, ..Book::default() };
        org.write_book(&leases, &book, later(1)).await.unwrap();
    }
    let filter = DayFilter { from: first, to: second, account: None, schedule: None, target: None };
    let sums = org.sum_schedule_days(&filter).await.unwrap();
    let seen: Vec<_> = sums.iter().map(|sum| (sum.day, sum.seconds_off, sum.saved.get())).collect();
    assert_eq!(seen, [(first, 150, 1_500), (second, 14, 140)]);
    let page = org.list_schedule_days(&filter, None, 1).await.unwrap();
    assert_eq!(page, [day(a.clone(), first, 150)]);
    let after = DayCursor { day: first, target: a };
    assert_eq!(org.list_schedule_days(&filter, Some(&after), 5).await.unwrap(), [day(b.clone(), second, 14)]);
    let of_b = DayFilter { target: Some(b), ..filter };
    assert_eq!(org.sum_schedule_days(&of_b).await.unwrap().len(), 1);
}

async fn what_is_old_goes(db: &TestDatabase) {
    let (scope, leases) = leased(db).await;
    let org = db.scoped(&scope);
    let mut row = resource(target(account(1), region(), "i-1"));
    row.gone_at = Some(later(10));
    put_intents(db, &scope, &leases, &[intent(row.observed.target.clone(), 1)]).await;
    put(db, &scope, &leases, vec![row]).await;
    assert_eq!(org.count_old_actions(later(5)).await.unwrap(), 0);
    assert_eq!(org.count_old_actions(later(6)).await.unwrap(), 1);
    assert_eq!(org.forget_actions(later(6)).await.unwrap(), 1);
    assert_eq!((org.count_gone_scheduled(later(10)).await.unwrap(), 0), (0, 0));
    assert_eq!(org.forget_gone_scheduled(later(11)).await.unwrap(), 1);
}

async fn another_organisation_sees_nothing(db: &TestDatabase) {
    let (scope, leases) = leased(db).await;
    let other = super::sample::scope(db, "rival").await;
    link(db, &other, account(1)).await;
    let row = resource(target(account(1), region(), "i-1"));
    let action = intent(row.observed.target.clone(), 1);
    put_intents(db, &scope, &leases, std::slice::from_ref(&action)).await;
    put(db, &scope, &leases, vec![row.clone()]).await;
    let rival = db.scoped(&other);
    assert_eq!(rival.list_scheduled(&ScheduledFilter::default(), None, 5).await.unwrap(), []);
    assert!(rival.get_scheduled(&row.observed.target).await.is_err());
    assert!(rival.get_action(action.id).await.is_err());
    assert_eq!(rival.list_open_actions(None, None, 5).await.unwrap(), []);
    assert!(rival.admit_actions(&leases, account(1), &[action.id], later(2)).await.unwrap().is_empty());
    let narrowed = scope.clone().narrowed_to([account(2)].into());
    let granted = db.scoped(&narrowed);
    assert_eq!(granted.list_scheduled(&ScheduledFilter::default(), None, 5).await.unwrap(), []);
    assert_eq!(granted.list_actions(&ActionFilter::default(), None, 5).await.unwrap(), []);
    assert!(granted.get_action(action.id).await.is_err());
}

async fn a_deleted_account_takes_all_of_it_along(db: &TestDatabase) {
    let (scope, leases) = leased(db).await;
    let org = db.scoped(&scope);
    let row = resource(target(account(1), region(), "i-1"));
    put_intents(db, &scope, &leases, &[intent(row.observed.target.clone(), 1)]).await;
    let days = vec![day(row.observed.target.clone(), date(2026, 11, 22), 5)];
    let book = Book { resources: vec![row], days, ..Book::default() };
    org.write_book(&leases, &book, later(1)).await.unwrap();
    org.put_scheduled_account(account(1), &ScheduledAccount::default()).await.unwrap();
    org.delete_account(account(1)).await.unwrap();
    assert_eq!(org.list_actions(&ActionFilter::default(), None, 5).await.unwrap(), []);
}
