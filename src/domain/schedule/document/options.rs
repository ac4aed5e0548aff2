//! How a schedule is applied.

use super::json::{Field, ScheduleError, clipped};
use crate::domain::finding::text_enum;
use serde::Serialize;

/// Changes that nobody carried out for a day are no news any more.
const MAX_CATCH_UP_MINUTES: u32 = 1440;

text_enum! {
    OnHoliday {
        /// Starts are left out, stops still happen.
        NoStart = "noStart",
        /// All day.
        Stopped = "stopped",
        Ignore = "ignore",
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// Every tick brings the state back.
    pub enforce: bool,
    /// What runs by somebody's hand when its period begins is not stopped at the period's end.
    pub keep_started_by_hand: bool,
    /// At first sight.
    pub stop_new: bool,
    /// At first sight.
    pub start_new: bool,
    pub on_holiday: OnHoliday,
    /// Changes that are older when they are noticed are recorded as missed.
    pub catch_up_minutes: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            enforce: false,
            keep_started_by_hand: false,
            stop_new: true,
            start_new: false,
            on_holiday: OnHoliday::NoStart,
            catch_up_minutes: 60,
        }
    }
}

impl Options {
    pub(super) fn read(field: &Field<'_>) -> Result<Self, ScheduleError> {
        let names = &["enforce", "keepStartedByHand", "stopNew", "startNew", "onHoliday", "catchUpMinutes"];
        let fields = field.object(names)?;
        let flag = |name, otherwise| fields.field(name)?.map_or(Ok(otherwise), |field| field.flag());
        let default = Self::default();
        Ok(Self {
            enforce: flag("enforce", default.enforce)?,
            keep_started_by_hand: flag("keepStartedByHand", default.keep_started_by_hand)?,
            stop_new: flag("stopNew", default.stop_new)?,
            start_new: flag("startNew", default.start_new)?,
            on_holiday: fields.field("onHoliday")?.map_or(Ok(default.on_holiday), |f| read_on_holiday(&f))?,
            catch_up_minutes: fields
                .field("catchUpMinutes")?
                .map_or(Ok(default.catch_up_minutes), |field| field.number(0, MAX_CATCH_UP_MINUTES))?,
        })
    }
}

fn read_on_holiday(field: &Field<'_>) -> Result<OnHoliday, ScheduleError> {
    let text = field.text()?;
    OnHoliday::ALL
        .iter()
        .copied()
        .find(|value| value.as_str().eq_ignore_ascii_case(text))
        .ok_or_else(|| field.error(format!("is '{}'; write noStart, stopped or ignore", clipped(text))))
}
