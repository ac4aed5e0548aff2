//! `/recommendations`: the ranked list with its filters, and one with all it rests on.

use crate::{
    app::App,
    domain::{
        ids::RecommendationId,
        inventory::Service,
        money::MicroUsd,
        recommendation::{Recommendation, RecommendationStatus},
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::filters::{blank, one_more, parse_tag, region},
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    rules::find_rule,
    service::recommendations::{self, RecommendationCursor, RecommendationFilter, RecommendationSort},
};
use actix_web::web;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecommendationQuery {
    account_id: Option<String>,
    /// ACTIVE unless named; `ANY` for all
    status: Option<String>,
    service: Option<String>,
    rule: Option<String>,
    region: Option<String>,
    /// `key` or `key=value`
    tag: Option<String>,
    /// In US dollars
    min_monthly_savings: Option<String>,
    /// `-savings` (default), `-firstSeen` or `resource`
    #[param(pattern = "^(-savings|-firstSeen|resource)?$")]
    sort: Option<String>,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<RecommendationCursor>>,
}

/// A filter in the words of a query or a body.
pub(super) struct RecommendationWords<'a> {
    pub account_id: Option<&'a str>,
    pub status: Option<&'a str>,
    pub service: Option<&'a str>,
    pub rule: Option<&'a str>,
    pub region: Option<&'a str>,
    pub tag: Option<&'a str>,
    pub min_monthly_savings: Option<&'a str>,
}

impl RecommendationWords<'_> {
    pub fn filter(&self) -> Result<RecommendationFilter, Error> {
        Ok(RecommendationFilter {
            account: blank(self.account_id).map(str::parse).transpose()?,
            status: self.status()?,
            service: blank(self.service).map(parse_service).transpose()?,
            rule: blank(self.rule).map(parse_rule).transpose()?,
            region: region(self.region)?,
            tag: blank(self.tag).map(parse_tag).transpose()?,
            min_savings: blank(self.min_monthly_savings).map(parse_minimum).transpose()?,
        })
    }

    fn status(&self) -> Result<Option<RecommendationStatus>, Error> {
        match blank(self.status) {
            None => Ok(Some(RecommendationStatus::Active)),
            Some("ANY") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|()| {
                let names: Vec<&str> = RecommendationStatus::ALL.iter().map(|s| s.as_str()).collect();
                Error::invalid_field("status", format!("use ANY or one of {}", names.join(", ")))
            }),
        }
    }
}

impl RecommendationQuery {
    fn filter(&self) -> Result<RecommendationFilter, Error> {
        let words = RecommendationWords {
            account_id: self.account_id.as_deref(),
            status: self.status.as_deref(),
            service: self.service.as_deref(),
            rule: self.rule.as_deref(),
            region: self.region.as_deref(),
            tag: self.tag.as_deref(),
            min_monthly_savings: self.min_monthly_savings.as_deref(),
        };
        words.filter()
    }

    fn sort(&self) -> Result<RecommendationSort, Error> {
        match blank(self.sort.as_deref()) {
            None | Some("-savings") => Ok(RecommendationSort::Savings),
            Some("-firstSeen") => Ok(RecommendationSort::FirstSeen),
            Some("resource") => Ok(RecommendationSort::Resource),
            Some(_) => Err(Error::invalid_field("sort", "use -savings, -firstSeen or resource")),
        }
    }
}

fn parse_service(text: &str) -> Result<Service, Error> {
    text.parse().map_err(|()| {
        let names: Vec<&str> = Service::ALL.iter().map(|s| s.as_str()).collect();
        Error::invalid_field("service", format!("use one of {}", names.join(", ")))
    })
}

fn parse_rule(text: &str) -> Result<String, Error> {
    let found = find_rule(text).map(|rule| rule.meta.id.to_owned());
    found.ok_or_else(|| Error::invalid_field("rule", "there is no such rule"))
}

fn parse_minimum(text: &str) -> Result<MicroUsd, Error> {
    text.parse().map_err(|e| Error::invalid_field("minMonthlySavings", format!("{e}")))
}

#[utoipa::path(get, path = "/api/v1/recommendations", tag = "recommendations", params(RecommendationQuery),
    responses((status = 200, body = Page<Recommendation>)))]
async fn list_recommendations(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<RecommendationQuery>,
) -> Result<Json<Page<Recommendation>>, Error> {
    let (limit, sort) = (query.limit, query.sort()?);
    let after = query.cursor.as_ref().map(|cursor| &cursor.0);
    let rows =
        recommendations::list(&app, &access.cx, &query.filter()?, sort, after, one_more(limit)).await?;
    let list = rows.into_iter().map(|kept| kept.recommendation).collect();
    Ok(Json(Page::cut(list, limit, |last: &Recommendation| RecommendationCursor::of(last, sort))))
}

#[utoipa::path(get, path = "/api/v1/recommendations/{id}", tag = "recommendations", params(("id" = String, Path)),
    responses((status = 200, body = Recommendation)))]
async fn get_recommendation(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    id: web::Path<RecommendationId>,
) -> Result<Json<Recommendation>, Error> {
    Ok(Json(recommendations::get(&app, &access.cx, *id).await?.recommendation))
}

pub fn routes() -> Routes {
    routes![list_recommendations, get_recommendation]
}
