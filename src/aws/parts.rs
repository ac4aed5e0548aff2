//! The parts of a collecting session: STS refuses a long session policy, so each part is a session of its own
//! that may do the actions of some services, and together they may do exactly all of them.
//!
//! Invariants: a service's actions are never torn apart, because a client has one session; the same actions give
//! the same parts, so that cached credentials stay right.

use super::policy::{SESSION_POLICY_LIMIT, collecting_policy};
use std::collections::BTreeMap;

/// One of the sessions that a collecting session is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Part(pub(super) usize);

impl Part {
    /// The part of the largest service: the one that every scan needs.
    pub const FIRST: Self = Self(0);
}

/// Which part holds which actions.
#[derive(Clone, Debug)]
pub struct Parts(Vec<Vec<&'static str>>);

/// What stands before the colon of an action.
pub(super) fn service_of(action: &str) -> &str {
    action.split_once(':').map_or(action, |(service, _)| service)
}

fn fits(actions: &[&str]) -> bool {
    collecting_policy(actions).len() <= SESSION_POLICY_LIMIT
}

impl Parts {
    /// The largest service first, each into the first part that has room for it.
    #[must_use]
    pub fn of(actions: &[&'static str]) -> Self {
        let mut services: BTreeMap<&str, Vec<&'static str>> = BTreeMap::new();
        for action in actions {
            services.entry(service_of(action)).or_default().push(action);
        }
        let mut services: Vec<Vec<&str>> = services.into_values().collect();
        services.sort_by_key(|actions| std::cmp::Reverse(collecting_policy(actions).len()));
        let mut parts: Vec<Vec<&str>> = Vec::new();
        for service in services {
            match parts.iter_mut().find(|part| fits(&[part.as_slice(), &service].concat())) {
                Some(part) => part.extend(service),
                None => parts.push(service),
            }
        }
        for part in &mut parts {
            part.sort_unstable();
            part.dedup();
        }
        Self(parts)
    }

    /// Whose session a client of this service uses.
    #[must_use]
    pub fn of_service(&self, service: &str) -> Part {
        let holds = |part: &Vec<&str>| part.iter().any(|action| service_of(action) == service);
        self.0.iter().position(holds).map_or(Part::FIRST, Part)
    }

    /// What a session of this part may do.
    #[must_use]
    pub fn actions(&self, part: Part) -> &[&'static str] {
        self.0.get(part.0).map_or(&[], Vec::as_slice)
    }

    pub fn all(&self) -> impl Iterator<Item = Part> {
        (0..self.0.len()).map(Part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICES: [&str; 4] = ["a", "b", "cc", "d"];

    /// Names of the length that EC2's have on average.
    fn actions(service: &str, count: usize) -> Vec<&'static str> {
        (0..count)
            .map(|n| format!("{service}:DescribeSomethingOfThatSort{n:02}"))
            .map(|a| &*a.leak())
            .collect()
    }

    #[test]
    fn each_part_fits_and_together_they_are_all() {
        let wanted: Vec<&str> = SERVICES.iter().flat_map(|service| actions(service, 20)).collect();
        let parts = Parts::of(&wanted);
        let mut together: Vec<&str> = Vec::new();
        for part in parts.all() {
            assert!(fits(parts.actions(part)));
            together.extend(parts.actions(part));
        }
        together.sort_unstable();
        assert_eq!(together, wanted);
        assert!(parts.all().count() > 1, "else this shows nothing");
    }

    #[test]
    fn a_service_is_in_one_part() {
        let wanted: Vec<&str> = SERVICES.iter().flat_map(|service| actions(service, 20)).collect();
        let parts = Parts::of(&wanted);
        for service in SERVICES {
            let part = parts.of_service(service);
            let held = parts.actions(part).iter().filter(|action| service_of(action) == service).count();
            assert_eq!(held, 20, "{service}");
        }
    }

    #[test]
    fn the_order_in_which_actions_are_declared_changes_nothing() {
        let wanted: Vec<&str> = SERVICES.iter().flat_map(|service| actions(service, 20)).collect();
        let backwards: Vec<&str> = wanted.iter().rev().copied().collect();
        assert_eq!(Parts::of(&wanted).0, Parts::of(&backwards).0);
    }

    /// The longest names that EC2 has for what Tuner could ever read, forty of them.
    #[test]
    fn a_service_of_forty_actions_still_fits() {
        let names = [
            "AccountAttributes",
            "Addresses",
            "AvailabilityZones",
            "CapacityBlocks",
            "CapacityReservationFleets",
            "CapacityReservations",
            "CarrierGateways",
            "ClientVpnEndpoints",
            "CustomerGateways",
            "DhcpOptions",
            "EgressOnlyInternetGateways",
            "FastSnapshotRestores",
            "FleetInstances",
            "Fleets",
            "FlowLogs",
            "Hosts",
            "HostReservations",
            "Images",
            "InstanceCreditSpecifications",
            "InstanceStatus",
            "InstanceTypes",
            "InstanceTypeOfferings",
            "Instances",
            "InternetGateways",
            "LaunchTemplateVersions",
            "LaunchTemplates",
            "LockedSnapshots",
            "NatGateways",
            "NetworkInterfaces",
            "Regions",
            "ReservedInstances",
            "ReservedInstancesOfferings",
            "RouteTables",
            "SnapshotTierStatus",
            "Snapshots",
            "SpotFleetRequests",
            "SpotInstanceRequests",
            "TransitGateways",
            "Volumes",
            "VpcEndpoints",
        ];
        let wanted: Vec<&str> = names.iter().map(|name| &*format!("ec2:Describe{name}").leak()).collect();
        assert!(fits(&wanted), "{} characters", collecting_policy(&wanted).len());
    }
}
