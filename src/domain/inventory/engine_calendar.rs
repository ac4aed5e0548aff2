//! From when RDS charges for extended support of a major version, as its own API says.
//!
//! Invariant: what is not here was not read; a version without a date has no extended support.

use super::DbEngine;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineCalendar(BTreeMap<(DbEngine, Box<str>), Option<Date>>);

impl EngineCalendar {
    pub fn insert(&mut self, engine: DbEngine, major: impl Into<Box<str>>, charged_from: Option<Date>) {
        self.0.insert((engine, major.into()), charged_from);
    }

    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The major versions of an engine, each with the first day of its extended support.
    pub fn of(&self, engine: DbEngine) -> impl Iterator<Item = (&str, Option<Date>)> {
        self.0.iter().filter(move |((of, _), _)| *of == engine).map(|((_, major), from)| (&**major, *from))
    }
}
