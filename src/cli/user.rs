//! `tuner user`: members, what they may see, and access tokens, on the server's machine.

use super::{
    CliError, Context, Exit,
    operator::{Organization, open},
    report::{plain, plain_table},
};
use crate::{
    domain::{ids::AccountId, permission::Role},
    service::members,
};
use clap::Subcommand;
use secrecy::ExposeSecret;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a member
    Add {
        /// How the member is called, and the subject of their tokens
        #[arg(long)]
        user: String,
        /// TUNER_VIEWER, TUNER_USER, TUNER_ADMIN or ORGANIZATION_ADMIN
        #[arg(long, value_parser = parse_role)]
        role: Role,
        #[command(flatten)]
        organization: Organization,
    },
    /// List the members
    List {
        #[command(flatten)]
        organization: Organization,
    },
    /// Set which accounts a member sees; an ORGANIZATION_ADMIN sees all
    Grant {
        #[arg(long)]
        user: String,
        /// 12 digits each, separated by commas; none takes all away
        #[arg(long, value_delimiter = ',')]
        accounts: Vec<AccountId>,
        #[command(flatten)]
        organization: Organization,
    },
    /// Print an access token for a member
    Token {
        #[arg(long)]
        user: String,
        #[command(flatten)]
        organization: Organization,
    },
}

fn parse_role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|()| {
        format!("one of {}", Role::ALL.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", "))
    })
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    let app = open(context).await?;
    match command {
        Command::Add { user, role, organization } => {
            let cx = organization.enter(&app).await?;
            members::add_member(&app, &cx, &user, role).await.map_err(CliError::new)?;
            println!("{} is {role} of {}.", plain(&user), cx.scope.organization());
        }
        Command::List { organization } => {
            let cx = organization.enter(&app).await?;
            let mut table = plain_table(&["User", "Role", "Since", "Disabled"]);
            for member in members::list_members(&app, &cx).await.map_err(CliError::new)? {
                let disabled = member.disabled_at.map(|at| at.to_string()).unwrap_or_default();
                table.add_row([
                    plain(&member.subject),
                    member.role.to_string(),
                    member.created_at.to_string(),
                    disabled,
                ]);
            }
            println!("{table}");
        }
        Command::Grant { user, accounts, organization } => {
            let cx = organization.enter(&app).await?;
            let accounts = accounts.into_iter().collect();
            members::grant_accounts(&app, &cx, &user, &accounts).await.map_err(CliError::new)?;
            println!("{} sees {} accounts.", plain(&user), accounts.len());
        }
        Command::Token { user, organization } => {
            let cx = organization.enter(&app).await?;
            let token = members::issue_token(&app, &cx.scope, &user, cx.now).await.map_err(CliError::new)?;
            println!("{}", token.text.expose_secret());
        }
    }
    Ok(Exit::Fine)
}
