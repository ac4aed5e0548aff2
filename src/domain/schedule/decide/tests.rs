//! The sentences of the manual about actions, one by one, each as a short story of one resource.

use super::{Decision, Reason, decide};
use crate::domain::ids::{OverrideId, ScheduleId, UserId};
use crate::domain::schedule::{
    Action, Calendar, Config, Desired, Facts, KnownSchedule, Memory, Observed, OffSpan, Override,
    OverrideScope, OverrideState, Power, Schedule, ScheduleKey, Target, TargetKind,
};
use jiff::{SignedDuration, Timestamp, ToSpan};
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

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
fn a_late_tick_catches_up_within_the_window() {
    let mut story = Story::new(json!({})).settled();
    let decision = story.look("02 08:00");
    assert_eq!((decision.action, decision.due_at, decision.missed), (START, at("02 07:00"), 0));
    let mut story = Story::new(json!({"catchUpMinutes": 0})).settled();
    assert_eq!(story.tick("02 07:00"), (START, Reason::ScheduleChange));
}

#[test]
fn what_is_older_is_missed_once_and_for_all() {
    let mut story = Story::new(json!({})).settled();
    let decision = story.look("02 08:01");
    assert_eq!((decision.action, decision.reason, decision.missed), (None, Reason::Missed, 1));
    let decision = story.look("02 08:02");
    assert_eq!((decision.action, decision.reason, decision.missed), (None, Reason::Unchanged, 0));
    assert_eq!(story.tick("02 19:00"), (None, Reason::AlreadyThere));
    assert_eq!(story.tick("03 07:00"), (START, Reason::ScheduleChange));
}

#[test]
fn after_days_without_a_tick_only_the_last_change_is_applied() {
    let mut story = Story::new(json!({})).settled();
    story.tick("02 07:00");
    let decision = story.look("04 19:30");
    assert_eq!((decision.action, decision.due_at), (STOP, at("04 19:00")));
    assert_eq!(decision.missed, 4, "two stops and two starts");
    assert_eq!(story.look("04 19:31").missed, 0);
}

#[test]
fn a_change_there_and_back_while_nobody_looked_is_a_change() {
    let mut story = Story::new(json!({})).settled();
    story.by_hand(Power::Running, "02 12:00");
    let decision = story.look("02 19:10");
    assert_eq!((decision.action, decision.missed), (STOP, 1));
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

#[test]
fn opposite_actions_are_five_minutes_apart() {
    let mut story =
        Story::of(json!({}), json!([{"begin": "07:00", "end": "07:02"}, {"begin": "07:04", "end": "12:00"}]));
    story.seen.power = Power::Stopped;
    story.tick("02 06:00");
    assert_eq!(story.tick("02 07:00"), (START, Reason::ScheduleChange));
    assert_eq!(story.tick("02 07:02"), (None, Reason::TooSoon));
    assert_eq!(story.tick("02 07:03"), (None, Reason::TooSoon));
    let decision = story.look("02 07:04");
    assert_eq!((decision.action, decision.reason, decision.missed), (None, Reason::AlreadyThere, 1));
    assert_eq!(story.tick("02 12:00"), (STOP, Reason::ScheduleChange));
}

#[test]
fn what_is_not_stable_waits_and_does_not_grow_too_old() {
    let mut story = Story::new(json!({})).settled();
    story.seen.power = Power::Changing;
    assert_eq!(story.tick("02 07:30"), (None, Reason::WaitingForStableState));
    assert_eq!(story.tick("02 09:00"), (None, Reason::WaitingForStableState));
    story.seen.power = Power::Stopped;
    let decision = story.look("02 09:01");
    assert_eq!(
        (decision.action, decision.reason, decision.due_at),
        (START, Reason::ScheduleChange, at("02 07:00"))
    );
}

#[test]
fn what_waits_for_an_approval_is_overtaken_by_the_next_change() {
    let mut story = Story::new(json!({})).settled();
    story.tick("02 07:00");
    assert_eq!(story.look("02 19:00").action, STOP);
    assert_eq!(story.look("02 22:00").action, STOP, "asked again, not too old");
    let decision = story.look("03 07:00");
    assert_eq!((decision.action, decision.reason, decision.missed), (None, Reason::AlreadyThere, 1));
}

#[test]
fn failures_are_tried_again_ever_more_slowly() {
    let mut story = Story::new(json!({})).settled();
    assert_eq!(story.look("02 07:00").action, START);
    let fail = |story: &mut Story, now: &str| {
        let failed =
            |memory: Memory| memory.after_failed(Action::Start, "InsufficientInstanceCapacity", at(now));
        story.memory = story.memory.take().map(failed);
    };
    let mut now = "02 07:00".to_owned();
    for minutes in [5, 10, 20, 40, 60, 60] {
        fail(&mut story, &now);
        let again = at(&now) + minutes.minutes();
        let early = (again - 1.minute()).strftime("%d %H:%M").to_string();
        assert_eq!(story.look(&early).reason, Reason::WaitingForRetry);
        assert_eq!(story.look(&early).look_again_at, again);
        now = again.strftime("%d %H:%M").to_string();
        let decision = story.look(&now);
        assert_eq!((decision.action, decision.reason), (START, Reason::RetryAfterFailure), "{now}");
    }
    assert_eq!(story.tick("02 19:00"), (None, Reason::AlreadyThere), "the stop ends it");
    assert_eq!(story.memory.unwrap().retry, None);
}

#[test]
fn a_start_that_falls_back_to_stopped_is_tried_again() {
    let mut story = Story::new(json!({})).settled();
    assert_eq!(story.tick("02 07:00"), (START, Reason::ScheduleChange));
    story.seen.power = Power::Stopped;
    let failed = |memory: Memory| memory.after_failed(Action::Start, "Client.InternalError", at("02 07:02"));
    story.memory = story.memory.take().map(failed);
    assert_eq!(story.tick("02 07:03"), (None, Reason::WaitingForRetry));
    assert_eq!(story.tick("02 07:07"), (START, Reason::RetryAfterFailure));
    assert_eq!(story.tick("02 07:08"), (None, Reason::Unchanged));
}

#[test]
fn what_is_refused_is_tried_again_in_an_hour_and_a_hand_may_help() {
    let mut story = Story::new(json!({})).settled();
    story.tick("02 07:00");
    story.look("02 19:00");
    let refused =
        |memory: Memory| memory.after_refused(Action::Stop, "UnauthorizedOperation", at("02 19:00"));
    story.memory = story.memory.take().map(refused);
    assert_eq!(story.tick("02 19:59"), (None, Reason::WaitingForRetry));
    story.by_hand(Power::Stopped, "02 20:00");
    assert_eq!(story.tick("02 20:00"), (None, Reason::AlreadyThere));
    assert_eq!(story.memory.unwrap().off_since, None, "not Tuner's doing");
}

#[test]
fn a_call_without_an_answer_is_settled_by_the_next_look() {
    let mut story = Story::new(json!({})).settled();
    story.tick("02 07:00");
    story.look("02 19:00");
    story.memory = story.memory.take().map(|memory| memory.after_unknown(Action::Stop, at("02 19:00")));
    story.seen.power = Power::Stopped;
    assert_eq!(story.tick("02 19:01"), (None, Reason::AlreadyThere));
    assert_eq!(story.memory.unwrap().off_since, Some(at("02 19:00")));
}

fn database() -> Story {
    let mut story =
        Story::of(json!({}), json!([{"begin": "07:00", "end": "19:00", "monthDays": ["2", "20"]}]));
    story.seen.target.kind = TargetKind::DbInstance;
    story.tick("02 08:00");
    assert_eq!(story.tick("02 19:00"), (STOP, Reason::ScheduleChange));
    story.seen.facts.automatic_restart_at = Some(at("09 19:05"));
    story.tick("02 19:30");
    story
}

#[test]
fn a_database_that_aws_restarts_after_seven_days_is_stopped_again() {
    let mut story = database();
    story.seen.facts.automatic_restart_at = None;
    story.seen.power = Power::Changing;
    assert_eq!(story.tick("09 19:06"), (None, Reason::Unchanged));
    story.seen.power = Power::Running;
    let decision = story.look("09 19:20");
    assert_eq!(
        (decision.action, decision.reason, decision.due_at),
        (STOP, Reason::RestartedByAws, at("09 19:05"))
    );
    assert_eq!(decision.off, Some(OffSpan { from: at("02 19:00"), until: at("09 19:05") }));
    story.accepted(Action::Stop, "09 19:20");
    assert_eq!(story.tick("09 19:21"), (None, Reason::Unchanged));
    assert_eq!(story.memory.as_ref().unwrap().off_since, Some(at("09 19:20")));
    assert_eq!(
        story.memory.unwrap().restart_due,
        Some(at("16 19:20")),
        "where AWS does not say, seven days later"
    );
}

#[test]
fn a_database_that_somebody_starts_before_that_is_left_alone() {
    let mut story = database();
    story.seen.facts.automatic_restart_at = None;
    story.seen.power = Power::Changing;
    assert_eq!(story.tick("05 10:00"), (None, Reason::Unchanged));
    story.seen.power = Power::Running;
    assert_eq!(story.tick("05 10:10"), (None, Reason::Unchanged));
    assert_eq!(story.tick("09 19:20"), (None, Reason::Unchanged));
}

#[test]
fn only_time_off_that_tuner_brought_about_is_counted() {
    let mut story = Story::new(json!({})).settled();
    assert_eq!(story.look("02 07:00").off, None, "it was off before Tuner came");
    story.accepted(Action::Start, "02 07:00");
    story.tick("02 19:00");
    let night = OffSpan { from: at("02 19:00"), until: at("03 07:00") };
    assert_eq!(story.look("03 07:01").off, Some(night), "until it shall run");
    story.accepted(Action::Start, "03 07:01");
    story.tick("03 19:00");
    story.by_hand(Power::Running, "03 21:00");
    let evening = OffSpan { from: at("03 19:00"), until: at("03 21:00") };
    assert_eq!(story.look("03 21:10").off, Some(evening), "until somebody starts it");
    assert_eq!(story.look("03 21:11").off, None, "told once");
}

#[test]
fn a_clock_that_jumps_back_undoes_nothing() {
    let mut story = Story::new(json!({})).settled();
    story.tick("02 07:00");
    assert_eq!(story.tick("02 19:10"), (STOP, Reason::ScheduleChange), "the clock is an hour ahead");
    assert_eq!(story.tick("02 18:12"), (None, Reason::ClockWentBack));
    assert_eq!(story.tick("02 19:09"), (None, Reason::ClockWentBack));
    assert_eq!(story.tick("02 19:11"), (None, Reason::Unchanged));
    assert_eq!(story.tick("03 07:00"), (START, Reason::ScheduleChange));
}

#[test]
fn a_clock_that_was_years_ahead_does_not_hold_for_years() {
    let mut story = Story::new(json!({})).settled();
    story.memory.as_mut().unwrap().looked_at = "2099-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(story.tick("02 12:00"), (None, Reason::ClockWentBack));
    assert_eq!(story.tick("02 12:01"), (None, Reason::Unchanged), "nothing is done by a wrong memory");
    assert_eq!(story.tick("03 07:00"), (START, Reason::ScheduleChange));
}

#[test]
fn memory_is_kept_as_a_document() {
    let mut story = Story::new(json!({})).settled();
    story.tick("02 07:00");
    let failed = story.memory.unwrap().after_failed(Action::Stop, "RequestLimitExceeded", at("02 19:00"));
    let text = serde_json::to_string(&failed).unwrap();
    assert_eq!(serde_json::from_str::<Memory>(&text).unwrap(), failed);
    let oldest = r#"{"schedule": {"id": "00000000-0000-0000-0000-000000000001", "revision": 1}, "desired": "running",
        "lookedAt": "2026-03-02T07:00:00Z", "someday": 1}"#;
    assert_eq!(serde_json::from_str::<Memory>(oldest).unwrap().desired, Desired::Running);
}
