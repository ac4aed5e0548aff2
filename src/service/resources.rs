//! The kept inventory.

use crate::{
    app::App,
    db::{KeptResource, ResourceFilter},
    domain::ids::ResourceKey,
    error::Error,
    op::OpCx,
};

/// One page in the order of the keys; `after` is the last one of the page before.
pub async fn list(
    app: &App,
    cx: &OpCx,
    filter: &ResourceFilter,
    after: Option<ResourceKey>,
    limit: u32,
) -> Result<Vec<KeptResource>, Error> {
    Ok(app.database.scoped(&cx.scope).list_resources(filter, after, limit).await?)
}

pub async fn get(app: &App, cx: &OpCx, key: ResourceKey) -> Result<KeptResource, Error> {
    Ok(app.database.scoped(&cx.scope).get_resource(key).await?)
}
