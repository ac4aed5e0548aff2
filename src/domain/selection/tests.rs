//! What adds up, what excludes what, and that no total exceeds the cost.

use super::*;
use crate::domain::{
    cost::{CostHistory, DailyCost, ForeignAmount, ForeignCost},
    discount::Discounts,
    fixtures::{finding, usd},
    inventory::ResourceKind,
    price::PriceBook,
};
use jiff::{ToSpan, civil::Date};
use proptest::prelude::*;

fn counted(findings: &[Finding]) -> Vec<MicroUsd> {
    count(findings, select(findings)).iter().map(|s| s.counted).collect()
}

use ConflictClass::{Add, Pause, Remove, Resize};
use ResourceKind::{Instance, Volume};

#[test]
fn removal_beats_everything_on_its_root() {
    let findings = [
        finding(Resize, Volume, "vol-1", 10, 9),
        finding(Remove, Volume, "vol-1", 10, 5),
        finding(Add, Volume, "vol-1", 10, 1),
    ];
    assert_eq!(counted(&findings), [usd(0), usd(5), usd(0)]);
    let standings = select(&findings);
    assert_eq!(standings[0].alternative_to, Some(1));
    assert!(standings[1].selected && !standings[2].selected);
}

#[test]
fn pause_and_resize_stack_as_a_product() {
    let findings = [finding(Pause, Instance, "i-1", 100, 60), finding(Resize, Instance, "i-1", 100, 50)];
    assert_eq!(counted(&findings), [usd(60), usd(20)], "100 * (1 - 0.4 * 0.5) = 80");
}

#[test]
fn what_rests_all_the_time_is_not_also_resized() {
    let findings = [finding(Pause, Instance, "i-1", 100, 100), finding(Resize, Instance, "i-1", 100, 50)];
    let standings = select(&findings);
    assert!(!standings[1].selected);
    assert_eq!(standings[1].alternative_to, Some(0));
}

#[test]
fn of_two_resizes_one_counts() {
    let findings = [finding(Resize, Instance, "i-1", 100, 50), finding(Resize, Instance, "i-1", 100, 20)];
    assert_eq!(counted(&findings), [usd(50), usd(0)]);
    assert_eq!(select(&findings)[1].alternative_to, Some(0));
}

#[test]
fn a_doubtful_saving_loses_against_a_sure_one() {
    let mut doubtful = finding(Resize, Instance, "i-1", 100, 50);
    doubtful.confidence = Level::Low;
    assert_eq!(counted(&[doubtful, finding(Resize, Instance, "i-1", 100, 30)]), [usd(0), usd(30)]);
}

#[test]
fn a_removed_parent_takes_its_children_once() {
    let mut child = finding(Remove, Volume, "vol-1", 10, 5);
    child.root = child.root.child_of(Instance, ["i-1"]);
    let findings = [finding(Remove, Instance, "i-1", 20, 15), child];
    assert_eq!(counted(&findings), [usd(15), usd(0)]);
    assert_eq!(select(&findings)[1].alternative_to, Some(0));
}

#[test]
fn a_paused_parent_leaves_its_children_alone() {
    let mut child = finding(Resize, Volume, "vol-1", 10, 5);
    child.root = child.root.child_of(Instance, ["i-1"]);
    assert_eq!(counted(&[finding(Pause, Instance, "i-1", 20, 15), child]), [usd(15), usd(5)]);
}

#[test]
fn an_exposure_is_neither_chosen_nor_counted() {
    let mut exposure = finding(Resize, Instance, "i-1", 100, 90);
    exposure.basis = SavingsBasis::Exposure;
    let findings = [exposure, finding(Resize, Instance, "i-1", 100, 10)];
    assert_eq!(counted(&findings), [usd(0), usd(10)]);
}

fn spend(service: &str, days: i8, each: i64) -> CostHistory {
    let first: Date = "2026-05-31".parse().unwrap();
    let day = |n: i8| first.saturating_add(i64::from(n).days());
    let cost = |n| DailyCost { day: day(n), service: service.into(), amount: usd(each) };
    CostHistory { days: (0..days).map(cost).collect(), ..CostHistory::default() }
}

/// What holding the totals against the spend does, and the total that is left.
fn capped(findings: &[Finding], costs: Option<&CostHistory>) -> (Capped, MicroUsd) {
    let discounts = Discounts::of(findings, None, &PriceBook::default());
    let spend = Spend { discounts: &discounts, costs, today: "2026-07-01".parse().unwrap() };
    let mut standings = count(findings, select(findings));
    let capped = cap_by_spend(findings, &mut standings, &spend);
    (capped, standings.iter().map(|standing| standing.counted).sum())
}

#[test]
fn where_the_spend_is_not_known_nothing_is_lowered_and_the_reason_is_said() {
    let findings = [finding(Add, Volume, "vol-1", 500, 500)];
    let reason = |costs: Option<&CostHistory>| {
        let (capped, total) = capped(&findings, costs);
        assert_eq!((capped.lowered, total), (false, usd(500)));
        capped.skipped.unwrap()
    };
    assert_eq!(reason(None), "the costs by service could not be read");
    assert_eq!(reason(Some(&spend("EC2 - Other", 29, 10))), "30 days of costs are not known");
    let mut yuan = spend("EC2 - Other", 30, 10);
    yuan.foreign.push(ForeignCost {
        day: yuan.days[0].day,
        service: "EC2 - Other".into(),
        amount: ForeignAmount { currency: "CNY".into(), micros: 1 },
    });
    assert_eq!(reason(Some(&yuan)), "the account is billed in CNY");
}

#[test]
fn what_others_sell_is_not_there_to_be_saved() {
    let findings = [finding(Add, Volume, "vol-1", 500, 500)];
    let mut costs = spend("EC2 - Other", 30, 10);
    costs.days.extend(spend("Some Seller", 30, 100).days);
    costs.marketplace.insert("Some Seller".into());
    assert_eq!(capped(&findings, Some(&costs)).1, usd(300).scale(730, 720));
}

#[test]
fn the_better_choice_is_the_one_that_is_worth_more_after_discounts() {
    use crate::domain::discount::AfterDiscounts;
    let worth = |amount: i64| AfterDiscounts { now: Some(usd(amount)), ..AfterDiscounts::unknown("") };
    let mut covered = finding(Resize, Instance, "i-1", 100, 50);
    covered.after_discounts = Some(worth(10));
    let findings = [covered, finding(Resize, Instance, "i-1", 100, 20)];
    assert_eq!(counted(&findings), [usd(0), usd(20)]);
}

#[test]
fn no_service_saves_more_than_it_cost() {
    let findings = [finding(Add, Volume, "vol-1", 500, 500), finding(Add, Volume, "vol-2", 500, 250)];
    let (capped, total) = capped(&findings, Some(&spend("EC2 - Other", 30, 10)));
    assert_eq!(capped, Capped { lowered: true, skipped: None });
    assert!(total <= usd(300).scale(730, 720) && total > usd(304));
}

#[test]
fn absurd_savings_are_capped_like_others() {
    let findings =
        [finding(Add, Volume, "vol-1", i64::MAX, i64::MAX), finding(Add, Volume, "vol-2", 500, 500)];
    let (capped, total) = capped(&findings, Some(&spend("EC2 - Other", 30, 10)));
    assert!(capped.lowered && total <= usd(300).scale(730, 720), "{total}");
}

#[test]
fn a_standby_given_up_halves_what_its_storage_saves() {
    let mut standby = finding(Resize, Instance, "db", 200, 100);
    standby.shrinks_all = true;
    assert_eq!(counted(&[standby, finding(Add, Instance, "db", 80, 60)]), [usd(100), usd(30)]);
}

#[test]
fn pools_that_overlap_share_what_was_spent() {
    let mut gateway = finding(Remove, ResourceKind::NatGateway, "nat-1", 500, 400);
    gateway.root.name = "nat".into();
    let findings = [finding(Add, Volume, "vol-1", 500, 400), gateway];
    let (capped, total) = capped(&findings, Some(&spend("EC2 - Other", 30, 10)));
    assert!(capped.lowered && total <= usd(300).scale(730, 720), "{total}");
}

fn any_finding() -> impl Strategy<Value = Finding> {
    let class = prop_oneof![Just(Remove), Just(Pause), Just(Resize)];
    (class, 0..4_u8, 0..=100_i64)
        .prop_map(|(class, id, savings)| finding(class, Instance, &format!("i-{id}"), 100, savings))
}

proptest! {
    #[test]
    fn no_resource_saves_more_than_it_costs(findings in prop::collection::vec(any_finding(), 0..30)) {
        for id in 0..4 {
            let id = format!("i-{id}");
            let total: MicroUsd = findings.iter().zip(counted(&findings)).filter(|(f, _)| *f.subject.id == *id).map(|(_, c)| c).sum();
            prop_assert!(total <= usd(100));
        }
    }

    #[test]
    fn totals_do_not_depend_on_the_order(findings in prop::collection::vec(any_finding(), 0..30)) {
        let total: MicroUsd = counted(&findings).into_iter().sum();
        let mut reversed = findings;
        reversed.reverse();
        prop_assert_eq!(total, counted(&reversed).into_iter().sum::<MicroUsd>());
    }
}
