//! The forms that CloudWatch asks for: queries, batches within its limits, datapoints. Pure.

use super::{
    metric_plan::{Dimension, Request},
    window::Window,
};
use aws_sdk_cloudwatch::types as sdk;

/// `GetMetricData`'s limits for one call.
const MOST_QUERIES: usize = 500;
const MOST_POINTS: u32 = 100_800;
/// `GetMetricStatistics`' limit for one call.
pub(super) const MOST_POINTS_OF_STATISTICS: u32 = 1_440;

/// As few batches as the limits allow, in the order of the requests.
pub(super) fn batches(requests: &[Request], window: Window) -> Vec<&[Request]> {
    let mut batches = Vec::new();
    let mut rest = requests;
    while !rest.is_empty() {
        let (batch, others) = rest.split_at(fitting(rest, window).clamp(1, rest.len()));
        batches.push(batch);
        rest = others;
    }
    batches
}

/// How many of the first requests fit into one call.
fn fitting(requests: &[Request], window: Window) -> usize {
    let mut points = 0;
    let fits = |request: &&Request| {
        points += window.datapoints(&request.metric.spec());
        points <= MOST_POINTS
    };
    requests.iter().take(MOST_QUERIES).take_while(fits).count()
}

pub(super) fn data_query(index: usize, request: &Request) -> sdk::MetricDataQuery {
    let spec = request.metric.spec();
    let metric = sdk::Metric::builder()
        .namespace(spec.namespace)
        .metric_name(spec.name)
        .set_dimensions(Some(dimensions_of(request)))
        .build();
    let stat = sdk::MetricStat::builder()
        .metric(metric)
        .period(i32::try_from(spec.period_secs).unwrap_or(i32::MAX))
        .stat(spec.statistic)
        .build();
    sdk::MetricDataQuery::builder().id(format!("m{index}")).metric_stat(stat).return_data(true).build()
}

/// Back from a query's id to its place in the batch.
pub(super) fn index_of(id: &str) -> Option<usize> {
    id.strip_prefix('m')?.parse().ok()
}

pub(super) fn dimensions_of(request: &Request) -> Vec<sdk::Dimension> {
    let dimension =
        |(name, value): &Dimension| sdk::Dimension::builder().name(&**name).value(&**value).build();
    request.dimensions.iter().map(dimension).collect()
}

/// The one statistic that was asked for.
pub(super) fn read_point(point: &sdk::Datapoint, statistic: &str) -> Option<(i64, f64)> {
    let value = match statistic {
        "Maximum" => point.maximum,
        "Minimum" => point.minimum,
        "Sum" => point.sum,
        "Average" => point.average,
        percentile => point.extended_statistics.as_ref().and_then(|all| all.get(percentile).copied()),
    };
    Some((point.timestamp?.secs(), value?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::Metric;

    fn requests(metric: Metric, number: usize) -> Vec<Request> {
        let request = |n| Request {
            metric,
            id: format!("x-{n}").into(),
            dimensions: vec![("InstanceId".into(), format!("x-{n}").into())],
        };
        (0..number).map(request).collect()
    }

    fn sizes(metric: Metric, number: usize) -> Vec<usize> {
        let window = Window::ending_at("2026-07-01T12:00:00Z".parse().unwrap(), 14);
        batches(&requests(metric, number), window).iter().map(|batch| batch.len()).collect()
    }

    #[test]
    fn daily_series_go_by_500_and_five_minute_ones_by_their_datapoints() {
        assert_eq!(sizes(Metric::Ec2CpuMax, 1_001), [500, 500, 1]);
        assert_eq!(sizes(Metric::EbsReadOps, 60), [25, 25, 10]);
        assert_eq!(sizes(Metric::Ec2CpuHourly, 301), [300, 1]);
        assert!(sizes(Metric::Ec2CpuMax, 0).is_empty());
    }

    #[test]
    fn a_query_finds_its_way_back() {
        let query = data_query(17, &requests(Metric::RdsCpuP995, 1)[0]);
        assert_eq!(index_of(query.id().unwrap()), Some(17));
        assert_eq!(index_of("x"), None);
        let stat = query.metric_stat.unwrap();
        assert_eq!((stat.stat.as_deref(), stat.period), (Some("p99.5"), Some(86_400)));
        assert_eq!(stat.metric.unwrap().dimensions()[0].value(), Some("x-0"));
    }

    #[test]
    fn the_statistic_asked_for_is_the_one_read() {
        let point = sdk::Datapoint::builder()
            .timestamp(aws_smithy_types::DateTime::from_secs(60))
            .maximum(2.0)
            .sum(3.0)
            .set_extended_statistics(Some([("p99.5".to_owned(), 1.5)].into()))
            .build();
        assert_eq!(read_point(&point, "Maximum"), Some((60, 2.0)));
        assert_eq!(read_point(&point, "p99.5"), Some((60, 1.5)));
        assert_eq!(read_point(&point, "Minimum"), None);
    }
}
