//! `tuner policy`: the IAM policies that Tuner asks for, ready to be pasted.

use super::{CliError, Context, Exit};
use crate::{
    aws::{
        SchedulerRole, TemplateFormat, account_principal, read_only_policy, scheduler_policy, template,
        trust_policy,
    },
    collect::all_actions,
    domain::{external_id::ExternalId, ids::AccountId, region::Partition},
};
use clap::{Subcommand, ValueEnum};
use std::io::{self, Write};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// What the read-only role may do: exactly what the collectors ask
    ReadOnly,
    /// What the scheduler's role may do: start and stop what is tagged Scheduler=Enabled
    Scheduler,
    /// Who may assume the role, and with which external ID
    Trust {
        /// The AWS account that Tuner runs in: 12 digits
        #[arg(long)]
        principal: AccountId,
        /// From 'tuner account add' or 'tuner external-id new'
        #[arg(long)]
        external_id: String,
    },
    /// A template that makes the roles in an account, or in every account of an organisation
    Template {
        /// The tool that will read it
        #[arg(long, value_enum, default_value = "cloudformation")]
        format: Format,
        /// Whether Tuner may start and stop what is tagged Scheduler=Enabled, and in which role
        #[arg(long, value_enum, default_value = "none")]
        scheduler: Scheduler,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    #[value(name = "cloudformation")]
    CloudFormation,
    #[value(name = "stackset")]
    StackSet,
    Terraform,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Scheduler {
    None,
    SameRole,
    SeparateRole,
}

impl From<Format> for TemplateFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::CloudFormation => Self::CloudFormation,
            Format::StackSet => Self::StackSet,
            Format::Terraform => Self::Terraform,
        }
    }
}

impl From<Scheduler> for SchedulerRole {
    fn from(scheduler: Scheduler) -> Self {
        match scheduler {
            Scheduler::None => Self::None,
            Scheduler::SameRole => Self::SameRole,
            Scheduler::SeparateRole => Self::SeparateRole,
        }
    }
}

pub fn run(_context: &Context, command: Command) -> Result<Exit, CliError> {
    let text = match command {
        Command::ReadOnly => read_only_policy(&all_actions()),
        Command::Scheduler => scheduler_policy(),
        Command::Trust { principal, external_id } => {
            let external_id = ExternalId::parse(&external_id).map_err(CliError::usage)?;
            trust_policy(&account_principal(Partition::Aws, principal), &[external_id.expose()])
        }
        Command::Template { format, scheduler } => template(format.into(), scheduler.into(), &all_actions()),
    };
    writeln!(io::stdout().lock(), "{}", text.trim_end())?;
    Ok(Exit::Fine)
}
