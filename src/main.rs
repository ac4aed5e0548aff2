//! Parses the command line, starts the runtime, calls the library.

use clap::Parser;
use std::{collections::BTreeMap, process::ExitCode};
use tuner::cli::{self, Cli};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&cli::CliError::new(format!("cannot start threads: {error}"))),
    };
    match runtime.block_on(cli::run(cli, environment())) {
        Ok(exit) => exit.into(),
        // The reader went away (`tuner … | head`): there is nobody left to tell.
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &cli::CliError) -> ExitCode {
    eprintln!("tuner: {error}");
    error.exit_code()
}

/// The environment, read once. A variable that is not UTF-8 cannot be one of ours.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
