//! Intents: in the audit first, then as a row with the lease's fence. What cannot be written is not called.

use super::{
    desk::Desk,
    outcomes::ending_of,
    planning::Due,
    report::{NotDone, ReportedAction},
    tick::Tick,
};
use crate::{
    audit::Draft,
    db::Book,
    domain::{
        ids::ActionId,
        money::MicroUsd,
        schedule::{Action, ActionRecord, ActionStatus, Power, Target, TargetKind},
    },
    error::Error,
    schedule::{Order, TagProof},
    service::audit::{Intent, unwritten},
};
use futures_util::future::join_all;

/// Proved just now, and not called yet.
pub(super) struct Ready {
    pub due: Due,
    pub proof: TagProof,
    pub power: Power,
    /// Of an hour, at this moment.
    pub price: Option<MicroUsd>,
}

/// What the ledger knows of an order.
pub(super) struct Entry {
    pub due: Due,
    pub price: Option<MicroUsd>,
    pub audit: Option<Intent>,
    pub admitted: bool,
}

impl Due {
    pub fn reported(&self, id: Option<ActionId>) -> ReportedAction {
        let Target { account, region, kind, id: resource } = &self.target;
        ReportedAction {
            action_id: id,
            account_id: *account,
            region: region.clone(),
            kind: *kind,
            resource_id: resource.to_string(),
            resource_name: self.name.as_deref().map(str::to_owned),
            schedule: Some(self.wanted.schedule.clone()),
            action: self.wanted.action,
            reason: self.wanted.reason.as_str().to_owned(),
            due_at: self.wanted.due_at,
            status: id.map(|_| ActionStatus::Intended),
            code: None,
            message: None,
        }
    }
}

/// `stop_instance`, `start_db_cluster`.
pub(super) fn audit_name(action: Action, kind: TargetKind) -> String {
    let kind = match kind {
        TargetKind::Instance => "instance",
        TargetKind::DbInstance => "db_instance",
        TargetKind::DbCluster => "db_cluster",
    };
    format!("{action}_{kind}")
}

pub(super) fn draft_of(tick: &Tick<'_, '_>, target: &Target, action: Action) -> Draft {
    let text = format!("{}/{}/{}", target.region, target.kind, target.id);
    let mut draft = Draft::of(tick.cx, &audit_name(action, target.kind)).on(Some(&text));
    draft.event.at = tick.app.clock.now();
    draft.event.account = Some(target.account);
    draft
}

async fn begin(tick: &Tick<'_, '_>, due: &Due) -> Result<Intent, Error> {
    let mut draft = draft_of(tick, &due.target, due.wanted.action);
    draft.event.detail = Some(format!("schedule {}: {}", due.wanted.schedule, due.wanted.reason));
    tick.app.audit.begin(draft).await.map_err(|reason| unwritten(tick.app, reason))
}

/// Writes all of them down; gives those that may be called.
pub(super) async fn write_intents(
    desk: &Desk<'_, '_, '_>,
    ready: Vec<Ready>,
) -> Result<Vec<(Order, Entry)>, Error> {
    let tick = desk.tick;
    tick.begin_row().await?;
    let begun = join_all(ready.iter().map(|ready| begin(tick, &ready.due))).await;
    let (mut written, mut book) = (Vec::new(), Book::default());
    for (ready, audit) in ready.into_iter().zip(begun) {
        match audit {
            Ok(audit) => {
                let (order, record) = intend(desk, &ready, &audit);
                book.intents.push(record);
                let entry = Entry { due: ready.due, price: ready.price, audit: Some(audit), admitted: false };
                written.push((order, entry));
            }
            Err(error) => tell_unaudited(tick, &ready.due, &error),
        }
    }
    if let Err(error) = desk.write(&book).await {
        for (_, entry) in written {
            if let Some(audit) = entry.audit {
                audit.finish(ending_of(ActionStatus::Abandoned, Some("its intent could not be kept"))).await;
            }
        }
        return Err(error);
    }
    let mut findings = tick.findings.lock();
    for (order, entry) in &written {
        findings.counts.decided += 1;
        findings.act(entry.due.reported(Some(order.id)));
    }
    drop(findings);
    desk.papers().busy.extend(written.iter().map(|(order, _)| order.target.clone()));
    Ok(written)
}

fn intend(desk: &Desk<'_, '_, '_>, ready: &Ready, audit: &Intent) -> (Order, ActionRecord) {
    let tick = desk.tick;
    let order = Order::new(ActionId::generate(), ready.proof.clone());
    let wanted = &ready.due.wanted;
    let fence = tick.shift.leases.fences.get(&tick.shard(desk.account.id)).copied();
    let record = ActionRecord {
        id: order.id,
        run: tick.run,
        target: ready.due.target.clone(),
        resource_name: ready.due.name.as_deref().map(str::to_owned),
        schedule_name: Some(wanted.schedule.clone()),
        action: wanted.action,
        reason: wanted.reason.as_str().to_owned(),
        state_before: ready.power,
        status: ActionStatus::Intended,
        fence: fence.unwrap_or_default(),
        audit_intent: audit.sequence(),
        due_at: wanted.due_at,
        decided_at: desk.now(),
        called_at: None,
        code: None,
        message: None,
        request_id: None,
        finished_at: None,
        verify_after: None,
        state_seen: None,
        verified_at: None,
    };
    (order, record)
}

fn tell_unaudited(tick: &Tick<'_, '_>, due: &Due, error: &Error) {
    let what = NotDone::of(&due.target, due.wanted.action, error.code().as_str(), error.to_string());
    tick.findings.lock().fail(what);
}
