//! Reserved instances and nodes of four services: what was bought, until when, and what it costs.
//!
//! AWS lists reservations for some time after their end; they are kept, as somebody may have counted on them.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{
        CacheReservation, Ec2Reservation, RdsReservation, RedshiftReservation, Reservation, ReservationState,
        ResourceKind,
    },
    money::{HOURS_PER_MONTH, MicroUsd},
    region::Region,
    tags::Tags,
};
use aws_sdk_ec2::types as ec2;
use aws_sdk_elasticache::{
    operation::describe_reserved_cache_nodes::DescribeReservedCacheNodesOutput, types as elasticache,
};
use aws_sdk_rds::{
    operation::describe_reserved_db_instances::DescribeReservedDbInstancesOutput, types as rds,
};
use aws_sdk_redshift::{operation::describe_reserved_nodes::DescribeReservedNodesOutput, types as redshift};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

const EC2_ACTION: &str = "ec2:DescribeReservedInstances";
const RDS_ACTION: &str = "rds:DescribeReservedDBInstances";
const CACHE_ACTION: &str = "elasticache:DescribeReservedCacheNodes";
const REDSHIFT_ACTION: &str = "redshift:DescribeReservedNodes";

macro_rules! collector {
    ($name:ident, $text:literal, $action:ident, $kind:ident, $list:ident, $fetch:ident) => {
        pub(super) const $name: Collector = Collector {
            name: $text,
            actions: &[$action],
            listing: Some(Listing {
                kind: ResourceKind::$kind,
                turn: Turn::First,
                fetch: |scope, found| Box::pin($fetch(scope, &mut found.$list)),
            }),
        };
    };
}

collector!(EC2, "reserved instances", EC2_ACTION, Ec2Reservation, ec2_reservations, fetch_ec2);
collector!(RDS, "reserved databases", RDS_ACTION, RdsReservation, rds_reservations, fetch_rds);
collector!(CACHE, "reserved cache nodes", CACHE_ACTION, CacheReservation, cache_reservations, fetch_cache);
collector!(
    REDSHIFT,
    "reserved nodes",
    REDSHIFT_ACTION,
    RedshiftReservation,
    redshift_reservations,
    fetch_redshift
);

/// EC2 has no pages here.
async fn fetch_ec2(scope: &Scope<'_>, found: &mut Vec<Ec2Reservation>) -> Result<(), Incomplete> {
    let call = Box::pin(scope.session.ec2(&scope.region).describe_reserved_instances().send());
    let reply = scope.call(EC2_ACTION, call).await.map_err(|failure| scope.missing(EC2_ACTION, failure))?;
    let items = reply.reserved_instances.unwrap_or_default();
    found.extend(items.into_iter().filter_map(|item| of_ec2(item, &scope.region)).map(Into::into));
    Ok(())
}

async fn fetch_rds(scope: &Scope<'_>, found: &mut Vec<RdsReservation>) -> Result<(), Incomplete> {
    let client = scope.session.rds(&scope.region);
    let fetch = |token| client.describe_reserved_db_instances().max_records(100).set_marker(token).send();
    let take = |page: DescribeReservedDbInstancesOutput| {
        let items = page.reserved_db_instances.unwrap_or_default();
        found.extend(items.into_iter().filter_map(|item| of_rds(item, &scope.region)).map(Into::into));
        page.marker
    };
    scope.page_through(RDS_ACTION, fetch, take).await
}

async fn fetch_cache(scope: &Scope<'_>, found: &mut Vec<CacheReservation>) -> Result<(), Incomplete> {
    let client = scope.session.elasticache(&scope.region);
    let fetch = |token| client.describe_reserved_cache_nodes().max_records(100).set_marker(token).send();
    let take = |page: DescribeReservedCacheNodesOutput| {
        let items = page.reserved_cache_nodes.unwrap_or_default();
        found.extend(items.into_iter().filter_map(|item| of_cache(item, &scope.region)).map(Into::into));
        page.marker
    };
    scope.page_through(CACHE_ACTION, fetch, take).await
}

async fn fetch_redshift(scope: &Scope<'_>, found: &mut Vec<RedshiftReservation>) -> Result<(), Incomplete> {
    let client = scope.session.redshift(&scope.region);
    let fetch = |token| client.describe_reserved_nodes().max_records(100).set_marker(token).send();
    let take = |page: DescribeReservedNodesOutput| {
        let items = page.reserved_nodes.unwrap_or_default();
        found.extend(items.into_iter().filter_map(|item| of_redshift(item, &scope.region)).map(Into::into));
        page.marker
    };
    scope.page_through(REDSHIFT_ACTION, fetch, take).await
}

/// What one of a purchase costs.
struct Price {
    /// Paid at the start, for the whole term.
    upfront: f64,
    /// Paid for each hour of the term, used or not.
    hourly: f64,
    term_secs: i64,
}

impl Price {
    /// A month of some of them.
    fn monthly(&self, count: i64) -> MicroUsd {
        let upfront = wire::usd(self.upfront).scale(HOURS_PER_MONTH * 3_600, self.term_secs);
        (upfront + wire::usd(self.hourly).scale(HOURS_PER_MONTH, 1)).scale(count, 1)
    }
}

fn state_of(text: &str) -> ReservationState {
    match text {
        // One that is being exchanged serves until it is.
        "active" | "exchanging" => ReservationState::Active,
        "payment-pending" | "pending-payment" | "queued" => ReservationState::Pending,
        _ => ReservationState::Ended,
    }
}

/// When a term that began then is over.
fn end_of(start: Option<DateTime>, term_secs: i64) -> Option<Timestamp> {
    wire::timestamp(start)?.checked_add(jiff::SignedDuration::from_secs(term_secs)).ok()
}

fn of_ec2(item: ec2::ReservedInstances, region: &Region) -> Option<Reservation> {
    let hourly = item.recurring_charges.unwrap_or_default().iter().filter_map(|charge| charge.amount).sum();
    let price = Price {
        upfront: f64::from(item.fixed_price.unwrap_or_default()),
        hourly,
        term_secs: item.duration.unwrap_or_default(),
    };
    let count = wire::number(item.instance_count);
    Some(Reservation {
        common: wire::common(region, item.reserved_instances_id, wire::ec2_tags(item.tags), item.start)?,
        instance_type: item.instance_type?.as_str().into(),
        count,
        product: item.product_description.as_ref().map_or("", |product| product.as_str()).into(),
        state: state_of(item.state.as_ref().map_or("", ec2::ReservedInstanceState::as_str)),
        ends_at: wire::timestamp(item.end),
        convertible: item.offering_class == Some(ec2::OfferingClassType::Convertible),
        multi_az: false,
        zonal: item.scope == Some(ec2::Scope::AvailabilityZone),
        monthly_cost: price.monthly(count),
    })
}

fn of_rds(item: rds::ReservedDbInstance, region: &Region) -> Option<Reservation> {
    let charges = item.recurring_charges.unwrap_or_default();
    let price = Price {
        upfront: item.fixed_price.unwrap_or_default(),
        hourly: charges.iter().filter_map(|charge| charge.recurring_charge_amount).sum(),
        term_secs: wire::number(item.duration),
    };
    let count = wire::number(item.db_instance_count);
    Some(Reservation {
        ends_at: end_of(item.start_time, price.term_secs),
        common: wire::common(region, item.reserved_db_instance_id, Tags::default(), item.start_time)?,
        instance_type: item.db_instance_class?.into(),
        count,
        product: wire::text(item.product_description),
        state: state_of(item.state.as_deref().unwrap_or_default()),
        convertible: false,
        multi_az: item.multi_az.unwrap_or_default(),
        zonal: false,
        monthly_cost: price.monthly(count),
    })
}

fn of_cache(item: elasticache::ReservedCacheNode, region: &Region) -> Option<Reservation> {
    let charges = item.recurring_charges.unwrap_or_default();
    let price = Price {
        upfront: item.fixed_price.unwrap_or_default(),
        hourly: charges.iter().filter_map(|charge| charge.recurring_charge_amount).sum(),
        term_secs: wire::number(item.duration),
    };
    let count = wire::number(item.cache_node_count);
    Some(Reservation {
        ends_at: end_of(item.start_time, price.term_secs),
        common: wire::common(region, item.reserved_cache_node_id, Tags::default(), item.start_time)?,
        instance_type: item.cache_node_type?.into(),
        count,
        product: wire::text(item.product_description),
        state: state_of(item.state.as_deref().unwrap_or_default()),
        convertible: false,
        multi_az: false,
        zonal: false,
        monthly_cost: price.monthly(count),
    })
}

fn of_redshift(item: redshift::ReservedNode, region: &Region) -> Option<Reservation> {
    let charges = item.recurring_charges.unwrap_or_default();
    let price = Price {
        upfront: item.fixed_price.unwrap_or_default(),
        hourly: charges.iter().filter_map(|charge| charge.recurring_charge_amount).sum(),
        term_secs: wire::number(item.duration),
    };
    let count = wire::number(item.node_count);
    Some(Reservation {
        ends_at: end_of(item.start_time, price.term_secs),
        common: wire::common(region, item.reserved_node_id, Tags::default(), item.start_time)?,
        instance_type: item.node_type?.into(),
        count,
        product: "".into(),
        state: state_of(item.state.as_deref().unwrap_or_default()),
        convertible: false,
        multi_az: false,
        zonal: false,
        monthly_cost: price.monthly(count),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR_SECS: i32 = 31_536_000;

    #[test]
    fn upfront_fees_are_spread_over_the_term() {
        let charge = ec2::RecurringCharge::builder().amount(0.05).build();
        let item = ec2::ReservedInstances::builder()
            .reserved_instances_id("ri-1")
            .instance_type(ec2::InstanceType::M5Large)
            .instance_count(2)
            .fixed_price(876.0)
            .duration(i64::from(YEAR_SECS))
            .recurring_charges(charge)
            .state(ec2::ReservedInstanceState::Active)
            .offering_class(ec2::OfferingClassType::Convertible)
            .build();
        let reservation = of_ec2(item, &Region::global()).unwrap();
        // 876 / 12 + 730 * 0.05, of two.
        assert_eq!(reservation.monthly_cost.to_string(), "219.00");
        assert!(reservation.is_active() && reservation.convertible && !reservation.zonal);
        assert_eq!(reservation.family(), "m5");
    }

    #[test]
    fn a_database_reservation_ends_when_its_term_is_over() {
        let item = rds::ReservedDbInstance::builder()
            .reserved_db_instance_id("db-ri")
            .db_instance_class("db.r6g.large")
            .start_time(DateTime::from_secs(1_000))
            .duration(YEAR_SECS)
            .state("payment-pending");
        let reservation = of_rds(item.build(), &Region::global()).unwrap();
        assert_eq!(reservation.ends_at.unwrap().as_second(), 1_000 + i64::from(YEAR_SECS));
        assert_eq!(reservation.state, ReservationState::Pending);
    }

    #[test]
    fn what_has_no_term_costs_nothing_upfront_instead_of_dividing_by_zero() {
        let price = Price { upfront: 100.0, hourly: 0.1, term_secs: 0 };
        assert_eq!(price.monthly(1).to_string(), "73.00");
    }

    #[test]
    fn states_of_all_four_services_are_known() {
        for (text, state) in [
            ("active", ReservationState::Active),
            ("exchanging", ReservationState::Active),
            ("queued", ReservationState::Pending),
            ("pending-payment", ReservationState::Pending),
            ("retired", ReservationState::Ended),
            ("payment-failed", ReservationState::Ended),
        ] {
            assert_eq!(state_of(text), state, "{text}");
        }
    }
}
