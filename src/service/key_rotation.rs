//! Changing the keys of what lies encrypted, organisation by organisation, while everything stays readable.
//!
//! A rotation that broke off is finished by the next one, or by the server's timer. A retired key is deleted an
//! hour after at the earliest, and never while a value is left that does not open.

use crate::{
    app::App,
    db::{Organization, Resealed},
    domain::{ids::OrganizationId, kms_key::KmsKeyArn, scope::OrgScope},
    error::Error,
};
use std::{sync::Arc, time::Duration};

const LOOK_EVERY: Duration = Duration::from_hours(1);

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Data keys are wrapped anew by the present master key; no value is touched.
    MasterKey,
    /// That, and each organisation gets a new data key.
    DataKeys,
}

/// What was done for one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    pub organization: OrganizationId,
    pub rewrapped: usize,
    /// False where nothing is encrypted yet, and where an earlier rotation was finished instead.
    pub new_key: bool,
    pub resealed: Resealed,
    pub deleted: usize,
    /// Keys that only open: deleted later.
    pub retired: usize,
}

pub async fn rotate(app: &App, organization: Organization, depth: Depth) -> Result<Rotated, Error> {
    let scope = app.database.system_scope(organization.key, organization.name.clone());
    let mut done = Rotated {
        organization: organization.name,
        rewrapped: app.vault.rewrap(scope.key()).await?.0,
        new_key: false,
        resealed: Resealed::default(),
        deleted: 0,
        retired: 0,
    };
    if depth == Depth::DataKeys {
        done.resealed = reseal(app, &scope).await?;
        // Something was left: an earlier rotation broke off, and its new key is fresh.
        if done.resealed.values == 0 {
            done.new_key = app.vault.renew(scope.key()).await?;
            done.resealed = reseal(app, &scope).await?;
        }
        done.deleted = delete_retired(app, &scope, done.resealed).await?;
    }
    let keys = app.vault.keys(scope.key()).await?;
    done.retired = keys.iter().filter(|key| key.retired_at.is_some()).count();
    Ok(done)
}

/// Seals anew whatever a retired key sealed.
async fn reseal(app: &App, scope: &OrgScope) -> Result<Resealed, Error> {
    let keys = app.vault.keys(scope.key()).await?;
    match keys.iter().find(|key| key.retired_at.is_none()) {
        Some(current) if keys.len() > 1 => {
            Ok(app.database.scoped(scope).reseal(current.id, u64::MAX).await?)
        }
        _ => Ok(Resealed::default()),
    }
}

/// A value that does not open may be one that somebody moved: its key is kept until it is mended or removed.
async fn delete_retired(app: &App, scope: &OrgScope, resealed: Resealed) -> Result<usize, Error> {
    if resealed.refused > 0 {
        return Ok(0);
    }
    Ok(app.vault.delete_retired(scope.key()).await?)
}

/// Hands the organisation's keys to a KMS key of the customer's, or back to the server's master key; how many.
pub async fn set_organization_key(
    app: &App,
    organization: &Organization,
    key: Option<&KmsKeyArn>,
) -> Result<usize, Error> {
    Ok(app.vault.set_customer_key(organization.key, key).await?.0)
}

/// Finishes rotations that broke off and deletes keys that have been retired long enough.
pub async fn finish_rotations(app: &App) -> Result<(), Error> {
    let waiting = app.vault.organizations_with_retired_keys().await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let all = app.database.list_organizations().await?;
    for organization in all.into_iter().filter(|organization| waiting.contains(&organization.key)) {
        let scope = app.database.system_scope(organization.key, organization.name);
        if let Err(error) = finish(app, &scope).await {
            let source = error.chain();
            tracing::warn!(organization.id = %scope.organization(), %error, source, "a rotation of keys is not finished");
        }
    }
    Ok(())
}

async fn finish(app: &App, scope: &OrgScope) -> Result<(), Error> {
    let resealed = reseal(app, scope).await?;
    let deleted = delete_retired(app, scope, resealed).await?;
    let Resealed { values, refused } = resealed;
    if values > 0 || refused > 0 || deleted > 0 {
        tracing::info!(organization.id = %scope.organization(), values, refused, deleted, "a rotation of keys went on");
    }
    Ok(())
}

/// The timer, until the server stops.
pub async fn watch_rotations(app: Arc<App>) {
    loop {
        if let Err(error) = finish_rotations(&app).await {
            tracing::warn!(error = error.chain(), "rotations of keys cannot be looked at");
        }
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
