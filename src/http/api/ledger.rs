//! `/savings/realised`: what was promised and what came of it, in sums.

use crate::{
    app::App,
    domain::money::MicroUsd,
    error::Error,
    http::{
        access::{Access, needs},
        api::filters::{blank, day, user},
        json::Json,
        routes::{Routes, routes},
    },
    service::ledger::{self, Grouping, Question, Realised, RealisedReport},
};
use actix_web::web::{Data, Query};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Promised and realised for some days.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the API's names say that they are savings")]
pub struct RealisedView {
    /// What was promised for these days when recommendations were marked as implemented
    #[schema(value_type = String, example = "123.45")]
    estimated_savings: MicroUsd,
    /// What scans confirmed of it
    #[schema(value_type = String, example = "98.76")]
    realised_savings: MicroUsd,
    /// What time off brought, as the scheduler booked it; never in the two others
    #[schema(value_type = String, example = "12.34")]
    scheduler_savings: MicroUsd,
}

impl From<Realised> for RealisedView {
    fn from(sum: Realised) -> Self {
        Self {
            estimated_savings: sum.estimated,
            realised_savings: sum.realised,
            scheduler_savings: sum.scheduled,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RealisedRow {
    /// A day, a month, an account or the id of a user, as asked for; `scheduler` among users
    key: String,
    #[serde(flatten)]
    amounts: RealisedView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RealisedSums {
    #[schema(value_type = String, format = "date")]
    from: Date,
    #[schema(value_type = String, format = "date")]
    to: Date,
    #[schema(example = "USD")]
    currency_code: &'static str,
    total: RealisedView,
    items: Vec<RealisedRow>,
}

impl From<RealisedReport> for RealisedSums {
    fn from(report: RealisedReport) -> Self {
        let row = |(key, sum): (String, Realised)| RealisedRow { key, amounts: sum.into() };
        Self {
            from: report.from,
            to: report.to,
            currency_code: "USD",
            total: report.total.into(),
            items: report.rows.into_iter().map(row).collect(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RealisedQuery {
    /// First day (UTC), YYYY-MM-DD; 30 days before the last one by default
    from: Option<String>,
    /// Last day (UTC); today by default
    to: Option<String>,
    account_id: Option<String>,
    /// The id of the user who implemented
    user_id: Option<String>,
    /// `day` (default), `month`, `account` or `user`
    #[param(pattern = "^(day|month|account|user)?$")]
    group_by: Option<String>,
}

impl RealisedQuery {
    pub(super) fn question(&self) -> Result<Question, Error> {
        let asked = question(self.from.as_deref(), self.to.as_deref(), self.account_id.as_deref())?;
        Ok(Question { implemented_by: user(self.user_id.as_deref())?, ..asked })
    }

    pub(super) fn grouping(&self) -> Result<Grouping, Error> {
        match blank(self.group_by.as_deref()) {
            None | Some("day") => Ok(Grouping::Day),
            Some("month") => Ok(Grouping::Month),
            Some("account") => Ok(Grouping::Account),
            Some("user") => Ok(Grouping::User),
            Some(_) => Err(Error::invalid_field("groupBy", "use day, month, account or user")),
        }
    }
}

/// What both routes take: days and an account.
pub(super) fn question(
    from: Option<&str>,
    to: Option<&str>,
    account_id: Option<&str>,
) -> Result<Question, Error> {
    Ok(Question {
        from: day("from", from)?,
        to: day("to", to)?,
        account: blank(account_id).map(str::parse).transpose()?,
        implemented_by: None,
    })
}

/// Estimated against realised savings, for the accounts that you see.
#[utoipa::path(get, path = "/api/v1/savings/realised", tag = "money", params(RealisedQuery),
    responses((status = 200, body = RealisedSums)))]
async fn get_realised_savings(
    access: Access<needs::ViewSavings>,
    app: Data<App>,
    query: Query<RealisedQuery>,
) -> Result<Json<RealisedSums>, Error> {
    let report = ledger::sum_realised(&app, &access.cx, &query.question()?, query.grouping()?).await?;
    Ok(Json(report.into()))
}

impl RealisedSums {
    pub(crate) const HEADER: [&str; 4] = ["key", "estimatedSavings", "realisedSavings", "schedulerSavings"];

    pub(crate) fn rows(self) -> Vec<[String; 4]> {
        let row = |row: RealisedRow| {
            let RealisedView { estimated_savings, realised_savings, scheduler_savings } = row.amounts;
            [
                row.key,
                estimated_savings.to_string(),
                realised_savings.to_string(),
                scheduler_savings.to_string(),
            ]
        };
        self.items.into_iter().map(row).collect()
    }
}

pub fn routes() -> Routes {
    routes![get_realised_savings]
}
