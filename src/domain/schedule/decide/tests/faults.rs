//! Late ticks, failing calls, jumping clocks, and what AWS does by itself.

use super::{START, STOP, Story, at};
use crate::domain::schedule::{Action, Desired, Memory, OffSpan, Power, Reason, TargetKind};
use jiff::ToSpan;
use serde_json::json;

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

#[test]
fn a_stop_by_hand_while_tuner_waited_is_not_tuner_s() {
    let mut story = Story::new(json!({})).settled();
    story.tick("02 07:00");
    story.tick("02 19:00");
    story.by_hand(Power::Running, "03 06:00");
    story.tick("03 07:00");
    story.seen.power = Power::Changing;
    assert_eq!(story.tick("03 19:00"), (None, Reason::WaitingForStableState));
    story.seen.power = Power::Stopped;
    assert_eq!(story.tick("03 19:01"), (None, Reason::AlreadyThere));
    assert_eq!(story.memory.unwrap().off_since, None);
}

#[test]
fn what_leaves_the_scheduler_ends_its_time_off() {
    let mut story = Story::new(json!({})).settled();
    story.tick("02 07:00");
    story.tick("02 19:00");
    let (memory, span) = story.memory.unwrap().after_leaving(at("02 20:00"));
    assert_eq!(span, Some(OffSpan { from: at("02 19:00"), until: at("02 20:00") }));
    assert_eq!(memory.after_leaving(at("02 21:00")).1, None);
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
