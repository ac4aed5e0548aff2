//! Which schedule a resource follows.

use crate::domain::{
    ids::{AssignmentId, OverrideId, ScheduleId, UserId},
    schedule::{
        Assignment, Config, Desired, KnownSchedule, NoPlan, Override, OverrideScope, OverrideState, Schedule,
        ScheduleKey, Target, TargetKind,
    },
    tags::Tags,
};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::json;
use uuid::Uuid;

fn now() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn id(number: u128) -> ScheduleId {
    ScheduleId::from_uuid(Uuid::from_u128(number))
}

/// Schedules 1 office, 2 night (suspended), 3 lab, 4 with a calendar that is not there.
fn config() -> Config {
    let mut config = Config::default();
    for (number, name) in [(1, "office"), (2, "night"), (3, "lab"), (4, "holidays")] {
        let holidays = if name == "holidays" { vec!["nowhere"] } else { Vec::new() };
        let document = json!({"name": name, "timezone": "UTC", "holidays": holidays,
            "periods": [{"begin": "07:00", "end": "19:00"}]});
        let known = KnownSchedule {
            key: ScheduleKey { id: id(number), revision: 1 },
            schedule: Schedule::from_value(&document).unwrap(),
            suspended: name == "night",
            changed_at: now(),
        };
        config.schedules.insert(name.into(), known);
    }
    config
}

fn target() -> Target {
    Target {
        account: "123456789012".parse().unwrap(),
        region: "eu-central-1".parse().unwrap(),
        kind: TargetKind::Instance,
        id: "i-1".into(),
    }
}

fn assignment(schedule: u128, region: Option<&str>, tag: Option<(&str, &str)>) -> Assignment {
    Assignment {
        id: AssignmentId::generate(),
        schedule: id(schedule),
        account: target().account,
        region: region.map(|region| region.parse().unwrap()),
        tag: tag.map(|(key, value)| (key.into(), value.into())),
        created_at: now(),
    }
}

fn plan(config: &Config, tags: &[(&str, &str)]) -> Result<String, NoPlan> {
    let tags: Tags = tags.iter().copied().collect();
    config.prepare(now()).plan_of(&target(), &tags).map(|plan| plan.name.to_owned())
}

const GATE: (&str, &str) = ("Scheduler", "Enabled");

#[rstest]
#[case(&[], Err(NoPlan::NotTagged))]
#[case(&[("Schedule", "office")], Err(NoPlan::NotTagged))]
#[case(&[("Scheduler", "enabled"), ("Schedule", "office")], Err(NoPlan::NotTagged))]
#[case(&[("scheduler", "Enabled"), ("Schedule", "office")], Err(NoPlan::NotTagged))]
#[case(&[GATE], Err(NoPlan::NoSchedule))]
#[case(&[GATE, ("Schedule", "office")], Ok("office"))]
#[case(&[GATE, ("Schedule", "Office")], Err(NoPlan::UnknownSchedule))]
#[case(&[GATE, ("Schedule", "")], Err(NoPlan::UnknownSchedule))]
#[case(&[GATE, ("Schedule", "ignore")], Err(NoPlan::Exempt))]
#[case(&[GATE, ("Schedule", "night")], Err(NoPlan::ScheduleSuspended))]
#[case(&[GATE, ("Schedule", "holidays")], Err(NoPlan::UnknownCalendar))]
fn the_tag_names_the_schedule(#[case] tags: &[(&str, &str)], #[case] expected: Result<&str, NoPlan>) {
    assert_eq!(plan(&config(), tags), expected.map(str::to_owned));
}

#[test]
fn the_most_specific_assignment_wins_and_the_tag_beats_them_all() {
    let mut config = config();
    let tags = [GATE, ("team", "red")];
    for (schedule, region, tag, expected) in [
        (1, None, None, "office"),
        (3, Some("eu-central-1"), None, "lab"),
        (1, None, Some(("team", "red")), "office"),
        (3, Some("eu-central-1"), Some(("team", "red")), "lab"),
    ] {
        config.assignments.insert(0, assignment(schedule, region, tag));
        config.assignments.push(assignment(1, Some("us-east-1"), None));
        config.assignments.push(assignment(1, None, Some(("team", "blue"))));
        assert_eq!(plan(&config, &tags), Ok(expected.to_owned()));
    }
    assert_eq!(plan(&config, &[GATE, ("team", "red"), ("Schedule", "office")]), Ok("office".to_owned()));
    config.assignments.iter_mut().for_each(|assignment| assignment.account = "210987654321".parse().unwrap());
    assert_eq!(plan(&config, &tags), Err(NoPlan::NoSchedule));
}

#[test]
fn equally_specific_assignments_must_agree() {
    let mut config = config();
    config.assignments =
        vec![assignment(1, None, Some(("team", "red"))), assignment(3, None, Some(("env", "dev")))];
    let tags = [GATE, ("team", "red"), ("env", "dev")];
    assert_eq!(plan(&config, &tags), Err(NoPlan::AmbiguousAssignment));
    config.assignments[1].schedule = id(1);
    assert_eq!(plan(&config, &tags), Ok("office".to_owned()));
    config.assignments = vec![assignment(9, None, None)];
    assert_eq!(plan(&config, &[GATE]), Err(NoPlan::UnknownSchedule));
}

#[test]
fn a_suspended_account_has_no_plans() {
    let mut config = config();
    config.suspended_accounts.insert(target().account);
    assert_eq!(plan(&config, &[GATE, ("Schedule", "office")]), Err(NoPlan::AccountSuspended));
    assert_eq!(plan(&config, &[GATE, ("Schedule", "ignore")]), Err(NoPlan::Exempt));
}

fn overridden(config: &mut Config, number: u128, scope: OverrideScope, state: OverrideState) {
    config.overrides.push(Override {
        id: OverrideId::from_uuid(Uuid::from_u128(number)),
        scope,
        state,
        reason: String::new(),
        from: now() - SignedDuration::from_hours(1),
        until: now() + SignedDuration::from_hours(1),
        actor: UserId::from_uuid(Uuid::nil()),
        actor_name: String::new(),
    });
}

#[test]
fn an_override_on_the_resource_beats_one_on_its_schedule_and_the_newest_wins() {
    let mut config = config();
    let tags: Tags = [GATE, ("Schedule", "office")].into_iter().collect();
    let desired =
        |config: &Config| config.prepare(now()).plan_of(&target(), &tags).unwrap().desired_at(now());
    assert_eq!(desired(&config), Desired::Running);
    overridden(&mut config, 5, OverrideScope::Schedule(id(1)), OverrideState::Stopped);
    overridden(&mut config, 4, OverrideScope::Schedule(id(1)), OverrideState::Leave);
    overridden(&mut config, 6, OverrideScope::Schedule(id(3)), OverrideState::Running);
    assert_eq!(desired(&config), Desired::Stopped);
    overridden(&mut config, 3, OverrideScope::Resource(target()), OverrideState::Leave);
    assert_eq!(desired(&config), Desired::None);
    let other = Target { id: "i-2".into(), ..target() };
    overridden(&mut config, 9, OverrideScope::Resource(other), OverrideState::Running);
    assert_eq!(desired(&config), Desired::None);
}

#[test]
fn the_next_ten_changes_include_overrides() {
    let mut config = config();
    overridden(&mut config, 1, OverrideScope::Resource(target()), OverrideState::Stopped);
    let prepared = config.prepare(now());
    let tags: Tags = [GATE, ("Schedule", "office")].into_iter().collect();
    let plan = prepared.plan_of(&target(), &tags).unwrap();
    let shown: Vec<String> =
        plan.next_ten(now()).iter().map(|c| format!("{} {}", c.at.strftime("%d %H:%M"), c.state)).collect();
    assert_eq!(shown.len(), 10);
    assert_eq!(shown[..3], ["02 13:00 running", "02 19:00 stopped", "03 07:00 running"]);
}
