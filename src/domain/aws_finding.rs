//! What AWS's own advisers found, where the customer switched them on.
//!
//! The amounts are AWS's: nobody can recompute them, so they are stated, not computed. What Tuner found itself on
//! the same resource is kept with its own evidence, and AWS only confirms it (`rules/aws`).

use super::{
    billing::FindingSource,
    finding::{ActionType, Effort},
    money::MicroUsd,
    region::Region,
};
use jiff::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsFinding {
    pub source: FindingSource,
    pub region: Region,
    /// As Cost Optimization Hub names it: `Ec2Instance`, `WorkSpaces`.
    pub resource_type: Box<str>,
    /// The id or name, without the rest of the ARN.
    pub resource_id: Box<str>,
    pub resource_arn: Box<str>,
    pub advice: Advice,
    pub monthly_cost: MicroUsd,
    /// Before discounts, as far as AWS says.
    pub monthly_savings: MicroUsd,
    /// After discounts, where AWS says so.
    pub after_discounts: Option<MicroUsd>,
    pub effort: Effort,
    pub restart_needed: bool,
    pub rollback_possible: bool,
    pub current: Box<str>,
    pub recommended: Box<str>,
    pub look_back_days: Option<u32>,
    pub refreshed_at: Option<Timestamp>,
}

/// What AWS advises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Advice {
    Action(ActionType),
    /// A cheaper edition of a licence.
    License,
}
