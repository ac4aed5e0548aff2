//! The order in which AWS lists things is nobody's wish: it decides nothing.

use crate::{all_rules, check, fleet::Plan, plans, thresholds};
use proptest::prelude::*;
use serde_json::Value;
use std::fmt::Debug;
use tuner::{
    domain::{ids::OrgKey, rule_settings::RuleChoice, snapshot::Snapshot},
    service::advice::advise,
};

/// The same account, listed in another order.
fn shuffled(plan: &Plan, seed: u64) -> Snapshot {
    let mut world = plan.world();
    mix(&mut world.resources, seed);
    let mut snapshot = world.snapshot();
    if let Some(costs) = &mut snapshot.costs {
        mix(&mut costs.days, seed);
    }
    snapshot
}

fn mix<T>(items: &mut [T], seed: u64) {
    let mut state = seed | 1;
    for at in (1..items.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        items.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
    }
}

/// The first place where two lists differ.
fn first_difference<T: Debug + PartialEq>(a: &[T], b: &[T]) -> Option<String> {
    let at = a.iter().zip(b).position(|(a, b)| a != b);
    match at {
        Some(at) => Some(format!("{:#?}\n--- and ---\n{:#?}", a[at], b[at])),
        None if a.len() == b.len() => None,
        None => {
            Some(format!("{} and {}: {:#?}", a.len(), b.len(), a.get(b.len()).or_else(|| b.get(a.len()))))
        }
    }
}

fn no_difference<T: Debug + PartialEq>(a: &[T], b: &[T]) -> Result<(), TestCaseError> {
    first_difference(a, b).map_or(Ok(()), |difference| Err(TestCaseError::fail(difference)))
}

proptest! {
    #![proptest_config(crate::cases(96))]

    #[test]
    fn the_order_of_resources_changes_no_finding(plan in plans::tame(), seed: u64) {
        let (a, b) = (check(&plan.world().snapshot()), check(&shuffled(&plan, seed)));
        no_difference(&a.findings, &b.findings)?;
        no_difference(&a.unknown, &b.unknown)?;
    }

    #[test]
    fn the_order_of_resources_changes_no_advice(plan in plans::wild(), seed: u64) {
        let org = OrgKey::from_uuid(uuid::Uuid::nil());
        let choice = RuleChoice::only(&all_rules());
        let advise = |snapshot: &Snapshot| advise(org, snapshot, &thresholds(), &choice);
        let (a, b) = (advise(&plan.world().snapshot()), advise(&shuffled(&plan, seed)));
        no_difference(&a.recommendations, &b.recommendations)?;
        prop_assert_eq!(a.summary, b.summary);
    }
}

/// Numbers that are not of a form that JSON has would come back from the database as nothing.
#[test]
fn what_is_stored_comes_back() {
    for group in &crate::fleet::SAMPLES.groups {
        let inventory = serde_json::to_value(crate::fleet::inventory_of(group)).unwrap();
        let lists = inventory.as_object().unwrap().values();
        let back: usize = lists.map(|list| list.as_array().map_or(0, Vec::len)).sum();
        assert_eq!(back, group.len());
        assert!(group.iter().all(|resource| resource.body != Value::Null));
    }
}
