//! One region of one account while it is read: every call of every collector goes through here.
//!
//! A call waits for its token and for a place among the calls in flight, and what it gave is written down:
//! a granted action or a gap. Nothing here knows what is read.

use super::purse::Purse;
use crate::{
    aws::{Failure, ReadSession, classify},
    domain::{
        money::MicroUsd,
        region::Region,
        scan::{Gap, GapReason},
    },
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::{
    collections::{BTreeSet, HashSet},
    error::Error,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Semaphore;

/// AWS gives at most 1,000 items a page: more pages than this is a server that turns in circles.
const MOST_PAGES: usize = 20_000;

/// What all scopes of a scan share.
#[derive(Debug)]
pub(super) struct Journal {
    in_flight: Semaphore,
    pub purse: Purse,
    seen: Mutex<Seen>,
}

/// Which actions AWS allowed, and what could not be read.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub granted: BTreeSet<&'static str>,
    pub denied: BTreeSet<&'static str>,
    pub gaps: Vec<Gap>,
}

impl Journal {
    pub fn new(calls_in_flight: usize, paid_budget: Option<MicroUsd>) -> Self {
        let (in_flight, purse) = (Semaphore::new(calls_in_flight), Purse::of(paid_budget));
        Self { in_flight, purse, seen: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn gap(&self, region: &Region, action: &'static str, failure: Failure) {
        let mut seen = self.lock();
        if failure.reason == GapReason::AccessDenied {
            seen.denied.insert(action);
        }
        let Failure { reason, code } = failure;
        let gap = Gap { region: region.clone(), action: action.to_owned(), reason, code };
        if !seen.gaps.contains(&gap) {
            seen.gaps.push(gap);
        }
    }

    /// Something of a region could not be read.
    pub fn has_gap_in(&self, region: &Region) -> bool {
        self.lock().gaps.iter().any(|gap| gap.region == *region)
    }

    /// The same of what one collector calls.
    pub fn has_gap_of(&self, region: &Region, actions: &[&str]) -> bool {
        self.lock().gaps.iter().any(|gap| gap.region == *region && actions.contains(&&*gap.action))
    }

    /// AWS refuses an action whose data can be had in another way.
    pub fn denied(&self, action: &'static str) {
        self.lock().denied.insert(action);
    }

    pub fn into_seen(self) -> Seen {
        self.seen.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A list did not come to its end; the gap is written down already.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Incomplete;

#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub session: &'a ReadSession,
    pub region: Region,
    pub journal: &'a Journal,
}

impl Scope<'_> {
    /// One call: admitted, counted, and its failure classified. Gaps are the caller's matter.
    pub async fn call<O, E>(
        &self,
        action: &'static str,
        request: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    ) -> Result<O, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.journal.purse.pay_for(action)?;
        self.session.throttle().admit(&self.region, action).await;
        // The semaphore is never closed.
        let _place = self.journal.in_flight.acquire().await;
        let reply = request.await.map_err(|error| classify(&error))?;
        self.journal.lock().granted.insert(action);
        Ok(reply)
    }

    /// Reads a list page by page. `take` maps a page, keeps what matters and gives the next page's token;
    /// what came before a failure stays, and the gap is written down.
    pub async fn page_through<O, E, F>(
        &self,
        action: &'static str,
        fetch: impl FnMut(Option<String>) -> F,
        take: impl FnMut(O) -> Option<String>,
    ) -> Result<(), Incomplete>
    where
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + 'static,
    {
        let read = self.try_page_through(action, fetch, take).await;
        read.map_err(|failure| self.missing(action, failure))
    }

    /// The same; what to make of a failure is the caller's matter.
    pub async fn try_page_through<O, E, F>(
        &self,
        action: &'static str,
        mut fetch: impl FnMut(Option<String>) -> F,
        mut take: impl FnMut(O) -> Option<String>,
    ) -> Result<(), Failure>
    where
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + 'static,
    {
        let mut tokens = HashSet::new();
        let mut token = None;
        loop {
            // The futures of the SDK are large; boxed, they do not grow those of every collector.
            let page = self.call(action, Box::pin(fetch(token))).await?;
            match take(page).filter(|next| !next.is_empty()) {
                None => return Ok(()),
                Some(next) if tokens.len() < MOST_PAGES && tokens.insert(next.clone()) => token = Some(next),
                Some(_) => return Err(Failure::new(GapReason::InvalidReply, "RepeatedNextToken")),
            }
        }
    }

    /// Writes a gap down.
    pub fn missing(&self, action: &'static str, failure: Failure) -> Incomplete {
        tracing::debug!(
            account.id = %self.session.account(), region = %self.region, action,
            reason = %failure.reason, code = failure.code, "could not read"
        );
        self.journal.gap(&self.region, action, failure);
        Incomplete
    }
}
