//! The command line: one file for each subcommand. Results go to standard output, everything else to
//! standard error; an error is one line that says what and what to do.

/// `println!` for whom a closed pipe is an end, not a panic.
macro_rules! say {
    ($($text:tt)*) => {
        std::io::Write::write_fmt(&mut std::io::stdout().lock(), format_args!("{}\n", format_args!($($text)*)))?
    };
}

mod account;
mod api_key;
mod audit;
mod config;
mod core_dumps;
mod db;
mod db_keys;
mod decisions;
mod exclusion;
mod exit;
mod external_id;
mod log;
mod operator;
mod policy;
mod progress;
mod recommendations;
mod report;
mod retention;
mod rule_file;
mod rules;
mod savings;
mod scan;
mod scan_settings;
mod schedule;
mod serve;
mod user;
mod webhook;

pub use exit::{CliError, Exit};

use crate::{
    app::aws_settings,
    aws::read_secrets,
    settings::{Flag, Settings, Sources},
};
use clap::{Parser, Subcommand};
use std::{collections::BTreeMap, path::PathBuf};

/// Finds and banks savings in AWS accounts, through read-only roles.
#[derive(Debug, Parser)]
#[command(name = "tuner", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 fine, 1 error, 2 usage, 3 savings above --fail-on, 4 partial.\n\
    Settings: flags over environment (TUNER_<SECTION>__<KEY>) over --config FILE over defaults; see 'tuner config show'.")]
pub struct Cli {
    /// Settings file (TOML)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the embedded database and the generated keys
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Scan one account and print what it can save; needs no server
    Scan(scan::Arguments),
    /// Serve the JSON API
    Serve(serve::Arguments),
    /// Link, verify, list and remove accounts
    #[command(subcommand)]
    Account(account::Command),
    /// Make and check external IDs
    #[command(subcommand)]
    ExternalId(external_id::Command),
    /// Print the IAM policies that Tuner asks for
    #[command(subcommand)]
    Policy(policy::Command),
    /// List the rules, explain one, set thresholds and switch rules on and off
    #[command(subcommand)]
    Rules(rules::Command),
    /// What is not to be told: add, list and remove exclusions
    #[command(subcommand)]
    Exclusion(exclusion::Command),
    /// What could be saved, what was promised, and what came of it
    #[command(subcommand)]
    Savings(savings::Command),
    /// List recommendations, show one and its history, decide about one or many
    #[command(subcommand)]
    Recommendations(recommendations::Command),
    /// Start and stop tagged resources on time: schedules, overrides, approvals
    #[command(subcommand)]
    Schedule(schedule::Command),
    /// Add, change and erase members, grant accounts, issue access tokens
    #[command(subcommand)]
    User(user::Command),
    /// Export and verify the audit
    #[command(subcommand)]
    Audit(audit::Command),
    /// Delete what is past its time
    #[command(subcommand)]
    Retention(retention::Command),
    /// Issue, list and revoke API keys
    #[command(subcommand)]
    ApiKey(api_key::Command),
    /// Register, list, test and remove webhooks
    #[command(subcommand)]
    Webhook(webhook::Command),
    /// Migrate the database and show its state
    #[command(subcommand)]
    Db(db::Command),
    /// Check and show the settings
    #[command(subcommand)]
    Config(config::Command),
}

/// What a subcommand gets: where settings come from. They are read when they are needed, so that
/// `policy` and `rules` work on a machine whose settings are broken.
pub struct Context {
    sources: Sources,
}

impl Context {
    /// What stands in AWS Secrets Manager is read there.
    pub async fn settings(&self) -> Result<Settings, CliError> {
        let read = async |aws, names| read_secrets(&aws_settings(&aws), &names).await;
        Settings::load_with(&self.sources, read).await.map_err(CliError::new)
    }
}

/// Runs one command with the process's environment.
pub async fn run(cli: Cli, environment: BTreeMap<String, String>) -> Result<Exit, CliError> {
    let data_dir = cli.data_dir.map(|dir| Flag {
        name: "--data-dir",
        key: "data_dir",
        value: dir.display().to_string(),
    });
    let flags = data_dir.into_iter().collect();
    core_dumps::forbid()?;
    let context = Context { sources: Sources { env: environment, file: cli.config, flags } };
    match cli.command {
        Command::Scan(arguments) => Box::pin(scan::run(&context, arguments)).await,
        Command::Serve(arguments) => Box::pin(serve::run(&context, arguments)).await,
        Command::Account(command) => Box::pin(account::run(&context, command)).await,
        Command::ExternalId(command) => external_id::run(&context, command).await,
        Command::Policy(command) => policy::run(&context, command),
        Command::Rules(command) => Box::pin(rules::run(&context, command)).await,
        Command::Exclusion(command) => Box::pin(exclusion::run(&context, command)).await,
        Command::Savings(command) => Box::pin(savings::run(&context, command)).await,
        Command::Recommendations(command) => Box::pin(recommendations::run(&context, command)).await,
        Command::Schedule(command) => Box::pin(schedule::run(&context, command)).await,
        Command::User(command) => user::run(&context, command).await,
        Command::Audit(command) => audit::run(&context, command).await,
        Command::Retention(command) => retention::run(&context, command).await,
        Command::ApiKey(command) => api_key::run(&context, command).await,
        Command::Webhook(command) => Box::pin(webhook::run(&context, command)).await,
        Command::Db(command) => Box::pin(db::run(&context, command)).await,
        Command::Config(command) => config::run(&context, command).await,
    }
}
