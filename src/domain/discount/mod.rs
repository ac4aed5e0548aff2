//! What a saving at list price is worth to this account: private discounts, Savings Plans and reservations.
//!
//! `now = list * ratio * (on-demand share + absorbed share)` and `after expiry = list * ratio`. The ratio is what an
//! hour on demand really costs of its list price. Covered hours save nothing now, unless the commitment that becomes
//! free covers other usage that is on demand today; that part is absorbed.
//!
//! Invariants: `0 <= now <= after expiry <= list`; the order of the findings changes nothing.

mod ratio;

pub use ratio::Ratio;

use super::money::MicroUsd;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A saving after discounts, with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AfterDiscounts {
    /// Worth from the first day on; none where cost data does not tell.
    #[schema(value_type = Option<String>, example = "56.40")]
    pub now: Option<MicroUsd>,
    /// Worth once the commitments that cover it today have ended.
    #[schema(value_type = Option<String>, example = "75.20")]
    pub after_expiry: Option<MicroUsd>,
    /// The share of the family's hours that no commitment covers.
    #[schema(value_type = Option<String>, example = "0.75")]
    pub on_demand_share: Option<Ratio>,
    /// The share of the hours that are covered today, but whose commitment would cover other usage.
    #[schema(value_type = Option<String>, example = "0.00")]
    pub absorbed_share: Option<Ratio>,
    /// What an hour on demand costs of its list price.
    #[schema(value_type = Option<String>, example = "0.94")]
    pub ratio: Option<Ratio>,
    /// `now` in plain numbers; empty where it is unknown.
    #[serde(default)]
    #[schema(example = "100.00 * 0.94 * (0.75 + 0.00)")]
    pub calculation: String,
    /// In plain words.
    pub reason: String,
}
