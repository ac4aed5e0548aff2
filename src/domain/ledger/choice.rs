//! Several implemented choices for one resource: which of them count.
//!
//! What was counted together in the totals counts together here: a pause and a smaller size share their saving already.
//! Of choices that exclude each other one can come true, and the dearest counts, as in the totals.

use super::Entry;
use crate::domain::{ids::RecommendationId, inventory::ResourceKind, region::Region};
use std::{cmp::Reverse, collections::HashMap};

type Resource<'a> = (&'a Region, ResourceKind, &'a str);

/// The open entries of an account by their resource.
pub struct Choices<'a>(HashMap<Resource<'a>, Vec<&'a Entry>>);

impl<'a> Choices<'a> {
    #[must_use]
    pub fn of(open: &'a [Entry]) -> Self {
        let mut choices: HashMap<Resource<'a>, Vec<&'a Entry>> = HashMap::new();
        for entry in open {
            choices.entry(resource(entry)).or_default().push(entry);
        }
        Self(choices)
    }

    /// The entry that counts in the stead of this one, if any.
    #[must_use]
    pub fn instead_of(&self, entry: &Entry) -> Option<RecommendationId> {
        let rank = |e: &Entry| (e.promise().expected, Reverse(e.recommendation));
        let of_resource = self.0.get(&resource(entry))?.iter().filter(|other| exclude(entry, other));
        let dearer = of_resource.filter(|other| rank(other) > rank(entry));
        dearer.max_by_key(|other| rank(other)).map(|other| other.recommendation)
    }
}

fn resource(entry: &Entry) -> Resource<'_> {
    (&entry.frozen.region, entry.frozen.resource_type, &entry.frozen.resource_id)
}

/// Whether only one of two choices for a resource can come true.
fn exclude(one: &Entry, other: &Entry) -> bool {
    let counted_together = one.frozen.is_best_for_resource && other.frozen.is_best_for_resource;
    one.recommendation != other.recommendation && !counted_together && of_one_picture(one, other)
}

/// No scan looked between them: both were promised of the resource as it was.
fn of_one_picture(one: &Entry, other: &Entry) -> bool {
    let (first, second) =
        if one.implemented_at <= other.implemented_at { (one, other) } else { (other, one) };
    first.verified_at.is_none_or(|at| at >= second.implemented_at)
}
