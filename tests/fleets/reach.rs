//! Random fleets are worth something only where they make the rules speak.

use crate::{check, fleet::SAMPLES, plans};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use std::collections::BTreeSet;
use tuner::{domain::inventory::ResourceKind, rules::RULES};

#[test]
fn nearly_all_rules_speak() {
    let mut runner = TestRunner::deterministic();
    let mut spoke = BTreeSet::new();
    for _ in 0..80 {
        let plan = plans::tame().new_tree(&mut runner).unwrap().current();
        spoke.extend(check(&plan.world().snapshot()).findings.iter().map(|finding| finding.rule));
    }
    let kinds: BTreeSet<ResourceKind> =
        SAMPLES.groups.iter().flatten().map(|resource| resource.kind).collect();
    let all: BTreeSet<_> = RULES
        .iter()
        .map(|rule| rule.meta)
        .filter(|meta| kinds.contains(&meta.kind))
        .map(|meta| meta.id)
        .collect();
    let silent: Vec<_> = all.difference(&spoke).collect();
    assert!(silent.len() * 10 <= all.len(), "{} of {} never spoke: {silent:?}", silent.len(), all.len());
}
