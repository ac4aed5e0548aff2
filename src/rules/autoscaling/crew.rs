//! The members of a group, found in the inventory, and how many of them there are on average.

use super::{
    Bill, Case,
    case::{Key, key},
};
use crate::domain::{
    figure::{Figure, Rate},
    finding::{UnknownReason, Verdicts},
    inventory::{AutoScalingGroup, Instance, ResourceKind},
    metric::Metric,
    money::HOURS_PER_MONTH,
    region::Region,
};
use std::collections::HashMap;

/// All instances that belong to some group. Built once a check: fleets are large.
pub struct Roll<'a>(HashMap<Key<'a>, &'a Instance>);

impl<'a> Roll<'a> {
    #[must_use]
    pub fn of(case: &Case<'a>) -> Self {
        let instances = case.snapshot.inventory.instances.iter();
        let members = instances.filter(|instance| instance.managed());
        Self(members.map(|instance| (key(&instance.common), instance)).collect())
    }

    /// Those of a group that could be found; unknown where some may be missing from the list.
    fn members(&self, case: &Case<'a>, group: &AutoScalingGroup) -> Result<Vec<&'a Instance>, UnknownReason> {
        let region: &Region = &group.common.region;
        if !case.snapshot.coverage.complete(ResourceKind::Instance, region) {
            return Err(UnknownReason::InventoryIncomplete);
        }
        // The type of the key is that of the roll: looked up by a shorter-lived one.
        let find = |id: &str| self.0.get(&(region, id)).copied();
        Ok(group.members.iter().filter_map(|member| find(&member.id)).collect())
    }
}

/// A group whose members are all alike and run on demand: one of them stands for all.
pub struct Crew<'a> {
    pub lead: &'a Instance,
    /// In hundredths: on average where the group counts them, else as desired.
    pub count: i64,
}

impl<'a> Crew<'a> {
    /// None where there is nobody, or they are of several kinds.
    pub fn of(
        case: &Case<'a>,
        roll: &Roll<'a>,
        group: &AutoScalingGroup,
    ) -> Result<Option<Self>, UnknownReason> {
        let members = roll.members(case, group)?;
        let Some((lead, others)) = members.split_first() else { return Ok(None) };
        let alike = |other: &&Instance| {
            other.instance_type == lead.instance_type
                && other.platform == lead.platform
                && other.running_on_demand()
        };
        if group.mixed || !lead.running_on_demand() || !others.iter().all(alike) {
            return Ok(None);
        }
        Ok(Some(Self { lead, count: count(case, group) }))
    }

    /// A month of all of them at the price of an hour of one.
    #[must_use]
    pub fn monthly(&self, hour: &Rate) -> Figure {
        hour.times_ratio(HOURS_PER_MONTH.saturating_mul(self.count), 100)
    }
}

#[allow(clippy::cast_possible_truncation, reason = "members are few, and a cast of a float saturates")]
fn count(case: &Case<'_>, group: &AutoScalingGroup) -> i64 {
    match case.summary(Metric::AsgInServiceAverage, &group.common) {
        Ok(seen) => (seen.sum / f64::from(seen.found) * 100.0).floor().max(0.0) as i64,
        Err(_) => group.desired.saturating_mul(100),
    }
}

/// A month of a group's members on demand, whatever they are.
pub fn monthly_of_all(
    case: &Case<'_>,
    roll: &Roll<'_>,
    bill: &mut Bill<'_>,
    group: &AutoScalingGroup,
) -> Result<Figure, UnknownReason> {
    let members = roll.members(case, group)?;
    let mut kinds: Vec<(&Instance, i64)> = Vec::new();
    for member in members.into_iter().filter(|member| member.running_on_demand()) {
        let alike = |known: &&mut (&Instance, i64)| {
            known.0.instance_type == member.instance_type && known.0.platform == member.platform
        };
        match kinds.iter_mut().find(alike) {
            Some((_, count)) => *count += 1,
            None => kinds.push((member, 1)),
        }
    }
    let mut total = Figure::zero();
    for (member, count) in kinds {
        total += bill.instance_hour(member, &member.instance_type)?.monthly(count);
    }
    Ok(total)
}

/// Asks a judge about each group that its owner sizes.
pub fn judge_groups<'a>(
    case: &Case<'a>,
    judge: impl Fn(&Case<'a>, &Roll<'a>, &AutoScalingGroup) -> super::Judgement,
) -> Verdicts {
    let roll = Roll::of(case);
    let mut verdicts = Verdicts::default();
    for group in case.snapshot.inventory.auto_scaling_groups.iter().filter(|group| !group.managed()) {
        let one = std::slice::from_ref(group);
        verdicts.merge(case.judge_each(one, |_, group| judge(case, &roll, group)));
    }
    verdicts
}

#[cfg(test)]
pub mod fixtures {
    use super::super::Rule;
    use crate::domain::inventory::{
        AutoScalingGroup, CapacityChange, Instance, InstanceState, Launch, Lifecycle, Member,
    };
    use crate::domain::{finding::UnknownReason, inventory::ResourceKind};
    use crate::rules::fixtures::{Lab, common, instance};

    /// `web`: four m5.xlarge of a launch template, between two and six.
    pub fn group() -> AutoScalingGroup {
        let member = |n: i32| Member { id: format!("i-{n}").into(), instance_type: "m5.xlarge".into() };
        AutoScalingGroup {
            common: common("web"),
            min: 2,
            max: 6,
            desired: 4,
            zones: 2,
            members: (1..=4).map(member).collect(),
            launch: Launch::Template { id: "lt-1".into(), version: "3".into() },
            mixed: false,
            counts_members: true,
            capacity_change: CapacityChange::NotRead,
        }
    }

    pub fn member(id: &str) -> Instance {
        let mut member = instance(id);
        member.common.tags = [("aws:autoscaling:groupName", "web")].into_iter().collect();
        member
    }

    pub fn lab(group: AutoScalingGroup, member: impl Fn(&str) -> Instance) -> Lab {
        let mut lab = Lab::new().instance_price("m5.xlarge", "0.192");
        for one in &group.members {
            lab = lab.instance(member(&one.id));
        }
        lab.inventory(|i| i.auto_scaling_groups.push(group))
    }

    /// What no rule about whole groups of one kind may judge.
    pub fn refuses(rule: &Rule, lab: impl Fn(AutoScalingGroup, &dyn Fn(&str) -> Instance) -> Lab) {
        lab(AutoScalingGroup { mixed: true, ..group() }, &member).nothing(rule);
        lab(AutoScalingGroup { members: vec![], ..group() }, &member).nothing(rule);
        lab(group(), &|id| Instance { lifecycle: Lifecycle::Spot, ..member(id) }).nothing(rule);
        lab(group(), &|id| Instance { state: InstanceState::Stopped, ..member(id) }).nothing(rule);
        let mut nodes = group();
        nodes.common.tags = [("eks:cluster-name", "main")].into_iter().collect();
        lab(nodes, &member).nothing(rule);
        let incomplete = lab(group(), &member).incomplete(ResourceKind::Instance);
        incomplete.unknown(rule, UnknownReason::InventoryIncomplete);
    }
}
