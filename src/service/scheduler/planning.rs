//! What is due, from the rows alone: no call is made. Level, not edges: all resources, each tick.

use super::{
    approving::Fleet,
    judging::{Judged, Wanted, judge},
    report::NotDone,
    tick::Tick,
};
use crate::{
    db::{Book, ScheduledFilter},
    domain::{
        ids::AccountId,
        notice::{MissedChanges, Notice},
        region::Region,
        schedule::{Action, ActionRecord, Power, ScheduledResource, Target},
    },
    error::Error,
};
use std::collections::{BTreeSet, HashMap, HashSet};

const PAGE: u32 = 5_000;

/// An action that is due on a resource.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub target: Target,
    pub name: Option<Box<str>>,
    pub wanted: Wanted,
}

pub(super) type Places = HashMap<AccountId, BTreeSet<Region>>;

fn add(places: &mut Places, target: &Target) {
    let regions = places.entry(target.account).or_default();
    if !regions.contains(&target.region) {
        regions.insert(target.region.clone());
    }
}

#[derive(Default)]
pub(super) struct Planned {
    pub due: Vec<Due>,
    pub fleet: HashMap<AccountId, Fleet>,
    /// Where something is tagged.
    pub places: Places,
    /// Regions with an enforced schedule: looked at each tick.
    pub enforced: Places,
}

/// Judges all resources of this tick's shards and writes down what changed.
pub(super) async fn plan_all(tick: &Tick<'_, '_>, open: &[ActionRecord]) -> Result<Planned, Error> {
    let busy: HashSet<&Target> = open.iter().map(|action| &action.target).collect();
    let filter = ScheduledFilter { account: tick.order.account, ..ScheduledFilter::default() };
    let (mut planned, mut after) = (Planned::default(), None);
    loop {
        let page = tick.db().list_scheduled(&filter, after.as_ref(), PAGE).await?;
        let last = u32::try_from(page.len()).is_ok_and(|rows| rows < PAGE);
        after = page.last().map(|row| row.observed.target.clone());
        let mine = page.into_iter().filter(|row| tick.shift.holds(tick.shard(row.observed.target.account)));
        let book = plan_page(tick, mine, &busy, &mut planned);
        if tick.acts() {
            tick.db().write_book(&tick.shift.leases, &book, tick.app.clock.now()).await?;
        }
        if last {
            return Ok(planned);
        }
    }
}

fn plan_page(
    tick: &Tick<'_, '_>,
    rows: impl Iterator<Item = ScheduledResource>,
    busy: &HashSet<&Target>,
    planned: &mut Planned,
) -> Book {
    let mut book = Book::default();
    for mut row in rows {
        let target = &row.observed.target;
        planned.fleet.entry(target.account).or_default().count(&row);
        add(&mut planned.places, target);
        tick.findings.lock().counts.resources += 1;
        if busy.contains(target) {
            continue;
        }
        let judged = judge(tick.prepared, &mut row, tick.cx.now);
        if judged.enforced {
            add(&mut planned.enforced, &row.observed.target);
        }
        if let Some(due) = take_up(tick, row, judged, &mut book) {
            planned.due.push(due);
        }
    }
    book
}

/// What was found of one resource: into the book and the findings; gives what is due.
pub(super) fn take_up(
    tick: &Tick<'_, '_>,
    row: ScheduledResource,
    judged: Judged,
    book: &mut Book,
) -> Option<Due> {
    if judged.missed > 0 {
        tell_missed(tick, &row, judged.missed);
    }
    book.days.extend(judged.days);
    let due = judged.wanted.map(|wanted| Due {
        target: row.observed.target.clone(),
        name: row.observed.name.clone(),
        wanted,
    });
    if judged.changed {
        book.resources.push(row);
    }
    let due = due?;
    if let Some(stopped) = &tick.stopped {
        let why = format!("the kill switch of the {} is on: {}", stopped.scope, stopped.reason);
        tick.findings.lock().leave(NotDone::of(&due.target, due.wanted.action, "killSwitch", why));
        return None;
    }
    Some(due)
}

fn tell_missed(tick: &Tick<'_, '_>, row: &ScheduledResource, missed: u32) {
    if !tick.acts() {
        return;
    }
    metrics::counter!("tuner_schedule_missed_total").increment(u64::from(missed));
    let mut findings = tick.findings.lock();
    findings.counts.missed += u64::from(missed);
    let (account_id, schedule) = (row.observed.target.account, row.schedule_name.as_deref().map(Box::from));
    let oldest_due_at = row.memory.as_ref().map_or(tick.cx.now, |memory| memory.looked_at);
    let told = findings.notices.iter_mut().find_map(|notice| match notice {
        Notice::Missed(known) if known.account_id == account_id && known.schedule == schedule => Some(known),
        _ => None,
    });
    match told {
        Some(known) => {
            known.changes += missed;
            known.resources += 1;
            known.oldest_due_at = known.oldest_due_at.min(oldest_due_at);
        }
        None => findings.notices.push(Notice::Missed(MissedChanges {
            account_id,
            schedule,
            changes: missed,
            resources: 1,
            oldest_due_at,
        })),
    }
}

impl Fleet {
    pub fn count(&mut self, row: &ScheduledResource) {
        self.running += usize::from(row.observed.power == Power::Running);
    }
}

impl Due {
    pub fn is_stop(&self) -> bool {
        self.wanted.action == Action::Stop
    }
}
