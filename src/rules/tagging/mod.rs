//! What an organisation wants to read on its resources.

mod resource_untagged;

pub use resource_untagged::ID as RESOURCE_UNTAGGED;

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws};

pub const RULES: &[Rule] = &[resource_untagged::RULE];
