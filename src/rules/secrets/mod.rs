//! Secrets and keys that nobody uses.

mod kms_cmk_unused;
mod secretsmanager_unused;

use super::{Amounts, Case, Judgement, Meta, Rule, case, command};

pub const RULES: &[Rule] = &[kms_cmk_unused::RULE, secretsmanager_unused::RULE];
