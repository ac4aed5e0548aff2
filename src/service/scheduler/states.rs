//! Whether an account may be entered, and what its failures lead to: an account whose role lets nobody in is left
//! alone for ever longer pauses, and told of once.

use super::{report::NotDone, tick::Tick};
use crate::{
    aws::{SessionError, WriteSession},
    db::ActionFilter,
    domain::{
        account::{Account, AccountStatus},
        arn::RoleArn,
        notice::{Notice, StoppedAccount},
        schedule::ScheduledAccount,
        security_event::SecurityEvent,
    },
    service::{
        security::{Circumstances, report},
        verification::{link_of, verify_audited},
    },
};
use jiff::{SignedDuration, Timestamp};

const BACKOFF_MINUTES: [i64; 4] = [5, 15, 30, 60];

#[derive(Clone, Debug)]
pub(super) enum Entrance {
    Open(RoleArn),
    Closed { code: &'static str, message: String },
}

/// By what role the account is entered, or why it is not.
pub(super) fn entrance_of(account: &Account, state: &ScheduledAccount, now: Timestamp) -> Entrance {
    let closed = |code, message: &str| Entrance::Closed { code, message: message.to_owned() };
    let role = account.scheduler_role_arn.as_ref().or(account.role_arn.as_ref());
    match (account.status, role) {
        (AccountStatus::Drifted, _) => {
            closed("accountDrifted", "its role does not pass the verification any more; verify it again")
        }
        (AccountStatus::Pending, _) | (_, None) => closed("noRole", "the account is not linked yet"),
        (AccountStatus::Linked, Some(_)) if state.not_before.is_some_and(|until| now < until) => {
            closed("accountStopped", state.message.as_deref().unwrap_or("its role let nobody in"))
        }
        (AccountStatus::Linked, Some(role)) => Entrance::Open(role.clone()),
    }
}

/// A session; none where it failed, which is in the findings and the account's state then.
pub(super) async fn enter(
    tick: &Tick<'_, '_>,
    account: &Account,
    role: &RoleArn,
    state: &mut ScheduledAccount,
) -> Option<WriteSession> {
    let link = link_of(tick.app, tick.cx, account, role.clone());
    match tick.app.sessions.schedule(&link).await {
        Ok(session) => {
            if state.failure.is_some() {
                let well = ScheduledAccount { swept_at: state.swept_at, ..ScheduledAccount::default() };
                *state = well;
                keep(tick, account, state).await;
            }
            Some(session)
        }
        Err(error) => {
            failed(tick, account, state, &error).await;
            None
        }
    }
}

async fn failed(tick: &Tick<'_, '_>, account: &Account, state: &mut ScheduledAccount, error: &SessionError) {
    let code = error.failure().code;
    tick.findings.lock().fail(NotDone::of_account(account.id, &code, error.to_string()));
    if !tick.acts() {
        return;
    }
    let denied = matches!(
        error,
        SessionError::AssumeRoleDenied { .. }
            | SessionError::ForeignExternalId(_)
            | SessionError::OtherAccount { .. }
    );
    let step = usize::try_from(state.failures).unwrap_or(usize::MAX);
    let minutes = if denied { BACKOFF_MINUTES.get(step).copied().unwrap_or(60) } else { 1 };
    let now = tick.app.clock.now();
    if denied && state.failures == 0 {
        let detail = format!("nothing is started or stopped there: {code}");
        let what = Circumstances {
            scope: Some(&tick.cx.scope),
            account: Some(account.id),
            detail,
            ..Circumstances::default()
        };
        report(tick.app, SecurityEvent::SchedulerAccountStopped, what);
        let notice = StoppedAccount { account_id: account.id, code: code.as_str().into() };
        tick.findings.lock().notices.push(Notice::AccountStopped(notice));
    }
    *state = ScheduledAccount {
        failures: if denied { state.failures.saturating_add(1) } else { state.failures },
        failure: Some(code),
        message: Some(error.to_string()),
        failed_at: Some(now),
        // A moment less, so that the tick of that minute is not too early.
        not_before: Some(now + SignedDuration::from_mins(minutes) - SignedDuration::from_secs(10)),
        swept_at: state.swept_at,
    };
    keep(tick, account, state).await;
}

pub(super) async fn keep(tick: &Tick<'_, '_>, account: &Account, state: &ScheduledAccount) {
    if !tick.acts() {
        return;
    }
    if let Err(error) = tick.db().put_scheduled_account(account.id, state).await {
        tracing::warn!(account.id = %account.id, %error, "the scheduler's state of an account could not be kept");
    }
}

/// Before the first write ever the link is verified once more. False: it is not to be touched.
pub(super) async fn verified_before_first_write(tick: &Tick<'_, '_>, account: &Account) -> bool {
    let filter = ActionFilter { account: Some(account.id), ..ActionFilter::default() };
    match tick.db().list_actions(&filter, None, 1).await {
        Ok(actions) if !actions.is_empty() => return true,
        Ok(_) => {}
        Err(error) => {
            tick.findings.lock().fail(NotDone::of_account(account.id, "database", error.to_string()));
            return false;
        }
    }
    let why = match verify_audited(tick.app, tick.cx, account.id).await {
        Ok((_, verification)) if verification.passed => return true,
        Ok(_) => "its role does not pass the verification".to_owned(),
        Err(error) => error.to_string(),
    };
    tick.findings.lock().fail(NotDone::of_account(account.id, "accountDrifted", why));
    false
}
