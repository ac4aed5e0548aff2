//! What the account has committed itself to: reservations of four services, and Savings Plans.

use super::{Common, Shared};
use crate::domain::money::MicroUsd;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// Reserved instances or nodes of one purchase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    /// Created when it starts.
    #[serde(flatten)]
    pub common: Common,
    /// `m5.large`, `db.r6g.large`, `cache.m6g.large`, `ra3.xlplus`.
    pub instance_type: Shared,
    pub count: i64,
    /// `Linux/UNIX`, `postgresql`, `redis`: what it is for.
    pub product: Box<str>,
    pub state: ReservationState,
    pub ends_at: Option<Timestamp>,
    /// Standard ones stay in their family; only convertible ones can be exchanged for another.
    pub convertible: bool,
    pub multi_az: bool,
    /// Fixed to one availability zone.
    pub zonal: bool,
    /// All of them together, upfront payments spread over the term.
    pub monthly_cost: MicroUsd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReservationState {
    Active,
    /// Bought, not started or not paid yet.
    Pending,
    /// Its term is over, or it was sold or exchanged.
    Ended,
}

impl Reservation {
    /// `m5` of `m5.large`, `db.r6g` of `db.r6g.large`.
    #[must_use]
    pub fn family(&self) -> &str {
        self.instance_type.rsplit_once('.').map_or(&*self.instance_type, |(family, _)| family)
    }

    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state == ReservationState::Active
    }
}

/// The same form for each service; each is a kind of its own.
macro_rules! reservations {
    ($($name:ident)*) => { $(
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Reservation);

        impl Deref for $name {
            type Target = Reservation;
            fn deref(&self) -> &Reservation { &self.0 }
        }

        impl From<Reservation> for $name {
            fn from(reservation: Reservation) -> Self { Self(reservation) }
        }
    )* };
}

reservations! { Ec2Reservation RdsReservation CacheReservation RedshiftReservation }

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavingsPlan {
    /// Filed under the billing region; created when it starts.
    #[serde(flatten)]
    pub common: Common,
    pub plan_type: SavingsPlanType,
    pub active: bool,
    pub ends_at: Option<Timestamp>,
    /// `m5` for a plan of one family.
    pub family: Option<Box<str>>,
    /// The region of a plan of one family.
    pub family_region: Option<Box<str>>,
    pub hourly_commitment: MicroUsd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SavingsPlanType {
    Compute,
    Ec2Instance,
    SageMaker,
    Database,
}
