//! What a rule says of one resource: the waste, its price, its evidence and the exact fix.

use super::{
    billing::FindingSource, discount::AfterDiscounts, figure::Part, inventory::ResourceKind, money::MicroUsd,
    price::PriceUsed, region::Region, tags::Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A text enum that reads and writes one name for each value.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        // By hand: utoipa does not read a name that comes through a macro, and would describe the variants.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .enum_values(Some([$($text),*]))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or(())
            }
        }
    };
}
pub(crate) use text_enum;

text_enum! {
    /// What to do, in the words of AWS Cost Optimization Hub where it has them.
    ActionType {
        Rightsize = "Rightsize",
        Stop = "Stop",
        Upgrade = "Upgrade",
        Delete = "Delete",
        ScaleIn = "ScaleIn",
        MigrateToGraviton = "MigrateToGraviton",
        PurchaseSavingsPlans = "PurchaseSavingsPlans",
        PurchaseReservedInstances = "PurchaseReservedInstances",
        Schedule = "Schedule",
        Configure = "Configure",
    }
}

text_enum! {
    /// How far a saving can be relied on.
    SavingsBasis {
        /// Price times quantity, both known.
        Exact = "exact",
        /// Rests on usage that may change.
        Modelled = "modelled",
        /// The real saving may be less: snapshots are incremental, say.
        UpperBound = "upperBound",
        /// Worth a look, no promise: never in a total.
        Exposure = "exposure",
    }
}

text_enum! {
    Effort {
        VeryLow = "VeryLow",
        Low = "Low",
        Medium = "Medium",
        High = "High",
        VeryHigh = "VeryHigh",
    }
}

text_enum! {
    Level {
        Low = "Low",
        Medium = "Medium",
        High = "High",
    }
}

/// How findings on one resource exclude or add to each other (`selection.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConflictClass {
    /// The resource goes, and its children with it.
    Remove,
    /// The resource rests for some of its hours.
    Pause,
    /// The resource changes its size, generation or processor: one best chain.
    Resize,
    /// Independent of the others, unless the resource goes.
    Add,
    /// A purchase for the whole account, decided last (`commitment_advice.rs`).
    Commit,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub kind: ResourceKind,
    pub region: Region,
    pub id: Box<str>,
    pub name: Option<Box<str>>,
    pub tags: Tags,
}

/// One measured or read fact that a finding rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// A metric's name or a property: `CPUUtilization`, `age`.
    pub fact: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistic: Option<String>,
    pub observed: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datapoints_found: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datapoints_expected: Option<u32>,
}

/// The exact fix and its way back, as commands of the AWS CLI.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Remediation {
    pub commands: Vec<String>,
    pub rollback_commands: Vec<String>,
    pub notes: Vec<String>,
}

/// The arithmetic behind a finding's amounts in US dollars a month, in plain numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Calculation {
    #[schema(example = "100 * 0.10")]
    pub monthly_cost: String,
    #[schema(example = "100 * 0.10 - 100 * 0.08")]
    pub monthly_savings: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub rule: &'static str,
    pub subject: Subject,
    /// What the finding competes under: mostly the resource itself (`selection.rs`).
    pub root: Root,
    pub class: ConflictClass,
    /// A resize that also shrinks what `Add` findings of the same root concern: giving up a standby, say.
    pub shrinks_all: bool,
    pub action_type: ActionType,
    /// In plain words, with the figures that matter.
    pub title: String,
    pub current: Value,
    pub recommended: Value,
    /// What the resource costs a month now, as far as this finding concerns it.
    pub monthly_cost: MicroUsd,
    /// At list price.
    pub monthly_savings: MicroUsd,
    pub calculation: Calculation,
    /// Which prices the cost and the saving are made of.
    pub cost_parts: Vec<Part>,
    pub savings_parts: Vec<Part>,
    /// What the saving is worth after private discounts and commitments; filled in once all rules have spoken.
    pub after_discounts: Option<AfterDiscounts>,
    /// Who found it: Tuner, an adviser of AWS, or both.
    pub sources: Vec<FindingSource>,
    pub basis: SavingsBasis,
    pub effort: Effort,
    pub risk: Level,
    pub confidence: Level,
    pub restart_needed: bool,
    pub rollback_possible: bool,
    pub look_back_days: Option<u32>,
    pub evidence: Vec<Evidence>,
    pub prices: Vec<PriceUsed>,
    pub remediation: Remediation,
}

impl Finding {
    /// What counts: the saving after discounts, where it is known.
    #[must_use]
    pub fn worth(&self) -> MicroUsd {
        self.after_discounts.as_ref().and_then(|after| after.now).unwrap_or(self.monthly_savings)
    }
}

/// The group in which one resource is counted once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Root {
    pub region: Region,
    /// `Ec2Instance/i-1`; for a chain of snapshots `EbsSnapshotChain/vol-1`.
    pub name: String,
    /// The roots whose removal already takes this one's cost: an attached volume's stopped instance, say.
    pub parents: Vec<String>,
}

impl Root {
    #[must_use]
    pub fn of(kind: ResourceKind, region: &Region, id: &str) -> Self {
        Self { region: region.clone(), name: Self::name_of(kind, id), parents: Vec::new() }
    }

    #[must_use]
    pub fn name_of(kind: ResourceKind, id: &str) -> String {
        format!("{kind}/{id}")
    }

    #[must_use]
    pub fn child_of<'a>(mut self, kind: ResourceKind, parents: impl IntoIterator<Item = &'a str>) -> Self {
        self.parents.extend(parents.into_iter().map(|id| Self::name_of(kind, id)));
        self
    }
}

/// A resource that a rule could not judge, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    pub rule: &'static str,
    pub region: Region,
    pub kind: ResourceKind,
    pub resource_id: Box<str>,
    pub reason: UnknownReason,
}

text_enum! {
    UnknownReason {
        MetricMissing = "metricMissing",
        TooFewDatapoints = "tooFewDatapoints",
        TooYoung = "tooYoung",
        DateMissing = "dateMissing",
        PriceMissing = "priceMissing",
        InventoryIncomplete = "inventoryIncomplete",
        SpecificationMissing = "specificationMissing",
        CostMissing = "costMissing",
    }
}

/// What a rule says of one resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Fine,
    Unknown(UnknownReason),
    Finding(Box<Finding>),
}

/// What a rule says of all resources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdicts {
    pub findings: Vec<Finding>,
    pub unknown: Vec<Unknown>,
}

impl Verdicts {
    pub fn merge(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.unknown.extend(other.unknown);
    }
}
