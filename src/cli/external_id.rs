//! `tuner external-id`: make one and tell whether one is ours, without a database.

use super::{CliError, Context, Exit};
use crate::{
    domain::{
        external_id::ExternalId,
        ids::{AccountId, OrganizationId},
    },
    keys::Keys,
};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print a new external ID for one account of one organization
    New {
        /// The AWS account: 12 digits
        #[arg(long)]
        account: AccountId,
        /// The organization's ID
        #[arg(long)]
        organization: OrganizationId,
    },
    /// Say whether an external ID was made here for this account and organization
    Check {
        #[arg(long)]
        account: AccountId,
        #[arg(long)]
        organization: OrganizationId,
        /// The external ID: 53 characters
        external_id: String,
    },
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    let settings = context.settings().await?;
    let ids = Keys::load_or_create(&settings).map_err(CliError::new)?.external_ids;
    match command {
        Command::New { account, organization } => say!("{}", ids.issue(account, &organization).expose()),
        Command::Check { account, organization, external_id } => {
            let external_id = ExternalId::parse(&external_id).map_err(CliError::usage)?;
            ids.check(&external_id, account, &organization).map_err(CliError::new)?;
            say!("This external ID was made here for account {account} of organization {organization}.");
        }
    }
    Ok(Exit::Fine)
}
