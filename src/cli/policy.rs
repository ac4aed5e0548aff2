//! `tuner policy`: the IAM policies that Tuner asks for, ready to be pasted.

use super::{CliError, Context, Exit};
use crate::{
    aws::{account_principal, read_only_policy, scheduler_policy, trust_policy},
    collect::all_actions,
    domain::{external_id::ExternalId, ids::AccountId, region::Partition},
};
use clap::Subcommand;

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
    /// A CloudFormation template that makes the read-only role
    Template,
}

/// Kept beside the policies, where its own tests read it.
const TEMPLATE: &str = include_str!("../../iam-policies/cloudformation/tuner-read-only.yaml");

pub fn run(_context: &Context, command: Command) -> Result<Exit, CliError> {
    let text = match command {
        Command::ReadOnly => read_only_policy(&all_actions()),
        Command::Scheduler => scheduler_policy(),
        Command::Trust { principal, external_id } => {
            let external_id = ExternalId::parse(&external_id).map_err(CliError::usage)?;
            trust_policy(&account_principal(Partition::Aws, principal), &[external_id.expose()])
        }
        Command::Template => TEMPLATE.to_owned(),
    };
    println!("{}", text.trim_end());
    Ok(Exit::Fine)
}
