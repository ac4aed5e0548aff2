//! CloudWatch metrics of one region, reduced to what rules ask of them as they arrive.
//!
//! `GetMetricData` takes up to 500 series a call. Where it is denied, `GetMetricStatistics` is asked for one
//! series after the other: slower, same data. A series without datapoints is kept as such; one that could
//! not be read is absent.

use super::{
    Collector,
    metric_plan::{Plan, Request},
    metric_query::{MOST_POINTS_OF_STATISTICS, batches, data_query, dimensions_of, index_of, read_point},
    scope::{Incomplete, Scope},
    window::Window,
};
use crate::{
    aws::{Failure, METRIC_POINTS},
    domain::{
        metric::{Metric, MetricStore, Series, SeriesShape, Summary, WeekProfile},
        scan::GapReason,
        snapshot::Inventory,
        thresholds::Thresholds,
    },
};
use aws_sdk_cloudwatch::{operation::get_metric_data::GetMetricDataOutput, types as sdk};
use aws_smithy_types::DateTime;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, Ordering},
};

pub(super) const COLLECTOR: Collector =
    Collector { name: "metrics", actions: &[DATA, STATISTICS, super::agent::LIST], listing: None };
const DATA: &str = "cloudwatch:GetMetricData";
const STATISTICS: &str = "cloudwatch:GetMetricStatistics";
/// Batches, or single series, that are read side by side.
const SIDE_BY_SIDE: usize = 8;

/// (seconds since 1970, value), as they come.
type Points = Vec<(i64, f64)>;

pub(super) async fn fetch(
    scope: &Scope<'_>,
    inventory: &Inventory,
    thresholds: &Thresholds,
    now: Timestamp,
) -> MetricStore {
    let window = Window::ending_at(now, thresholds.look_back_days);
    let fetcher = Fetcher { scope, window, data_denied: AtomicBool::new(false) };
    let mut plan = Plan { inventory, thresholds, window, region: &scope.region, asked: HashSet::new() };
    let mut known = MetricStore::default();
    loop {
        let round = plan.next_round(&known);
        if round.is_empty() {
            break;
        }
        fetcher.fetch_round(&round, &mut known).await;
    }
    let of_agent = super::agent::requests(scope, &plan, &known).await;
    fetcher.fetch_round(&of_agent, &mut known).await;
    known
}

struct Fetcher<'a> {
    scope: &'a Scope<'a>,
    window: Window,
    data_denied: AtomicBool,
}

impl Fetcher<'_> {
    async fn fetch_round(&self, round: &[Request], known: &mut MetricStore) {
        let mut read = stream::iter(batches(round, self.window))
            .map(|batch| self.fetch_batch(batch))
            .buffered(SIDE_BY_SIDE);
        while let Some(batch) = read.next().await {
            for (request, points) in batch {
                let series = reduce(request.metric, points, self.window);
                known.insert(request.metric, &self.scope.region, &request.id, series);
            }
        }
    }

    async fn fetch_batch<'r>(&self, batch: &'r [Request]) -> Vec<(&'r Request, Points)> {
        if !self.data_denied.load(Ordering::Relaxed) {
            match self.fetch_data(batch).await {
                Ok(found) => return found,
                Err(Failure { reason: GapReason::AccessDenied, .. }) => {
                    // Nothing is missing yet: the data can still come the slow way.
                    self.data_denied.store(true, Ordering::Relaxed);
                    self.scope.journal.denied(DATA);
                }
                Err(failure) => {
                    self.scope.missing(DATA, failure);
                    return Vec::new();
                }
            }
        }
        self.fetch_statistics(batch).await
    }

    /// All series of a batch; those that CloudWatch names no result for are left out.
    async fn fetch_data<'r>(&self, batch: &'r [Request]) -> Result<Vec<(&'r Request, Points)>, Failure> {
        let client = self.scope.session.cloudwatch(&self.scope.region);
        let queries: Vec<_> = batch.iter().enumerate().map(|(index, r)| data_query(index, r)).collect();
        let points: u32 = batch.iter().map(|request| self.window.datapoints(&request.metric.spec())).sum();
        let mut found: Vec<Option<Points>> = vec![None; batch.len()];
        let fetch = |token| {
            let call = client.get_metric_data().set_metric_data_queries(Some(queries.clone()));
            call.start_time(DateTime::from_secs(self.window.start))
                .end_time(DateTime::from_secs(self.window.end))
                .set_next_token(token)
                .send()
        };
        let take = |page: GetMetricDataOutput| {
            for result in page.metric_data_results.unwrap_or_default() {
                keep_result(&mut found, result);
            }
            page.next_token
        };
        self.scope.journal.purse.pay_for_metrics(batch.len())?;
        self.scope.session.throttle().admit_many(&self.scope.region, METRIC_POINTS, points).await;
        self.scope.try_page_through(DATA, fetch, take).await?;
        let pairs = batch.iter().zip(found);
        Ok(pairs.filter_map(|(request, points)| Some((request, points?))).collect())
    }

    async fn fetch_statistics<'r>(&self, batch: &'r [Request]) -> Vec<(&'r Request, Points)> {
        let refused = AtomicBool::new(false);
        let refused = &refused;
        stream::iter(batch)
            .map(|request| async move {
                if refused.load(Ordering::Relaxed) {
                    return None;
                }
                match self.fetch_one(request).await {
                    Ok(points) => Some((request, points)),
                    Err(failure) => {
                        refused.fetch_or(failure.reason == GapReason::AccessDenied, Ordering::Relaxed);
                        let Incomplete = self.scope.missing(STATISTICS, failure);
                        None
                    }
                }
            })
            .buffered(SIDE_BY_SIDE)
            .filter_map(std::future::ready)
            .collect()
            .await
    }

    /// `GetMetricStatistics` gives 1,440 datapoints a call and has no pages.
    async fn fetch_one(&self, request: &Request) -> Result<Points, Failure> {
        let spec = request.metric.spec();
        let client = self.scope.session.cloudwatch(&self.scope.region);
        let mut points = Points::new();
        for piece in self.window.pieces(spec.period_secs, MOST_POINTS_OF_STATISTICS) {
            let call = client
                .get_metric_statistics()
                .namespace(spec.namespace)
                .metric_name(spec.name)
                .set_dimensions(Some(dimensions_of(request)))
                .start_time(DateTime::from_secs(piece.start))
                .end_time(DateTime::from_secs(piece.end))
                .period(i32::try_from(spec.period_secs).unwrap_or(i32::MAX));
            let call = if spec.statistic.starts_with('p') {
                call.extended_statistics(spec.statistic)
            } else {
                call.statistics(spec.statistic.into())
            };
            let reply = self.scope.call(STATISTICS, Box::pin(call.send())).await?;
            let datapoints = reply.datapoints.unwrap_or_default().into_iter();
            points.extend(datapoints.filter_map(|point| read_point(&point, spec.statistic)));
        }
        Ok(points)
    }
}

/// A result may come in several pages; one that CloudWatch failed at is not kept at all.
fn keep_result(found: &mut [Option<Points>], result: sdk::MetricDataResult) {
    let broken =
        matches!(result.status_code, Some(sdk::StatusCode::InternalError | sdk::StatusCode::Forbidden));
    let place = result.id.as_deref().and_then(index_of).and_then(|index| found.get_mut(index));
    let Some(place) = place.filter(|_| !broken) else { return };
    let times = result.timestamps.unwrap_or_default().into_iter().map(|at| at.secs());
    let points = times.zip(result.values.unwrap_or_default());
    place.get_or_insert_default().extend(points);
}

fn reduce(metric: Metric, points: Points, window: Window) -> Series {
    let spec = metric.spec();
    let expected = window.datapoints(&spec);
    match spec.shape {
        SeriesShape::Summary => {
            let values: Vec<f64> = points.into_iter().map(|(_, value)| value).collect();
            Series::Summary(Summary::of(&values, expected))
        }
        SeriesShape::WeekProfile => Series::WeekProfile(Box::new(WeekProfile::of(points, expected))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(id: &str, status: sdk::StatusCode, value: f64) -> sdk::MetricDataResult {
        sdk::MetricDataResult::builder()
            .id(id)
            .status_code(status)
            .timestamps(DateTime::from_secs(0))
            .values(value)
            .build()
    }

    #[test]
    fn pages_of_a_result_add_up_and_a_failed_one_is_absent() {
        let mut found = vec![None; 3];
        keep_result(&mut found, result("m0", sdk::StatusCode::PartialData, 1.0));
        keep_result(&mut found, result("m0", sdk::StatusCode::Complete, 2.0));
        keep_result(&mut found, result("m1", sdk::StatusCode::InternalError, 3.0));
        keep_result(&mut found, result("m9", sdk::StatusCode::Complete, 4.0));
        assert_eq!(found[0].as_ref().unwrap().len(), 2);
        assert_eq!((&found[1], &found[2]), (&None, &None));
    }

    #[test]
    fn a_result_without_datapoints_is_known_to_be_empty() {
        let mut found = vec![None];
        keep_result(&mut found, sdk::MetricDataResult::builder().id("m0").build());
        let points = found.remove(0).unwrap();
        let window = Window::ending_at("2026-07-01T12:00:00Z".parse().unwrap(), 14);
        let Series::Summary(summary) = reduce(Metric::Ec2CpuMax, points, window) else { panic!() };
        assert_eq!((summary.found, summary.expected), (0, 14));
    }
}
