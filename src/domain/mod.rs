//! The words of the product: ids, money, inventory, metrics, prices, findings, recommendations.
//!
//! Invariant: no I/O, no async, no SDK types, no clock and no randomness beyond making an id.
//! Everything else may use this module; it uses nothing of the crate.

pub mod account;
pub mod arn;
pub mod audit;
pub mod aws_finding;
pub mod billing;
pub mod clock;
pub mod commitment_advice;
pub mod cost;
pub mod discount;
pub mod external_id;
pub mod figure;
pub mod finding;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod gauges;
pub mod ids;
pub mod inventory;
pub mod kms_key;
pub mod ledger;
pub mod metric;
pub mod money;
pub mod near;
pub mod notice;
pub mod permission;
pub mod price;
pub mod price_item;
pub mod recommendation;
pub mod region;
pub mod return_path;
pub mod rule_settings;
pub mod scan;
pub mod scan_plan;
pub mod schedule;
pub mod scope;
pub mod security_event;
pub mod selection;
pub mod snapshot;
pub mod storage_class;
pub mod tags;
pub mod thresholds;
pub mod usage_cost;
pub mod usage_type;
pub mod webhook;
