//! Without its cause a finding goes, and nothing else changes.

use crate::{About, about, by_subject, check, fleet::World, plans};
use proptest::prelude::*;
use tuner::domain::{finding::Finding, inventory::ResourceKind, snapshot::Snapshot};

/// What is judged by looking at other things, too: where one of these goes, what is said of those may change.
const DEPEND: &[(ResourceKind, &[ResourceKind])] = &[];

fn may_change(gone: ResourceKind, other: ResourceKind) -> bool {
    DEPEND.iter().any(|(kind, others)| *kind == gone && others.contains(&other))
}

/// The account as it was, but for one resource: prices and metrics stay.
fn without(world: &World, snapshot: &Snapshot, gone: &About) -> Option<Snapshot> {
    let (_, kind, region, id) = gone;
    let mut left = world.resources.clone();
    left.retain(|resource| (resource.kind, resource.region(), resource.id()) != (*kind, region, id));
    (left.len() < world.resources.len())
        .then(|| Snapshot { inventory: crate::fleet::inventory_of(&left), ..snapshot.clone() })
}

fn is_its_own(
    world: &World,
    snapshot: &Snapshot,
    before: &[Finding],
    cause: &About,
) -> Result<(), TestCaseError> {
    let Some(after) = without(world, snapshot, cause) else { return Ok(()) };
    let after = check(&after).findings;
    let (before, after) = (by_subject(before), by_subject(&after));
    prop_assert!(!after.contains_key(cause), "{cause:?} is still found without its resource");
    let (_, kind, region, id) = cause;
    for about in before.keys().chain(after.keys()) {
        let same = (&about.2, &about.3, about.1) == (region, id, *kind);
        if !same && !may_change(*kind, about.1) && before.get(about) != after.get(about) {
            let state = |found: Option<&&Finding>| found.map_or("nothing".to_owned(), |f| format!("{f:#?}"));
            let (was, is) = (state(before.get(about)), state(after.get(about)));
            return Err(TestCaseError::fail(format!(
                "without {cause:?}, {about:?} was {was}\n--- and is ---\n{is}"
            )));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_finding_goes_with_its_resource_and_leaves_the_others(plan in plans::few()) {
        let world = plan.world();
        let snapshot = world.snapshot();
        let before = check(&snapshot).findings;
        let mut causes: Vec<About> = before.iter().map(about).collect();
        causes.dedup_by_key(|cause| (cause.1, cause.2.clone(), cause.3.clone()));
        for cause in causes.iter().step_by(causes.len() / 12 + 1) {
            is_its_own(&world, &snapshot, &before, cause)?;
        }
    }
}
