//! What a schedule would do over a time, to whom, and what that saves: the same code that decides.

use super::{
    ScheduleDocument, config,
    draft::conflict,
    prices::{HourPrice, an_hour, load},
};
use crate::{
    app::App,
    db::ScheduledFilter,
    domain::{
        ids::ScheduleId,
        money::MicroUsd,
        schedule::{
            Change, Config, Override, OverrideScope, Schedule, ScheduledResource,
            preview::{HoursOff, View},
        },
    },
    error::Error,
    op::OpCx,
};
use jiff::{SignedDuration, Timestamp};

const USUAL: SignedDuration = SignedDuration::from_hours(28 * 24);
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);
/// A schedule of many short periods has more in a year than anybody reads.
const MAX_CHANGES: usize = 5_000;
/// Resources that are shown; all are counted.
const MAX_SHOWN: usize = 500;
const PAGE: u32 = 1_000;

/// What is asked for: a part that is left out has its usual value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub struct SchedulePreview {
    pub from: Timestamp,
    pub to: Timestamp,
    /// The state at `from`, then each change.
    pub changes: Vec<Change>,
    /// There are more of them than are shown.
    pub more_changes: bool,
    pub hours: HoursOff,
    /// It would not be followed for lack of them.
    pub unknown_calendars: Vec<String>,
    pub resource_count: usize,
    /// The first ones.
    pub resources: Vec<PreviewedResource>,
    /// A month, at list price, of those that can be valued.
    pub saved_a_month: MicroUsd,
    pub unpriced_count: usize,
    pub ineligible_count: usize,
}

#[derive(Clone, Debug)]
pub struct PreviewedResource {
    pub resource: ScheduledResource,
    /// None: no price is known.
    pub an_hour: Option<HourPrice>,
    /// None: it has no price, or is never started or stopped.
    pub saved_a_month: Option<MicroUsd>,
}

/// With its overrides.
pub async fn preview_schedule(
    app: &App,
    cx: &OpCx,
    id: ScheduleId,
    span: Span,
) -> Result<SchedulePreview, Error> {
    let kept = app.database.scoped(&cx.scope).get_schedule(id).await?;
    let schedule = kept.schedule.map_err(|error| conflict(format!("it cannot be read: {error}")))?;
    let config = config(app, cx).await?;
    let of_it = |one: &&Override| one.scope == OverrideScope::Schedule(id);
    let overrides: Vec<Override> = config.overrides.iter().filter(of_it).cloned().collect();
    preview(app, cx, &What { schedule, overrides, config }, span).await
}

/// What if: nothing of it is kept. The resources are those that follow the schedule of that name now.
pub async fn preview_document(
    app: &App,
    cx: &OpCx,
    document: &ScheduleDocument,
    span: Span,
) -> Result<SchedulePreview, Error> {
    let schedule = document.check("schedule.")?;
    let config = config(app, cx).await?;
    preview(app, cx, &What { schedule, overrides: Vec::new(), config }, span).await
}

struct What {
    schedule: Schedule,
    overrides: Vec<Override>,
    config: Config,
}

async fn preview(app: &App, cx: &OpCx, what: &What, span: Span) -> Result<SchedulePreview, Error> {
    let (from, to) = checked_span(span, cx.now)?;
    let view =
        View { schedule: &what.schedule, calendars: &what.config.calendars, overrides: &what.overrides };
    let mut changes = view.changes(from, to);
    let more_changes = changes.len() > MAX_CHANGES;
    changes.truncate(MAX_CHANGES);
    let hours = view.hours_off(from, to);
    let mut preview = SchedulePreview {
        from,
        to,
        changes,
        more_changes,
        hours,
        unknown_calendars: view.unknown_calendars().into_iter().map(str::to_owned).collect(),
        resource_count: 0,
        resources: Vec::new(),
        saved_a_month: MicroUsd::ZERO,
        unpriced_count: 0,
        ineligible_count: 0,
    };
    add_followers(app, cx, what.schedule.name(), &mut preview).await?;
    Ok(preview)
}

fn checked_span(span: Span, now: Timestamp) -> Result<(Timestamp, Timestamp), Error> {
    let from = span.from.unwrap_or(now);
    let far = |_| Error::invalid_field("from", "use a time that has a future");
    let to = span.to.map_or_else(|| from.checked_add(USUAL).map_err(far), Ok)?;
    if to <= from {
        return Err(Error::invalid_field("to", "use a time after `from`"));
    }
    if to.duration_since(from) > LONGEST {
        return Err(Error::invalid_field("to", "ask for 366 days at most"));
    }
    Ok((from, to))
}

async fn add_followers(app: &App, cx: &OpCx, name: &str, preview: &mut SchedulePreview) -> Result<(), Error> {
    let db = app.database.scoped(&cx.scope);
    let filter = ScheduledFilter { schedule: Some(name.to_owned()), ..ScheduledFilter::default() };
    let mut after = None;
    loop {
        let page = db.list_scheduled(&filter, after.as_ref(), PAGE).await?;
        let book = load(app, page.iter().map(|resource| &resource.observed), cx.now).await?;
        let last = u32::try_from(page.len()).is_ok_and(|count| count < PAGE);
        after = page.last().map(|resource| resource.observed.target.clone());
        for resource in page {
            preview.add(resource, &book);
        }
        if last {
            return Ok(());
        }
    }
}

impl SchedulePreview {
    fn add(&mut self, resource: ScheduledResource, book: &crate::domain::price::PriceBook) {
        let an_hour = an_hour(book, &resource.observed);
        let eligible = resource.ineligible.is_none();
        let saved = an_hour.filter(|_| eligible).map(|price| self.hours.saved_a_month(price.amount));
        self.resource_count += 1;
        self.unpriced_count += usize::from(an_hour.is_none());
        self.ineligible_count += usize::from(!eligible);
        self.saved_a_month += saved.unwrap_or(MicroUsd::ZERO);
        if self.resources.len() < MAX_SHOWN {
            self.resources.push(PreviewedResource { resource, an_hour, saved_a_month: saved });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_four_weeks_from_now_unless_said_otherwise() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let at = |text: &str| Some(text.parse().unwrap());
        let usual = checked_span(Span::default(), now).unwrap();
        assert_eq!(usual, (now, "2026-03-29T12:00:00Z".parse().unwrap()));
        for (from, to) in [
            (at("2026-03-02T00:00:00Z"), at("2026-03-02T00:00:00Z")),
            (None, at("2026-02-01T00:00:00Z")),
            (None, at("2028-03-02T00:00:00Z")),
        ] {
            assert_eq!(checked_span(Span { from, to }, now).unwrap_err().fields()[0].field, "to");
        }
        assert!(checked_span(Span { from: Some(Timestamp::MAX), to: None }, now).is_err());
    }
}
