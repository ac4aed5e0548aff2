//! `tuner schedule preview --file`: the states of a schedule over a time, from the very code that the service
//! decides by.

use super::{
    super::{
        CliError, Exit,
        report::{plain, plain_table, write_json},
    },
    unreadable,
};
use crate::domain::{
    clock::Clock,
    money::UnitPrice,
    schedule::{
        Calendar, Change, Schedule,
        preview::{HoursOff, View},
    },
};
use clap::Args;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Ten years: enough for every leap year and holiday, and printed in a moment.
const LONGEST: SignedDuration = SignedDuration::from_hours(3653 * 24);
const DEFAULT_SPAN: SignedDuration = SignedDuration::from_hours(28 * 24);
/// A document has 64 KiB at most; what is longer need not be read to the end.
const MOST_BYTES: u64 = 1024 * 1024;
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2200;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The schedule as JSON; '-' reads standard input
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// A calendar of holidays as JSON, found by its name; may be given several times
    #[arg(long, value_name = "FILE")]
    calendar: Vec<PathBuf>,
    /// Begin, such as 2026-03-02T00:00:00Z; now if it is left out
    #[arg(long, value_name = "TIME", value_parser = instant)]
    from: Option<Timestamp>,
    /// End, not included; four weeks after the begin if it is left out
    #[arg(long, value_name = "TIME", value_parser = instant)]
    to: Option<Timestamp>,
    /// What an hour costs in US dollars, to show what being off saves
    #[arg(long, value_name = "AMOUNT", value_parser = price)]
    hourly_cost: Option<UnitPrice>,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Table,
    Json,
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let at = text.parse::<Timestamp>().ok();
    at.filter(|at| YEARS.contains(&at.to_zoned(TimeZone::UTC).year())).ok_or_else(|| {
        "write a time with its offset between 1970 and 2200, such as 2026-03-02T00:00:00Z".into()
    })
}

fn price(text: &str) -> Result<UnitPrice, String> {
    let price = text.parse::<UnitPrice>().ok().filter(|price| *price >= UnitPrice::default());
    price.ok_or_else(|| "write US dollars an hour, such as 0.192".into())
}

pub fn run(arguments: &Arguments) -> Result<Exit, CliError> {
    let from = arguments.from.unwrap_or_else(|| Clock::system().now());
    let to = arguments.to.or_else(|| from.checked_add(DEFAULT_SPAN).ok()).unwrap_or(from);
    if to <= from {
        return Err(CliError::usage(format!("--to {to} is not after --from {from}")));
    }
    if to.duration_since(from) > LONGEST {
        return Err(CliError::usage("--from and --to are more than ten years apart; preview a shorter time"));
    }
    let schedule =
        Schedule::parse(&read(&arguments.file)?).map_err(|error| bad_file(&arguments.file, error))?;
    let calendars = read_calendars(&arguments.calendar)?;
    let view = View { schedule: &schedule, calendars: &calendars, overrides: &[] };
    for name in view.unknown_calendars() {
        eprintln!("note: the calendar '{name}' is not given (--calendar FILE): its holidays are left out");
    }
    let out = &mut io::stdout().lock();
    match arguments.format {
        Format::Json => write_json(&view.changes(from, to), out)?,
        Format::Table => {
            write_table(&view.changes(from, to), &schedule, out)?;
            write_hours(view.hours_off(from, to), arguments.hourly_cost, out)?;
        }
    }
    Ok(Exit::Fine)
}

fn read(file: &Path) -> Result<String, CliError> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().take(MOST_BYTES).read_to_string(&mut text)
    } else {
        fs::File::open(file).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
    };
    read.map_err(|error| unreadable(file, &error))?;
    Ok(text)
}

fn bad_file(file: &Path, error: impl std::fmt::Display) -> CliError {
    CliError::new(format!("{}: {error}", file.display()))
}

fn read_calendars(files: &[PathBuf]) -> Result<BTreeMap<String, Calendar>, CliError> {
    let mut calendars = BTreeMap::new();
    for file in files {
        let calendar = Calendar::parse(&read(file)?).map_err(|error| bad_file(file, error))?;
        let name = calendar.name().to_owned();
        if calendars.insert(name.clone(), calendar).is_some() {
            return Err(bad_file(file, format!("a calendar '{name}' was given before")));
        }
    }
    Ok(calendars)
}

fn write_table(changes: &[Change], schedule: &Schedule, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} · {}\n", plain(schedule.name()), schedule.timezone())?;
    let mut table = plain_table(&["UTC", "Local", "State", ""]);
    for change in changes {
        table.add_row([
            change.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            change.at.to_zoned(schedule.zone().clone()).strftime("%a %Y-%m-%d %H:%M %Z").to_string(),
            change.state.to_string(),
            if change.holiday { "no start: holiday".to_owned() } else { String::new() },
        ]);
    }
    writeln!(out, "{table}\n")
}

fn write_hours(hours: HoursOff, hourly_cost: Option<UnitPrice>, out: &mut dyn Write) -> io::Result<()> {
    let (week, month) = (hours.seconds_off_a_week(), hours.seconds_off_a_month());
    writeln!(
        out,
        "Off in this time   {} of {} h",
        tenths(hours.span.seconds_off),
        tenths(hours.span.seconds)
    )?;
    if hours.typical != hours.span {
        writeln!(out, "Averages are of the year from the begin: this time is shorter than four weeks.")?;
    }
    writeln!(out, "A week (168 h)     on {} h · off {} h", tenths(168 * 3600 - week), tenths(week))?;
    writeln!(out, "A month (730 h)    on {} h · off {} h", tenths(730 * 3600 - month), tenths(month))?;
    if let Some(an_hour) = hourly_cost {
        let (saved, whole) = (hours.saved_a_month(an_hour), an_hour.monthly(1));
        writeln!(out, "Saved a month      {} of {} USD", saved.to_cents(), whole.to_cents())?;
        writeln!(
            out,
            "Hours that a Savings Plan or a reservation covers save nothing; storage keeps billing."
        )?;
    }
    Ok(())
}

/// Hours with one decimal.
fn tenths(seconds: i64) -> String {
    let tenths = (seconds + 180) / 360;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_have_one_decimal() {
        assert_eq!(["0.0", "0.1", "1.0", "60.5"].map(String::from), [0, 190, 3600, 217_800].map(tenths));
    }

    #[test]
    fn a_time_has_an_offset() {
        assert_eq!(instant("2026-03-02T01:00:00+01:00").unwrap().to_string(), "2026-03-02T00:00:00Z");
        for text in ["2026-03-02", "2026-03-02T00:00:00", "9999-01-01T00:00:00Z", "now", ""] {
            assert!(instant(text).is_err(), "{text}");
        }
    }
}
