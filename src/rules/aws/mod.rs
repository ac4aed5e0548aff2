//! What AWS's own advisers found, beside what Tuner found itself.
//!
//! `findings` turns it into findings; `merge` lets it confirm ours where both speak of the same.

mod findings;
mod merge;

pub use merge::merge;

use super::{Amounts, Case, Meta, Rule, case, command};

pub const RULES: &[Rule] = &[findings::DATABASES, findings::LICENSES, findings::OTHERS, findings::WORKSPACES];
