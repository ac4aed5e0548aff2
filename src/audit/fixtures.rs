//! An audit that keeps everything in memory, or refuses it.

use super::{AuditLog, Checkpoints, Store};
use crate::{
    db::{DbError, NewAudit},
    domain::{
        audit::{AuditEvent, ChainPoint},
        clock::Clock,
        scope::OrgScope,
    },
};
use futures_util::future::{BoxFuture, FutureExt, ready};
use jiff::Timestamp;
use std::sync::{
    Arc, Mutex, OnceLock,
    atomic::{AtomicBool, Ordering},
};
use tokio::runtime::{Builder, Runtime};

#[derive(Default)]
pub(crate) struct Memory {
    pub entries: Mutex<Vec<NewAudit>>,
    pub refuses: AtomicBool,
}

impl Memory {
    pub fn events(&self) -> Vec<AuditEvent> {
        self.entries.lock().unwrap().iter().map(|new| new.event.clone()).collect()
    }
}

impl Store for Memory {
    fn append<'a>(
        &'a self,
        _: &'a OrgScope,
        new: &'a [NewAudit],
    ) -> BoxFuture<'a, Result<ChainPoint, DbError>> {
        if self.refuses.load(Ordering::SeqCst) {
            return ready(Err(DbError::NotFound("table"))).boxed();
        }
        let mut entries = self.entries.lock().unwrap();
        entries.extend_from_slice(new);
        let sequence = i64::try_from(entries.len()).unwrap();
        ready(Ok(ChainPoint { sequence, hash: [0; 32] })).boxed()
    }
}

/// Its writer lives on a runtime of its own: the test may have none, or one that ends early.
pub(crate) fn log_into(memory: &Arc<Memory>) -> AuditLog {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime =
        RUNTIME.get_or_init(|| Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap());
    let _entered = runtime.enter();
    let nowhere = std::env::temp_dir().join("tuner-test-no-folder").join("none");
    let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
    AuditLog::start(Arc::clone(memory) as Arc<dyn Store>, Checkpoints::new(nowhere), clock)
}
