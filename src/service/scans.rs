//! Scans of linked accounts: one at a time for each, in the background, kept in one transaction.
//!
//! A scan holds a lease on its account. A server that dies leaves the lease to run out; the scan is then
//! marked as interrupted, and nothing of the account has changed.

use super::{
    accounts::usable_role,
    advice::Advice,
    collection::{Picture, ScanRequest, judge, take_picture},
    inventory::resource_rows,
    permissions,
    price_cache::KeptPrices,
    rule_settings,
    scan_parts::KeptParts,
    scan_settings::get_settings,
    security::{Circumstances, report},
    verification::{link_of, promote_if_accepted, verify_account},
};
pub use crate::db::ScanRecord;
use crate::{
    app::App,
    aws::{ReadSession, SessionError},
    collect::{NoProgress, RegionChoice, Watcher},
    db::{DbError, LedgerQuestions, ScanPicture, Unseen},
    domain::{
        account::Account,
        arn::RoleArn,
        ids::{AccountId, ScanId},
        money::MicroUsd,
        scan::{ApiUsage, PermissionState, PermissionStatus, Scan, ScanStatus},
        security_event::SecurityEvent,
        selection,
    },
    error::{Error, ErrorCode},
    op::OpCx,
};
use jiff::SignedDuration;
use std::{sync::Arc, time::Duration};
use tokio::runtime::Handle;

/// A scan that is not heard of for this long has died.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
const WATCH_EVERY: Duration = Duration::from_mins(1);
const RENEW_EVERY: Duration = Duration::from_mins(1);

/// Starts a scan and answers at once; refused while another one of the account is running.
pub async fn start_scan(
    app: &Arc<App>,
    cx: &OpCx,
    id: AccountId,
    regions: RegionChoice,
) -> Result<Scan, Error> {
    let db = app.database.scoped(&cx.scope);
    let account = db.get_account(id).await?;
    let role_arn = usable_role(&account)?;
    // A scan whose server died ends before its lease goes to this one; an error here leaves no lease behind.
    app.database.interrupt_scans(cx.now).await?;
    let scan_id = ScanId::generate();
    if !db.claim_scan(id, scan_id, cx.now, cx.now + LEASE).await? {
        return Err(Error::new(
            ErrorCode::ScanRunning,
            format!("account {id} is being scanned; wait for its end"),
        ));
    }
    let scan = Scan {
        id: scan_id,
        account_id: id,
        status: ScanStatus::Running,
        started_at: cx.now,
        finished_at: None,
        regions: Vec::new(),
    };
    if let Err(error) = db.create_scan(scan_id, id, &[], cx.now).await {
        db.release_scan(id, scan_id).await?;
        return Err(error.into());
    }
    let work = Work { app: Arc::clone(app), cx: cx.clone(), account, role_arn, scan: scan.clone(), regions };
    // A thread of its own: judging and hashing a large fleet must not hold up those that answer requests.
    let runtime = Handle::current();
    app.background.spawn_blocking(move || runtime.block_on(work.run()));
    Ok(scan)
}

/// All that a scan in the background carries with it.
struct Work {
    app: Arc<App>,
    cx: OpCx,
    account: Account,
    role_arn: RoleArn,
    scan: Scan,
    regions: RegionChoice,
}

impl Work {
    async fn run(self) {
        let running = self.app.running_scans.begin(self.scan.id);
        // In this order: a scan that was kept has not failed, whatever else came at the same moment.
        let ended = tokio::select! {
            biased;
            ended = self.scan() => ended,
            // Its end is written already, and what it still wanted to store would be refused.
            () = running.told_to_stop.cancelled() => Ok(()),
            lost = self.keep_lease() => Err(lost),
            () = self.app.stopping.cancelled() => Err("the server is stopping; start the scan again".to_owned()),
        };
        if let Err(reason) = ended {
            self.give_up(&reason).await;
        }
    }

    /// Enters the account. A role that refuses is looked at: the customer may have replaced the external ID by
    /// the next one, or the role has drifted.
    async fn enter(&self) -> Result<ReadSession, String> {
        let (app, cx) = (&self.app, &self.cx);
        let refused = match app.sessions.read(&link_of(app, cx, &self.account, self.role_arn.clone())).await {
            Err(refused @ SessionError::AssumeRoleDenied { .. }) => refused,
            entered => return entered.map_err(|e| e.to_string()),
        };
        if self.account.next_external_id.is_some() {
            let promoted = promote_if_accepted(app, cx, &self.account, &self.role_arn).await;
            let link = link_of(app, cx, &promoted.map_err(|e| e.to_string())?, self.role_arn.clone());
            if let Ok(session) = app.sessions.read(&link).await {
                return Ok(session);
            }
        }
        if let Err(error) = verify_account(app, cx, self.account.id).await {
            tracing::warn!(account.id = %self.account.id, error = error.chain(), "a role that refuses could not be verified");
        }
        Err(refused.to_string())
    }

    /// What the customer's role does not allow: a gap for the reader, an event for who watches.
    fn report_denied(&self, permissions: &[PermissionState]) {
        let denied = permissions.iter().filter(|p| p.status == PermissionStatus::Denied);
        let denied: Vec<&str> = denied.map(|p| p.action.as_str()).collect();
        if !denied.is_empty() {
            let what = Circumstances {
                scope: Some(&self.cx.scope),
                account: Some(self.account.id),
                detail: denied.join(", "),
                ..Circumstances::default()
            };
            report(&self.app, SecurityEvent::AwsActionDenied, what);
        }
    }

    /// By what the account is judged: the organisation's settings and its own.
    async fn request(&self) -> Result<ScanRequest, String> {
        let request = ScanRequest::new(self.regions.clone(), &self.app.settings);
        let merged = rule_settings::merged(&self.app, &self.cx, Some(self.account.id)).await;
        let (thresholds, choice) = merged.map_err(|error| {
            tracing::error!(scan.id = %self.scan.id, %error, source = error.chain(), "rule settings could not be read");
            "its rule settings could not be read from the database; the server's log says why".to_owned()
        })?;
        Ok(ScanRequest { thresholds, choice, ..request })
    }

    /// Looks, judges and keeps. An error is a line for people.
    async fn scan(&self) -> Result<(), String> {
        let session = self.enter().await?;
        let request = ScanRequest { paid_budget: self.budget().await?, ..self.request().await? };
        let (app, cx) = (&self.app, &self.cx);
        let parts = KeptParts::open(app, cx, &self.scan).await;
        let watcher = Watcher { progress: &NoProgress, parts: &parts };
        let taken = take_picture(&session, &request, &KeptPrices(&app.database), watcher, &app.clock).await;
        report_blocked(&self.app, &self.cx, &session);
        let picture = taken.map_err(|e| e.to_string())?;
        let advice = judge(&picture, &request, self.cx.scope.key());
        self.keep(picture, advice, session.usage()).await.map_err(|error| {
            tracing::error!(scan.id = %self.scan.id, %error, "a scan could not be kept");
            "its result could not be written to the database; the server's log says why".to_owned()
        })
    }

    /// What is left of the month's budget when the scan begins: it is the only one of its account.
    async fn budget(&self) -> Result<Option<MicroUsd>, String> {
        let settings = get_settings(&self.app, &self.cx, self.account.id).await;
        settings.map(|settings| settings.left()).map_err(|error| {
            tracing::error!(scan.id = %self.scan.id, %error, source = error.chain(), "no budget could be read");
            "the account's budget could not be read; the server's log says why".to_owned()
        })
    }

    async fn keep(&self, picture: Picture, advice: Advice, api_usage: ApiUsage) -> Result<(), DbError> {
        let permissions = permissions::learn(&picture.collected.granted, &picture.collected.denied);
        self.report_denied(&permissions);
        let record = ScanRecord {
            scan: Scan {
                status: picture.status(),
                finished_at: Some(self.app.clock.now()),
                regions: picture.regions().to_vec(),
                ..self.scan.clone()
            },
            gaps: picture.gaps,
            api_usage,
            summary: serde_json::to_value(&advice.summary).ok(),
            error: None,
        };
        let snapshot = picture.collected.snapshot;
        let unconfirmed =
            |unseen: &Unseen| advice.doubt.covers(unseen.id, &unseen.rule, unseen.kind, &unseen.region);
        let switched_off = |unseen: &Unseen| advice.doubt.is_switched_off(&unseen.rule);
        let unseen = |unseen: &Unseen| advice.doubt.why_unseen(unseen);
        let kept = ScanPicture {
            record: &record,
            coverage: &snapshot.coverage,
            recommendations: advice.recommendations.into_iter().chain(advice.excluded).collect(),
            unconfirmed: &unconfirmed,
            switched_off: &switched_off,
            ledger: LedgerQuestions {
                unseen: &unseen,
                is_judged: selection::is_judged,
                discounts_known: snapshot.usage_costs.is_some(),
            },
            only_regions: match &self.regions {
                RegionChoice::All => None,
                RegionChoice::List(regions) => Some(regions),
            },
            costs: snapshot.costs.as_ref().map_or(&[], |costs| &costs.days),
            foreign_costs: snapshot.costs.as_ref().map_or(&[], |costs| &costs.foreign),
            forecast: snapshot.billing.forecast.as_ref(),
            permissions: &permissions,
        };
        let db = self.app.database.scoped(&self.cx.scope);
        let rows = db.store_scan(kept, resource_rows(snapshot.inventory)).await?;
        tracing::info!(account.id = %self.account.id, scan.id = %self.scan.id, status = %record.scan.status,
            calls = record.api_usage.total_calls, rows = rows.total(), "scan kept");
        Ok(())
    }

    /// Renews the lease until it is lost, which ends the scan.
    async fn keep_lease(&self) -> String {
        let db = self.app.database.scoped(&self.cx.scope);
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            let until = self.app.clock.now() + LEASE;
            if let Ok(false) = db.renew_scan(self.account.id, self.scan.id, until).await {
                return "another scan of the account took over".to_owned();
            }
        }
    }

    /// Nothing was changed; says why.
    async fn give_up(&self, reason: &str) {
        tracing::warn!(account.id = %self.account.id, scan.id = %self.scan.id, reason, "scan failed");
        let stopping = self.app.stopping.is_cancelled();
        let record = ScanRecord {
            scan: Scan {
                status: if stopping { ScanStatus::Interrupted } else { ScanStatus::Failed },
                finished_at: Some(self.app.clock.now()),
                ..self.scan.clone()
            },
            gaps: Vec::new(),
            api_usage: ApiUsage::default(),
            summary: None,
            error: Some(reason.to_owned()),
        };
        let db = self.app.database.scoped(&self.cx.scope);
        let ended = async {
            db.finish_scan(&record).await?;
            db.release_scan(self.account.id, self.scan.id).await
        };
        match ended.await {
            // A scan that had ended already keeps its end.
            Ok(()) | Err(DbError::NotFound(_)) => {}
            Err(error) => {
                tracing::error!(scan.id = %self.scan.id, %error, "the end of a scan could not be written");
            }
        }
    }
}

/// An operation that no collector declares was stopped before it left: nobody should have tried.
pub fn report_blocked(app: &App, cx: &OpCx, session: &ReadSession) {
    let blocked = session.take_blocked();
    if !blocked.is_empty() {
        let what = Circumstances {
            scope: Some(&cx.scope),
            account: Some(session.account()),
            detail: blocked.join(", "),
            ..Circumstances::default()
        };
        report(app, SecurityEvent::AwsOperationBlocked, what);
    }
}

/// Stops a running scan; nothing of the account changes.
pub async fn cancel_scan(app: &App, cx: &OpCx, account: AccountId, id: ScanId) -> Result<ScanRecord, Error> {
    let record = get_scan(app, cx, account, id).await?;
    let db = app.database.scoped(&cx.scope);
    let why = format!("cancelled by {}", cx.actor.subject);
    if record.scan.status != ScanStatus::Running || !db.cancel_scan(account, id, &why, cx.now).await? {
        return Err(Error::new(ErrorCode::Conflict, "the scan has ended already"));
    }
    app.running_scans.tell_to_stop(id);
    get_scan(app, cx, account, id).await
}

/// Newest first; `before` is the last one of the page before.
pub async fn list_scans(
    app: &App,
    cx: &OpCx,
    account: AccountId,
    before: Option<ScanId>,
    limit: u32,
) -> Result<Vec<ScanRecord>, Error> {
    let db = app.database.scoped(&cx.scope);
    db.get_account(account).await?;
    Ok(db.list_scans(account, before, limit).await?)
}

pub async fn get_scan(app: &App, cx: &OpCx, account: AccountId, id: ScanId) -> Result<ScanRecord, Error> {
    let record = app.database.scoped(&cx.scope).get_scan(id).await?;
    if record.scan.account_id == account { Ok(record) } else { Err(Error::not_found()) }
}

/// Marks what a dead server left running, now and every minute until this server stops.
pub async fn watch_interrupted(app: Arc<App>) {
    loop {
        if let Err(error) = app.database.interrupt_scans(app.clock.now()).await {
            tracing::warn!(%error, "interrupted scans could not be marked");
        }
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(WATCH_EVERY) => {}
        }
    }
}
