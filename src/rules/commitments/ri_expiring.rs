//! Reservations that end soon or ended a short while ago, of four services: what they covered is paid on demand then.

use super::{Amounts, Bill, Case, Judgement, Meta, Rule, case::property, command::aws};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{DbEngine, Inventoried, Platform, Reservation, ReservationState, ResourceKind, days_between},
    price::PriceKey,
    region::Region,
};
use jiff::Timestamp;
use serde_json::json;
use std::ops::Deref;

pub const ID: &str = "ri-expiring";

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: ID,
    title: "Reservation ends",
    condition: "A reservation of EC2, RDS, ElastiCache or Redshift ends within commitment_expiry_days, or ended within as \
                many days. Not where another one of the same family, product and region is waiting to start, or \
                was bought when it ended.",
    formula: "nothing is promised; shown is what the hours would cost more on demand: count * hourly price * 730 - \
              the reservation's monthly cost, where the price is known",
    pitfalls: "The machines may be gone, or a Savings Plan may cover them by then.",
    kind: ResourceKind::Ec2Reservation,
    action_type: ActionType::PurchaseReservedInstances,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: false,
    actions: &["ec2:DescribeReservedInstances"],
    metrics: &[],
    thresholds: &["commitment_expiry_days"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let mut verdicts = look_at(case, &inventory.ec2_reservations);
    verdicts.merge(look_at(case, &inventory.rds_reservations));
    verdicts.merge(look_at(case, &inventory.cache_reservations));
    verdicts.merge(look_at(case, &inventory.redshift_reservations));
    verdicts
}

fn look_at<T: Inventoried + Deref<Target = Reservation>>(case: &Case<'_>, all: &[T]) -> Verdicts {
    case.judge_each(all, |case, one| judge(case, one, all))
}

fn judge<T: Inventoried + Deref<Target = Reservation>>(case: &Case<'_>, one: &T, all: &[T]) -> Judgement {
    if one.state == ReservationState::Pending {
        return Ok(None);
    }
    let Some(ends_at) = one.ends_at else {
        return if one.is_active() { Err(UnknownReason::DateMissing) } else { Ok(None) };
    };
    let limit = i64::from(case.thresholds.commitment_expiry_days);
    let left = days_between(case.now(), ends_at);
    let near = if one.is_active() { (0..=limit).contains(&left) } else { (-limit..0).contains(&left) };
    if !near || all.iter().any(|other| renews(one, other, ends_at)) {
        return Ok(None);
    }
    Ok(Some(finding(case, one, ends_at)))
}

/// Somebody already cared for what comes after.
fn renews(ending: &Reservation, other: &Reservation, ends_at: Timestamp) -> bool {
    let same = ending.family() == other.family()
        && ending.product == other.product
        && ending.common.region == other.common.region
        && ending.common.id != other.common.id;
    let starts_then = || other.common.created_at.is_some_and(|start| days_between(start, ends_at) <= 1);
    match other.state {
        ReservationState::Pending => same,
        ReservationState::Active => same && starts_then(),
        ReservationState::Ended => false,
    }
}

fn finding<T: Inventoried + Deref<Target = Reservation>>(
    case: &Case<'_>,
    one: &T,
    ends_at: Timestamp,
) -> Finding {
    let mut bill = case.bill();
    let reserved = Figure::stated(one.monthly_cost);
    let (cost, savings) = match on_demand(&mut bill, T::KIND, one) {
        Some(cost) if cost > reserved => (cost.clone(), cost - reserved),
        _ => (reserved, Figure::zero()),
    };
    let verb = if one.is_active() { "ends" } else { "ended" };
    let day = ends_at.to_zoned(jiff::tz::TimeZone::UTC).date();
    Finding {
        title: format!("Reservation of {} {} {verb} on {day}", one.count, one.instance_type),
        current: json!({
            "instanceType": &*one.instance_type, "count": one.count, "product": &*one.product, "endsAt": ends_at,
            "convertible": one.convertible, "monthlyCost": one.monthly_cost,
        }),
        recommended: json!({ "action": "renew, or let it end on purpose" }),
        evidence: vec![property(
            "end",
            day.to_string(),
            Some(format!("{} days around it", case.thresholds.commitment_expiry_days)),
        )],
        remediation: remediation(T::KIND, one),
        ..case.finding(one, Amounts { cost, savings, bill })
    }
}

/// What a month costs without the reservation; none where no price is known.
fn on_demand(bill: &mut Bill<'_>, kind: ResourceKind, one: &Reservation) -> Option<Figure> {
    let (region, name) = (one.common.region.clone(), &one.instance_type);
    let key = match kind {
        ResourceKind::Ec2Reservation => {
            let platform = if one.product.starts_with("Linux/UNIX") { Platform::Linux } else { return None };
            PriceKey::Instance { region, instance_type: name.clone(), platform }
        }
        ResourceKind::RdsReservation => {
            let engine = engine_of(&one.product)?;
            PriceKey::DbInstance { region, class: name.clone(), engine, multi_az: one.multi_az }
        }
        _ => return None,
    };
    Some(bill.price(key).ok()?.monthly(one.count))
}

/// RDS has names of its own for what is reserved.
fn engine_of(product: &str) -> Option<DbEngine> {
    match product {
        "postgresql" => Some(DbEngine::Postgres),
        "mysql" => Some(DbEngine::Mysql),
        "mariadb" => Some(DbEngine::Mariadb),
        "aurora-mysql" => Some(DbEngine::AuroraMysql),
        "aurora-postgresql" => Some(DbEngine::AuroraPostgresql),
        _ => None,
    }
}

fn remediation(kind: ResourceKind, one: &Reservation) -> Remediation {
    let region: &Region = &one.common.region;
    let name = &*one.instance_type;
    let command = match kind {
        ResourceKind::Ec2Reservation => aws(
            "ec2 describe-reserved-instances-offerings",
            region,
            &[
                ("--instance-type", name),
                ("--product-description", &one.product),
                ("--no-include-marketplace", ""),
            ],
        ),
        ResourceKind::RdsReservation => aws(
            "rds describe-reserved-db-instances-offerings",
            region,
            &[("--db-instance-class", name), ("--product-description", &one.product)],
        ),
        ResourceKind::CacheReservation => aws(
            "elasticache describe-reserved-cache-nodes-offerings",
            region,
            &[("--cache-node-type", name), ("--product-description", &one.product)],
        ),
        _ => aws("redshift describe-reserved-node-offerings", region, &[]),
    };
    Remediation {
        commands: vec![command],
        rollback_commands: Vec::new(),
        notes: vec![
            "The command lists what is offered; see first whether the machines are still needed.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::inventory::{Common, Ec2Reservation, RdsReservation},
        rules::fixtures::{Lab, common, days_ago},
    };
    use rstest::rstest;

    fn reservation(ends_in_days: i64) -> Reservation {
        Reservation {
            common: common("ri-1"),
            instance_type: "m5.xlarge".into(),
            count: 2,
            product: "Linux/UNIX".into(),
            state: ReservationState::Active,
            ends_at: Some(days_ago(-ends_in_days)),
            convertible: false,
            multi_az: false,
            zonal: false,
            monthly_cost: "180".parse().unwrap(),
        }
    }

    fn lab(reservations: Vec<Reservation>) -> Lab {
        let all = reservations.into_iter().map(Ec2Reservation);
        Lab::new().inventory(|i| i.ec2_reservations.extend(all)).instance_price("m5.xlarge", "0.192")
    }

    #[test]
    fn what_ends_soon_is_shown_with_what_it_saves_today() {
        let finding = lab(vec![reservation(10)]).only_finding(&RULE);
        assert_eq!(finding.title, "Reservation of 2 m5.xlarge ends on 2026-07-11");
        assert_eq!(finding.calculation.monthly_savings, "2 * 730 * 0.192 - 180.00");
        assert_eq!(finding.monthly_savings.to_string(), "100.32");
        assert_eq!(finding.basis, SavingsBasis::Exposure);
    }

    #[rstest]
    #[case(30, true)]
    #[case(31, false)]
    #[case(0, true)]
    fn the_limit_counts_days(#[case] days: i64, #[case] found: bool) {
        assert_eq!(lab(vec![reservation(days)]).verdicts(&RULE).findings.len(), usize::from(found));
    }

    #[test]
    fn what_ended_a_short_while_ago_is_shown_and_what_ended_long_ago_is_not() {
        let ended = |days: i64| Reservation { state: ReservationState::Ended, ..reservation(-days) };
        assert_eq!(
            lab(vec![ended(5)]).only_finding(&RULE).title,
            "Reservation of 2 m5.xlarge ended on 2026-06-26"
        );
        lab(vec![ended(40)]).nothing(&RULE);
    }

    #[test]
    fn what_was_sold_or_exchanged_before_its_end_is_not_shown() {
        lab(vec![Reservation { state: ReservationState::Ended, ..reservation(10) }]).nothing(&RULE);
    }

    #[test]
    fn what_is_renewed_already_is_fine() {
        let next = Reservation {
            common: Common { created_at: Some(days_ago(-10)), ..common("ri-2") },
            state: ReservationState::Pending,
            ..reservation(375)
        };
        lab(vec![reservation(10), next.clone()]).nothing(&RULE);
        let other = Reservation { instance_type: "c5.large".into(), ..next };
        assert_eq!(lab(vec![reservation(10), other]).verdicts(&RULE).findings.len(), 1);
    }

    #[test]
    fn without_a_price_the_cost_of_the_reservation_is_all_that_is_known() {
        let cache = Reservation { product: "Windows".into(), ..reservation(3) };
        let finding = lab(vec![cache]).only_finding(&RULE);
        assert_eq!((finding.monthly_cost.to_string(), finding.monthly_savings.get()), ("180.00".into(), 0));
    }

    #[test]
    fn databases_are_looked_at_too() {
        let db = RdsReservation(Reservation {
            instance_type: "db.m5.large".into(),
            product: "postgresql".into(),
            ..reservation(3)
        });
        let lab =
            Lab::new().inventory(|i| i.rds_reservations.push(db)).db_price("db.m5.large", "0.178", "0.356");
        assert_eq!(lab.only_finding(&RULE).calculation.monthly_cost, "2 * 730 * 0.178");
    }

    #[test]
    fn an_active_one_without_an_end_is_unknown() {
        lab(vec![Reservation { ends_at: None, ..reservation(3) }]).unknown(&RULE, UnknownReason::DateMissing);
    }
}
