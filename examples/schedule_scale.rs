//! How the decision scales: a million tagged resources that follow two hundred schedules, decided cold and warm.
//! Prints a line for each with CPU and wall time. `cargo run --release --example schedule_scale [RESOURCES]`
//!
//! Cold: timelines are made, each resource's plan is found and its decision made from what was remembered. Warm: a
//! minute later; configuration and sights are the same, so that only those are decided again whose answer has run
//! out (`Decision::look_again_at`). Sights are compared one by one. No database and no AWS: those are the tick's.

#![allow(clippy::expect_used, reason = "a measurement that cannot go on says so")]

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::time::Instant;
use tuner::domain::{
    ids::{AccountId, ScheduleId},
    region::Region,
    schedule::{
        Config, KnownSchedule, Memory, Power, Prepared, Schedule, ScheduleKey, Seen, Target, TargetKind,
        decide_seen,
    },
    tags::Tags,
};

const SCHEDULES: usize = 200;
const ZONES: [&str; 8] = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Tokyo",
    "UTC",
    "America/Sao_Paulo",
    "Australia/Sydney",
    "Asia/Kolkata",
    "America/Los_Angeles",
];

/// A resource as a planner holds it: tags that are the same are held once.
struct Row {
    target: Target,
    tags: usize,
    seen: Seen,
    memory: Option<Memory>,
}

/// What is held beside it for the next tick.
struct Answer {
    power: Power,
    look_again_at: Timestamp,
}

fn config(since: Timestamp) -> Config {
    let mut config = Config::default();
    for number in 0..SCHEDULES {
        let name = format!("schedule-{number}");
        let (begin, end) = (5 + number % 6, 16 + number % 7);
        let periods = json!([
            {"begin": format!("{begin:02}:{:02}", number % 4 * 15), "end": format!("{end:02}:30"), "weekdays": ["mon-fri"]},
            {"begin": "22:00", "end": "02:00", "monthDays": ["L"]},
        ]);
        let document = json!({"name": name, "timezone": ZONES.get(number % ZONES.len()), "periods": periods});
        let schedule = Schedule::from_value(&document).expect("a schedule");
        let id = ScheduleId::from_uuid(uuid::Uuid::from_u128(number as u128 + 1));
        let key = ScheduleKey { id, revision: 1 };
        config.schedules.insert(name, KnownSchedule { key, schedule, suspended: false, changed_at: since });
    }
    config
}

fn tags() -> Vec<Tags> {
    let of = |number| {
        let name = format!("schedule-{number}");
        [("Name", "web"), ("Schedule", &*name), ("Scheduler", "Enabled"), ("env", "dev")]
            .into_iter()
            .collect()
    };
    (0..SCHEDULES).map(of).collect()
}

fn rows(count: usize) -> Vec<Row> {
    let region: Region = "eu-central-1".parse().expect("a region");
    let row = |number: usize| Row {
        target: Target {
            account: AccountId::from_i64(100_000_000_000 + i64::try_from(number / 1000).expect("small")),
            region: region.clone(),
            kind: TargetKind::Instance,
            id: format!("i-{number:017x}").into(),
        },
        tags: number % SCHEDULES,
        seen: Seen {
            kind: TargetKind::Instance,
            power: if number.is_multiple_of(3) { Power::Running } else { Power::Stopped },
            launched_at: None,
            automatic_restart_at: None,
        },
        memory: None,
    };
    (0..count).map(row).collect()
}

/// Decides one resource and remembers it, as if each action were accepted at once.
fn decide_row(prepared: &Prepared<'_>, tags: &[Tags], row: &mut Row) -> Option<Answer> {
    let now = prepared.now();
    let plan = prepared.plan_of(&row.target, tags.get(row.tags)?).ok()?;
    let decision = decide_seen(&plan, row.seen, row.memory.as_ref(), now);
    let mut look_again_at = decision.look_again_at;
    row.memory = Some(match decision.action {
        Some(action) => {
            row.seen.power = action.leads_to();
            look_again_at = decision.next_change_at.unwrap_or(look_again_at);
            decision.memory.after_accepted(action, now).after_verified()
        }
        None => decision.memory,
    });
    Some(Answer { power: row.seen.power, look_again_at })
}

fn cold(config: &Config, tags: &[Tags], rows: &mut [Row], now: Timestamp) -> Vec<Answer> {
    let prepared = config.prepare(now);
    rows.iter_mut().map(|row| decide_row(&prepared, tags, row).expect("all follow a schedule")).collect()
}

/// How many had to be decided again.
fn warm(config: &Config, tags: &[Tags], rows: &mut [Row], answers: &mut [Answer], now: Timestamp) -> usize {
    let prepared = config.prepare(now);
    let mut decided = 0;
    for (row, answer) in rows.iter_mut().zip(answers) {
        if answer.power != row.seen.power || answer.look_again_at <= now {
            *answer = decide_row(&prepared, tags, row).expect("all follow a schedule");
            decided += 1;
        }
    }
    decided
}

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1024
}

fn measured<T>(what: &str, count: usize, run: impl FnOnce() -> T) -> T {
    let (cpu, wall) = (cpu_seconds(), Instant::now());
    let result = run();
    let wall = wall.elapsed().as_secs_f64() * 1000.0;
    println!(
        "{what}: {count} resources x {SCHEDULES} schedules in {wall:.1} ms, CPU {:.2} s",
        cpu_seconds() - cpu
    );
    result
}

fn main() {
    let count =
        std::env::args().nth(1).map_or(1_000_000, |text| text.parse().expect("a number of resources"));
    let minute = SignedDuration::from_mins(1);
    // A Wednesday at noon in UTC, when none of the schedules changes; all were seen the day before.
    let now: Timestamp = "2026-03-04T12:07:00Z".parse().expect("a time");
    let (config, tags) = (config(now - SignedDuration::from_hours(24 * 30)), tags());
    let mut rows = rows(count);
    cold(&config, &tags, &mut rows, now - SignedDuration::from_hours(26));
    let mut answers = measured("cold", count, || cold(&config, &tags, &mut rows, now));
    let decided = measured("warm", count, || warm(&config, &tags, &mut rows, &mut answers, now + minute));
    println!("decided again in the warm tick: {decided}");
    let half_past = now + minute * 23;
    let decided =
        measured("with changes", count, || warm(&config, &tags, &mut rows, &mut answers, half_past));
    println!("decided again when schedules changed: {decided}; peak {} MB", peak_mb());
}
