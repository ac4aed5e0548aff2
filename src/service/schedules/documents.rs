//! The documents as they are read from requests and files: unknown and repeated fields are refused here, what
//! they mean by `domain::schedule`.

use crate::{
    domain::{
        ids::AccountId,
        region::Region,
        schedule::{Calendar, OnHoliday, Schedule, ScheduleError},
    },
    error::{Error, ErrorCode},
    service::object,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// As a document that has everything a schedule may say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScheduleDocument {
    /// The value of the tag `Schedule` on the resources that follow it.
    #[schema(min_length = 1, max_length = 128, example = "office")]
    pub name: String,
    /// An IANA time zone.
    #[schema(example = "Europe/Berlin")]
    pub timezone: String,
    #[serde(deserialize_with = "object::list")]
    pub periods: Vec<PeriodDocument>,
    /// Names of calendars.
    #[serde(default)]
    pub holidays: Vec<String>,
    #[serde(default, deserialize_with = "object::one")]
    pub options: OptionsDocument,
}

/// `begin` and `end`, one of them, or neither: the whole day. Between the other fields: and.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PeriodDocument {
    /// `HH:MM`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "07:00")]
    pub begin: Option<String>,
    /// `HH:MM`, up to `24:00`. Before `begin`: on the next day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "19:00")]
    pub end: Option<String>,
    /// `mon`, `mon-fri`, `mon#2`, `friL`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekdays: Option<Vec<String>>,
    /// `5`, `1-7`, `1/7`, `L`, `20-L`, `15W`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month_days: Option<Vec<String>>,
    /// `jan`, `1`, `nov-feb`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<Vec<String>>,
}

/// What is left out has its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OptionsDocument {
    /// Bring the state back at every tick. Default false: a manual start or stop is respected until the next change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforce: Option<bool>,
    /// What somebody started before its period is not stopped at the period's end. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_started_by_hand: Option<bool>,
    /// A resource that is seen first while it should be stopped is stopped. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_new: Option<bool>,
    /// A resource that is seen first while it should run is started. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_new: Option<bool>,
    /// Default `noStart`: starts are left out, stops still happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_holiday: Option<OnHoliday>,
    /// A change that is older when it is noticed is recorded as missed. Default 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catch_up_minutes: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CalendarDocument {
    /// What `holidays` of schedules says.
    #[schema(min_length = 1, max_length = 128, example = "de-be")]
    pub name: String,
    /// `YYYY-MM-DD`, in the time zone of the schedule.
    #[serde(default)]
    #[schema(example = json!(["2026-04-03"]))]
    pub dates: Vec<String>,
    /// `MM-DD`: of every year.
    #[serde(default)]
    #[schema(example = json!(["12-25"]))]
    pub yearly: Vec<String>,
}

/// In files: a schedule is called by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssignmentDocument {
    pub schedule: String,
    pub account_id: AccountId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    #[serde(default, deserialize_with = "object::optional", skip_serializing_if = "Option::is_none")]
    pub tag: Option<TagDocument>,
}

/// A tag that a resource carries, key and value exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TagDocument {
    #[schema(min_length = 1, max_length = 128)]
    pub key: String,
    #[schema(max_length = 256)]
    pub value: String,
}

impl ScheduleDocument {
    /// `field` stands in front of the names of fields: `schedules[2].`.
    pub(super) fn check(&self, field: &str) -> Result<Schedule, Error> {
        Schedule::parse(&to_text(self)).map_err(|error| refuse(field, &error))
    }
}

impl CalendarDocument {
    pub(super) fn check(&self, field: &str) -> Result<Calendar, Error> {
        Calendar::parse(&to_text(self)).map_err(|error| refuse(field, &error))
    }
}

/// Texts and numbers alone: they always serialise.
pub(super) fn to_text(document: &impl Serialize) -> String {
    serde_json::to_string(document).unwrap_or_default()
}

fn refuse(field: &str, error: &ScheduleError) -> Error {
    match format!("{field}{}", error.field).trim_end_matches('.') {
        "" => Error::new(ErrorCode::InvalidRequest, error.to_string()),
        whole => Error::invalid_field(whole, error.reason.clone()),
    }
}
