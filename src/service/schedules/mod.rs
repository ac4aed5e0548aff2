//! What people set for the scheduler: schedules, calendars, assignments, overrides, suspensions, kill switches,
//! approvals. Carrying it out is `service::scheduler`'s.
//!
//! Schedules and calendars belong to the whole organisation; assignments, overrides of a resource, suspensions
//! and approvals to an account, which must be granted to whoever asks.

mod applying;
mod approvals;
mod assignments;
mod bundle;
mod calendars;
mod config;
mod difference;
mod documents;
mod draft;
mod followers;
mod history;
mod overrides;
mod preview;
pub(in crate::service) mod prices;
mod savings;
mod schedule_list;
mod stops;
mod suspensions;
mod words;

pub use crate::db::{
    ActionFilter, ApprovalFilter, DayFilter, DayOff, KeptAssignment, KeptCalendar, KeptOverride,
    KeptSchedule, OffSum, OverrideFilter, ResourceOff, RunFilter, ScheduledFilter, Suspended,
};
pub use applying::{Application, Applied, apply, look};
pub use approvals::{decide_approval, get_approval, list_approvals};
pub use assignments::{NewAssignment, create_assignment, delete_assignment, list_assignments};
pub use bundle::Bundle;
pub use calendars::{create_calendar, delete_calendar, get_calendar, list_calendars, replace_calendar};
pub use config::{config, kill_switch};
pub use difference::Difference;
pub use documents::{
    AssignmentDocument, CalendarDocument, OptionsDocument, PeriodDocument, ScheduleDocument, TagDocument,
};
pub use draft::Effect;
pub use followers::{FollowedResource, Following, get_resource, list_resources};
pub use history::{get_run, list_actions, list_runs};
pub use overrides::{NewOverride, create_override, end_override, get_override, list_overrides};
pub use preview::{PreviewedResource, SchedulePreview, Span, preview_document, preview_schedule};
pub use savings::{SavingsReport, list_savings, sum_savings};
pub use schedule_list::{
    create_schedule, delete_schedule, find_schedule, get_schedule, list_schedules, replace_schedule,
    resume_schedule, suspend_schedule,
};
pub use stops::{list_stops, release_installation, release_scheduler, stop_installation, stop_scheduler};
pub use suspensions::{find_suspension, list_suspensions, resume_account, suspend_account};
