//! `tuner account`: link, verify, list and remove accounts on the server's machine.

use super::{
    CliError, Context, Exit,
    operator::{Organization, audited, with_app},
    report::{plain, plain_table, write_json},
    scan_settings,
};
use crate::{
    app::App,
    domain::{
        account::{Account, Verification},
        arn::RoleArn,
        ids::AccountId,
    },
    service::{
        accounts,
        organization_accounts::{self, Discovered, Offered},
        verification,
    },
};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::io;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add an account: prints its external ID and the trust policy for its role
    Add {
        /// 12 digits
        account: AccountId,
        #[arg(long)]
        name: String,
        #[command(flatten)]
        organization: Organization,
    },
    /// Link the account's role; it must pass every step of the verification
    Link {
        account: AccountId,
        #[arg(long, value_name = "ARN")]
        role_arn: RoleArn,
        #[arg(long, value_name = "ARN")]
        scheduler_role_arn: Option<RoleArn>,
        #[command(flatten)]
        organization: Organization,
    },
    /// Verify the account's role again
    Verify(One),
    /// List the accounts
    List {
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
        #[command(flatten)]
        organization: Organization,
    },
    /// List the accounts of the AWS organisation that a linked account manages
    Discover {
        /// The management account, or one that is delegated to: 12 digits
        account: AccountId,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
        #[command(flatten)]
        organization: Organization,
    },
    /// When an account is scanned by itself, and what that may cost
    #[command(subcommand)]
    ScanSettings(scan_settings::Command),
    /// Forget an account and all that was collected of it
    Remove(One),
}

#[derive(Debug, Args)]
pub struct One {
    /// 12 digits
    account: AccountId,
    #[command(flatten)]
    organization: Organization,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    Table,
    Json,
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    with_app(context, async |app| carry_out(app, command).await).await.map(|()| Exit::Fine)
}

async fn carry_out(app: &App, command: Command) -> Result<(), CliError> {
    match command {
        Command::Add { account, name, organization } => {
            let cx = organization.enter(app).await?;
            let add = accounts::add_account(app, &cx, account, &name);
            let made = audited(app, &cx, "create_account", Some(&account.to_string()), add).await?;
            say!("External ID: {}\n\nTrust policy of the role:", made.account.external_id.expose());
            write_json(&made.trust_policy, &mut io::stdout().lock())?;
            say!("\nPermissions: tuner policy read-only\nThen: tuner account link {account} --role-arn ARN");
        }
        Command::Link { account, role_arn, scheduler_role_arn, organization } => {
            let cx = organization.enter(app).await?;
            let link = accounts::link_account(app, &cx, account, role_arn, scheduler_role_arn);
            print_steps(
                &audited(app, &cx, "link_account", Some(&account.to_string()), Box::pin(link)).await?.1,
            )?;
            say!("Account {account} is linked.");
        }
        Command::Verify(One { account, organization }) => {
            let cx = organization.enter(app).await?;
            let verify = verification::verify_account(app, &cx, account);
            let (_, verification) =
                audited(app, &cx, "verify_account", Some(&account.to_string()), Box::pin(verify)).await?;
            print_steps(&verification)?;
            if !verification.passed {
                return Err(CliError::new(format!(
                    "the role of account {account} does not pass; it is not used until it does"
                )));
            }
        }
        Command::List { format, organization } => {
            let cx = organization.enter(app).await?;
            let all = accounts::list_accounts(app, &cx, None, u32::MAX).await.map_err(CliError::new)?;
            list(&all, format)?;
        }
        Command::Discover { account, format, organization } => {
            let cx = organization.enter(app).await?;
            let found = organization_accounts::discover(app, &cx, account).await.map_err(CliError::new)?;
            print_discovered(account, &found, format)?;
        }
        Command::ScanSettings(command) => scan_settings::carry_out(app, command).await?,
        Command::Remove(One { account, organization }) => {
            let cx = organization.enter(app).await?;
            let delete = accounts::delete_account(app, &cx, account);
            audited(app, &cx, "delete_account", Some(&account.to_string()), delete).await?;
            say!("Account {account} is forgotten. Its role in AWS is yours to delete.");
        }
    }
    Ok(())
}

fn print_steps(verification: &Verification) -> Result<(), CliError> {
    for step in &verification.steps {
        say!("{} {}: {}", if step.passed { "passed" } else { "FAILED" }, step.step, plain(&step.detail));
    }
    Ok(())
}

fn list(all: &[Account], format: Format) -> Result<(), CliError> {
    if let Format::Json = format {
        let rows: Vec<Value> = all.iter().map(to_json).collect();
        return Ok(write_json(&rows, &mut io::stdout().lock())?);
    }
    let mut table = plain_table(&["Account", "Name", "Status", "Role", "Last scan"]);
    for account in all {
        table.add_row([
            account.id.to_string(),
            plain(&account.name),
            account.status.to_string(),
            account.role_arn.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            account.last_scan_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
        ]);
    }
    say!("{table}");
    Ok(())
}

fn print_discovered(asked: AccountId, found: &Discovered, format: Format) -> Result<(), CliError> {
    let Some(accounts) = &found.accounts else {
        return Err(CliError::new(format!(
            "account {asked} may not list an organisation: ask its management account, or one that is delegated to"
        )));
    };
    if let Format::Json = format {
        let row = |o: &Offered| json!({"accountId": o.account.id, "name": o.account.name, "active": o.account.active, "added": o.added});
        let rows: Vec<Value> = accounts.iter().map(row).collect();
        return Ok(write_json(&rows, &mut io::stdout().lock())?);
    }
    let mut table = plain_table(&["Account", "Name", "State", "In Tuner"]);
    for Offered { account, added } in accounts {
        let state = if account.active { "active" } else { "closed or suspended" };
        let added = if *added { "yes" } else { "no" };
        table.add_row([account.id.to_string(), plain(&account.name), state.to_owned(), added.to_owned()]);
    }
    say!("{table}");
    Ok(())
}

fn to_json(account: &Account) -> Value {
    json!({
        "accountId": account.id, "name": account.name, "status": account.status, "roleArn": account.role_arn,
        "schedulerRoleArn": account.scheduler_role_arn, "externalId": account.external_id.expose(),
        "createdAt": account.created_at, "verifiedAt": account.verified_at, "lastScanAt": account.last_scan_at,
    })
}
