//! Counters in memory of a fixed size: sets of sixteen, each key in the set that its keyed hash names.
//!
//! A full set gives up the counter that is nearest to being full again, so what is forgotten is worth the
//! least: somebody who sends one request from each of a million addresses pushes out their own, never one
//! that is used up. Which keys share a set is drawn at random at the start.

use governor::{nanos::Nanos, state::StateStore};
use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, PoisonError},
};

const WAYS: usize = 16;

/// A key, and when its bucket will be full again.
type Cell<K> = (K, Nanos);

pub(super) struct Cells<K> {
    hasher: RandomState,
    sets: Vec<Mutex<Vec<Cell<K>>>>,
}

impl<K> Cells<K> {
    /// Room for `capacity` keys; memory is taken as they come.
    pub fn new(capacity: usize) -> Self {
        let sets = capacity.div_ceil(WAYS).max(1);
        Self { hasher: RandomState::new(), sets: (0..sets).map(|_| Mutex::default()).collect() }
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.sets.iter().map(|set| set.lock().unwrap().len()).sum()
    }
}

impl<K: Hash + Eq + Copy> StateStore for Cells<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let number = usize::try_from(self.hasher.hash_one(key)).unwrap_or(usize::MAX) % self.sets.len();
        let Some(set) = self.sets.get(number) else {
            return decide(None).map(|(outcome, _)| outcome);
        };
        let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, full_at)) = set.iter_mut().find(|(known, _)| known == key) {
            let (outcome, next) = decide(Some(*full_at))?;
            *full_at = next;
            return Ok(outcome);
        }
        let (outcome, next) = decide(None)?;
        insert(&mut set, (*key, next));
        Ok(outcome)
    }
}

fn insert<K>(set: &mut Vec<Cell<K>>, cell: Cell<K>) {
    if set.len() < WAYS {
        set.push(cell);
    } else if let Some(least) = set.iter_mut().min_by_key(|(_, full_at)| *full_at) {
        *least = cell;
    }
}
