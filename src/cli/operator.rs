//! The command line on the server's own machine: it opens the database itself and acts for a whole
//! organisation, as whoever can read the data folder may.

use super::{CliError, Context};
use crate::{
    app::App,
    domain::{clock::Clock, ids::OrganizationId},
    error::Error,
    op::{Actor, OpCx},
    service::audit,
    settings::Settings,
};
use clap::Args;
use std::sync::Arc;

#[derive(Debug, Args)]
pub struct Organization {
    /// The organization to act for; may be left out where there is only one
    #[arg(long, value_name = "ID")]
    organization: Option<OrganizationId>,
}

/// The whole application without its server.
pub async fn open(context: &Context) -> Result<Arc<App>, CliError> {
    let settings: Settings = context.settings().await?;
    App::open(settings, Clock::system()).await.map(Arc::new).map_err(CliError::new)
}

/// Opens the application for a command and closes it however the command ends: the audit is written by then.
pub async fn with_app<T>(
    context: &Context,
    work: impl AsyncFnOnce(&App) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let app = open(context).await?;
    let done = Box::pin(work(&app)).await;
    app.stop().await;
    done
}

/// Runs a command that changes something: its intent is written first, its outcome afterwards, in the name of
/// the operator. Every such command goes through here.
pub async fn audited<T>(
    app: &App,
    cx: &OpCx,
    action: &str,
    target: Option<&str>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, CliError> {
    let intent = audit::begin(app, cx, action, target).await.map_err(|error| CliError::caused(&error))?;
    let done = work.await;
    audit::finish(app, intent, &done).await;
    done.map_err(|error| CliError::caused(&error))
}

/// The same for a command that makes something: what it is called is known afterwards.
pub async fn audited_making<T>(
    app: &App,
    cx: &OpCx,
    action: &str,
    work: impl Future<Output = Result<T, Error>>,
    named: impl FnOnce(&T) -> String,
) -> Result<T, CliError> {
    let intent = audit::begin(app, cx, action, None).await.map_err(|error| CliError::caused(&error))?;
    let made = work.await;
    let target = made.as_ref().ok().map(named);
    audit::finish(app, intent, audit::Ending { target, ..audit::Ending::from(&made) }).await;
    made.map_err(|error| CliError::caused(&error))
}

impl Organization {
    #[must_use]
    pub const fn is_named(&self) -> bool {
        self.organization.is_some()
    }

    /// Acts for the organisation; makes it where it is named and not there yet.
    pub async fn enter(&self, app: &App) -> Result<OpCx, CliError> {
        let now = app.clock.now();
        let organization = match &self.organization {
            Some(name) => app.database.find_or_create_organization(name, now).await.map_err(CliError::new)?,
            None => only_one(app).await?,
        };
        Ok(as_operator(app, &organization))
    }
}

/// The operator's context in an organisation.
pub fn as_operator(app: &App, organization: &crate::db::Organization) -> OpCx {
    let scope = app.database.system_scope(organization.key, organization.name.clone());
    OpCx::without_request(Actor::operator(), scope, app.clock.now())
}

async fn only_one(app: &App) -> Result<crate::db::Organization, CliError> {
    let mut all = app.database.list_organizations().await.map_err(CliError::new)?;
    match (all.pop(), all.len()) {
        (Some(only), 0) => Ok(only),
        (None, _) => Err(CliError::usage("there is no organization yet; name one with --organization")),
        (Some(last), more) => {
            let names: Vec<String> = all.iter().take(5).chain([&last]).map(|o| o.name.to_string()).collect();
            Err(CliError::usage(format!(
                "there are {} organizations ({}); name one with --organization",
                more + 1,
                names.join(", ")
            )))
        }
    }
}
