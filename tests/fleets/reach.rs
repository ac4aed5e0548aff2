//! Random fleets are worth something only where they make the rules speak.

use crate::{
    check,
    fleet::{Load, Pick, Plan, SAMPLES},
};
use std::collections::BTreeSet;
use tuner::{
    domain::{finding::ConflictClass, inventory::ResourceKind},
    rules::RULES,
};

/// All samples in the first two regions, as busy as that.
fn everything(load: Load) -> Plan {
    let pick = |group, region| Pick { group, region, members: u16::MAX, load, changes: Vec::new() };
    let picks = (0..SAMPLES.groups.len()).flat_map(|group| [pick(group, 0), pick(group, 1)]);
    Plan { picks: picks.collect(), odd_prices: None, spend: None, gaps: Vec::new() }
}

#[test]
fn nearly_all_rules_speak() {
    let loads = [Load::Idle, Load::Low, Load::Half, Load::Busy, Load::Office];
    let scattered = (0..16).flat_map(|seed| [Load::Varied(seed), Load::Mixed(seed)]);
    let mut spoke = BTreeSet::new();
    for load in loads.into_iter().chain(scattered) {
        let findings = check(&everything(load).world().snapshot()).findings;
        spoke.extend(findings.iter().map(|finding| finding.rule));
    }
    let kinds: BTreeSet<ResourceKind> = SAMPLES.groups.iter().flatten().map(|sample| sample.kind).collect();
    // What to buy follows from AWS's advice, not from resources.
    let metas = RULES.iter().map(|rule| rule.meta).filter(|meta| meta.class != ConflictClass::Commit);
    let metas = metas.filter(|meta| kinds.contains(&meta.kind));
    let all: BTreeSet<_> = metas.map(|meta| meta.id).collect();
    let silent: Vec<_> = all.difference(&spoke).collect();
    assert!(silent.len() * 10 <= all.len(), "{} of {} never spoke: {silent:?}", silent.len(), all.len());
}
