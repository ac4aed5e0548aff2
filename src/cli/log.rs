//! The server's log, on standard error.
//!
//! Invariant: below `info` only Tuner's own modules speak, whatever filter is asked for. At `debug` and `trace`
//! libraries print what they carry: requests with their tokens, replies with their keys.

use super::CliError;
use crate::settings::{LogFormat, LogSettings};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, LevelFilter, filter_fn},
    fmt,
    layer::SubscriberExt,
    registry,
    util::SubscriberInitExt,
};

pub fn start(settings: &LogSettings) -> Result<(), CliError> {
    let asked = EnvFilter::try_new(&settings.filter).map_err(CliError::new)?;
    let filter = asked.and(filter_fn(may_speak).with_max_level_hint(LevelFilter::TRACE));
    let log = fmt::layer().with_writer(std::io::stderr);
    let log = match settings.format {
        LogFormat::Text => log.with_ansi(false).with_filter(filter).boxed(),
        LogFormat::Json => log.json().flatten_event(true).with_filter(filter).boxed(),
    };
    registry().with(log).try_init().map_err(CliError::new)
}

fn may_speak(of: &Metadata<'_>) -> bool {
    let ours = of.target().split("::").next() == Some(env!("CARGO_CRATE_NAME"));
    ours || *of.level() <= Level::INFO
}
