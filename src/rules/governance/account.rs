//! Findings about the account itself: there is one of it, and what is not known of it is said once.

use super::{Amounts, Case, Meta};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, Subject, UnknownReason, Verdicts,
    },
    inventory::ResourceKind,
    region::Region,
    tags::Tags,
};

/// What the metas of such rules have in common.
pub const META: Meta = Meta {
    id: "",
    title: "",
    condition: "",
    formula: "none: nothing is saved by it alone",
    pitfalls: "",
    kind: ResourceKind::Account,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &[],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

/// A finding about the account, with what it costs as far as that matters.
pub fn finding(case: &Case<'_>, cost: Figure) -> Finding {
    let subject = Subject {
        kind: ResourceKind::Account,
        region: Region::global(),
        id: case.snapshot.account.to_string().into(),
        name: None,
        tags: Tags::default(),
    };
    case.finding_about(subject, Amounts { cost, savings: Figure::zero(), bill: case.bill() })
}

pub fn found(finding: Finding) -> Verdicts {
    Verdicts { findings: vec![finding], unknown: Vec::new() }
}

pub fn unknown(case: &Case<'_>, reason: UnknownReason) -> Verdicts {
    let unknown = case.unknown_whole(case.snapshot.account.to_string(), reason);
    Verdicts { findings: Vec::new(), unknown: vec![unknown] }
}
