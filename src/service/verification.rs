//! Whether linked roles still let Tuner in, and nobody without the external ID: on request and on a timer.
//!
//! A role that does not pass any more has drifted: it is not used until it passes again, and a security event
//! says so. Where AWS cannot be asked, nothing changes.

use super::{
    accounts::linked_role,
    audit::{begin, finish},
    security::{Circumstances, report},
};
use crate::{
    app::App,
    aws::RoleLink,
    domain::{
        account::{Account, AccountStatus, Verification},
        arn::RoleArn,
        external_id::ExternalId,
        ids::AccountId,
        security_event::SecurityEvent,
    },
    error::{Error, ErrorCode},
    op::{Actor, OpCx},
};
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use std::{sync::Arc, time::Duration};

/// How often the timer looks for what is due.
const LOOK_EVERY: Duration = Duration::from_mins(5);
/// A verification is four calls of STS, which has room for hundreds a second.
const AT_A_TIME: usize = 8;
const PAGE: u32 = 200;

/// How to enter the account in the name of the caller's organisation. A kept external ID that is not ours
/// (somebody wrote to the database) is reported here; `aws` refuses it before STS hears of it.
#[must_use]
pub fn link_of(app: &App, cx: &OpCx, account: &Account, role_arn: RoleArn) -> RoleLink {
    link_with(app, cx, account.id, role_arn, &account.external_id)
}

fn link_with(app: &App, cx: &OpCx, id: AccountId, role_arn: RoleArn, external_id: &ExternalId) -> RoleLink {
    let organization = cx.scope.organization();
    if app.external_ids.check(external_id, id, organization).is_err() {
        let detail = "an external ID that is kept for the account was not made by this server for it";
        report_of(app, cx, SecurityEvent::ExternalIdRefused, id, detail.to_owned());
    }
    RoleLink {
        org: cx.scope.key(),
        organization: organization.clone(),
        account: id,
        role_arn,
        external_id: external_id.clone(),
    }
}

fn report_of(app: &App, cx: &OpCx, event: SecurityEvent, account: AccountId, detail: String) {
    let what = Circumstances {
        scope: Some(&cx.scope),
        account: Some(account),
        origin: Some(&cx.origin),
        detail,
        ..Circumstances::default()
    };
    report(app, event, what);
}

/// Both roles of an account, the one for schedules where it is another one. The first that fails is told.
pub(super) async fn verify_roles(
    app: &App,
    cx: &OpCx,
    account: &Account,
    role_arn: &RoleArn,
    scheduler: Option<&RoleArn>,
) -> Verification {
    let verification = app.sessions.verify(&link_of(app, cx, account, role_arn.clone())).await;
    match scheduler.filter(|scheduler| *scheduler != role_arn && verification.passed) {
        Some(scheduler) => app.sessions.verify(&link_of(app, cx, account, scheduler.clone())).await,
        None => verification,
    }
}

/// AWS could not be asked: that says nothing about the role.
fn inconclusive(verification: &Verification) -> Error {
    let failed = verification.steps.iter().find(|step| !step.passed);
    Error::unavailable(failed.map_or_else(|| "no step was tried".to_owned(), |step| step.detail.clone()))
}

pub(super) fn not_verified(verification: &Verification) -> Error {
    let failed = verification.steps.iter().filter(|step| !step.passed);
    failed.fold(
        Error::new(ErrorCode::RoleNotVerified, "the role does not pass the verification; see errors"),
        |error, step| error.with_field(step.step.as_str(), step.detail.clone()),
    )
}

/// Verifies the roles of a linked account again; one that fails is marked as drifted and not used any more.
pub async fn verify_account(app: &App, cx: &OpCx, id: AccountId) -> Result<(Account, Verification), Error> {
    let db = app.database.scoped(&cx.scope);
    let account = db.get_account(id).await?;
    let role_arn = linked_role(&account)?;
    let account = promote_if_accepted(app, cx, &account, &role_arn).await?;
    let scheduler = account.scheduler_role_arn.as_ref();
    let verification = verify_roles(app, cx, &account, &role_arn, scheduler).await;
    if !verification.conclusive {
        return Err(inconclusive(&verification));
    }
    let status = if verification.passed { AccountStatus::Linked } else { AccountStatus::Drifted };
    db.set_account_verification(id, status, &verification, cx.now).await?;
    if status == AccountStatus::Drifted && account.status != AccountStatus::Drifted {
        let failed = verification.steps.iter().filter(|step| !step.passed).map(|step| step.step.as_str());
        let detail = format!("does not pass: {}", failed.collect::<Vec<_>>().join(", "));
        report_of(app, cx, SecurityEvent::RoleDrifted, id, detail);
    }
    Ok((db.get_account(id).await?, verification))
}

/// Ends a rotation once the customer's trust policy accepts the new ID; answers the account as it is then.
pub async fn promote_if_accepted(
    app: &App,
    cx: &OpCx,
    account: &Account,
    role_arn: &RoleArn,
) -> Result<Account, Error> {
    let db = app.database.scoped(&cx.scope);
    if let Some(next) = &account.next_external_id {
        let link = link_with(app, cx, account.id, role_arn.clone(), next);
        if app.sessions.probe_external_id(&link).await.unwrap_or(false) {
            db.promote_external_id(account.id, next, cx.now).await?;
        }
    }
    Ok(db.get_account(account.id).await?)
}

/// What a round of the timer did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    pub passed: usize,
    pub drifted: usize,
    /// AWS or the database did not answer: tried again in the next round.
    pub undecided: usize,
}

/// Verifies every linked role that was not verified for so long.
pub async fn verify_due(app: &App, now: Timestamp, every: SignedDuration) -> Result<Round, Error> {
    let mut round = Round::default();
    for organization in app.database.list_organizations().await? {
        let scope = app.database.system_scope(organization.key, organization.name);
        let cx = OpCx::without_request(Actor::system(), scope, now);
        let mut after = None;
        loop {
            let page = app.database.scoped(&cx.scope).list_unverified(now - every, after, PAGE).await?;
            after = page.last().copied();
            verify_page(app, &cx, page, &mut round).await;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(round)
}

/// No request tells the audit of it: the timer does, first what it is about to do.
pub(super) async fn verify_audited(
    app: &App,
    cx: &OpCx,
    id: AccountId,
) -> Result<(Account, Verification), Error> {
    let intent = begin(app, cx, "verify_account", Some(&id.to_string())).await?;
    let verified = verify_account(app, cx, id).await;
    finish(app, intent, &verified).await;
    verified
}

async fn verify_page(app: &App, cx: &OpCx, page: Vec<AccountId>, round: &mut Round) {
    let mut verified = stream::iter(page)
        .map(|account| async move { (account, verify_audited(app, cx, account).await) })
        .buffer_unordered(AT_A_TIME);
    while let Some((account, outcome)) = verified.next().await {
        match outcome {
            Ok((_, verification)) if verification.passed => round.passed += 1,
            Ok(_) => round.drifted += 1,
            Err(error) => {
                round.undecided += 1;
                tracing::warn!(account.id = %account, error = %error, source = error.chain(), "a role could not be verified");
            }
        }
    }
}

/// The timer, until the server stops.
pub async fn watch_roles(app: Arc<App>) {
    let every = app.settings.aws.verify_every;
    loop {
        if let Err(error) = verify_due(&app, app.clock.now(), every).await {
            tracing::warn!(error = error.chain(), "the roles could not be verified");
        }
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
