//! Capacity that is reserved, paid and not used.

use super::{Amounts, Case, Judgement, Meta, Rule, command::aws, quantity::whole_units};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{CapacityReservation, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule = Rule {
    meta: &META,
    check: |case| case.judge_each(&case.snapshot.inventory.capacity_reservations, judge),
};

static META: Meta = Meta {
    id: "ec2-capacity-reservation-unused",
    title: "Reserved capacity is not used",
    condition: "Active since before the window, with shared tenancy, no capacity block and no commitment that \
                still holds, and on every day some of its places were free all the time. Reservations that \
                other accounts share are left to them.",
    formula: "the places that were always free * hourly price * 730",
    pitfalls: "Recovery plans rest on capacity that is hoped never to be used. Given back, it may not be had \
               again.",
    kind: ResourceKind::CapacityReservation,
    action_type: ActionType::Delete,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["ec2:DescribeCapacityReservations"],
    metrics: &[Metric::CapacityAvailableMin],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, reservation: &CapacityReservation) -> Judgement {
    let committed = reservation.committed_until.is_some_and(|until| until > case.now());
    if !reservation.active || reservation.block || committed || reservation.available <= 0 {
        return Ok(None);
    }
    let common = &reservation.common;
    case.require_full_window(common)?;
    let seen = case.summary(Metric::CapacityAvailableMin, common)?;
    // A part of a place would be a fault of the metric: never round it up.
    let unused = whole_units(seen.min.floor()).min(reservation.available).min(reservation.total);
    if unused <= 0 {
        return Ok(None);
    }
    if reservation.dedicated_tenancy {
        return Err(UnknownReason::PriceMissing);
    }
    let mut bill = case.bill();
    let hour = bill.shared_hour(&common.region, reservation.platform, &reservation.instance_type)?;
    let amounts = Amounts { cost: hour.monthly(reservation.total), savings: hour.monthly(unused), bill };
    let (total, instance_type) = (reservation.total, &reservation.instance_type);
    Ok(Some(Finding {
        title: format!("Give back {unused} of {total} reserved {instance_type} that nobody uses"),
        current: json!({"instanceType": instance_type, "places": total}),
        recommended: json!({"instanceType": instance_type, "places": total - unused}),
        evidence: vec![case.measured(
            Metric::CapacityAvailableMin,
            seen,
            format!("{unused} free on every day"),
            "none free all the time".into(),
        )],
        remediation: give_back(reservation, total - unused),
        ..case.finding(reservation, amounts)
    }))
}

fn give_back(reservation: &CapacityReservation, kept: i64) -> Remediation {
    let (region, id) = (&reservation.common.region, ("--capacity-reservation-id", &*reservation.common.id));
    let (total, kept_text) = (reservation.total.to_string(), kept.to_string());
    let modify =
        |count: &str| aws("ec2 modify-capacity-reservation", region, &[id, ("--instance-count", count)]);
    let notes = vec!["The capacity may not be there when it is wanted again.".into()];
    if kept > 0 {
        return Remediation {
            commands: vec![modify(&kept_text)],
            rollback_commands: vec![modify(&total)],
            notes,
        };
    }
    let commands = vec![aws("ec2 cancel-capacity-reservation", region, &[id])];
    Remediation { commands, rollback_commands: Vec::new(), notes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::Platform;
    use crate::rules::fixtures::{Lab, common, days_ago};

    fn reservation() -> CapacityReservation {
        CapacityReservation {
            common: common("cr-1"),
            instance_type: "m5.xlarge".into(),
            platform: Platform::Linux,
            dedicated_tenancy: false,
            total: 4,
            available: 3,
            active: true,
            block: false,
            committed_until: None,
        }
    }

    fn lab(reservation: CapacityReservation, always_free: f64) -> Lab {
        Lab::new()
            .instance_price("m5.xlarge", "0.192")
            .daily(Metric::CapacityAvailableMin, "cr-1", 14, always_free)
            .inventory(|i| i.capacity_reservations.push(reservation))
    }

    #[test]
    fn what_was_always_free_is_given_back() {
        let finding = lab(reservation(), 2.0).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "560.64");
        assert_eq!(finding.monthly_savings.to_string(), "280.32");
        assert!(finding.remediation.commands[0].ends_with("--instance-count 2"));
    }

    #[test]
    fn a_reservation_that_nobody_uses_is_cancelled() {
        let empty = CapacityReservation { available: 4, ..reservation() };
        let finding = lab(empty, 4.0).only_finding(&RULE);
        assert!(finding.remediation.commands[0].starts_with("aws ec2 cancel-capacity-reservation"));
    }

    #[test]
    fn what_is_used_at_times_committed_or_paid_in_advance_is_fine() {
        lab(reservation(), 0.0).nothing(&RULE);
        lab(CapacityReservation { available: 0, ..reservation() }, 2.0).nothing(&RULE);
        lab(CapacityReservation { block: true, ..reservation() }, 2.0).nothing(&RULE);
        lab(CapacityReservation { active: false, ..reservation() }, 2.0).nothing(&RULE);
        let until = Some(days_ago(-30));
        lab(CapacityReservation { committed_until: until, ..reservation() }, 2.0).nothing(&RULE);
    }

    #[test]
    fn what_is_young_unmeasured_or_unpriced_is_unknown() {
        let mut young = reservation();
        young.common.created_at = Some(days_ago(3));
        lab(young, 2.0).unknown(&RULE, UnknownReason::TooYoung);
        let unmeasured = lab(reservation(), 2.0).no_datapoints(Metric::CapacityAvailableMin, "cr-1");
        unmeasured.unknown(&RULE, UnknownReason::MetricMissing);
        let dedicated = CapacityReservation { dedicated_tenancy: true, ..reservation() };
        lab(dedicated, 2.0).unknown(&RULE, UnknownReason::PriceMissing);
        let odd = CapacityReservation { platform: Platform::Other, ..reservation() };
        lab(odd, 2.0).unknown(&RULE, UnknownReason::PriceMissing);
    }

    #[test]
    fn no_more_is_given_back_than_there_is() {
        let finding = lab(CapacityReservation { available: 9, ..reservation() }, 9.0).only_finding(&RULE);
        assert_eq!(finding.monthly_savings, finding.monthly_cost);
    }
}
