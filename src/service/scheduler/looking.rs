//! Looking around: what is tagged, region by region. A look that fails is recorded and never a reason to act.

use super::{
    desk::{Desk, Job},
    report::NotDone,
    states::keep,
};
use crate::{
    aws::Failure,
    db::Book,
    domain::{
        region::Region,
        schedule::{Observed, Power, ScheduledRegion, Target},
        tags::Tags,
    },
    error::Error,
    schedule::{Seen, Which, observe, regions},
};
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How old the sight of a whole account may become.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(1);
const REGIONS_AT_A_TIME: usize = 8;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Nowhere,
    At(BTreeSet<Region>),
    Everywhere,
}

/// Where an account is to be looked at: regions with an enforced schedule each time, those with tagged resources
/// every few minutes, all of them each hour.
pub(super) fn look_wanted(job: &Job, now: Timestamp, every: SignedDuration) -> Look {
    let old = |at: Option<Timestamp>, age| at.is_none_or(|at| now.duration_since(at) >= age);
    if old(job.state.swept_at, SWEEP_EVERY) {
        return Look::Everywhere;
    }
    let known: BTreeMap<&Region, &ScheduledRegion> = job.regions.iter().map(|r| (&r.region, r)).collect();
    let is_due = |region: &&Region| {
        let Some(kept) = known.get(region) else { return true };
        if !old(kept.failed_at.filter(|_| kept.failure.is_some()), every) {
            return false;
        }
        job.enforced.contains(*region) || old(kept.looked_at, every)
    };
    let due: BTreeSet<Region> = job.places.iter().filter(is_due).cloned().collect();
    if due.is_empty() { Look::Nowhere } else { Look::At(due) }
}

pub(super) async fn look(desk: &Desk<'_, '_, '_>, wanted: Look, job: &mut Job) -> Result<(), Error> {
    let (places, whole) = match wanted {
        Look::Nowhere => return Ok(()),
        Look::At(places) => (places, false),
        Look::Everywhere => match regions(&desk.session).await {
            Ok(all) => (all.into_iter().collect(), true),
            Err(failure) => {
                let message = "the regions of the account could not be listed";
                let what = NotDone::of_account(desk.account.id, &failure.code, message);
                desk.tick.findings.lock().fail(what);
                (job.places.clone(), false)
            }
        },
    };
    let known = &job.places;
    let mut looks = stream::iter(places)
        .map(|region| async move { look_at(desk, &region, known.contains(&region)).await })
        .buffer_unordered(REGIONS_AT_A_TIME);
    while let Some(done) = looks.next().await {
        done?;
    }
    drop(looks);
    if whole {
        job.state.swept_at = Some(desk.tick.cx.now);
        keep(desk.tick, desk.account, &job.state).await;
    }
    Ok(())
}

async fn look_at(desk: &Desk<'_, '_, '_>, region: &Region, known: bool) -> Result<(), Error> {
    let now = desk.now();
    let seen = observe(&desk.session, region, Which::Tagged, now).await;
    let (found, failure) = (!seen.observed.is_empty(), seen.failures.first().map(|(_, f)| f.clone()));
    let book = take_in(desk, region, seen, now);
    desk.write(&book).await?;
    if let Some(failure) = &failure {
        tell(desk, region, failure);
    }
    if desk.tick.acts() && (known || found || failure.is_some()) {
        let kept = ScheduledRegion {
            account: desk.account.id,
            region: region.clone(),
            looked_at: Some(now),
            failed_at: failure.as_ref().map(|_| now),
            failure: failure.map(|failure| failure.code),
        };
        desk.tick.db().put_scheduled_region(&kept).await?;
    }
    Ok(())
}

pub(super) fn tell(desk: &Desk<'_, '_, '_>, region: &Region, failure: &Failure) {
    let message = format!("the region could not be looked at: {}", failure.reason);
    let what = NotDone::of_region(desk.account.id, region, &failure.code, message);
    desk.tick.findings.lock().fail(what);
}

/// What was seen, and what is missing of the kinds that were read to their end.
fn take_in(desk: &Desk<'_, '_, '_>, region: &Region, seen: Seen, now: Timestamp) -> Book {
    let mut papers = desk.papers();
    let there: BTreeSet<Target> = seen.observed.iter().map(|observed| observed.target.clone()).collect();
    let missing: Vec<Observed> = papers
        .rows
        .values()
        .filter(|row| row.gone_at.is_none() && row.observed.target.region == *region)
        .filter(|row| !there.contains(&row.observed.target) && !seen.incomplete(row.observed.target.kind))
        .map(|row| Observed { tags: Tags::default(), power: Power::Gone, ..row.observed.clone() })
        .collect();
    let (mut resources, mut days) = papers.see(seen.observed, now);
    let (gone, ended) = papers.see(missing, now);
    resources.extend(gone);
    days.extend(ended);
    Book { resources, days, ..Book::default() }
}
