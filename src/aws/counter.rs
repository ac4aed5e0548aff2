//! Counts what a session asks of AWS, retries included, and what that costs.

use super::iam_prefix;
use crate::domain::{money::MicroUsd, scan::ApiUsage};
use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataInput;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{
                BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
                FinalizerInterceptorContextRef,
            },
        },
        orchestrator::{HttpResponse, Metadata},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Cost Explorer bills each request, pages too.
pub const COST_EXPLORER_REQUEST: MicroUsd = MicroUsd::new(10_000);
/// `GetMetricData` bills 0.01 USD per 1,000 metrics asked for.
pub const METRIC_REQUESTED: MicroUsd = MicroUsd::new(10);

/// Shared by all clients of a session.
#[derive(Clone, Debug, Default)]
pub struct CallCounter(Arc<Mutex<ApiUsage>>);

impl CallCounter {
    /// What was called until now.
    #[must_use]
    pub fn usage(&self) -> ApiUsage {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, ApiUsage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count_attempt(&self, service: &str, operation: &str) {
        let mut usage = self.lock();
        usage.total_calls += 1;
        let operations = usage.calls.entry(service.to_owned()).or_default();
        *operations.entry(operation.to_owned()).or_default() += 1;
        if service == "ce" {
            usage.estimated_cost += COST_EXPLORER_REQUEST;
        }
    }

    fn count_metrics(&self, metrics: usize) {
        let mut usage = self.lock();
        usage.metrics_requested += metrics as u64;
        let metrics = i64::try_from(metrics).unwrap_or_default();
        usage.estimated_cost += METRIC_REQUESTED.scale(metrics, 1);
    }
}

impl Intercept for CallCounter {
    fn name(&self) -> &'static str {
        "CallCounter"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(input) = context.input().downcast_ref::<GetMetricDataInput>() {
            self.count_metrics(input.metric_data_queries().len());
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(metadata) = cfg.load::<Metadata>() {
            self.count_attempt(iam_prefix(metadata.service()), metadata.name());
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().is_some_and(is_throttled) {
            self.lock().throttled_calls += 1;
        }
        Ok(())
    }
}

/// The error's type is erased here, so its code is looked for in the reply: error replies are short.
pub(super) fn is_throttled(response: &HttpResponse) -> bool {
    const CODES: [&str; 6] = [
        "Throttl",
        "RequestLimitExceeded",
        "TooManyRequests",
        "SlowDown",
        "LimitExceededException",
        "RequestThrottled",
    ];
    let status = response.status().as_u16();
    if status < 400 {
        return false;
    }
    let body = String::from_utf8_lossy(response.body().bytes().unwrap_or_default());
    let header = response.headers().get("x-amzn-query-error").unwrap_or_default();
    status == 429 || CODES.iter().any(|code| body.contains(code) || header.contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    #[test]
    fn cost_explorer_and_metrics_cost_and_nothing_else() {
        let counter = CallCounter::default();
        counter.count_attempt("ce", "GetCostAndUsage");
        counter.count_attempt("ec2", "DescribeVolumes");
        counter.count_attempt("ec2", "DescribeVolumes");
        counter.count_metrics(1_500);
        let usage = counter.usage();
        assert_eq!(usage.total_calls, 3);
        assert_eq!(usage.calls["ec2"]["DescribeVolumes"], 2);
        assert_eq!(usage.metrics_requested, 1_500);
        assert_eq!(usage.estimated_cost.to_string(), "0.025");
    }

    #[test]
    fn throttling_is_told_by_the_code_of_the_reply() {
        let reply = |status: u16, body: &'static str| {
            HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body))
        };
        assert!(is_throttled(&reply(503, "<Code>RequestLimitExceeded</Code>")));
        assert!(is_throttled(&reply(400, r#"{"__type":"ThrottlingException"}"#)));
        assert!(!is_throttled(&reply(503, "<Code>InternalError</Code>")));
        assert!(!is_throttled(&reply(200, "Throttling")));
    }
}
