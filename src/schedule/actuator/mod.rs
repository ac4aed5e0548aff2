//! Carrying out: the only place that changes a customer's resource.
//!
//! Batches go out side by side and each by itself: what fails one holds up no other. Before a call there is room
//! in the rate budget, then the ledger admits it, then it goes out, once. What AWS said of it is told at once.
//! Where one id fails a batch, it is dropped by its name in AWS's words, or found by halving.
//!
//! Invariants: what is called is what a proof was made for; every order is told exactly once; a call without an
//! answer is `Unknown` and is never made again here.

mod batch;
mod calls;
mod tally;
mod verdict;

use super::{Ledger, Order, Outcome, OutcomeStatus, observe::Which, observe::observe};
use crate::{
    aws::{INSTANCES_STARTED, INSTANCES_STOPPED, Refusal, WriteSession},
    domain::{
        scan::GapReason,
        schedule::{Action, Observed, Power, Target, TargetKind, verify_after},
    },
};
use batch::{Batch, batches};
use calls::Answer;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use std::{collections::BTreeMap, time::Duration};
use tally::Tally;
use verdict::{About, Verdict};

#[cfg(test)]
pub(super) use calls::ACTIONS;

/// Enough that a slow answer does not hold up the rest; the rates are kept by the buckets.
const CALLS_IN_FLIGHT: usize = 8;
/// What the rate budget has no room for within this is left to the next tick.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts and stops in the session's account.
pub async fn carry_out(session: &WriteSession, orders: Vec<Order>, ledger: &dyn Ledger) {
    let (ours, strays): (Vec<Order>, Vec<Order>) =
        orders.into_iter().partition(|order| order.proof().target().account == session.account());
    let turn = Turn { session, ledger, tally: Tally::default() };
    turn.leave(strays, "OtherAccount", "it is in another account than the session").await;
    stream::iter(batches(ours)).for_each_concurrent(CALLS_IN_FLIGHT, |batch| turn.work(batch)).await;
}

/// One run of `carry_out`.
struct Turn<'a> {
    session: &'a WriteSession,
    ledger: &'a dyn Ledger,
    tally: Tally,
}

/// What one batch turned into on the way.
#[derive(Default)]
struct Progress {
    /// Parts that are still to be called, the next one last.
    waiting: Vec<Batch>,
    /// Orders whose resource was in another state than seen, with what AWS said.
    puzzled: Vec<(Order, Refusal)>,
    /// So many were too many for AWS's capacity or a limit; as many are again, for now.
    too_many: Option<(usize, Refusal)>,
}

impl Turn<'_> {
    async fn work(&self, batch: Batch) {
        let mut progress = Progress { waiting: vec![batch], ..Progress::default() };
        while let Some(batch) = progress.waiting.pop() {
            self.attempt(batch, &mut progress).await;
        }
        self.look_again(progress.puzzled).await;
    }

    async fn attempt(&self, batch: Batch, progress: &mut Progress) {
        if let Some((_, refusal)) = progress.too_many.as_ref().filter(|(many, _)| batch.orders.len() >= *many)
        {
            return self.tell_refused(&batch.orders, refusal).await;
        }
        if let Some(refusal) = self.tally.given_up(&batch) {
            return self.tell_untried(&batch.orders, &refusal).await;
        }
        if !self.has_room(&batch).await {
            let why = "AWS's rate limit leaves no room for it in this tick";
            return self.leave(batch.orders, "RateBudget", why).await;
        }
        let Some(batch) = self.admitted(batch).await else { return };
        match calls::call(self.session, &batch).await {
            Ok(answer) => {
                self.tally.accepted(&batch);
                self.tell(accepted(&batch, &answer)).await;
            }
            Err(refusal) => self.refused(batch, refusal, progress).await,
        }
    }

    /// Waits for the rate budget, if it is not for long.
    async fn has_room(&self, batch: &Batch) -> bool {
        let instances = u32::try_from(batch.orders.len()).unwrap_or(u32::MAX);
        let wanted: &[(&str, u32)] = match (batch.kind, batch.action) {
            (TargetKind::Instance, Action::Start) => {
                &[(batch.iam_action(), 1), (INSTANCES_STARTED, instances)]
            }
            (TargetKind::Instance, Action::Stop) => {
                &[(batch.iam_action(), 1), (INSTANCES_STOPPED, instances)]
            }
            (TargetKind::DbInstance | TargetKind::DbCluster, _) => &[(batch.iam_action(), 1)],
        };
        self.session.throttle().admit_within(&batch.region, wanted, PATIENCE).await
    }

    /// The part of the batch that the ledger lets through, if any.
    async fn admitted(&self, batch: Batch) -> Option<Batch> {
        let let_through = self.ledger.admit(batch.orders.clone()).await;
        let (admitted, left): (Vec<Order>, Vec<Order>) = batch
            .orders
            .iter()
            .cloned()
            .partition(|order| let_through.iter().any(|other| other.id == order.id));
        self.leave(left, "NotAdmitted", "it was called off right before the call").await;
        (!admitted.is_empty()).then(|| batch.with(admitted))
    }

    async fn refused(&self, batch: Batch, refusal: Refusal, progress: &mut Progress) {
        if refusal.reason == GapReason::ExpiredCredentials {
            self.session.discard_credentials().await;
        }
        let verdict = Verdict::of(&refusal, batch.action);
        tracing::debug!(
            account.id = %self.session.account(), region = %batch.region, action = batch.iam_action(),
            orders = batch.orders.len(), code = refusal.code, reach = ?refusal.reach, "not accepted"
        );
        match verdict.about {
            About::TheCall => self.tell_refused(&batch.orders, &refusal).await,
            About::HowMany => {
                progress.too_many = Some((batch.orders.len(), refusal.clone()));
                self.split_or_tell(batch, &refusal, progress).await;
            }
            About::OneOfThem | About::ItsState => {
                self.single_out(batch, refusal, verdict.about, progress).await;
            }
        }
    }

    /// Drops the ids that AWS names and goes on with the rest; halves where it names none.
    async fn single_out(&self, batch: Batch, refusal: Refusal, about: About, progress: &mut Progress) {
        let named = |order: &Order| refusal.names(&order.proof().target().id);
        let (guilty, rest): (Vec<Order>, Vec<Order>) = match batch.orders.as_slice() {
            [_] => (batch.orders.clone(), Vec::new()),
            several => several.iter().cloned().partition(named),
        };
        if guilty.is_empty() {
            return self.split_or_tell(batch, &refusal, progress).await;
        }
        if !rest.is_empty() {
            progress.waiting.push(batch.with(rest));
        }
        if about == About::ItsState {
            progress.puzzled.extend(guilty.into_iter().map(|order| (order, refusal.clone())));
        } else {
            self.tally.refused(&batch, guilty.len(), &refusal);
            self.tell_refused(&guilty, &refusal).await;
        }
    }

    async fn split_or_tell(&self, batch: Batch, refusal: &Refusal, progress: &mut Progress) {
        match batch.halves() {
            // The first half is next: the one that is pushed last.
            Some((first, second)) => progress.waiting.extend([second, first]),
            None => self.tell_refused(&batch.orders, refusal).await,
        }
    }

    /// In another state than was seen: it may be where it shall be already.
    async fn look_again(&self, puzzled: Vec<(Order, Refusal)>) {
        let Some((first, _)) = puzzled.first() else { return };
        let region = first.proof().target().region.clone();
        let targets: Vec<Target> = puzzled.iter().map(|(order, _)| order.proof().target().clone()).collect();
        let seen = observe(self.session, &region, Which::Only(&targets), Timestamp::UNIX_EPOCH).await;
        let seen: BTreeMap<&Target, &Observed> = seen.observed.iter().map(|o| (&o.target, o)).collect();
        let outcomes = puzzled.iter().map(|(order, refusal)| {
            after_another_look(order, refusal, seen.get(order.proof().target()).copied())
        });
        self.tell(outcomes.collect()).await;
    }

    async fn tell_refused(&self, orders: &[Order], refusal: &Refusal) {
        self.tell(orders.iter().map(|order| refused(order, refusal)).collect()).await;
    }

    /// Many were refused alone and none was accepted: the rest would be, too.
    async fn tell_untried(&self, orders: &[Order], refusal: &Refusal) {
        let untried = |order: &Order| Outcome {
            status: OutcomeStatus::Retry,
            message: format!(
                "not tried: AWS refused others of the same kind one by one. {}",
                refused(order, refusal).message
            ),
            ..refused(order, refusal)
        };
        self.tell(orders.iter().map(untried).collect()).await;
    }

    /// Not called.
    async fn leave(&self, orders: Vec<Order>, code: &str, why: &str) {
        let left = |order: &Order| Outcome {
            status: OutcomeStatus::NotAdmitted,
            code: code.to_owned(),
            message: format!("not called: {why}"),
            ..blank(order)
        };
        self.tell(orders.iter().map(left).collect()).await;
    }

    async fn tell(&self, outcomes: Vec<Outcome>) {
        if !outcomes.is_empty() {
            self.ledger.tell(outcomes).await;
        }
    }
}

fn blank(order: &Order) -> Outcome {
    Outcome {
        id: order.id,
        status: OutcomeStatus::Unknown,
        code: String::new(),
        message: String::new(),
        request_id: None,
        verify_after: Duration::ZERO,
    }
}

/// AWS took the call. What was there already is a no-op, recorded as such.
fn accepted(batch: &Batch, answer: &Answer) -> Vec<Outcome> {
    let outcome = |order: &Order| {
        let target = order.proof().target();
        let request_id = answer.request_id.clone();
        match answer.before.get(&*target.id) {
            Some(before) if *before == batch.action.leads_to() => Outcome {
                status: OutcomeStatus::NoOp,
                message: format!("it was {before} already"),
                request_id,
                ..blank(order)
            },
            None if target.kind == TargetKind::Instance => Outcome {
                code: "NotInReply".into(),
                message: "AWS took the call and said nothing of this one: seen at the next tick".into(),
                request_id,
                ..blank(order)
            },
            _ => Outcome {
                status: OutcomeStatus::Accepted,
                message: format!("AWS accepted the {}", batch.action),
                request_id,
                verify_after: verify_after(target.kind),
                ..blank(order)
            },
        }
    };
    batch.orders.iter().map(outcome).collect()
}

fn refused(order: &Order, refusal: &Refusal) -> Outcome {
    let verdict = Verdict::of(refusal, order.proof().action());
    Outcome {
        status: verdict.status,
        code: refusal.code.clone(),
        message: verdict.message.to_owned(),
        request_id: refusal.request_id.clone(),
        ..blank(order)
    }
}

fn after_another_look(order: &Order, refusal: &Refusal, seen: Option<&Observed>) -> Outcome {
    let outcome = refused(order, refusal);
    match seen {
        Some(seen) if seen.power == order.proof().action().leads_to() => Outcome {
            status: OutcomeStatus::NoOp,
            message: format!("it was {} already", seen.power),
            ..outcome
        },
        Some(seen) if seen.power == Power::Gone => Outcome { message: "it is gone".into(), ..outcome },
        Some(seen) => {
            let state = &seen.facts.aws_state;
            Outcome {
                message: format!("it is '{state}' now, which does not allow it: tried again later"),
                ..outcome
            }
        }
        None => outcome,
    }
}

#[cfg(test)]
mod tests;
