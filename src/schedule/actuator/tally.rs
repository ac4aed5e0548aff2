//! When to stop trying one by one: a role that may not start or stop anything would else be asked for each
//! resource of the account, at every tick.

use super::batch::Batch;
use crate::{
    aws::Refusal,
    domain::{
        region::Region,
        scan::GapReason,
        schedule::{Action, TargetKind},
    },
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// So many refused alone, and none accepted, say that it is not about the single one.
const ENOUGH: usize = 4;

type Kind = (Region, TargetKind, Action);

/// Of one run.
#[derive(Default)]
pub(super) struct Tally(Mutex<HashMap<Kind, Count>>);

#[derive(Default)]
struct Count {
    accepted: bool,
    denied: usize,
    last: Option<Refusal>,
}

impl Tally {
    fn lock(&self) -> MutexGuard<'_, HashMap<Kind, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn accepted(&self, batch: &Batch) {
        self.lock().entry(kind_of(batch)).or_default().accepted = true;
    }

    /// Only missing permissions are counted: all else is about the resource.
    pub fn refused(&self, batch: &Batch, orders: usize, refusal: &Refusal) {
        if refusal.reason == GapReason::AccessDenied {
            let mut counts = self.lock();
            let count = counts.entry(kind_of(batch)).or_default();
            count.denied += orders;
            count.last = Some(refusal.clone());
        }
    }

    /// What AWS said, where it makes no sense to go on.
    pub fn given_up(&self, batch: &Batch) -> Option<Refusal> {
        let counts = self.lock();
        let count = counts.get(&kind_of(batch)).filter(|count| !count.accepted && count.denied >= ENOUGH)?;
        count.last.clone()
    }
}

fn kind_of(batch: &Batch) -> Kind {
    (batch.region.clone(), batch.kind, batch.action)
}
