//! Carrying out what is due in one account: looked at afresh, decided anew, written down, called.

use super::{
    desk::Desk,
    intents::{Ready, write_intents},
    judging::judge,
    ledger::Books,
    planning::Due,
    report::NotDone,
    states::verified_before_first_write,
};
use crate::{
    db::Book,
    domain::{
        region::Region,
        schedule::{Reason, ScheduledResource, Target},
    },
    error::Error,
    schedule::{Order, Seen, TagProof, Which, carry_out, observe},
    service::schedules::prices,
};
use futures_util::{StreamExt, stream};
use std::collections::BTreeMap;

const REGIONS_AT_A_TIME: usize = 8;
/// Orders whose audit is open at a time, in one region: the audit has room for some thousands.
const AT_ONCE: usize = 100;

pub(super) async fn act(desk: &Desk<'_, '_, '_>, due: Vec<Due>) -> Result<(), Error> {
    if due.is_empty() {
        return Ok(());
    }
    if desk.tick.acts() && !verified_before_first_write(desk.tick, desk.account).await {
        return Ok(());
    }
    let mut regions: BTreeMap<Region, Vec<Due>> = BTreeMap::new();
    for one in due {
        regions.entry(one.target.region.clone()).or_default().push(one);
    }
    let mut done = stream::iter(regions)
        .map(|(region, due)| async move { act_in(desk, &region, due).await })
        .buffer_unordered(REGIONS_AT_A_TIME);
    let mut first = Ok(());
    while let Some(done) = done.next().await {
        first = first.and(done);
    }
    first
}

async fn act_in(desk: &Desk<'_, '_, '_>, region: &Region, mut due: Vec<Due>) -> Result<(), Error> {
    while !due.is_empty() {
        let rest = due.split_off(AT_ONCE.min(due.len()));
        act_once(desk, region, std::mem::replace(&mut due, rest)).await?;
    }
    Ok(())
}

async fn act_once(desk: &Desk<'_, '_, '_>, region: &Region, due: Vec<Due>) -> Result<(), Error> {
    let tick = desk.tick;
    let targets: Vec<Target> = due.iter().map(|due| due.target.clone()).collect();
    let seen = observe(&desk.session, region, Which::Only(&targets), desk.now()).await;
    let (mut ready, book) = decide_anew(desk, due, seen);
    desk.write(&book).await?;
    if !tick.acts() {
        let mut findings = tick.findings.lock();
        for ready in &ready {
            findings.act(ready.due.reported(None));
        }
        return Ok(());
    }
    if ready.is_empty() {
        return Ok(());
    }
    set_prices(desk, &mut ready).await?;
    let permits = u32::try_from(ready.len()).unwrap_or(u32::MAX);
    let _room = tick.audits.acquire_many(permits).await;
    let written = write_intents(desk, ready).await?;
    let orders: Vec<Order> = written.iter().map(|(order, _)| order.clone()).collect();
    let books = Books::open(desk, written);
    carry_out(&desk.session, orders, &books).await;
    Ok(())
}

/// Only what is still wanted, and proved by what was seen just now.
fn decide_anew(desk: &Desk<'_, '_, '_>, due: Vec<Due>, seen: Seen) -> (Vec<Ready>, Book) {
    let now = desk.now();
    let mut papers = desk.papers();
    let Seen { observed, failures } = seen;
    let sights: std::collections::BTreeSet<Target> =
        observed.iter().map(|observed| observed.target.clone()).collect();
    let (resources, days) = papers.see(observed, now);
    let mut book = Book { resources, days, ..Book::default() };
    let mut ready = Vec::new();
    for one in due {
        let action = one.wanted.action;
        if !sights.contains(&one.target) {
            let failure = failures.iter().find(|(kind, _)| *kind == one.target.kind);
            let code = failure.map_or("notSeen", |(_, failure)| failure.code.as_str());
            let why = "it could not be looked at right before the call";
            desk.tick.findings.lock().fail(NotDone::of(&one.target, action, code, why));
            continue;
        }
        let row = papers.rows.get_mut(&one.target).filter(|row| row.gone_at.is_none());
        let Some(row) = row else {
            let why = "it is gone, or does not carry the tag any more";
            desk.tick.findings.lock().leave(NotDone::of(&one.target, action, "notTagged", why));
            continue;
        };
        let judged = judge(desk.tick.prepared, row, desk.tick.cx.now);
        book.days.extend(judged.days);
        if judged.changed {
            book.resources.retain(|other| other.observed.target != one.target);
            book.resources.push(row.clone());
        }
        let wanted = judged.wanted.filter(|wanted| wanted.action == action);
        let proof = TagProof::of(&row.observed, action, now);
        match wanted.zip(proof) {
            Some((wanted, proof)) => ready.push(Ready {
                due: Due { name: row.observed.name.clone(), wanted, ..one },
                proof,
                power: row.observed.power,
                price: None,
            }),
            None => desk.tick.findings.lock().leave(left_alone(&one, row)),
        }
    }
    (ready, book)
}

fn left_alone(due: &Due, row: &ScheduledResource) -> NotDone {
    let code = row.ineligible.as_deref().or(row.reason.as_deref()).unwrap_or("unchanged");
    let why = format!("seen {} right before the call", row.observed.power);
    NotDone::of(&due.target, due.wanted.action, code, why)
}

/// What an hour costs is asked when it is stopped: later prices are another matter.
async fn set_prices(desk: &Desk<'_, '_, '_>, ready: &mut [Ready]) -> Result<(), Error> {
    let stops: Vec<Target> =
        ready.iter().filter(|ready| ready.due.is_stop()).map(|ready| ready.due.target.clone()).collect();
    if stops.is_empty() {
        return Ok(());
    }
    let observed: Vec<_> = {
        let papers = desk.papers();
        stops.iter().filter_map(|target| Some(papers.rows.get(target)?.observed.clone())).collect()
    };
    let book = prices::load(desk.tick.app, observed.iter(), desk.now()).await?;
    for observed in &observed {
        let price = prices::an_hour(&book, observed).map(|price| price.amount.times(1));
        if let Some(ready) = ready.iter_mut().find(|ready| ready.due.target == observed.target) {
            ready.price = price;
        }
    }
    Ok(())
}

impl Due {
    pub fn restarted_by_aws(&self) -> bool {
        self.wanted.reason == Reason::RestartedByAws
    }
}
