//! One file per resource of the JSON API. A new one is named here.

pub mod accounts;
pub mod api_keys;
pub mod approvals;
pub mod audit;
pub mod auth;
pub mod bulk_decisions;
pub mod calendars;
pub mod cost_forecast;
pub mod decisions;
mod filters;
pub mod health;
mod hours;
pub mod invitations;
pub mod ledger;
pub mod ledger_csv;
pub mod ledger_entries;
pub mod ledger_history;
pub mod log_in;
pub mod metrics;
pub mod money;
pub mod oidc;
pub mod openapi;
pub mod organization_accounts;
pub mod overrides;
pub mod personal_data;
pub mod profile;
pub mod recommendations;
pub mod resources;
pub mod rule_settings;
pub mod scan_settings;
pub mod scans;
pub mod schedule_assignments;
pub mod schedule_previews;
pub mod scheduled_resources;
pub mod scheduler_history;
pub mod scheduler_runs;
pub mod scheduler_savings;
pub mod scheduler_stop;
pub mod schedules;
pub mod setup;
mod signed_in;
mod texts;
pub mod users;
pub mod webhooks;

use super::routes::Routes;

/// Every route of the frame itself: what works without an application behind it.
#[must_use]
pub fn frame_routes() -> Routes {
    health::routes().merge(metrics::routes()).merge(openapi::routes()).merge(auth::routes())
}

/// Every route.
#[must_use]
pub fn routes() -> Routes {
    frame_routes()
        .merge(setup::routes())
        .merge(log_in::routes())
        .merge(profile::routes())
        .merge(invitations::routes())
        .merge(users::routes())
        .merge(personal_data::routes())
        .merge(api_keys::routes())
        .merge(oidc::routes())
        .merge(accounts::routes())
        .merge(organization_accounts::routes())
        .merge(scans::routes())
        .merge(scan_settings::routes())
        .merge(resources::routes())
        .merge(recommendations::routes())
        .merge(decisions::routes())
        .merge(bulk_decisions::routes())
        .merge(rule_settings::routes())
        .merge(money::routes())
        .merge(cost_forecast::routes())
        .merge(ledger::routes())
        .merge(ledger_csv::routes())
        .merge(ledger_entries::routes())
        .merge(ledger_history::routes())
        .merge(audit::routes())
        .merge(schedules::routes())
        .merge(schedule_assignments::routes())
        .merge(calendars::routes())
        .merge(overrides::routes())
        .merge(scheduler_stop::routes())
        .merge(approvals::routes())
        .merge(webhooks::routes())
        .merge(schedule_previews::routes())
        .merge(scheduled_resources::routes())
        .merge(scheduler_history::routes())
        .merge(scheduler_savings::routes())
        .merge(scheduler_runs::routes())
}
