//! `tuner schedule calendar`: holidays; they are made with `tuner schedule apply`.

use super::{
    super::{
        CliError,
        operator::{Organization, audited},
    },
    manage::{target, told},
    views::Output,
};
use crate::{
    app::App,
    http::api::calendars::CalendarView,
    op::OpCx,
    service::schedules::{self, KeptCalendar},
};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the calendars
    List {
        #[command(flatten)]
        output: Output,
        #[command(flatten)]
        organization: Organization,
    },
    /// Delete a calendar that no schedule uses
    Delete {
        name: String,
        #[command(flatten)]
        organization: Organization,
    },
}

pub async fn run(app: &App, command: Command) -> Result<(), CliError> {
    match command {
        Command::List { output, organization } => {
            let cx = organization.enter(app).await?;
            list(all(app, &cx).await?, &output)
        }
        Command::Delete { name, organization } => {
            let cx = organization.enter(app).await?;
            let found = all(app, &cx).await?.into_iter().find(|kept| kept.name == name);
            let missing = || CliError::new(format!("there is no calendar called {name:?}"));
            let id = found.ok_or_else(missing)?.id;
            let delete = schedules::delete_calendar(app, &cx, id);
            audited(app, &cx, "delete_calendar", Some(&target(&id)), delete).await?;
            say!("The calendar is deleted.");
            Ok(())
        }
    }
}

async fn all(app: &App, cx: &OpCx) -> Result<Vec<KeptCalendar>, CliError> {
    schedules::list_calendars(app, cx, None, u32::MAX).await.map_err(told)
}

fn list(all: Vec<KeptCalendar>, output: &Output) -> Result<(), CliError> {
    let row =
        |kept: &KeptCalendar| vec![kept.name.clone(), kept.revision.to_string(), kept.updated_at.to_string()];
    let rows = all.iter().map(row).collect();
    output.list(&["Name", "Revision", "Changed"], rows, || all.into_iter().map(CalendarView::of).collect())
}
