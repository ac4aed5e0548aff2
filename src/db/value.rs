//! Values on their way into a statement: the one place where domain types meet the databases' types.

use super::time;
use crate::domain::{
    account::AccountStatus,
    arn::RoleArn,
    ids::{
        AccountId, ActionId, ApiKeyId, ApprovalId, AssignmentId, CalendarId, DataKeyId, DeliveryId, EventId,
        OrgKey, OrganizationId, OverrideId, RecommendationId, ResourceKey, RunId, ScanId, ScheduleId,
        SessionId, UserId, WebhookId,
    },
    inventory::{ResourceKind, Service},
    money::{MicroUsd, UnitPrice},
    permission::Role,
    recommendation::RecommendationStatus,
    region::Region,
    scan::{PermissionStatus, ScanStatus},
    schedule::{
        Action, ActionStatus, ApprovalStatus, Desired, OverrideState, Power, RunStatus, StartedFor,
        TargetKind, cost::Coverage,
    },
    webhook::DeliveryFailure,
};
use chrono::{DateTime, NaiveDate, Utc};
use jiff::{Timestamp, civil::Date};
use sqlx::{Arguments, error::BoxDynError, mysql::MySqlArguments, sqlite::SqliteArguments};
use uuid::Uuid;

/// What both engines can bind.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Uuid(Uuid),
    Time(DateTime<Utc>),
    Date(NaiveDate),
}

impl Value {
    /// What it takes in a packet, roughly.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            _ => 16,
        }
    }
}

/// The values of one statement, in the order of its question marks.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::value::Value::from($value)),*] };
}
pub(super) use values;

macro_rules! arguments {
    ($values:expr, $arguments:ty) => {{
        let mut arguments = <$arguments>::default();
        for value in $values {
            match value {
                Value::Null => arguments.add(None::<i64>),
                Value::Int(value) => arguments.add(value),
                Value::Text(value) => arguments.add(value),
                Value::Bytes(value) => arguments.add(value),
                Value::Uuid(value) => arguments.add(value),
                Value::Time(value) => arguments.add(value),
                Value::Date(value) => arguments.add(value),
            }?;
        }
        Ok(arguments)
    }};
}

pub(super) fn sqlite_arguments(values: Vec<Value>) -> Result<SqliteArguments, BoxDynError> {
    arguments!(values, SqliteArguments)
}

pub(super) fn mysql_arguments(values: Vec<Value>) -> Result<MySqlArguments, BoxDynError> {
    arguments!(values, MySqlArguments)
}

macro_rules! from {
    ($($type:ty => |$value:ident| $body:expr),* $(,)?) => { $(
        impl From<$type> for Value {
            fn from($value: $type) -> Self { $body }
        }
    )* };
}

from! {
    i64 => |v| Self::Int(v),
    u32 => |v| Self::Int(i64::from(v)),
    bool => |v| Self::Int(i64::from(v)),
    String => |v| Self::Text(v),
    &str => |v| Self::Text(v.to_owned()),
    &String => |v| Self::Text(v.clone()),
    Box<str> => |v| Self::Text(v.into()),
    Vec<u8> => |v| Self::Bytes(v),
    [u8; 16] => |v| Self::Bytes(v.to_vec()),
    [u8; 32] => |v| Self::Bytes(v.to_vec()),
    Uuid => |v| Self::Uuid(v),
    OrgKey => |v| Self::Uuid(v.uuid()),
    DataKeyId => |v| Self::Uuid(v.uuid()),
    UserId => |v| Self::Uuid(v.uuid()),
    ScanId => |v| Self::Uuid(v.uuid()),
    ApiKeyId => |v| Self::Uuid(v.uuid()),
    SessionId => |v| Self::Uuid(v.uuid()),
    WebhookId => |v| Self::Uuid(v.uuid()),
    DeliveryId => |v| Self::Uuid(v.uuid()),
    EventId => |v| Self::Uuid(v.uuid()),
    RecommendationId => |v| Self::Uuid(v.uuid()),
    ResourceKey => |v| Self::Uuid(v.uuid()),
    ScheduleId => |v| Self::Uuid(v.uuid()),
    CalendarId => |v| Self::Uuid(v.uuid()),
    AssignmentId => |v| Self::Uuid(v.uuid()),
    OverrideId => |v| Self::Uuid(v.uuid()),
    ApprovalId => |v| Self::Uuid(v.uuid()),
    RunId => |v| Self::Uuid(v.uuid()),
    ActionId => |v| Self::Uuid(v.uuid()),
    AccountId => |v| Self::Int(v.to_i64()),
    MicroUsd => |v| Self::Int(v.get()),
    UnitPrice => |v| Self::Int(v.nano_usd()),
    Timestamp => |v| Self::Time(time::to_db(v)),
    Date => |v| Self::Date(time::date_to_db(v)),
    &OrganizationId => |v| v.as_str().into(),
    &Region => |v| v.as_str().into(),
    &RoleArn => |v| v.as_str().into(),
    ResourceKind => |v| v.as_str().into(),
    Service => |v| v.as_str().into(),
    Role => |v| v.as_str().into(),
    AccountStatus => |v| v.as_str().into(),
    ScanStatus => |v| v.as_str().into(),
    PermissionStatus => |v| v.as_str().into(),
    RecommendationStatus => |v| v.as_str().into(),
    TargetKind => |v| v.as_str().into(),
    Action => |v| v.as_str().into(),
    ActionStatus => |v| v.as_str().into(),
    Desired => |v| v.as_str().into(),
    Coverage => |v| v.as_str().into(),
    Power => |v| v.as_str().into(),
    RunStatus => |v| v.as_str().into(),
    StartedFor => |v| v.as_str().into(),
    OverrideState => |v| v.as_str().into(),
    ApprovalStatus => |v| v.as_str().into(),
    DeliveryFailure => |v| v.as_str().into(),
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
