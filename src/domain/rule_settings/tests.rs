//! Documents: what is wrong with them, what they change, and what an exclusion covers.

use super::*;
use crate::domain::{
    finding::{
        ActionType, Calculation, ConflictClass, Effort, Level, Remediation, Root, SavingsBasis, Subject,
    },
    inventory::ResourceKind,
    money::MicroUsd,
    region::Region,
};
use rstest::rstest;
use serde_json::json;

const RULES: [&str; 2] = ["ebs-volume-unattached", "ec2-instance-idle"];

fn now() -> Timestamp {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

fn account() -> AccountId {
    "123456789012".parse().unwrap()
}

fn document(value: Value) -> RuleSettings {
    serde_json::from_value(value).unwrap()
}

fn finding() -> Finding {
    let region: Region = "eu-west-1".parse().unwrap();
    let subject = Subject {
        kind: ResourceKind::Volume,
        region: region.clone(),
        id: "vol-1".into(),
        name: None,
        tags: [("env", "dev"), ("team", "shop")].into_iter().collect(),
    };
    Finding {
        rule: "ebs-volume-unattached",
        subject,
        root: Root::of(ResourceKind::Volume, &region, "vol-1"),
        class: ConflictClass::Remove,
        shrinks_all: false,
        action_type: ActionType::Delete,
        title: String::new(),
        current: Value::Null,
        recommended: Value::Null,
        monthly_cost: MicroUsd::ZERO,
        monthly_savings: MicroUsd::ZERO,
        calculation: Calculation::default(),
        cost_parts: Vec::new(),
        savings_parts: Vec::new(),
        after_discounts: None,
        sources: Vec::new(),
        basis: SavingsBasis::Exact,
        effort: Effort::Low,
        risk: Level::Low,
        confidence: Level::High,
        restart_needed: false,
        rollback_possible: false,
        look_back_days: None,
        evidence: Vec::new(),
        prices: Vec::new(),
        remediation: Remediation::default(),
    }
}

#[rstest]
#[case::a_threshold(json!({"thresholds": {"look_back_dayz": 3}}), "thresholds.look_back_dayz", "did you mean look_back_days")]
#[case::a_value(json!({"thresholds": {"look_back_days": 99}}), "thresholds.look_back_days", "1 to 63")]
#[case::a_rule(json!({"rules": {"ec2-instance-idl": false}}), "rules.ec2-instance-idl", "did you mean ec2-instance-idle")]
#[case::no_condition(json!({"exclusions": [{"reason": "x"}]}), "exclusions[0]", "give tags")]
#[case::no_reason(json!({"exclusions": [{"tags": ["a"], "reason": " "}]}), "exclusions[0].reason", "say why")]
#[case::its_rule(json!({"exclusions": [{"rules": ["x"], "reason": "y"}]}), "exclusions[0].rules[0]", "no such rule")]
#[case::in_the_past(
    json!({"exclusions": [{"tags": ["a"], "reason": "y", "until": "2026-07-01T12:00:00Z"}]}),
    "exclusions[0].until", "in the future"
)]
fn what_is_wrong_is_named(#[case] value: Value, #[case] field: &str, #[case] reason: &str) {
    let problems = document(value).problems(&RULES, now());
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].field, field);
    assert!(problems[0].reason.contains(reason), "{problems:?}");
}

#[test]
fn an_account_goes_over_its_organization() {
    let organization = document(json!({
        "thresholds": {"look_back_days": 30, "ebs_unattached_days": 7},
        "rules": {"ebs-volume-unattached": false, "ec2-instance-idle": false},
    }));
    let account =
        document(json!({"thresholds": {"look_back_days": 7}, "rules": {"ec2-instance-idle": true}}));
    let (mut thresholds, mut choice) = (Thresholds::default(), RuleChoice::default());
    for settings in [organization, account] {
        assert_eq!(settings.put_over(&mut thresholds, &mut choice), []);
    }
    assert_eq!((thresholds.look_back_days, thresholds.ebs_unattached_days), (7, 7));
    assert!(choice.switched_off("ebs-volume-unattached") && !choice.switched_off("ec2-instance-idle"));
}

#[test]
fn what_does_not_fit_any_more_is_left_out_and_told() {
    let kept = document(json!({"thresholds": {"of_an_older_version": 1, "look_back_days": 30}}));
    let (mut thresholds, mut choice) = (Thresholds::default(), RuleChoice::default());
    let problems = kept.put_over(&mut thresholds, &mut choice);
    assert_eq!(problems[0].field, "thresholds.of_an_older_version");
    assert_eq!(thresholds.look_back_days, 30);
}

#[test]
fn a_rule_that_is_asked_for_by_name_is_not_switched_off() {
    let mut choice = RuleChoice::only(&["ec2-instance-idle".to_owned()]);
    choice.switches.insert("ec2-instance-idle".into(), false);
    assert!(!choice.switched_off("ec2-instance-idle"));
}

#[rstest]
#[case::by_tag(json!({"tags": ["env==dev"]}), true)]
#[case::by_one_of_two_tags(json!({"tags": ["env==prod", "team"]}), true)]
#[case::not_by_all_of_two_tags(json!({"tags": ["env==prod", "team"], "tagMode": "all"}), false)]
#[case::by_all_of_two_tags(json!({"tags": ["env!=prod", "team=~/^sh/"], "tagMode": "all"}), true)]
#[case::by_account(json!({"accounts": ["123456789012"]}), true)]
#[case::not_by_another_account(json!({"accounts": ["123456789013"]}), false)]
#[case::by_region(json!({"regions": ["us-east-1", "eu-west-1"]}), true)]
#[case::by_id(json!({"resources": ["vol-1"]}), true)]
#[case::by_arn(json!({"resources": ["arn:aws:ec2:eu-west-1:123456789012:volume/vol-1"]}), true)]
#[case::not_by_the_arn_elsewhere(json!({"resources": ["arn:aws:ec2:us-east-1:123456789012:volume/vol-1"]}), false)]
#[case::by_rule(json!({"rules": ["ebs-volume-unattached"]}), true)]
#[case::all_conditions_must_hold(json!({"rules": ["ebs-volume-unattached"], "regions": ["us-east-1"]}), false)]
#[case::not_when_it_is_over(json!({"tags": ["env"], "until": "2026-07-01T11:00:00Z"}), false)]
#[case::while_it_lasts(json!({"tags": ["env"], "until": "2026-07-02T00:00:00Z"}), true)]
#[case::never_by_nothing(json!({}), false)]
fn what_an_exclusion_covers(#[case] mut exclusion: Value, #[case] covered: bool) {
    exclusion["reason"] = json!("x");
    let choice = RuleChoice {
        exclusions: document(json!({"exclusions": [exclusion]})).exclusions,
        ..RuleChoice::default()
    };
    assert_eq!(choice.exclusion_of(account(), &finding(), now()).is_some(), covered);
}

#[test]
fn unknown_fields_and_broken_expressions_are_refused() {
    for value in [json!({"threshold": {}}), json!({"exclusions": [{"tags": ["a=~/(/"], "reason": "x"}]})] {
        assert!(serde_json::from_value::<RuleSettings>(value).is_err());
    }
}
