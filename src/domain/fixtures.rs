//! A finding for the tests of what happens to findings.

use super::{
    billing::FindingSource,
    finding::{
        ActionType, Calculation, ConflictClass, Effort, Finding, Level, Remediation, Root, SavingsBasis,
        Subject,
    },
    inventory::ResourceKind,
    money::MicroUsd,
    region::Region,
    tags::Tags,
};

pub fn region() -> Region {
    "us-east-1".parse().unwrap()
}

pub fn usd(amount: i64) -> MicroUsd {
    MicroUsd::from_usd(amount)
}

pub fn finding(class: ConflictClass, kind: ResourceKind, id: &str, cost: i64, savings: i64) -> Finding {
    Finding {
        rule: "test",
        subject: Subject { kind, region: region(), id: id.into(), name: None, tags: Tags::default() },
        root: Root::of(kind, &region(), id),
        class,
        shrinks_all: false,
        action_type: ActionType::Delete,
        title: String::new(),
        current: serde_json::Value::Null,
        recommended: serde_json::Value::Null,
        monthly_cost: usd(cost),
        monthly_savings: usd(savings),
        calculation: Calculation::default(),
        cost_parts: vec![],
        savings_parts: vec![],
        after_discounts: None,
        sources: vec![FindingSource::Tuner],
        basis: SavingsBasis::Exact,
        effort: Effort::Low,
        risk: Level::Low,
        confidence: Level::High,
        restart_needed: false,
        rollback_possible: true,
        look_back_days: None,
        evidence: vec![],
        prices: vec![],
        remediation: Remediation::default(),
    }
}
