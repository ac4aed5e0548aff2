//! A shop whose machines are to be stopped, for processes that live by the system's clock; and what must hold
//! when they are gone.

use super::processes::Process;
use crate::{
    support::{
        in_process::TestApp,
        server::Engine,
        stand_in::{self, admin},
        tuner::{Run, run},
    },
    ticking::Shop,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tuner::{
    db::{AuditFilter, AuditOrder},
    domain::{
        audit::{AuditEntry, AuditPhase},
        clock::Clock,
        schedule::ActionStatus,
    },
};

pub struct Stage {
    pub shop: Shop,
    pub ids: Vec<String>,
}

impl Stage {
    /// Seen running half an hour ago, and to be stopped since ten minutes ago.
    pub async fn open(engine: Engine, count: usize) -> Self {
        let t = TestApp::open(engine).await;
        t.clock.set(t.clock.now() - SignedDuration::from_mins(30));
        let shop = Shop::in_app(t, json!({}), SignedDuration::from_mins(20)).await;
        let mut ids = shop.make(count).await;
        ids.sort();
        shop.tick().await;
        assert_eq!(shop.calls().await.len(), 0, "nothing is due at first sight");
        Self { shop, ids }
    }

    /// `tuner schedule run`, as cron starts it.
    pub fn start_run(&self) -> Process {
        Process::start(self.shop.t.command().args(["schedule", "run"]))
    }

    /// The same to its end. What it could not do is its exit code's matter, and not a failure.
    pub fn run(&self) -> Run {
        let ran = run(self.shop.t.command().args(["schedule", "run"]));
        assert!([0, 4].contains(&ran.code), "{} {}", ran.out, ran.err);
        ran
    }

    pub async fn fault(&self, fault: Value) {
        self.shop.fault(fault).await;
    }

    pub async fn no_faults(&self) {
        admin("DELETE", &format!("faults?accountId={}", self.shop.account), Value::Null).await;
    }

    /// What the dead held runs out: two minutes pass.
    pub async fn leases_run_out(&self) {
        self.shop.t.database().run("UPDATE scheduler_shard SET until_at = ticked_for").await;
    }

    /// How often machines were looked at.
    pub async fn looks(&self) -> u64 {
        self.arrived("DescribeInstances").await
    }

    /// How many calls have reached AWS, whatever it makes of them.
    pub async fn arrived(&self, operation: &str) -> u64 {
        let calls = admin("GET", "calls", Value::Null).await;
        let of_ours =
            calls.as_array().unwrap().iter().filter(|call| {
                call["accountId"] == self.shop.account.as_str() && call["operation"] == operation
            });
        of_ours.map(|call| call["count"].as_u64().unwrap()).sum()
    }

    pub async fn changed(&self) -> Vec<String> {
        let mut changed = self.shop.changes().await;
        changed.sort();
        changed
    }

    pub async fn all_are(&self, status: ActionStatus) -> bool {
        self.shop.statuses().await == vec![status; self.ids.len()]
    }

    /// Of the audit: the entries about stops and starts of machines, oldest first.
    pub async fn audited(&self) -> Vec<AuditEntry> {
        let db = self.shop.app().database.scoped(&self.shop.cx.scope);
        let filter = AuditFilter { account: Some(self.shop.id()), ..AuditFilter::default() };
        let kept =
            db.list_audit(&filter, self.shop.cx.actor.user_id, AuditOrder::OldestFirst, None, 1000).await;
        let entries = kept.unwrap().into_iter().map(|kept| kept.entry);
        entries.filter(|entry| entry.event.action.ends_with("_instance")).collect()
    }

    /// Ticks of a server that lives: after a moment, and then again and again for a quarter of an hour.
    pub async fn recover(&self) {
        let now = Clock::system().now();
        for minutes in [3, 4, 9, 11, 14, 17] {
            self.shop.forward_to(now + SignedDuration::from_mins(minutes)).await;
            self.shop.tick().await;
        }
    }

    /// Each machine was stopped once and nothing else was done; every action and every intent has come to its end.
    pub async fn everything_was_done_once(&self) {
        let calls = self.shop.calls().await;
        let actions = self.shop.actions().await;
        assert_eq!(self.changed().await, self.ids, "{calls:#?} {actions:#?} {:#?}", self.shop.rows().await);
        assert!(calls.iter().all(|call| call["operation"] == "StopInstances"), "{calls:#?}");
        let open: Vec<_> = actions.iter().filter(|a| ActionStatus::OPEN.contains(&a.status)).collect();
        assert!(open.is_empty(), "{open:#?}");
        let last: BTreeMap<String, ActionStatus> =
            actions.iter().rev().map(|action| (action.target.id.to_string(), action.status)).collect();
        let verified = self.ids.iter().map(|id| (id.clone(), ActionStatus::Verified)).collect();
        assert_eq!(last, verified, "{actions:#?}");
        self.the_audit_tells_it(&calls).await;
    }

    async fn the_audit_tells_it(&self, calls: &[Value]) {
        self.shop.app().audit.flush().await;
        let entries = self.audited().await;
        let of = |phase| entries.iter().filter(move |entry| entry.event.phase == phase);
        let intents: BTreeMap<i64, &str> =
            of(AuditPhase::Intent).map(|e| (e.sequence, e.event.target.as_deref().unwrap())).collect();
        for call in calls {
            for id in call["ids"].as_array().unwrap() {
                let id = id.as_str().unwrap();
                assert!(intents.values().any(|target| target.ends_with(id)), "{id} is not in {intents:?}");
            }
        }
        let ended: BTreeSet<i64> = of(AuditPhase::Outcome).filter_map(|entry| entry.event.intent).collect();
        for action in self.shop.actions().await {
            assert!(intents.contains_key(&action.audit_intent.unwrap()), "{action:?}");
        }
        let endless: Vec<_> = intents.keys().filter(|intent| !ended.contains(intent)).collect();
        assert!(endless.is_empty(), "intents {endless:?} have no outcome: {entries:#?}");
        let verified = run(self.shop.t.command().args(["audit", "verify"]));
        assert_eq!(verified.code, 0, "{} {}", verified.out, verified.err);
    }

    pub async fn close(self) {
        self.shop.close().await;
    }
}

/// Until a condition holds, however busy the machine is; a minute and a half at most.
pub async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    let patience = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let held = tokio::time::timeout(Duration::from_secs(90), patience).await;
    assert!(held.is_ok(), "{what} did not happen: {}", stand_in::url());
}
