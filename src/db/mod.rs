//! The database: SQLite embedded, or MySQL and what speaks its protocol. Same behaviour on both.
//!
//! Invariant: tenant tables are reached through [`OrgDb`] alone, which an `OrgScope` opens; every statement on
//! them binds the organisation first (`stmt.rs`); what lies encrypted is sealed and opened on the way
//! (`sealed.rs`), so no caller can forget it. An account that the scope may not see does not exist.
//! Deliberately no clock here: the caller passes the time of its operation.

mod account;
mod account_suspension;
mod api_key;
mod audit;
mod audit_list;
mod batch;
mod bearer;
mod connect;
mod cost;
mod cost_forecast;
mod credential;
mod data_key;
mod decision;
mod document;
mod dynamic;
mod error;
mod handle;
mod installation_stop;
mod invitation;
mod lease;
mod member;
mod member_change;
mod migrate;
mod oidc_login;
mod organization;
mod permission;
mod plain;
mod pool;
mod price;
mod recommendation;
mod recommendation_event;
mod resource;
mod retention;
mod rule_settings;
mod saving_day;
mod saving_entry;
mod saving_history;
mod saving_retention;
mod savings;
mod scan;
mod scan_part;
mod scan_setting;
mod schedule;
mod schedule_assignment;
mod schedule_author;
mod schedule_calendar;
mod schedule_change;
mod schedule_day;
mod schedule_override;
mod schedule_savings;
mod scheduled_region;
mod scheduled_resource;
mod scheduler_action;
mod scheduler_approval;
mod scheduler_book;
mod scheduler_run;
mod scheduler_shard;
mod scheduler_stop;
mod sealed;
mod session;
mod setup_token;
mod sign_in_attempt;
mod stmt;
mod store;
mod tag;
mod time;
mod timer;
mod value;
mod webhook;
mod webhook_delivery;

pub use account::NewAccount;
pub use api_key::ApiKey;
pub use audit::{ChainState, NewAudit, Walked};
pub use audit_list::{AuditCursor, AuditFilter, AuditOrder, KeptAudit, OrphanedIntent};
pub use bearer::{KeyOwner, Person, SessionOwner, TokenOwner};
pub use connect::ConnectOptions;
pub use cost::{CostFilter, CostGrouping, CostKey, CostSum};
pub use cost_forecast::AccountForecast;
pub use credential::{Credential, LocalUser};
pub use decision::{Decision, KeptDecision, Taken};
pub use error::DbError;
pub use handle::{Database, OrgDb};
pub use invitation::{Invited, KeptInvitation};
pub use member::{Member, NewMember};
pub use member_change::{MemberChange, Standing};
pub use migrate::SchemaStatus;
pub use oidc_login::{LoginProof, PendingLogin};
pub use organization::Organization;
pub use permission::KeptPermission;
pub use recommendation::{
    DecisionTaken, KeptRecommendation, RecommendationCursor, RecommendationFilter, RecommendationSort,
};
pub use recommendation_event::{EventKind, KeptEvent};
pub use resource::{KeptResource, ResourceFilter};
pub use retention::RetentionLimits;
pub use rule_settings::KeptRuleSettings;
pub use saving_day::{SavingFilter, SavingGrouping, SavingKey, SavingSum};
pub use saving_entry::{EntryCursor, EntryFilter, KeptEntry};
pub use saving_history::AccountDay;
pub use savings::{SavingsSummary, SavingsTotal};
pub use scan::ScanRecord;
pub use scan_part::ScanPartKey;
pub use scan_setting::{DueScan, ScanSetting};
pub use schedule::{KeptSchedule, Suspended};
pub use schedule_assignment::KeptAssignment;
pub use schedule_calendar::KeptCalendar;
pub use schedule_change::{Document, ScheduleChange, SchedulePicture, Stamp};
pub use schedule_day::{DayCursor, DayFilter, DaySum};
pub use schedule_override::{KeptOverride, OverrideFilter};
pub use schedule_savings::{DayOff, OffSum, ResourceOff};
pub use scheduled_resource::ScheduledFilter;
pub use scheduler_action::{ActionFilter, ActionOutcome};
pub use scheduler_approval::{ApprovalFilter, NewApproval};
pub use scheduler_book::Book;
pub use scheduler_run::RunFilter;
pub use scheduler_shard::{LONGEST as LONGEST_LEASE, ShardLeases, ShardWork};
pub use sealed::Resealed;
pub use session::{EndedSignIns, KeptSession, NewSession};
pub use sign_in_attempt::{Attempt, LockRule};
pub use stmt::Text;
pub use store::{LedgerQuestions, ResourceRow, ScanPicture, StoredRows, Unseen};
pub use tag::TagFilter;
pub use webhook::{Listener, NewWebhook, Webhook, WebhookChange};
pub use webhook_delivery::{Attempted, Claimed, Delivery, DueWebhook, NewDelivery};

/// Every statement there is, for the test that prepares them.
#[must_use]
pub fn statements() -> Vec<Text> {
    let own: &[&[Text]] = &[
        account::ALL,
        account_suspension::ALL,
        api_key::ALL,
        bearer::ALL,
        audit::ALL,
        audit_list::ALL,
        cost::ALL,
        cost_forecast::ALL,
        credential::ALL,
        data_key::ALL,
        decision::ALL,
        handle::ALL,
        installation_stop::ALL,
        invitation::ALL,
        lease::ALL,
        member::ALL,
        member_change::ALL,
        migrate::ALL,
        oidc_login::ALL,
        organization::ALL,
        permission::ALL,
        plain::ALL,
        price::ALL,
        recommendation::ALL,
        recommendation_event::ALL,
        resource::ALL,
        retention::ALL,
        rule_settings::ALL,
        saving_day::ALL,
        saving_entry::ALL,
        saving_history::ALL,
        saving_retention::ALL,
        savings::ALL,
        scan::ALL,
        scan_part::ALL,
        scan_setting::ALL,
        schedule::ALL,
        schedule_assignment::ALL,
        schedule_author::ALL,
        schedule_calendar::ALL,
        schedule_override::ALL,
        schedule_day::ALL,
        schedule_savings::ALL,
        scheduled_region::ALL,
        scheduled_resource::ALL,
        scheduler_action::ALL,
        scheduler_run::ALL,
        scheduler_shard::ALL,
        scheduler_approval::ALL,
        scheduler_stop::ALL,
        session::ALL,
        setup_token::ALL,
        sign_in_attempt::ALL,
        tag::ALL,
        timer::ALL,
        webhook::ALL,
        webhook_delivery::ALL,
    ];
    own.iter().chain(store::STATEMENTS).flat_map(|all| all.iter().copied()).collect()
}
