//! `tuner db rotate-keys` and `tuner db organization-key`: the keys of what lies encrypted.

use super::{
    CliError, Context, Exit,
    operator::{as_operator, audited, with_app},
};
use crate::{
    app::App,
    db::Organization,
    domain::{ids::OrganizationId, kms_key::KmsKeyArn},
    service::key_rotation::{Depth, Rotated, rotate, set_organization_key},
};
use clap::Args;

#[derive(Debug, Args)]
pub struct Rotate {
    /// Only wrap the data keys anew with the present master key, after a change of the setting `master_key`
    #[arg(long)]
    master_only: bool,
    /// Only this organization
    #[arg(long, value_name = "ID")]
    organization: Option<OrganizationId>,
}

#[derive(Debug, Args)]
pub struct OrganizationKey {
    #[arg(long, value_name = "ID")]
    organization: OrganizationId,
    /// A KMS key of the customer's own; its policy must let Tuner use it
    #[arg(long, value_name = "ARN", required_unless_present = "server_key", conflicts_with = "server_key")]
    kms_key: Option<KmsKeyArn>,
    /// Back to the server's master key
    #[arg(long)]
    server_key: bool,
}

pub async fn rotate_keys(context: &Context, arguments: Rotate) -> Result<Exit, CliError> {
    with_app(context, async |app| rotate_all(app, arguments).await).await
}

async fn rotate_all(app: &App, arguments: Rotate) -> Result<Exit, CliError> {
    let depth = if arguments.master_only { Depth::MasterKey } else { Depth::DataKeys };
    let organizations = match &arguments.organization {
        Some(name) => vec![find(app, name).await?],
        None => app.database.list_organizations().await.map_err(CliError::new)?,
    };
    let mut failed = 0;
    for organization in organizations {
        let name = organization.name.clone();
        let cx = as_operator(app, &organization);
        match audited(app, &cx, "rotate_keys", None, rotate(app, organization, depth)).await {
            Ok(done) => {
                failed += usize::from(done.resealed.refused > 0);
                say!("{name}: {}", told(&done));
            }
            // One customer's key that is disabled must not keep the others from new keys.
            Err(error) => {
                failed += 1;
                say!("{name}: failed, nothing is lost: {error}");
            }
        }
    }
    match failed {
        0 => Ok(Exit::Fine),
        failed => {
            Err(CliError::new(format!("{failed} organizations are not done; see above, then run this again")))
        }
    }
}

fn told(done: &Rotated) -> String {
    let mut parts = vec![format!("{} data keys wrapped anew", done.rewrapped)];
    if done.new_key {
        parts.push("new data key".to_owned());
    }
    parts.push(format!("{} values sealed anew", done.resealed.values));
    if done.resealed.refused > 0 {
        parts.push(format!("{} VALUES DO NOT OPEN and were left as they are", done.resealed.refused));
    }
    if done.deleted > 0 {
        parts.push(format!("{} retired keys deleted", done.deleted));
    }
    if done.retired > 0 {
        parts.push(format!(
            "{} retired keys kept, deleted by the server or the next run an hour from now at the earliest",
            done.retired
        ));
    }
    parts.join(", ")
}

async fn find(app: &App, name: &OrganizationId) -> Result<Organization, CliError> {
    let found = app.database.find_organization(name).await.map_err(CliError::new)?;
    found.ok_or_else(|| CliError::usage(format!("there is no organization {name}")))
}

pub async fn organization_key(context: &Context, arguments: OrganizationKey) -> Result<Exit, CliError> {
    with_app(context, async |app| set_key(app, arguments).await).await
}

async fn set_key(app: &App, arguments: OrganizationKey) -> Result<Exit, CliError> {
    let organization = find(app, &arguments.organization).await?;
    let cx = as_operator(app, &organization);
    let set = set_organization_key(app, &organization, arguments.kms_key.as_ref());
    let rewrapped = audited(app, &cx, "set_organization_key", None, set).await?;
    let by = arguments.kms_key.map_or_else(|| "the server's master key".to_owned(), |key| key.to_string());
    say!("{}: data keys are wrapped by {by} ({rewrapped} wrapped anew)", organization.name);
    Ok(Exit::Fine)
}
