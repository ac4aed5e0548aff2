//! What the rest of the month will cost, and whether anybody is told of anomalies. Two paid questions.

use super::{Collector, Incomplete, Scope, Spend, interval, none_without_data, of_account, usd};
use crate::domain::billing::Forecast;
use aws_sdk_costexplorer::{operation::get_anomaly_monitors::GetAnomalyMonitorsOutput, types as sdk};
use jiff::ToSpan;

const FORECAST: &str = "ce:GetCostForecast";
const MONITORS: &str = "ce:GetAnomalyMonitors";

pub(in crate::collect) const COLLECTOR: Collector =
    Collector { name: "forecast and anomaly monitors", actions: &[FORECAST, MONITORS], listing: None };

#[derive(Default)]
pub(super) struct Outlook {
    pub forecast: Option<Forecast>,
    pub anomaly_monitors: Option<u32>,
}

pub(super) async fn fetch(scope: &Scope<'_>, spend: &Spend<'_>) -> Outlook {
    if !spend.is_enough_in_all() {
        return Outlook::default();
    }
    let (forecast, monitors) = tokio::join!(forecast(scope, spend), monitors(scope));
    Outlook { forecast: forecast.ok().flatten(), anomaly_monitors: monitors.ok() }
}

/// From today to the end of the month.
async fn forecast(scope: &Scope<'_>, spend: &Spend<'_>) -> Result<Option<Forecast>, Incomplete> {
    let from = spend.today;
    let until = from.first_of_month().checked_add(1.month()).map_err(|_| Incomplete)?;
    let call = scope.session.cost_explorer().get_cost_forecast().set_time_period(interval(from, until));
    let call = call.metric(sdk::Metric::UnblendedCost).granularity(sdk::Granularity::Monthly);
    let reply = scope.call(FORECAST, Box::pin(call.filter(of_account(scope)).send())).await;
    let reply = none_without_data(scope, FORECAST, reply)?;
    let total = reply.and_then(|reply| reply.total).filter(|total| total.unit.as_deref() == Some("USD"));
    Ok(total.and_then(|total| usd(total.amount.as_ref())).map(|amount| Forecast { from, until, amount }))
}

async fn monitors(scope: &Scope<'_>) -> Result<u32, Incomplete> {
    let client = scope.session.cost_explorer();
    let mut count = 0;
    let fetch = |token| client.get_anomaly_monitors().max_results(100).set_next_page_token(token).send();
    let take = |page: GetAnomalyMonitorsOutput| {
        count += u32::try_from(page.anomaly_monitors.len()).unwrap_or(u32::MAX);
        page.next_page_token
    };
    scope.page_through(MONITORS, fetch, take).await?;
    Ok(count)
}
