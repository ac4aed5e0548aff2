//! Typed ids: one cannot be passed where another is meant.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// A UUID under a name of its own. Version 7 where it is made, so that rows sort by time.
macro_rules! typed_uuid {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            #[must_use]
            #[allow(clippy::disallowed_methods, reason = "this is the place that makes ids")]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }

            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )* };
}

typed_uuid! {
    /// The key under which an organisation's rows are kept; its public name is [`OrganizationId`].
    OrgKey
    UserId
    /// Names one request in its answer and in the logs.
    RequestId
    ScanId
    ApiKeyId
    /// Names a key that seals an organisation's values; stands in front of each of them.
    DataKeyId
    SessionId
    ScheduleId
    CalendarId
    AssignmentId
    OverrideId
    ApprovalId
    /// A tick of the scheduler that did something, or that somebody asked for.
    RunId
    /// One start or stop.
    ActionId
    WebhookId
    /// One notice on its way to one webhook; receivers know a message again by it.
    DeliveryId
    /// What an organisation does not want to be told.
    ExclusionId
    /// One step in a recommendation's life.
    EventId
    /// Made from the organisation and the fingerprint: the same finding keeps its id for ever.
    RecommendationId
    /// Made from account, region, kind and AWS's own id: a re-scan finds its row again.
    ResourceKey
}

/// AWS's twelve digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(u64);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an AWS account ID; write its 12 digits")]
pub struct NotAnAccountId(String);

impl AccountId {
    /// For the database, which keeps the number.
    #[must_use]
    pub fn to_i64(self) -> i64 {
        i64::try_from(self.0).unwrap_or_default()
    }

    /// In front of all others, for walking them in their order. No account at AWS has it.
    #[must_use]
    pub const fn before_all() -> Self {
        Self(0)
    }

    #[must_use]
    pub fn from_i64(number: i64) -> Self {
        Self(u64::try_from(number).unwrap_or_default())
    }
}

impl FromStr for AccountId {
    type Err = NotAnAccountId;
    fn from_str(text: &str) -> Result<Self, NotAnAccountId> {
        let error = || NotAnAccountId(text.chars().take(40).collect());
        if text.len() != 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(error());
        }
        text.parse().map(Self).map_err(|_| error())
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:012}", self.0))
    }
}

impl Serialize for AccountId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AccountId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An organisation's public name: opaque text of 1 to 64 visible ASCII characters, as tokens carry it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct OrganizationId(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an organization ID has 1 to 64 visible ASCII characters, without '|'")]
pub struct NotAnOrganizationId;

impl OrganizationId {
    /// For what belongs to no organisation: a name that none can have.
    pub(super) const fn of_nobody() -> Self {
        Self(String::new())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrganizationId {
    type Err = NotAnOrganizationId;
    fn from_str(text: &str) -> Result<Self, NotAnOrganizationId> {
        // '|' parts the fields that an external ID signs; inside a field it would blur them.
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() && b != b'|');
        if fits { Ok(Self(text.to_owned())) } else { Err(NotAnOrganizationId) }
    }
}

impl fmt::Display for OrganizationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<'de> Deserialize<'de> for OrganizationId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_twelve_digits() {
        assert_eq!("012345678901".parse::<AccountId>().unwrap().to_string(), "012345678901");
        for bad in ["", "12345678901", "1234567890123", "12345678901a", "１２３４５６７８９０１２"]
        {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_organization_id_never_blurs_the_signed_text() {
        assert!("acme".parse::<OrganizationId>().is_ok());
        for bad in ["", "a|b", "a b", "é", &"x".repeat(65)] {
            assert!(bad.parse::<OrganizationId>().is_err(), "{bad}");
        }
    }
}
