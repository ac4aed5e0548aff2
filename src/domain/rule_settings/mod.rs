//! How an organisation, or one account of it, wants to be judged: thresholds, rules on and off, exclusions.
//!
//! A document says only what differs. An account's goes over its organisation's, that over the settings of the
//! server. Deliberately knows no rules: their names are checked against a list that the caller hands in.

mod exclusion;
mod tag_expression;
#[cfg(test)]
mod tests;

pub use exclusion::{Excluded, Exclusion, TagMode};
pub use tag_expression::TagExpression;

use super::{finding::Finding, ids::AccountId, near::find_near, thresholds::Thresholds};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What an organisation may reasonably say by hand.
const MAX_EXCLUSIONS: usize = 500;
const MAX_LISTED: usize = 500;
const MAX_REASON_CHARS: usize = 1000;

/// As it is sent, filed and kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleSettings {
    /// By the names that `tuner rules explain` shows; what is not named keeps the value of the level above
    #[schema(value_type = Object, example = json!({"look_back_days": 30, "required_tags": ["owner"]}))]
    pub thresholds: Map<String, Value>,
    /// Rules by name: `true` runs one that is off by default, `false` switches one off
    #[schema(example = json!({"ebs-volume-gp2-to-gp3": false}))]
    pub rules: BTreeMap<String, bool>,
    /// What is not to be told
    pub exclusions: Vec<Exclusion>,
}

/// What is wrong with one field of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub field: String,
    pub reason: String,
}

impl Problem {
    fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

/// Which rules run and what of their findings is not told, beside the thresholds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleChoice {
    /// The rules that were asked for by name; where there are none, the defaults and the switches decide.
    pub only: Vec<String>,
    pub switches: BTreeMap<String, bool>,
    pub exclusions: Vec<Exclusion>,
}

impl RuleChoice {
    #[must_use]
    pub fn only(rules: &[String]) -> Self {
        Self { only: rules.to_vec(), ..Self::default() }
    }

    /// The exclusion that keeps a finding from being told.
    #[must_use]
    pub fn exclusion_of(&self, account: AccountId, finding: &Finding, now: Timestamp) -> Option<&Exclusion> {
        self.exclusions.iter().find(|exclusion| !exclusion.is_over(now) && exclusion.covers(account, finding))
    }

    /// Switched off by somebody, and not asked for by name.
    #[must_use]
    pub fn switched_off(&self, rule: &str) -> bool {
        self.only.is_empty() && self.switches.get(rule) == Some(&false)
    }
}

impl RuleSettings {
    /// All that is wrong with it, in the order of its fields.
    #[must_use]
    pub fn problems(&self, known_rules: &[&str], now: Timestamp) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (name, value) in &self.thresholds {
            if let Err(reason) = Thresholds::default().with(name, value) {
                problems.push(Problem::new(format!("thresholds.{name}"), reason));
            }
        }
        for rule in self.rules.keys() {
            problems.extend(unknown_rule(&format!("rules.{rule}"), rule, known_rules));
        }
        if self.exclusions.len() > MAX_EXCLUSIONS {
            problems.push(Problem::new("exclusions", format!("use at most {MAX_EXCLUSIONS}")));
        }
        for (at, exclusion) in self.exclusions.iter().take(MAX_EXCLUSIONS).enumerate() {
            problems.extend(exclusion_problems(&format!("exclusions[{at}]"), exclusion, known_rules, now));
        }
        problems
    }

    /// Puts this document over what is above it. What does not fit any more (a threshold that a newer version
    /// dropped) is left out and told, and does not stop the scan.
    pub fn put_over(&self, thresholds: &mut Thresholds, choice: &mut RuleChoice) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (name, value) in &self.thresholds {
            match thresholds.with(name, value) {
                Ok(changed) => *thresholds = changed,
                Err(reason) => problems.push(Problem::new(format!("thresholds.{name}"), reason)),
            }
        }
        choice.switches.extend(self.rules.iter().map(|(rule, on)| (rule.clone(), *on)));
        choice.exclusions.extend(self.exclusions.iter().cloned());
        problems
    }
}

fn unknown_rule(field: &str, rule: &str, known: &[&str]) -> Option<Problem> {
    if known.contains(&rule) {
        return None;
    }
    let near = find_near(rule, known.iter().copied()).map(|near| format!("; did you mean {near}?"));
    Some(Problem::new(field, format!("there is no such rule{}", near.unwrap_or_default())))
}

fn exclusion_problems(field: &str, exclusion: &Exclusion, rules: &[&str], now: Timestamp) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !exclusion.says_something() {
        problems.push(Problem::new(field, "give tags, accounts, regions, resources or rules"));
    }
    if exclusion.reason.trim().is_empty() {
        problems.push(Problem::new(format!("{field}.reason"), "say why; others will ask"));
    }
    if exclusion.reason.chars().count() > MAX_REASON_CHARS {
        let reason = format!("use at most {MAX_REASON_CHARS} characters");
        problems.push(Problem::new(format!("{field}.reason"), reason));
    }
    // One that was kept before may be over: it is sent back as it was read.
    if exclusion.id.is_none() && exclusion.is_over(now) {
        problems.push(Problem::new(format!("{field}.until"), "use a time in the future"));
    }
    let lists = [
        ("tags", exclusion.tags.len()),
        ("accounts", exclusion.accounts.len()),
        ("regions", exclusion.regions.len()),
        ("resources", exclusion.resources.len()),
        ("rules", exclusion.rules.len()),
    ];
    let long = lists.into_iter().filter(|(_, length)| *length > MAX_LISTED);
    problems.extend(long.map(|(name, _)| {
        Problem::new(format!("{field}.{name}"), format!("use at most {MAX_LISTED}, or a second exclusion"))
    }));
    let named = exclusion.rules.iter().take(MAX_LISTED).enumerate();
    problems
        .extend(named.filter_map(|(at, rule)| unknown_rule(&format!("{field}.rules[{at}]"), rule, rules)));
    problems
}
