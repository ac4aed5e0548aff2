//! Scans whose time has come: started by whichever server claims them first, a few at a time.
//!
//! A time that passed while no server ran is made up for once; what comes after counts from now. An account that is
//! being scanned already, or cannot be entered, waits for its next time.

use super::{
    audit::{begin, finish},
    scans::start_scan,
};
use crate::{
    app::App,
    collect::RegionChoice,
    db::DueScan,
    domain::scan_plan::ScanPlan,
    error::Error,
    op::{Actor, OpCx},
};
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};

const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Each has a thread and a picture of its account; more wait for the next look.
const AT_A_TIME: usize = 8;
const PAGE: u32 = 100;

/// The timer, until the server stops.
pub async fn watch_due_scans(app: Arc<App>) {
    loop {
        if let Err(error) = start_due(&app, app.clock.now()).await {
            tracing::warn!(%error, source = error.chain(), "due scans could not be looked for");
        }
        if app.stopping.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_none() {
            return;
        }
    }
}

/// Starts what is due, as far as there is room; says how many.
pub async fn start_due(app: &Arc<App>, now: Timestamp) -> Result<usize, Error> {
    let mut started = 0;
    for organization in app.database.list_organizations().await? {
        let scope = app.database.system_scope(organization.key, organization.name);
        let cx = OpCx::without_request(Actor::system(), scope, now);
        for due in app.database.scoped(&cx.scope).list_due_scans(now, PAGE).await? {
            if app.running_scans.count() >= AT_A_TIME {
                return Ok(started);
            }
            started += usize::from(start_one(app, &cx, due).await?);
        }
    }
    Ok(started)
}

async fn start_one(app: &Arc<App>, cx: &OpCx, due: DueScan) -> Result<bool, Error> {
    let (cron, zone) = &due.plan;
    // A zone may have left the system's database since.
    let next = ScanPlan::parse(cron, zone)
        .ok()
        .and_then(|plan| plan.next_after(cx.now, cx.scope.key(), due.account));
    let db = app.database.scoped(&cx.scope);
    if !db.claim_due_scan(due.account, due.due_at, next).await? {
        return Ok(false);
    }
    let intent = begin(app, cx, "start_scan", Some(&due.account.to_string())).await?;
    let started = start_scan(app, cx, due.account, RegionChoice::All).await;
    finish(app, intent, &started).await;
    if let Err(error) = &started {
        tracing::warn!(account.id = %due.account, %error, source = error.chain(), "a due scan was not started");
    }
    Ok(started.is_ok())
}
