//! Values that were refused, on their way to whoever raises the alarm: this room knows no audit.
//!
//! Bounded: a flood of them says no more than the first ones.

use super::Place;
use crate::domain::scope::OrgScope;
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};
use tokio::sync::Notify;

const MOST_WAITING: usize = 256;

/// A sealed value that does not open.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub scope: OrgScope,
    pub table: &'static str,
    pub column: &'static str,
    pub row: Vec<u8>,
}

impl Refusal {
    pub(super) fn of(scope: &OrgScope, place: Place<'_>) -> Self {
        Self { scope: scope.clone(), table: place.table, column: place.column, row: place.row.to_vec() }
    }
}

#[derive(Debug, Default)]
pub struct Refusals {
    waiting: Mutex<VecDeque<Refusal>>,
    added: Notify,
}

impl Refusals {
    pub(super) fn add(&self, refusal: Refusal) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST_WAITING {
            waiting.push_back(refusal);
        }
        self.added.notify_one();
    }

    /// Waits for one.
    pub async fn next(&self) -> Refusal {
        loop {
            if let Some(refusal) = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front() {
                return refusal;
            }
            self.added.notified().await;
        }
    }
}
