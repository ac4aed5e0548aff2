//! The scans that this process works on, so that one of them can be told to stop.

use crate::domain::ids::ScanId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio_util::sync::CancellationToken;

#[derive(Clone, Debug, Default)]
pub struct RunningScans(Arc<Mutex<HashMap<ScanId, CancellationToken>>>);

impl RunningScans {
    fn lock(&self) -> MutexGuard<'_, HashMap<ScanId, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Counts as running until the answer is dropped.
    #[must_use]
    pub fn begin(&self, scan: ScanId) -> Running {
        let told_to_stop = CancellationToken::new();
        self.lock().insert(scan, told_to_stop.clone());
        let gauge = metrics::gauge!("tuner_scans_running");
        gauge.increment(1.0);
        Running { all: self.clone(), scan, told_to_stop, gauge }
    }

    /// Nothing happens where another server works on it: that one sees that its lease is gone.
    pub fn tell_to_stop(&self, scan: ScanId) {
        if let Some(token) = self.lock().get(&scan) {
            token.cancel();
        }
    }
}

#[derive(Debug)]
pub struct Running {
    all: RunningScans,
    scan: ScanId,
    pub told_to_stop: CancellationToken,
    gauge: metrics::Gauge,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.all.lock().remove(&self.scan);
        self.gauge.decrement(1.0);
    }
}
