//! `tuner user`: members, what they may see, set-up links and access tokens, on the server's machine.

use super::{
    CliError, Context, Exit,
    operator::{Organization, audited, audited_making, with_app},
    report::{plain, plain_table, write_json},
};
use crate::{
    app::App,
    domain::{ids::AccountId, permission::Role},
    op::OpCx,
    service::{
        invitations::invite,
        members::{self, KnownMember, MemberChange, NewPerson, Standing},
        personal_data,
    },
};
use clap::{Args, Subcommand, ValueEnum};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::io;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a member; prints a one-time set-up link for their password
    Add {
        #[arg(long, value_parser = parse_role, help = "TUNER_VIEWER, TUNER_USER, TUNER_ADMIN or ORGANIZATION_ADMIN")]
        role: Role,
        #[command(flatten)]
        who: Who,
    },
    /// List the members
    List {
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
        #[command(flatten)]
        organization: Organization,
    },
    /// Set which accounts a member sees; who administers the organization sees all
    Grant {
        /// 12 digits each, separated by commas; none takes all away
        #[arg(long, value_delimiter = ',')]
        accounts: Vec<AccountId>,
        #[command(flatten)]
        who: Who,
    },
    /// Give a member another role
    Role {
        #[arg(long, value_parser = parse_role, help = "TUNER_VIEWER, TUNER_USER, TUNER_ADMIN or ORGANIZATION_ADMIN")]
        role: Role,
        #[command(flatten)]
        who: Who,
    },
    /// Keep a member out: sessions and tokens end, API keys rest
    Disable(Who),
    /// Let a disabled member in again
    Enable(Who),
    /// Print a one-time set-up link, also for whoever lost their password
    Invite(Who),
    /// Erase a person: only their id stays, in decisions and in the audit
    Erase(Who),
    /// Print all that is kept of a person, as JSON
    Export(Who),
    /// Print an access token for a member
    Token(Who),
}

#[derive(Debug, Args)]
pub struct Who {
    /// How the member is called: the name to sign in with, and the subject of their tokens
    #[arg(long)]
    user: String,
    #[command(flatten)]
    organization: Organization,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    Table,
    Json,
}

pub(super) fn parse_role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|()| {
        format!("one of {}", Role::ALL.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", "))
    })
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    with_app(context, async |app| carry_out(app, command).await).await.map(|()| Exit::Fine)
}

async fn carry_out(app: &App, command: Command) -> Result<(), CliError> {
    match command {
        Command::Add { role, who } => add(app, role, who).await?,
        Command::List { format, organization } => {
            let cx = organization.enter(app).await?;
            let all = members::list_members(app, &cx, None, u32::MAX).await.map_err(CliError::new)?;
            list(&all, format)?;
        }
        Command::Grant { accounts, who } => {
            let count = accounts.len();
            let accounts = Some(accounts.into_iter().collect());
            change(app, &who, MemberChange { accounts, ..MemberChange::default() }).await?;
            say!("{} sees {count} accounts.", plain(&who.user));
        }
        Command::Role { role, who } => {
            change(app, &who, MemberChange { role: Some(role), ..MemberChange::default() }).await?;
            say!("{} is {role}.", plain(&who.user));
        }
        Command::Disable(who) => {
            set_standing(app, &who, Standing::Disabled).await?;
            say!("{} may not sign in.", plain(&who.user));
        }
        Command::Enable(who) => {
            set_standing(app, &who, Standing::Enabled).await?;
            say!("{} may sign in.", plain(&who.user));
        }
        Command::Invite(who) => {
            let (cx, member) = who.find(app).await?;
            print_link(app, &cx, &member).await?;
        }
        Command::Erase(who) => {
            let (cx, member) = who.find(app).await?;
            let erase = personal_data::erase(app, &cx, member.user);
            audited(app, &cx, "erase_user", Some(&target_of(&member)), erase).await?;
            say!("{} is erased; the id {} stays as a pseudonym.", plain(&who.user), member.user);
        }
        Command::Export(who) => {
            let (cx, member) = who.find(app).await?;
            let export = personal_data::export(app, &cx, member.user);
            let data = audited(app, &cx, "export_user", Some(&target_of(&member)), export).await?;
            write_json(&data.to_json(), &mut io::stdout().lock())?;
        }
        Command::Token(who) => {
            let (cx, member) = who.find(app).await?;
            let issue = members::issue_token(app, &cx.scope, member.user, cx.now);
            let token = audited(app, &cx, "issue_token", Some(&target_of(&member)), issue).await?;
            say!("{}", token.text.expose_secret());
        }
    }
    Ok(())
}

/// How the audit names a person: never by name.
pub(super) fn target_of(member: &crate::db::Member) -> String {
    format!("userId={}", member.user)
}

impl Who {
    pub(super) async fn find(&self, app: &App) -> Result<(OpCx, crate::db::Member), CliError> {
        let cx = self.organization.enter(app).await?;
        let member = members::find_member(app, &cx, &self.user).await.map_err(CliError::new)?;
        Ok((cx, member))
    }
}

async fn add(app: &App, role: Role, who: Who) -> Result<(), CliError> {
    let cx = who.organization.enter(app).await?;
    let new = NewPerson { name: who.user, display_name: None, role, accounts: [].into() };
    let add = members::add_member(app, &cx, new);
    let made = audited_making(app, &cx, "create_user", add, |made| target_of(&made.member)).await?;
    say!("{} is {role} of {}.", plain(&made.member.subject), cx.scope.organization());
    if app.issuer.is_some() {
        print_link(app, &cx, &made.member).await?;
    }
    Ok(())
}

async fn print_link(app: &App, cx: &OpCx, member: &crate::db::Member) -> Result<(), CliError> {
    let work = invite(app, cx, member.user);
    let made = audited(app, cx, "invite_user", Some(&target_of(member)), work).await?;
    say!("Set-up link, once, until {}: {}", made.expires_at, made.link.expose_secret());
    Ok(())
}

async fn change(app: &App, who: &Who, change: MemberChange) -> Result<(), CliError> {
    let (cx, member) = who.find(app).await?;
    let work = members::change_member(app, &cx, member.user, change);
    audited(app, &cx, "change_user", Some(&target_of(&member)), work).await.map(drop)
}

async fn set_standing(app: &App, who: &Who, standing: Standing) -> Result<(), CliError> {
    change(app, who, MemberChange { standing: Some(standing), ..MemberChange::default() }).await
}

fn list(all: &[KnownMember], format: Format) -> Result<(), CliError> {
    if let Format::Json = format {
        let rows: Vec<Value> = all.iter().map(to_json).collect();
        return Ok(write_json(&rows, &mut io::stdout().lock())?);
    }
    let mut table = plain_table(&["User", "Role", "Accounts", "Since", "Disabled"]);
    for KnownMember { member, accounts } in all {
        table.add_row([
            plain(&member.subject),
            member.role.to_string(),
            accounts.as_ref().map_or_else(|| "all".to_owned(), |accounts| accounts.len().to_string()),
            member.created_at.to_string(),
            member.disabled_at.map(|at| at.to_string()).unwrap_or_default(),
        ]);
    }
    say!("{table}");
    Ok(())
}

fn to_json(KnownMember { member, accounts }: &KnownMember) -> Value {
    json!({
        "userId": member.user, "name": member.subject, "displayName": member.display_name,
        "role": member.role, "accountIds": accounts, "createdAt": member.created_at,
        "disabledAt": member.disabled_at,
    })
}
