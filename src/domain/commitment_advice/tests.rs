//! Purchases come after the waste, and no usage is covered twice.

use super::*;
use crate::domain::{finding::Calculation, fixtures, fixtures::usd};

fn finding(class: ConflictClass, kind: Kind, cost: i64, savings: i64) -> Finding {
    let calculation = Calculation { monthly_cost: cost.to_string(), monthly_savings: savings.to_string() };
    Finding { calculation, ..fixtures::finding(class, kind, "x", cost, savings) }
}

fn purchase(kind: Kind, on_demand: i64, savings: i64) -> Finding {
    finding(ConflictClass::Commit, kind, on_demand, savings)
}

fn counting(amounts: &[i64]) -> Vec<Standing> {
    let standing = |amount: &i64| Standing { selected: true, counted: usd(*amount), ..Standing::default() };
    amounts.iter().map(standing).collect()
}

fn unlimited(_: &'static [&'static str]) -> Option<MicroUsd> {
    None
}

#[test]
fn what_the_other_choices_take_away_is_not_committed() {
    let others = [
        finding(ConflictClass::Remove, Kind::Instance, 100, 100),
        finding(ConflictClass::Resize, Kind::DbInstance, 100, 50),
        finding(ConflictClass::Add, Kind::Instance, 10, 5),
    ];
    let left = reduce(
        vec![purchase(Kind::ComputeSavingsPlans, 400, 80)],
        &others,
        &counting(&[100, 50, 5]),
        unlimited,
    );
    assert_eq!((left[0].monthly_cost, left[0].monthly_savings), (usd(300), usd(60)), "machines only");
    assert_eq!(left[0].calculation.monthly_savings, "300000000 / 400000000 * (80)");
    assert_eq!(left[0].calculation.monthly_cost, "400.00 - 100.00");
    assert!(left[0].evidence[0].observed.starts_with("300.00 USD a month"));
}

#[test]
fn a_purchase_for_which_nothing_is_left_is_gone() {
    let others = [finding(ConflictClass::Pause, Kind::Instance, 500, 400)];
    assert_eq!(
        reduce(vec![purchase(Kind::Ec2Reservation, 400, 80)], &others, &counting(&[400]), unlimited),
        []
    );
}

#[test]
fn nothing_is_committed_beyond_what_the_services_cost() {
    let left = reduce(vec![purchase(Kind::RdsReservation, 400, 80)], &[], &[], |_| Some(usd(100)));
    assert_eq!((left[0].monthly_cost, left[0].monthly_savings), (usd(100), usd(20)));
}

#[test]
fn a_purchase_that_nothing_touches_stays_as_aws_advises_it() {
    let advised = purchase(Kind::RedshiftReservation, 400, 80);
    let others = [finding(ConflictClass::Remove, Kind::Instance, 100, 100)];
    assert_eq!(reduce(vec![advised.clone()], &others, &counting(&[100]), unlimited), [advised]);
}

fn placed(purchases: Vec<Finding>) -> Vec<(bool, i64, Option<usize>)> {
    let mut findings = vec![finding(ConflictClass::Add, Kind::Volume, 1, 1)];
    let mut standings = counting(&[1]);
    append(&mut findings, &mut standings, purchases);
    let place = |s: &Standing| (s.selected, s.counted.get() / 1_000_000, s.alternative_to);
    standings.iter().skip(1).map(place).collect()
}

#[test]
fn of_the_three_ways_to_cover_machines_one_counts() {
    let purchases = vec![
        purchase(Kind::Ec2Reservation, 400, 90),
        purchase(Kind::ComputeSavingsPlans, 400, 80),
        purchase(Kind::Ec2InstanceSavingsPlans, 400, 100),
    ];
    assert_eq!(placed(purchases), [(false, 0, Some(3)), (false, 0, Some(3)), (true, 100, None)]);
}

#[test]
fn database_plans_are_held_against_all_reservations_that_they_replace() {
    let purchases = |plans| {
        vec![
            purchase(Kind::RdsReservation, 400, 60),
            purchase(Kind::CacheReservation, 200, 30),
            purchase(Kind::DatabaseSavingsPlans, 600, plans),
        ]
    };
    assert_eq!(placed(purchases(80)), [(true, 60, None), (true, 30, None), (false, 0, Some(1))]);
    assert_eq!(placed(purchases(95)), [(false, 0, Some(3)), (false, 0, Some(3)), (true, 95, None)]);
}

#[test]
fn purchases_of_different_services_add_up() {
    let purchases =
        vec![purchase(Kind::ComputeSavingsPlans, 400, 80), purchase(Kind::RedshiftReservation, 100, 20)];
    assert_eq!(placed(purchases), [(true, 80, None), (true, 20, None)]);
}

#[test]
fn savings_plans_alone_cover_functions_and_tasks() {
    let others = [finding(ConflictClass::Resize, Kind::LambdaFunction, 100, 40)];
    let left =
        |kind| reduce(vec![purchase(kind, 400, 80)], &others, &counting(&[40]), unlimited)[0].monthly_cost;
    assert_eq!((left(Kind::ComputeSavingsPlans), left(Kind::Ec2InstanceSavingsPlans)), (usd(360), usd(400)));
}
