//! The sentences of the manual about actions, one by one, each as a short story of one resource.

use super::{Decision, Reason, decide};
use crate::domain::ids::{OverrideId, ScheduleId, UserId};
use crate::domain::schedule::{
    Action, Calendar, Config, Facts, KnownSchedule, Memory, Observed, Override, OverrideScope, OverrideState,
    Power, Schedule, ScheduleKey, Target, TargetKind,
};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

mod faults;

/// Of March 2026; the 2nd is a Monday.
fn at(day_and_time: &str) -> Timestamp {
    let (day, time) = day_and_time.split_once(' ').unwrap();
    format!("2026-03-{day}T{time}:00Z").parse().unwrap()
}

/// One resource that follows a schedule, on from 07:00 to 19:00 UTC from Monday to Friday.
struct Story {
    config: Config,
    seen: Observed,
    memory: Option<Memory>,
}

impl Story {
    fn new(options: Value) -> Self {
        Self::of(options, json!([{"begin": "07:00", "end": "19:00", "weekdays": ["mon-fri"]}]))
    }

    fn of(options: Value, periods: Value) -> Self {
        let target = Target {
            account: "123456789012".parse().unwrap(),
            region: "eu-central-1".parse().unwrap(),
            kind: TargetKind::Instance,
            id: "i-1".into(),
        };
        let tags = [("Scheduler", "Enabled"), ("Schedule", "office")].into_iter().collect();
        let (power, seen_at, facts) = (Power::Running, at("01 00:00"), Facts::default());
        let seen = Observed { target, name: None, tags, power, seen_at, facts };
        let mut story = Self { config: Config::default(), seen, memory: None };
        story.edit(options, periods, 1, "01 00:00");
        story
    }

    /// Another text, as of some time.
    fn edit(&mut self, options: Value, periods: Value, revision: i64, since: &str) {
        let document = json!({"name": "office", "timezone": "UTC", "options": options, "periods": periods});
        let key = ScheduleKey { id: ScheduleId::from_uuid(Uuid::from_u128(1)), revision };
        let schedule = Schedule::from_value(&document).unwrap();
        let known = KnownSchedule { key, schedule, suspended: false, changed_at: at(since) };
        self.config.schedules.insert("office".into(), known);
    }

    /// Has been seen and is as wanted since Sunday night.
    fn settled(mut self) -> Self {
        self.seen.power = Power::Stopped;
        assert_eq!(self.look("01 12:00").reason, Reason::AlreadyThere);
        self
    }

    fn overridden(&mut self, state: OverrideState, from: &str, until: &str) {
        self.config.overrides.push(Override {
            id: OverrideId::from_uuid(Uuid::from_u128(self.config.overrides.len() as u128)),
            scope: OverrideScope::Resource(self.seen.target.clone()),
            state,
            reason: "release".into(),
            from: at(from),
            until: at(until),
            actor: UserId::from_uuid(Uuid::nil()),
            actor_name: "ada".into(),
        });
    }

    fn look(&mut self, now: &str) -> Decision {
        let now = at(now);
        let prepared = self.config.prepare(now);
        let plan = prepared.plan_for(&self.seen).unwrap();
        let decision = decide(&plan, &self.seen, self.memory.as_ref(), now);
        self.memory = Some(decision.memory.clone());
        decision
    }

    /// Looks, and what is to be done is done at once.
    fn tick(&mut self, now: &str) -> (Option<Action>, Reason) {
        let decision = self.look(now);
        if let Some(action) = decision.action {
            self.accepted(action, now);
        }
        (decision.action, decision.reason)
    }

    fn accepted(&mut self, action: Action, now: &str) {
        self.memory =
            self.memory.take().map(|memory| memory.after_accepted(action, at(now)).after_verified());
        self.seen.power = action.leads_to();
    }

    fn by_hand(&mut self, power: Power, when: &str) {
        self.seen.power = power;
        if power == Power::Running {
            self.seen.facts.launched_at = Some(at(when));
        }
    }
}

const START: Option<Action> = Some(Action::Start);
const STOP: Option<Action> = Some(Action::Stop);

#[test]
fn a_week_starts_and_stops_each_working_day() {
    let mut story = Story::new(json!({})).settled();
    let mut done = Vec::new();
    let mut now = at("02 00:00");
    while now < at("09 00:00") {
        let text = now.strftime("%d %H:%M").to_string();
        if let (Some(action), reason) = story.tick(&text) {
            assert_eq!(reason, Reason::ScheduleChange);
            done.push(format!("{text} {action}"));
        }
        now += SignedDuration::from_mins(15);
    }
    let expected: Vec<String> =
        (2..=6).flat_map(|day| [format!("0{day} 07:00 start"), format!("0{day} 19:00 stop")]).collect();
    assert_eq!(done, expected);
}

#[test]
fn a_manual_stop_or_start_is_respected_until_the_next_change() {
    let mut story = Story::new(json!({})).settled();
    assert_eq!(story.tick("02 07:00"), (START, Reason::ScheduleChange));
    story.by_hand(Power::Stopped, "02 10:00");
    assert_eq!(story.tick("02 10:01"), (None, Reason::Unchanged));
    assert_eq!(story.tick("02 19:00"), (None, Reason::AlreadyThere));
    story.by_hand(Power::Running, "02 22:00");
    assert_eq!(story.tick("02 22:01"), (None, Reason::Unchanged));
    assert_eq!(story.tick("03 07:00"), (None, Reason::AlreadyThere));
    assert_eq!(story.tick("03 19:00"), (STOP, Reason::ScheduleChange), "it is stopped at the period's end");
}

#[test]
fn a_quiet_tick_remembers_nothing_new() {
    let mut story = Story::new(json!({"enforce": true, "keepStartedByHand": true})).settled();
    story.tick("02 07:00");
    let before = story.memory.clone();
    for now in ["02 07:01", "02 12:00", "02 18:59"] {
        assert_eq!(story.tick(now), (None, Reason::Unchanged));
        assert_eq!(story.memory, before);
    }
}

#[test]
fn enforce_brings_the_state_back() {
    let mut story = Story::new(json!({"enforce": true})).settled();
    story.tick("02 07:00");
    story.by_hand(Power::Stopped, "02 10:00");
    assert_eq!(story.tick("02 10:01"), (START, Reason::Enforced));
    story.tick("02 19:00");
    story.by_hand(Power::Running, "02 19:02");
    assert_eq!(
        story.tick("02 19:03"),
        (None, Reason::WaitingForStableState),
        "AWS may show the old state for a while"
    );
    assert_eq!(story.tick("02 19:05"), (STOP, Reason::Enforced));
}

#[test]
fn what_was_started_by_hand_before_its_period_may_stay() {
    let mut story = Story::new(json!({"keepStartedByHand": true})).settled();
    story.by_hand(Power::Running, "02 06:00");
    assert_eq!(story.tick("02 06:00"), (None, Reason::Unchanged));
    assert_eq!(story.tick("02 07:00"), (None, Reason::AlreadyThere));
    assert_eq!(story.tick("02 19:00"), (None, Reason::KeptStartedByHand));
    assert_eq!(story.tick("02 19:01"), (None, Reason::Unchanged));
    assert_eq!(story.tick("03 07:00"), (None, Reason::AlreadyThere));
    assert_eq!(story.tick("03 19:00"), (None, Reason::KeptStartedByHand), "until somebody stops it");
    story.by_hand(Power::Stopped, "03 20:00");
    story.tick("03 20:00");
    assert_eq!(story.tick("04 07:00"), (START, Reason::ScheduleChange));
    assert_eq!(story.tick("04 19:00"), (STOP, Reason::ScheduleChange));
}

#[test]
fn what_was_started_within_its_period_or_by_tuner_is_stopped() {
    let mut story = Story::new(json!({"keepStartedByHand": true})).settled();
    story.by_hand(Power::Running, "02 07:10");
    assert_eq!(story.tick("02 07:30"), (None, Reason::AlreadyThere), "the look came late");
    assert_eq!(story.tick("02 19:00"), (STOP, Reason::ScheduleChange));
    assert_eq!(story.tick("03 07:00"), (START, Reason::ScheduleChange));
    assert_eq!(story.tick("04 08:30"), (None, Reason::AlreadyThere), "the stop of the 3rd was missed");
    assert_eq!(story.tick("04 19:00"), (STOP, Reason::ScheduleChange));
}

#[rstest]
#[case(json!({}), Power::Running, "01 12:00", STOP, Reason::FirstSight)]
#[case(json!({"stopNew": false}), Power::Running, "01 12:00", None, Reason::NewLeftAlone)]
#[case(json!({}), Power::Stopped, "02 12:00", None, Reason::NewLeftAlone)]
#[case(json!({"startNew": true}), Power::Stopped, "02 12:00", START, Reason::FirstSight)]
#[case(json!({"enforce": true}), Power::Stopped, "02 12:00", START, Reason::FirstSight)]
#[case(json!({}), Power::Running, "02 12:00", None, Reason::AlreadyThere)]
#[case(json!({}), Power::Changing, "01 12:00", None, Reason::WaitingForStableState)]
#[case(json!({}), Power::Gone, "01 12:00", None, Reason::Gone)]
fn at_first_sight(
    #[case] options: Value,
    #[case] power: Power,
    #[case] now: &str,
    #[case] action: Option<Action>,
    #[case] reason: Reason,
) {
    let mut story = Story::new(options);
    story.seen.power = power;
    assert_eq!(story.tick(now), (action, reason));
    let after = story.tick("02 12:30");
    assert!(after.0.is_none() || power == Power::Changing, "once is enough: {after:?}");
}

#[test]
fn a_new_one_that_was_left_alone_follows_from_the_next_change_on() {
    let mut story = Story::new(json!({"stopNew": false}));
    assert_eq!(story.tick("01 12:00"), (None, Reason::NewLeftAlone));
    assert_eq!(story.tick("02 07:00"), (None, Reason::AlreadyThere));
    assert_eq!(story.tick("02 19:00"), (STOP, Reason::ScheduleChange));
}

#[test]
fn a_new_one_that_changes_state_keeps_its_reason() {
    let mut story = Story::new(json!({}));
    story.seen.power = Power::Changing;
    story.tick("01 12:00");
    story.seen.power = Power::Running;
    assert_eq!(story.tick("01 12:01"), (STOP, Reason::FirstSight));
}

#[test]
fn another_schedule_is_a_first_sight() {
    let mut story = Story::new(json!({})).settled();
    let night = json!({"name": "night", "timezone": "UTC", "periods": [{"begin": "20:00", "end": "06:00"}]});
    let key = ScheduleKey { id: ScheduleId::from_uuid(Uuid::from_u128(2)), revision: 1 };
    let schedule = Schedule::from_value(&night).unwrap();
    let known = KnownSchedule { key, schedule, suspended: false, changed_at: at("01 00:00") };
    story.config.schedules.insert("night".into(), known);
    story.tick("02 07:00");
    story.seen.tags = [("Scheduler", "Enabled"), ("Schedule", "night")].into_iter().collect();
    assert_eq!(
        story.tick("02 07:02"),
        (None, Reason::TooSoon),
        "never two opposite actions within five minutes"
    );
    assert_eq!(story.tick("02 07:05"), (STOP, Reason::FirstSight));
}

#[test]
fn an_edit_counts_from_when_it_was_made() {
    let mut story = Story::new(json!({})).settled();
    story.tick("02 07:00");
    let short = json!([{"begin": "07:00", "end": "12:00", "weekdays": ["mon-fri"]}]);
    story.edit(json!({}), short.clone(), 2, "02 15:00");
    assert_eq!(story.tick("02 15:00"), (STOP, Reason::ScheduleChange));
    let mut late = Story::new(json!({})).settled();
    late.tick("02 07:00");
    late.edit(json!({}), short, 2, "02 13:00");
    assert_eq!(late.tick("02 15:00"), (None, Reason::Missed));
}

#[test]
fn an_edit_that_wants_the_same_does_nothing() {
    let mut story = Story::new(json!({})).settled();
    story.tick("02 07:00");
    story.by_hand(Power::Stopped, "02 09:00");
    story.edit(json!({}), json!([{"begin": "06:00", "end": "20:00"}]), 2, "02 10:00");
    assert_eq!(story.tick("02 10:00"), (None, Reason::Unchanged));
    assert_eq!(story.memory.as_ref().unwrap().schedule.revision, 2);
    assert_eq!(story.tick("02 20:00"), (None, Reason::AlreadyThere));
}

#[test]
fn a_start_only_schedule_starts_every_day() {
    let mut story = Story::of(json!({}), json!([{"begin": "08:00"}]));
    story.seen.power = Power::Stopped;
    assert_eq!(story.tick("01 06:00"), (None, Reason::NoOpinion));
    for day in ["02", "03", "04"] {
        assert_eq!(story.tick(&format!("{day} 08:00")), (START, Reason::ScheduleChange));
        story.by_hand(Power::Stopped, "02 20:00");
        assert_eq!(story.tick(&format!("{day} 21:00")), (None, Reason::Unchanged));
        assert_eq!(story.tick(&format!("{day} 23:59")), (None, Reason::Unchanged));
        assert_eq!(
            story.tick(&format!("0{} 00:00", 1 + day.parse::<u8>().unwrap())),
            (None, Reason::NoOpinion)
        );
    }
}

#[test]
fn a_holiday_leaves_out_the_start_and_not_the_stop() {
    let mut story = Story::new(json!({}));
    let document = json!({"name": "office", "timezone": "UTC", "holidays": ["h"], "periods": [{"begin": "07:00", "end": "19:00"}]});
    story.config.schedules.get_mut("office").unwrap().schedule = Schedule::from_value(&document).unwrap();
    let calendar = Calendar::parse(r#"{"name": "h", "dates": ["2026-03-03"]}"#).unwrap();
    story.config.calendars.insert("h".into(), calendar);
    story.seen.power = Power::Stopped;
    story.tick("02 20:00");
    assert_eq!(story.tick("03 07:00"), (None, Reason::HolidayNoStart));
    story.by_hand(Power::Running, "03 10:00");
    assert_eq!(story.tick("03 10:00"), (None, Reason::HolidayNoStart));
    assert_eq!(story.tick("03 19:00"), (STOP, Reason::ScheduleChange));
    assert_eq!(story.tick("04 07:00"), (START, Reason::ScheduleChange));
}

#[test]
fn an_override_decides_until_its_end_and_then_the_schedule_s_state_is_applied() {
    let mut story = Story::new(json!({})).settled();
    story.tick("02 07:00");
    story.overridden(OverrideState::Running, "02 18:00", "02 21:30");
    assert_eq!(story.tick("02 18:00"), (None, Reason::AlreadyThere));
    assert_eq!(story.tick("02 19:00"), (None, Reason::Unchanged));
    assert_eq!(story.look("02 19:00").next_change_at, Some(at("02 21:30")));
    assert_eq!(story.tick("02 21:30"), (STOP, Reason::OverrideChange));
    assert_eq!(story.tick("03 07:00"), (START, Reason::ScheduleChange));
}

#[test]
fn an_override_acts_on_what_was_changed_by_hand_and_on_new_ones() {
    let mut story = Story::new(json!({})).settled();
    story.tick("02 07:00");
    story.by_hand(Power::Stopped, "02 14:00");
    story.overridden(OverrideState::Running, "02 15:00", "02 16:00");
    assert_eq!(story.tick("02 15:00"), (START, Reason::OverrideChange));
    let mut new = Story::new(json!({"startNew": false}));
    new.seen.power = Power::Stopped;
    new.overridden(OverrideState::Running, "01 10:00", "01 16:00");
    assert_eq!(new.tick("01 12:00"), (START, Reason::FirstSight));
}

#[test]
fn leave_is_hands_off() {
    let mut story = Story::new(json!({"enforce": true})).settled();
    story.tick("02 07:00");
    story.overridden(OverrideState::Leave, "02 18:00", "04 12:00");
    assert_eq!(story.tick("02 18:00"), (None, Reason::OverrideLeave));
    assert_eq!(story.tick("02 19:00"), (None, Reason::OverrideLeave));
    assert_eq!(story.tick("03 22:00"), (None, Reason::OverrideLeave));
    let decision = story.look("04 12:00");
    assert_eq!((decision.reason, decision.missed), (Reason::AlreadyThere, 0), "changes in it are not missed");
}

#[test]
fn an_override_s_end_is_caught_up_by_its_own_time() {
    let mut story = Story::new(json!({})).settled();
    story.tick("02 07:00");
    story.overridden(OverrideState::Running, "02 18:00", "02 21:30");
    let decision = story.look("02 22:15");
    assert_eq!((decision.action, decision.due_at), (STOP, at("02 21:30")));
}
