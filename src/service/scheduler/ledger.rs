//! The books of the calls: asked right before each, told right after.

use super::{
    desk::Desk,
    intents::Entry,
    judging::remember,
    outcomes::{answered, ending_of, noticed, refused_notice, remembered},
};
use crate::{
    db::{ActionOutcome, Book},
    domain::{
        ids::ActionId,
        notice::{Deviation, DeviationReason, Notice},
        schedule::{
            Action, ActionStatus, Config, Desired, OffSince, Power, ScheduledResource, cost::Coverage,
        },
    },
    error::Error,
    schedule::{Ledger, Order, Outcome},
    service::schedules,
};
use futures_util::future::BoxFuture;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// What people set is asked anew for a call; many calls of one second share an answer.
const CONFIG_AGE: Duration = Duration::from_secs(1);

pub(super) struct Books<'b, 'd, 't, 'c> {
    desk: &'b Desk<'d, 't, 'c>,
    entries: Mutex<BTreeMap<ActionId, Entry>>,
    config: Mutex<Option<(Instant, Arc<Config>)>>,
}

impl<'b, 'd, 't, 'c> Books<'b, 'd, 't, 'c> {
    pub fn open(desk: &'b Desk<'d, 't, 'c>, written: Vec<(Order, Entry)>) -> Self {
        let entries = written.into_iter().map(|(order, entry)| (order.id, entry)).collect();
        Self { desk, entries: Mutex::new(entries), config: Mutex::default() }
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<ActionId, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn config(&self) -> Result<Arc<Config>, Error> {
        let kept = self.config.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, config)) = kept
            && at.elapsed() < CONFIG_AGE
        {
            return Ok(config);
        }
        let config = Arc::new(schedules::config(self.desk.tick.app, self.desk.tick.cx).await?);
        let kept = Some((Instant::now(), Arc::clone(&config)));
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(config)
    }

    /// Those that are still wanted, now that it is about to happen.
    async fn still_wanted(&self, orders: Vec<Order>) -> Result<Vec<Order>, Error> {
        let tick = self.desk.tick;
        if schedules::kill_switch(tick.app, tick.cx).await?.is_some() {
            return Ok(Vec::new());
        }
        let config = self.config().await?;
        let now = self.desk.now();
        let prepared = config.prepare(now);
        let papers = self.desk.papers();
        let wanted = |order: &Order| {
            let row = papers.rows.get(&order.target);
            let plan = row.and_then(|row| prepared.plan_for(&row.observed).ok());
            plan.is_some_and(|plan| plan.desired_at(now) == order.action.desired())
        };
        Ok(orders.into_iter().filter(wanted).collect())
    }

    async fn admit_all(&self, orders: Vec<Order>) -> Result<Vec<Order>, Error> {
        let (desk, now) = (self.desk, self.desk.now());
        let orders = self.still_wanted(orders).await?;
        let ids: Vec<ActionId> = orders.iter().map(|order| order.id).collect();
        let leases = &desk.tick.shift.leases;
        let admitted = desk.tick.db().admit_actions(leases, desk.account.id, &ids, now).await?;
        let mut entries = self.entries();
        for id in &admitted {
            if let Some(entry) = entries.get_mut(id).filter(|entry| !entry.admitted) {
                entry.admitted = true;
                let late = now.duration_since(entry.due.wanted.due_at).as_secs_f64().max(0.0);
                metrics::histogram!("tuner_schedule_lateness_seconds").record(late);
            }
        }
        Ok(orders.into_iter().filter(|order| admitted.contains(&order.id)).collect())
    }

    async fn tell_all(&self, outcomes: Vec<Outcome>) {
        let now = self.desk.now();
        let (mut book, mut told) = (Book::default(), Vec::new());
        for outcome in outcomes {
            let Some(entry) = self.entries().remove(&outcome.id) else { continue };
            let written = answered(&outcome, &entry.due.target, now);
            self.enter(&entry, &written, &mut book);
            told.push((entry, written));
        }
        if let Err(error) = self.desk.write(&book).await {
            // The rows still say that they were called: the next tick looks and settles them.
            tracing::warn!(account.id = %self.desk.account.id, %error, source = error.chain(), "outcomes could not be written down");
        }
        for (entry, written) in told {
            self.publish(entry, &written).await;
        }
    }

    /// Into the book: the outcome, and what the resource's row remembers of it.
    fn enter(&self, entry: &Entry, written: &ActionOutcome, book: &mut Book) {
        book.outcomes.push(written.clone());
        let mut papers = self.desk.papers();
        if !ActionStatus::OPEN.contains(&written.status) {
            papers.busy.remove(&entry.due.target);
        }
        let Some(row) = papers.rows.get_mut(&entry.due.target) else { return };
        let Some(memory) = row.memory.clone() else { return };
        let (action, code) = (entry.due.wanted.action, written.code.as_deref().unwrap_or_default());
        let memory = remembered(memory, action, written.status, code, written.finished_at);
        book.days.extend(remember(row, memory, None, written.finished_at, &mut false));
        if written.status == ActionStatus::Accepted {
            row.observed.power = Power::Changing;
            set_price(row, entry);
        }
        book.resources.push(row.clone());
    }

    /// To the audit, the metrics, the run and, where it failed, to who wants to hear of it.
    async fn publish(&self, entry: Entry, written: &ActionOutcome) {
        let Entry { due, audit, .. } = entry;
        let (action, status) = (due.wanted.action, written.status);
        metrics::counter!("tuner_schedule_actions_total", "action" => action.as_str(), "outcome" => status.as_str())
            .increment(1);
        if due.restarted_by_aws() && status == ActionStatus::Accepted {
            metrics::counter!("tuner_schedule_restarted_by_aws_total").increment(1);
        }
        if let Some(audit) = audit {
            let code = written.code.as_deref().unwrap_or_default();
            let detail = format!("{status} {code} {}", written.request_id.as_deref().unwrap_or_default());
            audit.finish(ending_of(status, Some(detail.trim()))).await;
        }
        let row = self.desk.papers().rows.get(&due.target).cloned();
        let mut findings = self.desk.tick.findings.lock();
        count(&mut findings, action, status);
        findings.settle(written.id, status, written.code.as_deref(), written.message.as_deref());
        let Some(row) = row else { return };
        if matches!(status, ActionStatus::Failed | ActionStatus::Refused) {
            findings.notices.extend(refused_notice(written.id, action, due.wanted.due_at, &row));
        }
        if due.restarted_by_aws() && status == ActionStatus::Accepted {
            findings.notices.push(restarted(&row, written.id));
        }
    }
}

fn count(findings: &mut super::report::Findings, action: Action, status: ActionStatus) {
    let counts = &mut findings.counts;
    match (status, action) {
        (ActionStatus::Accepted, Action::Start) => counts.started += 1,
        (ActionStatus::Accepted, Action::Stop) => counts.stopped += 1,
        (ActionStatus::NoOp, _) => counts.no_ops += 1,
        (ActionStatus::Failed, _) => counts.failed += 1,
        (ActionStatus::Refused, _) => counts.refused += 1,
        (ActionStatus::Abandoned, _) => counts.abandoned += 1,
        _ => counts.unknown += 1,
    }
    findings.partial |= !matches!(status, ActionStatus::Accepted | ActionStatus::NoOp);
}

fn restarted(row: &ScheduledResource, id: ActionId) -> Notice {
    Notice::Deviation(Deviation {
        resource: noticed(row),
        reason: DeviationReason::RestartedByAws,
        expected: Desired::Stopped,
        found: Power::Running,
        action_id: Some(id),
        code: None,
    })
}

/// Time off that begins now is worth what an hour costs now.
fn set_price(row: &mut ScheduledResource, entry: &Entry) {
    if let Some(off) = row.off {
        row.off = Some(OffSince { price: entry.price, coverage: Coverage::Unknown, ..off });
    }
}

impl Ledger for Books<'_, '_, '_, '_> {
    /// Where it cannot be asked, nothing is called.
    fn admit(&self, orders: Vec<Order>) -> BoxFuture<'_, Vec<Order>> {
        Box::pin(async move {
            self.admit_all(orders).await.unwrap_or_else(|error| {
                tracing::warn!(account.id = %self.desk.account.id, %error, source = error.chain(), "calls could not be admitted");
                Vec::new()
            })
        })
    }

    fn tell(&self, outcomes: Vec<Outcome>) -> BoxFuture<'_, ()> {
        Box::pin(self.tell_all(outcomes))
    }
}
