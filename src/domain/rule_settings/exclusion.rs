//! What an organisation does not want to be told: by tags, account, region, resource or rule.
//!
//! Every condition that is given must hold, and one must be given. What is excluded stays visible as such: an
//! exclusion that went too far can be seen and taken back.

use super::tag_expression::TagExpression;
use crate::domain::{
    finding::{Finding, text_enum},
    ids::{AccountId, ExclusionId},
    inventory::arn_of,
    region::Region,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

text_enum! {
    /// Whether one of several tag expressions is enough.
    TagMode {
        Any = "any",
        All = "all",
    }
}

/// Between the fields: and. Within one list: or, save for tags where `tagMode` is `all`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Exclusion {
    /// Given by Tuner; what is sent without one is a new exclusion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub id: Option<ExclusionId>,
    /// `Key`, `Key==V`, `Key!=V`, `Key=~/re/`, `Key!~/re/`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub tags: Vec<TagExpression>,
    /// `any` where it is left out
    #[serde(default = "any", skip_serializing_if = "is_any")]
    pub tag_mode: TagMode,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub accounts: Vec<AccountId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub regions: Vec<Region>,
    /// AWS's ids or ARNs
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Why, for those who wonder later
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
    /// For good where it is left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date-time")]
    pub until: Option<Timestamp>,
}

const fn any() -> TagMode {
    TagMode::Any
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_any(mode: &TagMode) -> bool {
    *mode == TagMode::Any
}

/// Why a recommendation is excluded, kept with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Excluded {
    #[schema(value_type = Option<String>, format = "uuid")]
    pub exclusion_id: Option<ExclusionId>,
    pub reason: String,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub until: Option<Timestamp>,
}

/// An empty list asks for nothing.
fn listed<T>(list: &[T], same: impl Fn(&T) -> bool) -> bool {
    list.is_empty() || list.iter().any(same)
}

impl Exclusion {
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Without a condition it would exclude everything.
    #[must_use]
    pub const fn says_something(&self) -> bool {
        !(self.tags.is_empty()
            && self.accounts.is_empty()
            && self.regions.is_empty()
            && self.resources.is_empty()
            && self.rules.is_empty())
    }

    #[must_use]
    pub fn covers(&self, account: AccountId, finding: &Finding) -> bool {
        let subject = &finding.subject;
        let named = |named: &String| {
            **named == *subject.id || *named == arn_of(subject.kind, account, &subject.region, &subject.id)
        };
        self.says_something()
            && listed(&self.accounts, |named| *named == account)
            && listed(&self.regions, |region| *region == subject.region)
            && listed(&self.rules, |rule| rule == finding.rule)
            && listed(&self.resources, named)
            && self.tags_hold(finding)
    }

    fn tags_hold(&self, finding: &Finding) -> bool {
        let holds = |expression: &TagExpression| expression.holds(&finding.subject.tags);
        match self.tag_mode {
            TagMode::Any => listed(&self.tags, holds),
            TagMode::All => self.tags.iter().all(holds),
        }
    }

    #[must_use]
    pub fn note(&self) -> Excluded {
        Excluded { exclusion_id: self.id, reason: self.reason.clone(), until: self.until }
    }
}
