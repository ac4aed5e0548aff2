//! What a run tells of itself while it works, and in the end.

use crate::domain::{
    ids::{AccountId, ActionId},
    notice::Notice,
    region::Region,
    schedule::{
        Action, ActionStatus, RunCounts, RunFailure, RunRecord, RunStatus, RunSummary, Target, TargetKind,
    },
};
use jiff::Timestamp;
use serde::Serialize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use utoipa::ToSchema;

/// What a report lists; the counts are complete.
const SHOWN: usize = 1_000;
const SHOWN_FAILURES: usize = 100;

/// A start or stop of the run, or one that a dry run would make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportedAction {
    #[schema(value_type = Option<String>)]
    pub action_id: Option<ActionId>,
    #[schema(value_type = String)]
    pub account_id: AccountId,
    #[schema(value_type = String)]
    pub region: Region,
    pub kind: TargetKind,
    pub resource_id: String,
    pub resource_name: Option<String>,
    pub schedule: Option<String>,
    pub action: Action,
    /// Why: `scheduleChange`, `firstSight`, `overrideChange`, `enforced`, …
    pub reason: String,
    #[schema(value_type = String, format = "date-time")]
    pub due_at: Timestamp,
    /// Null in a dry run: it was not carried out.
    pub status: Option<ActionStatus>,
    /// AWS's code, where it refused.
    pub code: Option<String>,
    pub message: Option<String>,
}

/// What was wanted and not done, or could not be looked at, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotDone {
    #[schema(value_type = Option<String>)]
    pub account_id: Option<AccountId>,
    #[schema(value_type = Option<String>)]
    pub region: Option<Region>,
    pub kind: Option<TargetKind>,
    pub resource_id: Option<String>,
    pub action: Option<Action>,
    /// `killSwitch`, `waitingForApproval`, `noRole`, `accountDrifted`, `shardBusy`, …, or AWS's.
    pub code: String,
    pub message: String,
}

impl NotDone {
    pub(super) fn of_account(account: AccountId, code: &str, message: impl Into<String>) -> Self {
        Self {
            account_id: Some(account),
            region: None,
            kind: None,
            resource_id: None,
            action: None,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    pub(super) fn of_region(
        account: AccountId,
        region: &Region,
        code: &str,
        message: impl Into<String>,
    ) -> Self {
        Self { region: Some(region.clone()), ..Self::of_account(account, code, message) }
    }

    pub(super) fn of(target: &Target, action: Action, code: &str, message: impl Into<String>) -> Self {
        Self {
            region: Some(target.region.clone()),
            kind: Some(target.kind),
            resource_id: Some(target.id.to_string()),
            action: Some(action),
            ..Self::of_account(target.account, code, message)
        }
    }
}

#[derive(Clone, Debug)]
pub struct RunReport {
    pub run: RunRecord,
    pub actions: Vec<ReportedAction>,
    pub not_done: Vec<NotDone>,
}

/// What was found until now.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub counts: RunCounts,
    pub failures: Vec<RunFailure>,
    pub actions: Vec<ReportedAction>,
    pub not_done: Vec<NotDone>,
    pub notices: Vec<Notice>,
    /// Something could not be dealt with: the run is partial.
    pub partial: bool,
}

impl Findings {
    /// A failure of an account or a region.
    pub fn fail(&mut self, what: NotDone) {
        self.partial = true;
        if self.failures.len() < SHOWN_FAILURES {
            self.failures.push(RunFailure {
                account_id: what.account_id,
                region: what.region.clone(),
                code: what.code.clone(),
                message: what.message.clone(),
            });
        }
        self.leave(what);
    }

    /// Something that waits, as it should.
    pub fn leave(&mut self, what: NotDone) {
        if self.not_done.len() < SHOWN {
            self.not_done.push(what);
        }
    }

    pub fn act(&mut self, action: ReportedAction) {
        if self.actions.len() < SHOWN {
            self.actions.push(action);
        }
    }

    /// What became of an action that was reported.
    pub fn settle(&mut self, id: ActionId, status: ActionStatus, code: Option<&str>, message: Option<&str>) {
        if let Some(found) = self.actions.iter_mut().find(|action| action.action_id == Some(id)) {
            found.status = Some(status);
            found.code = code.map(str::to_owned);
            found.message = message.map(str::to_owned);
        }
    }

    pub fn status(&self) -> RunStatus {
        if self.partial { RunStatus::Partial } else { RunStatus::Complete }
    }

    pub fn summary(&self) -> RunSummary {
        RunSummary { counts: self.counts.clone(), failures: self.failures.clone() }
    }

    /// Worth a row where nobody asked for the run.
    pub fn tell_something(&self) -> bool {
        let counts = &self.counts;
        !self.failures.is_empty() || self.partial || counts.decided + counts.settled + counts.missed > 0
    }
}

/// Findings that many look at.
#[derive(Debug, Default)]
pub(super) struct Shared(Mutex<Findings>);

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, Findings> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
