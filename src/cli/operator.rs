//! The command line on the server's own machine: it opens the database itself and acts for a whole
//! organisation, as whoever can read the data folder may.

use super::{CliError, Context};
use crate::{
    app::App,
    domain::{clock::Clock, ids::OrganizationId},
    op::{Actor, OpCx},
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

impl Organization {
    /// Acts for the organisation; makes it where it is named and not there yet.
    pub async fn enter(&self, app: &App) -> Result<OpCx, CliError> {
        let now = app.clock.now();
        let organization = match &self.organization {
            Some(name) => app.database.find_or_create_organization(name, now).await.map_err(CliError::new)?,
            None => only_one(app).await?,
        };
        let scope = app.database.system_scope(organization.key, organization.name);
        Ok(OpCx::without_request(Actor::operator(), scope, now))
    }
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
