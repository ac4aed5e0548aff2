//! More stops at once than anybody may have meant wait for an administrator.
//!
//! Asked for once for each account and schedule; what waits keeps its intent in the resource's memory.

use super::{planning::Due, report::NotDone, tick::Tick};
use crate::{
    db::{ApprovalFilter, NewApproval},
    domain::{
        ids::{AccountId, ApprovalId},
        notice::{NeededApproval, Notice},
        schedule::{Action, Approval, ApprovalStatus, ApprovalSubject, WaitingResource},
    },
    error::Error,
};
use jiff::SignedDuration;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

const EXPIRES_AFTER: SignedDuration = SignedDuration::from_hours(24);
const LOOKED_THROUGH: u32 = 100;

/// How much of an account runs, as its rows say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fleet {
    pub running: usize,
}

/// Stops that this tick has let through without approval.
#[derive(Debug, Default)]
pub(super) struct Stops(Mutex<HashMap<AccountId, usize>>);

impl Stops {
    fn add(&self, account: AccountId, more: usize) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(account).or_default() += more;
    }

    fn total(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    fn of(&self, account: AccountId) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&account).copied().unwrap_or_default()
    }
}

type Groups = BTreeMap<(AccountId, String, i64), Vec<Due>>;

/// Those that may go on.
pub(super) async fn hold_back(
    tick: &Tick<'_, '_>,
    due: Vec<Due>,
    fleet: &HashMap<AccountId, Fleet>,
) -> Result<Vec<Due>, Error> {
    let (stops, mut free): (Vec<Due>, Vec<Due>) = due.into_iter().partition(Due::is_stop);
    let mut groups = Groups::new();
    for stop in stops {
        let key = (stop.target.account, stop.wanted.schedule.clone(), stop.wanted.key.revision);
        groups.entry(key).or_default().push(stop);
    }
    if reasons(tick, &groups, fleet).is_empty() {
        free.extend(let_through(tick, groups));
        return Ok(free);
    }
    let mut left = Groups::new();
    for (key, group) in groups {
        let (approved, rest) = by_approval(tick, &key, group).await?;
        free.extend(approved);
        if !rest.is_empty() {
            left.insert(key, rest);
        }
    }
    let reasons = reasons(tick, &left, fleet);
    let (held, small): (Groups, Groups) = left.into_iter().partition(|(key, _)| reasons.contains_key(&key.0));
    for (key, group) in held {
        let reason = reasons.get(&key.0).map_or("", String::as_str);
        ask(tick, key, group, reason).await?;
    }
    free.extend(let_through(tick, small));
    Ok(free)
}

fn let_through(tick: &Tick<'_, '_>, groups: Groups) -> Vec<Due> {
    let mut all = Vec::new();
    for ((account, ..), group) in groups {
        tick.stops.add(account, group.len());
        all.extend(group);
    }
    all
}

/// Why an account's stops have to be asked for.
fn reasons(
    tick: &Tick<'_, '_>,
    groups: &Groups,
    fleet: &HashMap<AccountId, Fleet>,
) -> HashMap<AccountId, String> {
    let settings = &tick.app.settings.scheduler;
    let mut counts: BTreeMap<AccountId, usize> = BTreeMap::new();
    for ((account, ..), group) in groups {
        *counts.entry(*account).or_default() += group.len();
    }
    let total = tick.stops.total() + counts.values().sum::<usize>();
    let limit = settings.approval_stops;
    let reason = |account: AccountId, count: usize| {
        if total > limit {
            return Some(format!("{total} stops at once, more than {limit}"));
        }
        let running = fleet.get(&account).copied().unwrap_or_default().running;
        let of_account = count + tick.stops.of(account);
        let most = of_account >= settings.approval_share_from && of_account * 2 > running;
        most.then(|| {
            format!("{of_account} of the {running} tagged resources that run in the account at once")
        })
    };
    counts.into_iter().filter_map(|(account, count)| Some((account, reason(account, count)?))).collect()
}

fn subject_of((account, schedule, revision): &(AccountId, String, i64)) -> ApprovalSubject {
    ApprovalSubject {
        account: *account,
        schedule_name: schedule.clone(),
        revision: *revision,
        action: Action::Stop,
    }
}

/// Those that somebody approved, and the rest.
async fn by_approval(
    tick: &Tick<'_, '_>,
    key: &(AccountId, String, i64),
    group: Vec<Due>,
) -> Result<(Vec<Due>, Vec<Due>), Error> {
    let found = tick.db().find_approved_approval(&subject_of(key), tick.cx.now).await?;
    let Some(approval) = found.filter(|approval| is_enough(approval, group.len())) else {
        return Ok((Vec::new(), group));
    };
    let (approved, rest): (Vec<Due>, Vec<Due>) =
        group.into_iter().partition(|due| approval.covers(&due.target));
    if tick.acts() && !approved.is_empty() {
        tick.served.lock().unwrap_or_else(PoisonError::into_inner).insert(approval.id);
    }
    Ok((approved, rest))
}

/// A standing one is for as many as were shown, and a tenth more.
fn is_enough(approval: &Approval, count: usize) -> bool {
    !approval.standing || count * 10 <= approval.resources.len() * 11
}

async fn ask(
    tick: &Tick<'_, '_>,
    key: (AccountId, String, i64),
    group: Vec<Due>,
    reason: &str,
) -> Result<(), Error> {
    let subject = subject_of(&key);
    let asked = asked_before(tick, &subject, &group).await?;
    let code = if asked == Some(ApprovalStatus::Refused) { "approvalRefused" } else { "waitingForApproval" };
    {
        let mut findings = tick.findings.lock();
        findings.counts.waiting_for_approval += u64::try_from(group.len()).unwrap_or_default();
        for due in &group {
            findings.leave(NotDone::of(&due.target, Action::Stop, code, reason));
        }
    }
    if asked.is_some() || !tick.acts() {
        return Ok(());
    }
    let new = NewApproval {
        id: ApprovalId::generate(),
        subject,
        resources: group.iter().map(|due| WaitingResource::of(&due.target, due.name.as_deref())).collect(),
        reason: reason.to_owned(),
        requested_at: tick.cx.now,
        expires_at: tick.cx.now + EXPIRES_AFTER,
    };
    tick.db().create_approval(&new).await?;
    let mut findings = tick.findings.lock();
    findings.counts.decided += 1;
    findings.notices.push(Notice::ApprovalNeeded(NeededApproval {
        account_id: key.0,
        approval_id: new.id,
        schedule: key.1.into(),
        action: Action::Stop,
        resources: u32::try_from(new.resources.len()).unwrap_or(u32::MAX),
        expires_at: new.expires_at,
    }));
    Ok(())
}

/// Nobody is asked twice for the same thing: not while it waits, not after a refusal, not after it expired.
async fn asked_before(
    tick: &Tick<'_, '_>,
    subject: &ApprovalSubject,
    group: &[Due],
) -> Result<Option<ApprovalStatus>, Error> {
    let db = tick.db();
    if db.find_open_approval(subject, tick.cx.now).await?.is_some() {
        return Ok(Some(ApprovalStatus::Open));
    }
    if db.find_refused_approval(subject, tick.cx.now).await?.is_some() {
        return Ok(Some(ApprovalStatus::Refused));
    }
    let since = group.iter().map(|due| due.wanted.since).min();
    let open = ApprovalFilter {
        account: Some(subject.account),
        status: Some(ApprovalStatus::Open),
        not_expired_at: None,
    };
    let expired = db.list_approvals(&open, None, LOOKED_THROUGH).await?.into_iter().any(|approval| {
        approval.subject == *subject && since.is_some_and(|since| approval.requested_at >= since)
    });
    Ok(expired.then_some(ApprovalStatus::Open))
}
