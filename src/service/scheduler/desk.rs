//! One account in one tick: what is open is settled, what is due is done, then it is looked around and planned
//! again what was found.

use super::{
    acting::act,
    approving::{Fleet, hold_back},
    judging::{judge, remember},
    looking::{Look, look, look_wanted},
    orphans::conclude_orphans,
    planning::{Due, take_up},
    report::NotDone,
    settling::{abandon, ripe, settle},
    states::{Entrance, enter},
    tick::{Tick, closed},
};
use crate::{
    aws::WriteSession,
    db::{Book, ScheduledFilter},
    domain::{
        account::{Account, AccountStatus},
        region::Region,
        schedule::{
            ActionRecord, ActionStatus, Observed, Power, ScheduleDay, ScheduledAccount, ScheduledRegion,
            ScheduledResource, StartedFor, Target,
        },
    },
    error::Error,
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

const PAGE: u32 = 5_000;

/// What there is to do in an account.
pub(super) struct Job {
    pub account: Account,
    pub entrance: Entrance,
    pub state: ScheduledAccount,
    pub regions: Vec<ScheduledRegion>,
    /// Where something is tagged.
    pub places: BTreeSet<Region>,
    pub open: Vec<ActionRecord>,
    pub due: Vec<Due>,
    pub enforced: BTreeSet<Region>,
    pub fleet: Fleet,
    pub delay: Duration,
}

pub(super) struct Desk<'d, 't, 'c> {
    pub tick: &'d Tick<'t, 'c>,
    pub account: &'d Account,
    pub session: WriteSession,
    fleet: Fleet,
    papers: Mutex<Papers>,
}

/// What is known of the account's resources.
#[derive(Default)]
pub(super) struct Papers {
    pub rows: BTreeMap<Target, ScheduledResource>,
    /// With an action that is not settled: nothing is decided about these.
    pub busy: BTreeSet<Target>,
    /// Seen in another state than before, or settled: to be planned again.
    pub touched: BTreeSet<Target>,
    /// Seen for the first time, or again: the plan did not count these.
    found: u64,
}

/// What fails is in the findings.
pub(super) async fn work_account(tick: &Tick<'_, '_>, job: Job) {
    let id = job.account.id;
    if let Err(error) = work(tick, job).await {
        tracing::warn!(account.id = %id, %error, source = error.chain(), "the scheduler could not deal with an account");
        let what = NotDone::of_account(id, error.code().as_str(), error.to_string());
        tick.findings.lock().fail(what);
    }
}

async fn work(tick: &Tick<'_, '_>, mut job: Job) -> Result<(), Error> {
    let now = tick.app.clock.now();
    let wanted = look_wanted(&job, now, tick.app.settings.scheduler.observe_every);
    let busy: BTreeSet<Target> = job.open.iter().map(|action| action.target.clone()).collect();
    let open = std::mem::take(&mut job.open);
    let (intended, called): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|action| action.status == ActionStatus::Intended);
    abandon(tick, intended).await?;
    conclude_orphans(tick, job.account.id).await?;
    let ripe = ripe(called, now);
    if ripe.is_empty() && job.due.is_empty() && wanted == Look::Nowhere {
        return Ok(());
    }
    let Entrance::Open(role) = job.entrance.clone() else {
        tell_closed(tick, &job);
        return Ok(());
    };
    let Some(session) = enter(tick, &job.account, &role, &mut job.state).await else {
        show(tick, &job.due);
        return Ok(());
    };
    let account = job.account.clone();
    let desk = Desk::open(tick, &account, session, job.fleet, busy).await?;
    settle(&desk, ripe).await?;
    act(&desk, std::mem::take(&mut job.due)).await?;
    look(&desk, wanted, &mut job).await?;
    let due = desk.plan_again().await?;
    tick.findings.lock().counts.resources += desk.papers().found;
    act(&desk, due).await
}

/// Who asked hears of it; the timer has told it once. An account that waits for its role is no failure.
fn tell_closed(tick: &Tick<'_, '_>, job: &Job) {
    show(tick, &job.due);
    let Some(what) = closed(job) else { return };
    let waits = job.account.status == AccountStatus::Pending && job.due.is_empty();
    let mut findings = tick.findings.lock();
    if waits || tick.order.started_for == StartedFor::Timer {
        findings.leave(what);
    } else {
        findings.fail(what);
    }
}

/// Without a way in a dry run still shows what would be done.
fn show(tick: &Tick<'_, '_>, due: &[Due]) {
    if !tick.acts() {
        let mut findings = tick.findings.lock();
        for due in due {
            findings.act(due.reported(None));
        }
    }
}

impl<'d, 't, 'c> Desk<'d, 't, 'c> {
    async fn open(
        tick: &'d Tick<'t, 'c>,
        account: &'d Account,
        session: WriteSession,
        fleet: Fleet,
        busy: BTreeSet<Target>,
    ) -> Result<Self, Error> {
        let filter =
            ScheduledFilter { account: Some(account.id), with_gone: true, ..ScheduledFilter::default() };
        let (mut rows, mut after) = (BTreeMap::new(), None);
        loop {
            let page = tick.db().list_scheduled(&filter, after.as_ref(), PAGE).await?;
            let last = u32::try_from(page.len()).is_ok_and(|rows| rows < PAGE);
            after = page.last().map(|row| row.observed.target.clone());
            rows.extend(page.into_iter().map(|row| (row.observed.target.clone(), row)));
            if last {
                break;
            }
        }
        let papers = Mutex::new(Papers { rows, busy, ..Papers::default() });
        Ok(Self { tick, account, session, fleet, papers })
    }

    pub fn papers(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn now(&self) -> Timestamp {
        self.tick.app.clock.now()
    }

    /// Nothing where a dry run would write.
    pub async fn write(&self, book: &Book) -> Result<(), Error> {
        if self.tick.acts() {
            self.tick.db().write_book(&self.tick.shift.leases, book, self.now()).await?;
        }
        Ok(())
    }

    /// Plans what was seen or settled in this tick.
    async fn plan_again(&self) -> Result<Vec<Due>, Error> {
        let (mut book, mut due) = (Book::default(), Vec::new());
        {
            let mut papers = self.papers();
            let touched = std::mem::take(&mut papers.touched);
            for target in touched {
                if papers.busy.contains(&target) {
                    continue;
                }
                let Some(row) = papers.rows.get_mut(&target).filter(|row| row.gone_at.is_none()) else {
                    continue;
                };
                let judged = judge(self.tick.prepared, row, self.tick.cx.now);
                due.extend(take_up(self.tick, row.clone(), judged, &mut book));
            }
        }
        self.write(&book).await?;
        let running = self.papers().rows.values().filter(|row| row.observed.power == Power::Running).count();
        let fleet = Fleet { running: running.max(self.fleet.running) };
        hold_back(self.tick, due, &HashMap::from([(self.account.id, fleet)])).await
    }
}

impl Papers {
    /// Takes in what was seen; gives the rows that changed, and days that ended with what is gone.
    pub fn see(&mut self, seen: Vec<Observed>, now: Timestamp) -> (Vec<ScheduledResource>, Vec<ScheduleDay>) {
        let (mut rows, mut days) = (Vec::new(), Vec::new());
        for observed in seen {
            if observed.power == Power::Gone || !observed.tags.scheduled() {
                if let Some((row, ended)) = self.lose(observed, now) {
                    rows.push(row);
                    days.extend(ended);
                }
                continue;
            }
            let target = observed.target.clone();
            let Some(row) = self.rows.get_mut(&target) else {
                self.found += 1;
                self.rows.insert(target.clone(), new_row(observed));
                rows.extend(self.rows.get(&target).cloned());
                self.touched.insert(target);
                continue;
            };
            let same = row.gone_at.is_none() && is_same(&row.observed, &observed);
            self.found += u64::from(row.gone_at.is_some());
            row.observed = observed;
            row.gone_at = None;
            if !same {
                rows.push(row.clone());
                self.touched.insert(target);
            }
        }
        (rows, days)
    }

    /// Terminated, or not tagged any more: what was remembered of it is forgotten with it.
    pub fn lose(
        &mut self,
        observed: Observed,
        now: Timestamp,
    ) -> Option<(ScheduledResource, Vec<ScheduleDay>)> {
        let row = self.rows.get_mut(&observed.target)?;
        if row.gone_at.is_some() && row.observed.power == observed.power {
            return None;
        }
        let reason = if observed.power == Power::Gone { "gone" } else { "notTagged" };
        let mut days = Vec::new();
        if let Some(mut memory) = row.memory.take() {
            memory.off_since = None;
            days = remember(row, memory, None, now, &mut false);
        }
        let name = observed.name.clone().or_else(|| row.observed.name.clone());
        row.observed = Observed { name, ..observed };
        row.memory = None;
        row.gone_at = Some(now);
        row.desired = None;
        row.next_change_at = None;
        row.reason = Some(reason.to_owned());
        Some((row.clone(), days))
    }
}

fn is_same(one: &Observed, other: &Observed) -> bool {
    one.power == other.power && one.tags == other.tags && one.name == other.name && one.facts == other.facts
}

fn new_row(observed: Observed) -> ScheduledResource {
    ScheduledResource {
        observed,
        schedule_name: None,
        desired: None,
        ineligible: None,
        reason: None,
        memory: None,
        next_change_at: None,
        off: None,
        gone_at: None,
    }
}
