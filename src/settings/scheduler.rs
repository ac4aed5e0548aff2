//! The section `scheduler`.

use super::{SchedulerSettings, SettingsError, raw::RawScheduler, validate::Check};
use jiff::SignedDuration;
use std::ops::RangeInclusive;

/// Above an hour a region would not be looked at between two sweeps of the whole account.
const OBSERVE_MINUTES: RangeInclusive<u32> = 1..=60;
const PARALLEL_ACCOUNTS: RangeInclusive<u32> = 1..=256;
const APPROVALS: RangeInclusive<u32> = 1..=1_000_000;

impl Check<'_> {
    pub(super) fn scheduler(&self, raw: &RawScheduler) -> Result<SchedulerSettings, SettingsError> {
        let within = |key: &str, value: u32, range: RangeInclusive<u32>| {
            if range.contains(&value) {
                return Ok(value);
            }
            let (least, most) = (range.start(), range.end());
            Err(self.invalid(key, format!("{value} is not between {least} and {most}")))
        };
        let count = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
        let minutes = within("scheduler.observe_minutes", raw.observe_minutes, OBSERVE_MINUTES)?;
        Ok(SchedulerSettings {
            enabled: raw.enabled,
            observe_every: SignedDuration::from_mins(i64::from(minutes)),
            approval_stops: count(within("scheduler.approval_stops", raw.approval_stops, APPROVALS)?),
            approval_share_from: count(within(
                "scheduler.approval_share_from",
                raw.approval_share_from,
                APPROVALS,
            )?),
            parallel_accounts: count(within(
                "scheduler.parallel_accounts",
                raw.parallel_accounts,
                PARALLEL_ACCOUNTS,
            )?),
        })
    }
}
