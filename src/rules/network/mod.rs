//! Addresses, gateways and endpoints.

mod eip_unassociated;
mod nat_gateway_idle;
mod vpce_interface_idle;

use super::{Amounts, Case, Judgement, Meta, Rule, case, command};

pub const RULES: &[Rule] = &[eip_unassociated::RULE, nat_gateway_idle::RULE, vpce_interface_idle::RULE];
