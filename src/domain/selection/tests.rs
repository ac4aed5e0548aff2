//! What adds up, what excludes what, and that no total exceeds the cost.

use super::*;
use crate::domain::{
    cost::DailyCost,
    finding::{ActionType, Calculation, Effort, Remediation, Subject},
    tags::Tags,
};
use jiff::ToSpan;
use proptest::prelude::*;

fn region() -> Region {
    "us-east-1".parse().unwrap()
}

fn usd(amount: i64) -> MicroUsd {
    MicroUsd::from_usd(amount)
}

fn finding(class: ConflictClass, kind: ResourceKind, id: &str, cost: i64, savings: i64) -> Finding {
    Finding {
        rule: "test",
        subject: Subject { kind, region: region(), id: id.into(), name: None, tags: Tags::default() },
        root: Root::of(kind, &region(), id),
        class,
        shrinks_all: false,
        action_type: ActionType::Delete,
        title: String::new(),
        current: serde_json::Value::Null,
        recommended: serde_json::Value::Null,
        monthly_cost: usd(cost),
        monthly_savings: usd(savings),
        calculation: Calculation::default(),
        cost_parts: Vec::new(),
        savings_parts: Vec::new(),
        basis: SavingsBasis::Exact,
        effort: Effort::Low,
        risk: Level::Low,
        confidence: Level::High,
        restart_needed: false,
        rollback_possible: true,
        look_back_days: None,
        evidence: vec![],
        prices: vec![],
        remediation: Remediation::default(),
    }
}

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
    CostHistory { days: (0..days).map(cost).collect() }
}

#[test]
fn no_service_saves_more_than_it_cost() {
    let findings = [finding(Add, Volume, "vol-1", 500, 500), finding(Add, Volume, "vol-2", 500, 250)];
    let today = "2026-07-01".parse().unwrap();
    let mut standings = count(&findings, select(&findings));
    assert!(cap_by_spend(&findings, &mut standings, &spend("EC2 - Other", 30, 10), today));
    let total: MicroUsd = standings.iter().map(|s| s.counted).sum();
    assert!(total <= usd(300).scale(730, 720) && total > usd(304));

    let mut unknown = count(&findings, select(&findings));
    assert!(!cap_by_spend(&findings, &mut unknown, &spend("EC2 - Other", 29, 10), today), "a day is missing");
}

#[test]
fn absurd_savings_are_capped_like_others() {
    let findings =
        [finding(Add, Volume, "vol-1", i64::MAX, i64::MAX), finding(Add, Volume, "vol-2", 500, 500)];
    let mut standings = count(&findings, select(&findings));
    let today = "2026-07-01".parse().unwrap();
    assert!(cap_by_spend(&findings, &mut standings, &spend("EC2 - Other", 30, 10), today));
    let total: MicroUsd = standings.iter().map(|s| s.counted).sum();
    assert!(total <= usd(300).scale(730, 720), "{total}");
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
    let mut standings = count(&findings, select(&findings));
    let today = "2026-07-01".parse().unwrap();
    assert!(cap_by_spend(&findings, &mut standings, &spend("EC2 - Other", 30, 10), today));
    let total: MicroUsd = standings.iter().map(|s| s.counted).sum();
    assert!(total <= usd(300).scale(730, 720), "{total}");
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
