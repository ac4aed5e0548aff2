//! Which cheaper types hold what a machine needs: up to three, the cheapest first, and why others do not.

use super::{
    Case,
    case::property,
    ec2_need::Need,
    ec2_shelf::{Offer, Shelf},
};
use crate::domain::{
    finding::{Evidence, UnknownReason},
    inventory::{Instance, InstanceTypeSpec, family_and_size},
    money::{MicroUsd, UnitPrice},
};
use serde_json::{Value, json};

const MOST_OPTIONS: usize = 3;

/// Where targets are looked for. A Savings Plan or reservation may be bound to a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    SameFamily,
    /// Only where it is cheaper there than the same family is.
    OtherFamilies,
    Any,
}

/// What was found for a machine.
pub struct Choice<'s> {
    pub options: Vec<&'s Offer<'s>>,
    /// The cheaper types that were passed over, with what they lack.
    left_out: Vec<String>,
}

impl<'s> Choice<'s> {
    /// Unknown where nothing fits, but something might if the memory were known.
    pub fn of(
        shelf: &'s Shelf<'s>,
        need: &Need<'_>,
        machine: &'s Instance,
        (now, range): (UnitPrice, Range),
    ) -> Result<Self, UnknownReason> {
        let mut found = Self { options: Vec::new(), left_out: Vec::new() };
        let mut might_fit = false;
        for offer in shelf.offers(machine)?.iter().take_while(|offer| offer.price < now) {
            let same = same_family(&machine.instance_type, offer.spec);
            match need.lacks(offer.spec) {
                // What follows costs no less than this.
                None if range == Range::OtherFamilies && same => break,
                None if range == Range::SameFamily && !same => {}
                None => found.options.push(offer),
                Some(what) => {
                    might_fit |= need.might_fit(offer.spec) && (same || range != Range::SameFamily);
                    found.leave_out(offer, what);
                }
            }
            if found.options.len() == MOST_OPTIONS {
                break;
            }
        }
        if found.options.is_empty() && might_fit {
            return Err(UnknownReason::MetricMissing);
        }
        Ok(found)
    }

    /// Worth a word is what has less of something, not what does not start.
    fn leave_out(&mut self, offer: &Offer<'_>, what: &str) {
        let worth = matches!(what, "memory" | "network" | "EBS throughput" | "EBS operations");
        if worth && self.options.is_empty() && self.left_out.len() < MOST_OPTIONS {
            self.left_out.push(format!("{}: {what}", offer.spec.name));
        }
    }

    #[must_use]
    pub fn best(&self) -> Option<&'s Offer<'s>> {
        self.options.first().copied()
    }

    /// Why cheaper ones were passed over.
    pub fn evidence(&self) -> Option<Evidence> {
        let list = self.left_out.join(", ");
        (!list.is_empty()).then(|| property("cheaper types with too little", list, None))
    }

    /// The best target, with all options beside it; `count` is the number of machines in hundredths.
    #[must_use]
    pub fn recommended(&self, need: &Need<'_>, now: UnitPrice, count: i64) -> Value {
        let option = |offer: &&Offer<'_>| {
            let projection = need.project(offer.spec);
            let saved: MicroUsd = now.monthly(1) - offer.price.monthly(1);
            json!({
                "instanceType": offer.spec.name,
                "vcpus": offer.spec.vcpus,
                "memoryMib": offer.spec.memory_mib,
                "architectures": offer.spec.architectures,
                "monthlySavings": saved.scale(count, 100),
                "projected": projection.to_json(),
                "risk": projection.risk(),
            })
        };
        let all: Vec<Value> = self.options.iter().map(option).collect();
        json!({"instanceType": self.best().map(|best| best.spec.name.clone()), "options": all})
    }
}

fn same_family(instance_type: &str, target: &InstanceTypeSpec) -> bool {
    let family = |name| family_and_size(name).map(|(family, _)| family);
    family(instance_type).is_some() && family(instance_type) == family(&target.name)
}

#[must_use]
pub fn changes_hypervisor(present: &InstanceTypeSpec, target: &InstanceTypeSpec) -> bool {
    present.hypervisor != target.hypervisor
}

/// A specification as a recommendation shows it.
#[must_use]
pub fn specification(spec: &InstanceTypeSpec) -> Value {
    json!({"instanceType": spec.name, "vcpus": spec.vcpus, "memoryMib": spec.memory_mib})
}

/// What a machine is of, if it is nothing special: no accelerator, no local disk, no image that is bound to it.
pub fn plain_specification<'a>(
    case: &Case<'a>,
    machine: &Instance,
) -> Result<Option<&'a InstanceTypeSpec>, UnknownReason> {
    if machine.marketplace || machine.paravirtual || machine.instance_store_root {
        return Ok(None);
    }
    let present = case
        .snapshot
        .instance_types
        .get(&machine.common.region, &machine.instance_type)
        .ok_or(UnknownReason::SpecificationMissing)?;
    Ok(Some(present).filter(|spec| !(spec.gpu || spec.instance_storage || spec.bare_metal)))
}
