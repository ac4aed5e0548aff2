//! Random fleets against the whole rule set: what holds for every account, not for the one that a rule's test shows.
//!
//! A fleet is made from numbers alone (`fleet::Plan`): groups of resources of the demo, altered field by field, with
//! metrics, prices, costs and gaps. A failure prints the smallest plan that still fails and the seed that leads to it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on says so by panicking"
)]

mod causes;
mod cures;
mod fleet;
mod missing;
mod money;
mod order;
mod plans;
mod reach;

use proptest::prelude::ProptestConfig;
use std::collections::BTreeMap;
use tuner::{
    domain::{
        finding::{Finding, Verdicts},
        inventory::ResourceKind,
        snapshot::Snapshot,
        thresholds::Thresholds,
    },
    rules,
};

/// That many cases; `PROPTEST_CASES=2560` tries ten times as many.
fn cases(number: u32) -> ProptestConfig {
    ProptestConfig::with_cases(number * ProptestConfig::default().cases / 256)
}

/// No saving is too small, and a tag is asked for: as many rules as can speak.
fn thresholds() -> Thresholds {
    Thresholds {
        min_monthly_savings_usd: 0,
        required_tags: vec!["cost-center".into()],
        ..Thresholds::default()
    }
}

fn all_rules() -> Vec<String> {
    vec![rules::ALL.to_owned()]
}

fn check(snapshot: &Snapshot) -> Verdicts {
    rules::check(snapshot, &thresholds(), &all_rules())
}

/// What a finding is about: rule, kind, region and resource.
type About = (&'static str, ResourceKind, String, String);

fn about(finding: &Finding) -> About {
    let subject = &finding.subject;
    (finding.rule, subject.kind, subject.region.to_string(), subject.id.to_string())
}

fn by_subject(findings: &[Finding]) -> BTreeMap<About, &Finding> {
    findings.iter().map(|finding| (about(finding), finding)).collect()
}
