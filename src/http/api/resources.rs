//! `/resources`: the kept inventory.

use crate::{
    app::App,
    db::{KeptResource, ResourceFilter},
    domain::{
        ids::{AccountId, ResourceKey},
        inventory::{ResourceKind, arn_of},
        region::Region,
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::filters::{blank, one_more, parse_tag},
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::resources,
};
use actix_web::web;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceView {
    #[schema(value_type = String, format = "uuid")]
    id: ResourceKey,
    #[schema(value_type = String)]
    account_id: AccountId,
    #[schema(value_type = String, example = "EbsVolume")]
    resource_type: ResourceKind,
    #[schema(value_type = String)]
    region: Region,
    resource_id: String,
    resource_arn: String,
    resource_name: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    first_seen: Timestamp,
    /// As it was collected; its fields depend on the type.
    #[schema(value_type = Object)]
    configuration: serde_json::Value,
}

impl From<KeptResource> for ResourceView {
    fn from(kept: KeptResource) -> Self {
        Self {
            id: kept.key,
            resource_arn: arn_of(kept.kind, kept.account, &kept.region, &kept.resource_id),
            account_id: kept.account,
            resource_type: kept.kind,
            region: kept.region,
            resource_id: kept.resource_id,
            resource_name: kept.name,
            first_seen: kept.first_seen,
            configuration: kept.body,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ResourceQuery {
    account_id: Option<String>,
    /// `EbsVolume`, `Ec2Instance`, …
    kind: Option<String>,
    region: Option<String>,
    /// `key` or `key=value`
    tag: Option<String>,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<ResourceKey>>,
}

impl ResourceQuery {
    fn filter(&self) -> Result<ResourceFilter, Error> {
        let kind = blank(self.kind.as_deref()).map(|text| {
            text.parse::<ResourceKind>()
                .map_err(|()| Error::invalid_field("kind", "there is no such resource type"))
        });
        Ok(ResourceFilter {
            account: blank(self.account_id.as_deref()).map(str::parse).transpose()?,
            kind: kind.transpose()?,
            region: blank(self.region.as_deref())
                .map(|text| text.parse().map_err(|e| Error::invalid_field("region", format!("{e}"))))
                .transpose()?,
            tag: blank(self.tag.as_deref()).map(parse_tag).transpose()?,
        })
    }
}

#[utoipa::path(get, path = "/api/v1/resources", tag = "inventory", params(ResourceQuery),
    responses((status = 200, body = Page<ResourceView>)))]
async fn list_resources(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<ResourceQuery>,
) -> Result<Json<Page<ResourceView>>, Error> {
    let (limit, after) = (query.limit, query.cursor.as_ref().map(|cursor| cursor.0));
    let rows = resources::list(&app, &access.cx, &query.filter()?, after, one_more(limit)).await?;
    let views = rows.into_iter().map(ResourceView::from).collect();
    Ok(Json(Page::cut(views, limit, |last: &ResourceView| last.id)))
}

#[utoipa::path(get, path = "/api/v1/resources/{id}", tag = "inventory", params(("id" = String, Path)),
    responses((status = 200, body = ResourceView)))]
async fn get_resource(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    id: web::Path<ResourceKey>,
) -> Result<Json<ResourceView>, Error> {
    Ok(Json(resources::get(&app, &access.cx, *id).await?.into()))
}

pub fn routes() -> Routes {
    routes![list_resources, get_resource]
}
