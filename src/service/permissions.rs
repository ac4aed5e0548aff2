//! The permission report: what Tuner may do in an account, and what rests on each action.

use crate::{
    collect::{COLLECTORS, all_actions},
    domain::scan::{PermissionState, PermissionStatus},
    rules::RULES,
};
use std::collections::BTreeSet;

/// Which collectors and rules need an action, sorted.
#[must_use]
pub fn needed_by(action: &str) -> Vec<String> {
    let collectors = COLLECTORS.iter().filter(|c| c.actions.contains(&action)).map(|c| c.name.to_owned());
    let rules = RULES.iter().filter(|r| r.meta.actions.contains(&action)).map(|r| r.meta.id.to_owned());
    let names: BTreeSet<String> = collectors.chain(rules).collect();
    names.into_iter().collect()
}

/// What a scan learnt: an action is denied where it was refused anywhere, granted where it answered everywhere.
#[must_use]
pub fn learn(granted: &BTreeSet<String>, denied: &BTreeSet<String>) -> Vec<PermissionState> {
    let status = |action: &str| {
        if denied.contains(action) {
            PermissionStatus::Denied
        } else if granted.contains(action) {
            PermissionStatus::Granted
        } else {
            PermissionStatus::NotTried
        }
    };
    all_actions().into_iter().map(|action| state(action, status(action))).collect()
}

fn state(action: &str, status: PermissionStatus) -> PermissionState {
    PermissionState { action: action.to_owned(), status, needed_by: needed_by(action) }
}

/// Every declared action once, the ones that no scan has tried included.
#[must_use]
pub fn report(known: Vec<PermissionState>) -> Vec<PermissionState> {
    let missing: Vec<PermissionState> = all_actions()
        .into_iter()
        .filter(|action| known.iter().all(|k| k.action != *action))
        .map(|action| state(action, PermissionStatus::NotTried))
        .collect();
    let mut all: Vec<PermissionState> = known.into_iter().chain(missing).collect();
    all.sort_by(|a, b| a.action.cmp(&b.action));
    all
}
