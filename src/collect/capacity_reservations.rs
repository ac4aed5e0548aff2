//! On-demand capacity reservations that the account pays for; those that others share with it are left out.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{CapacityReservation, Platform, ResourceKind},
    region::Region,
};
use aws_sdk_ec2::{
    operation::describe_capacity_reservations::DescribeCapacityReservationsOutput, types as sdk,
};

const ACTION: &str = "ec2:DescribeCapacityReservations";

pub(super) const COLLECTOR: Collector = Collector {
    name: "capacity reservations",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::CapacityReservation,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.capacity_reservations)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<CapacityReservation>) -> Result<(), Incomplete> {
    let ec2 = scope.session.ec2(&scope.region);
    let account = scope.session.account().to_string();
    let fetch = |token| ec2.describe_capacity_reservations().max_results(1_000).set_next_token(token).send();
    let take = |page: DescribeCapacityReservationsOutput| {
        let listed = page.capacity_reservations.unwrap_or_default().into_iter();
        let own = listed.filter(|item| item.owner_id.as_ref().is_none_or(|owner| *owner == account));
        found.extend(own.filter_map(|item| map(item, &scope.region)));
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

/// What was cancelled or has ended stays in AWS's list for a while.
fn map(item: sdk::CapacityReservation, region: &Region) -> Option<CapacityReservation> {
    use sdk::CapacityReservationState as State;
    let gone = [State::Cancelled, State::Expired, State::Failed, State::Unsupported];
    if item.state.as_ref().is_none_or(|state| gone.contains(state)) {
        return None;
    }
    let (id, tags) = (item.capacity_reservation_id, wire::ec2_tags(item.tags));
    let platform = item.instance_platform.as_ref().map(sdk::CapacityReservationInstancePlatform::as_str);
    Some(CapacityReservation {
        common: wire::common(region, id, tags, item.start_date.or(item.create_date))?,
        instance_type: item.instance_type?.into(),
        platform: Platform::of(platform, false),
        dedicated_tenancy: item.tenancy == Some(sdk::CapacityReservationTenancy::Dedicated),
        total: wire::number(item.total_instance_count),
        available: wire::number(item.available_instance_count),
        active: item.state == Some(State::Active),
        block: item.reservation_type == Some(sdk::CapacityReservationType::CapacityBlock),
        committed_until: wire::timestamp(item.commitment_info.and_then(|info| info.commitment_end_date)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reservation(state: sdk::CapacityReservationState) -> Option<CapacityReservation> {
        let item = sdk::CapacityReservation::builder()
            .capacity_reservation_id("cr-1")
            .instance_type("m5.large")
            .instance_platform(sdk::CapacityReservationInstancePlatform::WindowsWithSqlServerWeb)
            .total_instance_count(4)
            .available_instance_count(1)
            .state(state);
        map(item.build(), &Region::global())
    }

    #[test]
    fn a_reservation_keeps_its_platform_and_its_free_places() {
        let reservation = reservation(sdk::CapacityReservationState::Active).unwrap();
        assert_eq!(reservation.platform, Platform::WindowsSqlWeb);
        assert_eq!((reservation.total, reservation.available, reservation.active), (4, 1, true));
    }

    #[test]
    fn what_has_ended_is_gone_and_what_begins_later_is_not_active() {
        assert_eq!(reservation(sdk::CapacityReservationState::Cancelled), None);
        assert!(!reservation(sdk::CapacityReservationState::Scheduled).unwrap().active);
    }
}
