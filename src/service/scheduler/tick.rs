//! One tick of one organisation.

use super::{
    approving::{Fleet, Stops, hold_back},
    desk::{Job, work_account},
    orphans::unfinished_since,
    planning::{Planned, plan_all},
    report::{Findings, NotDone, Shared},
    shift::Shift,
    states::{Entrance, entrance_of},
};
use crate::{
    app::App,
    domain::{
        account::Account,
        ids::{AccountId, ActionId, ApprovalId, RunId},
        schedule::{
            ActionRecord, Prepared, RunRecord, RunStatus, ScheduledAccount, ScheduledRegion, StartedFor,
            Stopped, shard_of,
        },
    },
    error::Error,
    op::OpCx,
    service::{notify, schedules},
};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::{OnceCell, Semaphore};

const PAGE: u32 = 500;
/// From so many actions at once on, accounts begin one after the other.
const CROWD: usize = 1_000;
const SPREAD_SECS: u64 = 10;
/// The audit's queue has room for some thousands, and others write, too.
const OPEN_AUDITS: usize = 1_024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Act,
    /// Decides and shows, writes nothing and starts and stops nothing.
    DryRun,
}

/// What a tick is for.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub mode: Mode,
    pub started_for: StartedFor,
    /// All of them where none is named.
    pub account: Option<AccountId>,
}

/// All that everything in one tick of an organisation needs.
pub(super) struct Tick<'t, 'c> {
    pub app: &'t App,
    pub cx: &'t OpCx,
    pub order: &'t Order,
    pub shift: &'t Shift,
    pub prepared: &'t Prepared<'c>,
    pub run: RunId,
    pub stopped: Option<Stopped>,
    /// Since when there may be intents of servers that died.
    pub unfinished_since: Option<Timestamp>,
    pub findings: Shared,
    pub stops: Stops,
    /// Approvals that served in this tick.
    pub served: Mutex<BTreeSet<ApprovalId>>,
    pub permits: &'t Semaphore,
    /// Intents whose outcome is not audited yet.
    pub audits: Semaphore,
    row: OnceCell<()>,
}

/// The organisation's accounts that this tick deals with.
pub(super) async fn list_accounts(
    app: &App,
    cx: &OpCx,
    only: Option<AccountId>,
) -> Result<Vec<Account>, Error> {
    let db = app.database.scoped(&cx.scope);
    if let Some(account) = only {
        return Ok(vec![db.get_account(account).await?]);
    }
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = db.list_accounts(after, PAGE).await?;
        after = page.last().map(|account| account.id);
        all.extend(page);
        if after.is_none() {
            return Ok(all);
        }
    }
}

/// Runs it to its end. What fails for single accounts is in the findings.
pub(super) async fn tick(
    app: &App,
    cx: &OpCx,
    order: &Order,
    shift: &Shift,
    accounts: Vec<Account>,
) -> Result<(RunRecord, Findings), Error> {
    let config = schedules::config(app, cx).await?;
    let prepared = config.prepare(cx.now);
    let permits = Semaphore::new(app.settings.scheduler.parallel_accounts);
    let mut tick = Tick {
        app,
        cx,
        order,
        shift,
        prepared: &prepared,
        run: RunId::generate(),
        stopped: schedules::kill_switch(app, cx).await?,
        unfinished_since: None,
        findings: Shared::default(),
        stops: Stops::default(),
        served: Mutex::default(),
        permits: &permits,
        audits: Semaphore::new(OPEN_AUDITS),
        row: OnceCell::new(),
    };
    if tick.acts() {
        tick.unfinished_since = unfinished_since(&tick).await?;
    }
    let done = tick.work(accounts).await;
    tick.end(done).await
}

impl Tick<'_, '_> {
    pub fn acts(&self) -> bool {
        self.order.mode == Mode::Act
    }

    pub fn db(&self) -> crate::db::OrgDb<'_> {
        self.app.database.scoped(&self.cx.scope)
    }

    pub fn shard(&self, account: AccountId) -> u32 {
        shard_of(self.cx.scope.key(), account)
    }

    /// The run's row, once, before the first intent that names it.
    pub async fn begin_row(&self) -> Result<(), Error> {
        let create = || async { self.db().create_run(&self.record(RunStatus::Running)).await };
        self.row.get_or_try_init(create).await?;
        Ok(())
    }

    fn record(&self, status: RunStatus) -> RunRecord {
        RunRecord {
            id: self.run,
            started_for: self.order.started_for,
            actor_name: self.cx.actor.subject.clone(),
            dry_run: !self.acts(),
            status,
            started_at: self.cx.now,
            finished_at: None,
            summary: None,
        }
    }

    async fn work(&self, accounts: Vec<Account>) -> Result<(), Error> {
        let mine: Vec<Account> = accounts.into_iter().filter(|a| self.is_mine(a)).collect();
        let open = self.open_actions().await?;
        let planned = plan_all(self, &open).await?;
        let db = self.db();
        let mut states = db.list_scheduled_accounts().await?;
        let mut regions = by_account(db.list_scheduled_regions(self.order.account).await?);
        let Planned { due, fleet, mut places, mut enforced } = planned;
        let crowd = due.len();
        let mut due = self.held_back(due, &fleet).await?;
        let mut open = open_by_account(open);
        let jobs = mine.into_iter().map(|account| {
            let id = account.id;
            let state: ScheduledAccount = states.remove(&id).unwrap_or_default();
            Job {
                entrance: entrance_of(&account, &state, self.cx.now),
                state,
                regions: regions.remove(&id).unwrap_or_default(),
                places: places.remove(&id).unwrap_or_default(),
                open: open.remove(&id).unwrap_or_default(),
                due: due.remove(&id).unwrap_or_default(),
                enforced: enforced.remove(&id).unwrap_or_default(),
                fleet: fleet.get(&id).copied().unwrap_or_default(),
                delay: spread(id, crowd),
                account,
            }
        });
        let jobs: Vec<Job> = jobs.collect();
        stream::iter(jobs).for_each_concurrent(None, |job| self.work_one(job)).await;
        Ok(())
    }

    async fn work_one(&self, job: Job) {
        let shard = self.shard(job.account.id);
        tokio::time::sleep(job.delay).await;
        if let Ok(_permit) = self.permits.acquire().await {
            Box::pin(work_account(self, job)).await;
        }
        if self.acts() {
            self.shift.done(self.app, shard).await;
        }
    }

    fn is_mine(&self, account: &Account) -> bool {
        let shard = self.shard(account.id);
        if self.shift.holds(shard) {
            self.findings.lock().counts.accounts += 1;
            return true;
        }
        if self.order.started_for != StartedFor::Timer {
            let mut findings = self.findings.lock();
            findings.counts.busy_shards += 1;
            let why = "another server works on this part of the accounts; ask again";
            findings.fail(NotDone::of_account(account.id, "shardBusy", why));
        }
        false
    }

    async fn open_actions(&self) -> Result<Vec<ActionRecord>, Error> {
        let (db, mut all, mut after) = (self.db(), Vec::new(), None::<ActionId>);
        loop {
            let page = db.list_open_actions(self.order.account, after, PAGE).await?;
            after = page.last().map(|action| action.id);
            all.extend(page);
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    async fn held_back(
        &self,
        due: Vec<super::planning::Due>,
        fleet: &HashMap<AccountId, Fleet>,
    ) -> Result<BTreeMap<AccountId, Vec<super::planning::Due>>, Error> {
        let mut by_account: BTreeMap<AccountId, Vec<_>> = BTreeMap::new();
        for one in hold_back(self, due, fleet).await? {
            by_account.entry(one.target.account).or_default().push(one);
        }
        Ok(by_account)
    }

    /// An approval that is for once has served when its tick is over, not when it began: a server may die.
    async fn use_up(&self) {
        let served = std::mem::take(&mut *self.served.lock().unwrap_or_else(PoisonError::into_inner));
        for approval in served {
            if let Err(error) = self.db().use_approval(approval).await {
                tracing::warn!(%error, %approval, "an approval could not be marked as used");
            }
        }
    }

    /// Writes the run down, where it is worth it, and tells what has to be told.
    async fn end(self, done: Result<(), Error>) -> Result<(RunRecord, Findings), Error> {
        let mut findings = std::mem::take(&mut *self.findings.lock());
        let status = if done.is_err() { RunStatus::Failed } else { findings.status() };
        let run = RunRecord {
            finished_at: Some(self.app.clock.now()),
            summary: Some(findings.summary()),
            ..self.record(status)
        };
        let asked = self.order.started_for != StartedFor::Timer;
        if self.acts() && (asked || done.is_err() || findings.tell_something()) {
            let kept = match self.begin_row().await {
                Ok(()) => self.db().finish_run(&run).await.map_err(Error::from),
                Err(error) => Err(error),
            };
            if let Err(error) = kept {
                tracing::warn!(%error, source = error.chain(), "a run of the scheduler could not be written down");
            }
        }
        self.use_up().await;
        let notices = std::mem::take(&mut findings.notices);
        if self.acts()
            && let Err(error) = notify::tell_all(self.app, &self.cx.scope, &notices).await
        {
            tracing::warn!(%error, source = error.chain(), "webhooks could not be told");
        }
        done.map(|()| (run, findings))
    }
}

fn by_account(regions: Vec<ScheduledRegion>) -> HashMap<AccountId, Vec<ScheduledRegion>> {
    let mut all: HashMap<AccountId, Vec<ScheduledRegion>> = HashMap::new();
    for region in regions {
        all.entry(region.account).or_default().push(region);
    }
    all
}

fn open_by_account(open: Vec<ActionRecord>) -> HashMap<AccountId, Vec<ActionRecord>> {
    let mut all: HashMap<AccountId, Vec<ActionRecord>> = HashMap::new();
    for action in open {
        all.entry(action.target.account).or_default().push(action);
    }
    all
}

/// In a crowd each account has a moment of its own.
fn spread(account: AccountId, crowd: usize) -> Duration {
    if crowd <= CROWD {
        return Duration::ZERO;
    }
    let place = account.to_i64().unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    Duration::from_millis(place % (SPREAD_SECS * 1_000))
}

/// Whether the account can be entered is told with what was wanted of it.
pub(super) fn closed(job: &Job) -> Option<NotDone> {
    match &job.entrance {
        Entrance::Open(_) => None,
        Entrance::Closed { code, message } => {
            Some(NotDone::of_account(job.account.id, code, message.clone()))
        }
    }
}
