//! Changes of machines whose family is bound by a commitment: what it covers is paid on, whatever becomes of them.
//!
//! Only says so: what the saving is worth meanwhile is computed from the bill (`domain/discount`).

use crate::domain::{
    finding::{ConflictClass, Finding},
    inventory::{Instance, ResourceKind, SavingsPlanType},
    region::Region,
    snapshot::{Inventory, Snapshot},
};
use std::collections::{HashMap, HashSet};

/// A family in a region, and what binds it.
type Bound<'a> = HashMap<(&'a str, &'a str), &'static str>;

/// Notes it on each change that leaves such a family.
pub fn warn(findings: &mut [Finding], snapshot: &Snapshot) {
    let bound = bound(&snapshot.inventory);
    if bound.is_empty() {
        return;
    }
    let machines: HashMap<(&Region, &str), &Instance> = snapshot
        .inventory
        .instances
        .iter()
        .filter(|machine| {
            bound.contains_key(&(family(&machine.instance_type), machine.common.region.as_str()))
        })
        .map(|machine| ((&machine.common.region, &*machine.common.id), machine))
        .collect();
    let changes = findings.iter_mut().filter(|f| f.subject.kind == ResourceKind::Instance && leaves(f));
    for finding in changes {
        let Some(machine) = machines.get(&(&finding.subject.region, &*finding.subject.id)) else { continue };
        let (from, region) = (family(&machine.instance_type), machine.common.region.as_str());
        let to = finding.recommended.get("instanceType").and_then(|name| name.as_str()).map(family);
        if let Some(what) = bound.get(&(from, region)).filter(|_| to != Some(from)) {
            finding.remediation.notes.push(format!(
                "{what} is bound to {from} in {region}: it is paid until it ends, and saves again only where other \
                 machines of the family use it."
            ));
        }
    }
}

/// Less of the machine, or another one.
fn leaves(finding: &Finding) -> bool {
    matches!(finding.class, ConflictClass::Remove | ConflictClass::Pause | ConflictClass::Resize)
}

fn bound(inventory: &Inventory) -> Bound<'_> {
    let reserved = inventory.ec2_reservations.iter().filter(|r| r.is_active() && !r.convertible);
    let reserved =
        reserved.map(|r| ((r.family(), r.common.region.as_str()), "A standard reservation of this account"));
    let plans = inventory.savings_plans.iter();
    let plans = plans.filter(|plan| plan.active && plan.plan_type == SavingsPlanType::Ec2Instance);
    let plans = plans.filter_map(|plan| Some((plan.family.as_deref()?, plan.family_region.as_deref()?)));
    let plans: HashSet<(&str, &str)> = plans.collect();
    let plans = plans.into_iter().map(|key| (key, "An EC2 Instance Savings Plan of this account"));
    reserved.chain(plans).collect()
}

fn family(instance_type: &str) -> &str {
    instance_type.split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::inventory::SavingsPlan,
        rules::{
            check,
            fixtures::{Lab, common, instance, instance_type},
        },
    };

    /// An m4.xlarge that could be an m6i.xlarge, in an account with a plan.
    fn notes(family: &str, plan_type: SavingsPlanType, active: bool) -> Vec<String> {
        let plan = SavingsPlan {
            common: common("sp-1"),
            plan_type,
            active,
            ends_at: None,
            family: Some(family.into()),
            family_region: Some("us-east-1".into()),
            hourly_commitment: "1".parse().unwrap(),
        };
        let lab = Lab::new()
            .instance(Instance { instance_type: "m4.xlarge".into(), ..instance("i-1") })
            .instance_type(instance_type("m4.xlarge", 4, 16))
            .instance_type(instance_type("m6i.xlarge", 4, 16))
            .instance_price("m4.xlarge", "0.2")
            .instance_price("m6i.xlarge", "0.15")
            .inventory(|i| i.savings_plans.push(plan));
        let found = check(&lab.snapshot, &lab.thresholds, &["ec2-instance-previous-gen".into()]).findings;
        assert_eq!(found.len(), 1, "{found:#?}");
        found
            .into_iter()
            .flat_map(|finding| finding.remediation.notes)
            .filter(|n| n.contains("bound"))
            .collect()
    }

    #[test]
    fn a_change_that_leaves_a_bound_family_says_so() {
        let notes = notes("m4", SavingsPlanType::Ec2Instance, true);
        assert_eq!(notes.len(), 1);
        assert!(
            notes[0].starts_with("An EC2 Instance Savings Plan of this account is bound to m4 in us-east-1")
        );
    }

    #[test]
    fn what_binds_no_family_or_has_ended_says_nothing() {
        assert!(notes("c5", SavingsPlanType::Ec2Instance, true).is_empty());
        assert!(notes("m4", SavingsPlanType::Compute, true).is_empty());
        assert!(notes("m4", SavingsPlanType::Ec2Instance, false).is_empty());
    }
}
