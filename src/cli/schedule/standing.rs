//! `tuner schedule suspend|resume|stop|go`: holding the scheduler back.

use super::{
    super::{
        CliError,
        operator::{Organization, audited},
        report::plain,
    },
    manage::{target, told},
};
use crate::{
    app::App,
    domain::{ids::AccountId, scope::OrgScope},
    op::{Actor, OpCx},
    service::schedules,
};
use clap::Args;

#[derive(Debug, Args)]
pub struct Suspend {
    /// The schedule's name
    #[arg(required_unless_present = "account", conflicts_with = "account")]
    name: Option<String>,
    /// A whole account instead: 12 digits
    #[arg(long)]
    account: Option<AccountId>,
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    organization: Organization,
}

#[derive(Debug, Args)]
pub struct Resume {
    /// The schedule's name
    #[arg(required_unless_present = "account", conflicts_with = "account")]
    name: Option<String>,
    /// A whole account instead: 12 digits
    #[arg(long)]
    account: Option<AccountId>,
    #[command(flatten)]
    organization: Organization,
}

#[derive(Debug, Args)]
pub struct Stop {
    #[arg(long)]
    reason: String,
    /// For every organization of this server
    #[arg(long)]
    installation: bool,
    #[command(flatten)]
    organization: Organization,
}

#[derive(Debug, Args)]
pub struct Go {
    /// For every organization of this server
    #[arg(long)]
    installation: bool,
    #[command(flatten)]
    organization: Organization,
}

pub async fn suspend(app: &App, arguments: Suspend) -> Result<(), CliError> {
    let Suspend { name, account, reason, organization } = arguments;
    let cx = organization.enter(app).await?;
    if let Some(account) = account {
        let suspend = schedules::suspend_account(app, &cx, account, &reason);
        audited(app, &cx, "suspend_account", Some(&account.to_string()), suspend).await?;
        say!("Nothing is started or stopped in account {account} until it is resumed.");
        return Ok(());
    }
    let name = name.unwrap_or_default();
    let id = schedules::find_schedule(app, &cx, &name).await.map_err(told)?.id;
    let suspend = schedules::suspend_schedule(app, &cx, id, &reason);
    audited(app, &cx, "suspend_schedule", Some(&target(&id)), suspend).await?;
    say!("{} is suspended: what follows it is left as it is.", plain(&name));
    Ok(())
}

pub async fn resume(app: &App, arguments: Resume) -> Result<(), CliError> {
    let Resume { name, account, organization } = arguments;
    let cx = organization.enter(app).await?;
    if let Some(account) = account {
        let resume = schedules::resume_account(app, &cx, account);
        audited(app, &cx, "resume_account", Some(&account.to_string()), resume).await?;
        say!("Account {account} goes on.");
        return Ok(());
    }
    let name = name.unwrap_or_default();
    let id = schedules::find_schedule(app, &cx, &name).await.map_err(told)?.id;
    audited(app, &cx, "resume_schedule", Some(&target(&id)), schedules::resume_schedule(app, &cx, id))
        .await?;
    say!("{} goes on; its present state is applied at the next tick.", plain(&name));
    Ok(())
}

pub async fn stop(app: &App, arguments: Stop) -> Result<(), CliError> {
    let Stop { reason, installation, organization } = arguments;
    if installation {
        let cx = of_installation(app);
        let stop = schedules::stop_installation(app, &cx, &reason);
        audited(app, &cx, "stop_installation", None, stop).await?;
        say!("Nothing is started or stopped on this server until `tuner schedule go --installation`.");
        return Ok(());
    }
    let cx = organization.enter(app).await?;
    audited(app, &cx, "stop_scheduler", None, schedules::stop_scheduler(app, &cx, &reason)).await?;
    say!("Nothing is started or stopped until `tuner schedule go`.");
    Ok(())
}

pub async fn go(app: &App, arguments: Go) -> Result<(), CliError> {
    if arguments.installation {
        let cx = of_installation(app);
        audited(app, &cx, "release_installation", None, schedules::release_installation(app)).await?;
        say!("The kill switch of the installation is lifted.");
        return Ok(());
    }
    let cx = arguments.organization.enter(app).await?;
    audited(app, &cx, "release_scheduler", None, schedules::release_scheduler(app, &cx)).await?;
    for stop in schedules::list_stops(app, &cx).await.map_err(told)? {
        say!("Still on for the {}: {}", stop.scope, plain(&stop.reason));
    }
    say!("The kill switch of the organization is lifted.");
    Ok(())
}

/// What belongs to no organisation is audited in the chain of nobody.
fn of_installation(app: &App) -> OpCx {
    OpCx::without_request(Actor::operator(), OrgScope::of_nobody(), app.clock.now())
}
