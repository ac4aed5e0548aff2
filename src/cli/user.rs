//! `tuner user`: members, what they may see, and access tokens, on the server's machine.

use super::{
    CliError, Context, Exit,
    operator::{Organization, audited, open},
    report::{plain, plain_table},
};
use crate::{
    app::App,
    domain::{ids::AccountId, permission::Role},
    op::OpCx,
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
        #[arg(long, value_parser = parse_role, help = "TUNER_VIEWER, TUNER_USER, TUNER_ADMIN or ORGANIZATION_ADMIN")]
        role: Role,
        #[command(flatten)]
        organization: Organization,
    },
    /// List the members
    List {
        #[command(flatten)]
        organization: Organization,
    },
    /// Set which accounts a member sees; who administers the organization sees all
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
    let done = carry_out(&app, command).await;
    app.stop().await;
    done.map(|()| Exit::Fine)
}

/// How the audit names a person: never by name.
async fn target_of(app: &App, cx: &OpCx, subject: &str) -> Result<Option<String>, CliError> {
    let found = app.database.scoped(&cx.scope).find_member(subject).await.map_err(CliError::new)?;
    Ok(found.map(|member| format!("userId={}", member.user)))
}

async fn carry_out(app: &App, command: Command) -> Result<(), CliError> {
    match command {
        Command::Add { user, role, organization } => {
            let cx = organization.enter(app).await?;
            let add = members::add_member(app, &cx, &user, role);
            audited(app, &cx, "create_user", None, add).await?;
            println!("{} is {role} of {}.", plain(&user), cx.scope.organization());
        }
        Command::List { organization } => {
            let cx = organization.enter(app).await?;
            let mut table = plain_table(&["User", "Role", "Since", "Disabled"]);
            for member in members::list_members(app, &cx).await.map_err(CliError::new)? {
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
            let cx = organization.enter(app).await?;
            let accounts = accounts.into_iter().collect();
            let target = target_of(app, &cx, &user).await?;
            let grant = members::grant_accounts(app, &cx, &user, &accounts);
            audited(app, &cx, "grant_accounts", target.as_deref(), grant).await?;
            println!("{} sees {} accounts.", plain(&user), accounts.len());
        }
        Command::Token { user, organization } => {
            let cx = organization.enter(app).await?;
            let target = target_of(app, &cx, &user).await?;
            let issue = members::issue_token(app, &cx.scope, &user, cx.now);
            let token = audited(app, &cx, "issue_token", target.as_deref(), issue).await?;
            println!("{}", token.text.expose_secret());
        }
    }
    Ok(())
}
