//! Lambda functions with their tags and provisioned concurrency, which AWS gives one function a call.
//!
//! The list carries environment variables: they are dropped here, unread, with all else that no rule needs.

use super::{
    Collector, Listing, Turn,
    detail::{Detail, all_complete},
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{Architecture, LambdaFunction, ProvisionedConcurrency, ResourceKind},
    region::Region,
    tags::Tags,
};
use aws_sdk_lambda::{Client, operation::list_functions::ListFunctionsOutput, types as sdk};
use jiff::{Timestamp, fmt::strtime};

const LIST: &str = "lambda:ListFunctions";
const TAGS: &str = "lambda:ListTags";
const PROVISIONED: &str = "lambda:ListProvisionedConcurrencyConfigs";

pub(super) const COLLECTOR: Collector = Collector {
    name: "lambda functions",
    actions: &[LIST, TAGS, PROVISIONED],
    listing: Some(Listing {
        kind: ResourceKind::LambdaFunction,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.lambda_functions)),
    }),
};

struct Details<'a> {
    client: Client,
    tags: Detail<'a>,
    provisioned: Detail<'a>,
}

async fn fetch(scope: &Scope<'_>, found: &mut Vec<LambdaFunction>) -> Result<(), Incomplete> {
    let client = scope.session.lambda(&scope.region);
    let mut listed = Vec::new();
    let fetch = |marker| client.list_functions().max_items(50).set_marker(marker).send();
    let take = |page: ListFunctionsOutput| {
        let functions = page.functions.unwrap_or_default().into_iter();
        listed.extend(functions.filter_map(|function| map(function, &scope.region)));
        page.next_marker
    };
    let complete = scope.page_through(LIST, fetch, take).await;
    let details = Details {
        client: client.clone(),
        tags: Detail::new(scope, TAGS),
        provisioned: Detail::new(scope, PROVISIONED),
    };
    let reads = listed.iter_mut().map(|(arn, function)| details.read(arn, function)).collect();
    let read = all_complete(reads).await;
    found.extend(listed.into_iter().map(|(_, function)| function));
    complete.and(read)
}

impl Details<'_> {
    async fn read(&self, arn: &str, function: &mut LambdaFunction) -> Result<(), Incomplete> {
        let tags = self.tags.ask(self.client.list_tags().resource(arn).send());
        let (tags, provisioned) = tokio::join!(tags, self.read_provisioned(&function.common.id));
        let complete = match tags {
            Ok(reply) => {
                function.common.tags = reply.and_then(|r| r.tags).unwrap_or_default().into_iter().collect();
                Ok(())
            }
            Err(incomplete) => Err(incomplete),
        };
        function.provisioned = provisioned?;
        complete
    }

    /// 50 a page, and few functions have more than one.
    async fn read_provisioned(&self, name: &str) -> Result<Vec<ProvisionedConcurrency>, Incomplete> {
        let (mut all, mut marker) = (Vec::new(), None);
        for _ in 0..100 {
            let call = self.client.list_provisioned_concurrency_configs().function_name(name);
            let Some(page) = self.provisioned.ask(call.set_marker(marker).send()).await? else { break };
            let configs = page.provisioned_concurrency_configs.unwrap_or_default();
            all.extend(configs.into_iter().filter_map(map_provisioned));
            marker = page.next_marker.filter(|next| !next.is_empty());
            if marker.is_none() {
                break;
            }
        }
        Ok(all)
    }
}

/// With the ARN, which tags are asked by.
fn map(function: sdk::FunctionConfiguration, region: &Region) -> Option<(String, LambdaFunction)> {
    let arn = function.function_arn?;
    let mut common = wire::common(region, function.function_name, Tags::default(), None)?;
    common.created_at = function.last_modified.as_deref().and_then(timestamp);
    let arm = function.architectures.is_some_and(|all| all.contains(&sdk::Architecture::Arm64));
    let layers = function.layers.unwrap_or_default();
    let is_insights = |layer: &&sdk::Layer| {
        layer.arn.as_deref().is_some_and(|arn| arn.contains(":layer:LambdaInsightsExtension"))
    };
    let insights = layers.iter().filter(is_insights).count();
    Some((
        arn,
        LambdaFunction {
            common,
            runtime: function.runtime.map(|runtime| runtime.as_str().into()),
            architecture: if arm { Architecture::Arm64 } else { Architecture::X86_64 },
            memory_mb: wire::number(function.memory_size),
            timeout_seconds: wire::number(function.timeout),
            layers: i64::try_from(layers.len() - insights).unwrap_or_default(),
            insights: insights > 0,
            edge_replica: function.master_arn.is_some_and(|arn| !arn.is_empty()),
            provisioned: Vec::new(),
        },
    ))
}

/// `2026-01-02T03:04:05.000+0000`.
fn timestamp(text: &str) -> Option<Timestamp> {
    strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", text).ok()?.to_timestamp().ok()
}

fn map_provisioned(config: sdk::ProvisionedConcurrencyConfigListItem) -> Option<ProvisionedConcurrency> {
    let allocated = wire::number(config.allocated_provisioned_concurrent_executions);
    let (_, qualifier) = config.function_arn.as_deref()?.rsplit_once(':')?;
    (allocated > 0).then(|| ProvisionedConcurrency { qualifier: qualifier.into(), allocated })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:checkout";

    #[test]
    fn a_function_keeps_what_it_is_billed_by_and_no_variable() {
        let variables = sdk::EnvironmentResponse::builder().variables("TOKEN", "the-secret").build();
        let layer = |name: &str| {
            let arn = format!("arn:aws:lambda:us-east-1:580247275435:layer:{name}:14");
            sdk::Layer::builder().arn(arn).build()
        };
        let function = sdk::FunctionConfiguration::builder()
            .function_name("checkout")
            .function_arn(ARN)
            .runtime(sdk::Runtime::Python312)
            .memory_size(1_024)
            .timeout(30)
            .last_modified("2026-01-02T03:04:05.000+0000")
            .environment(variables)
            .layers(layer("LambdaInsightsExtension"))
            .layers(layer("ffmpeg"))
            .build();
        let (arn, function) = map(function, &Region::global()).unwrap();
        assert_eq!(arn, ARN);
        assert_eq!((function.memory_mb, function.timeout_seconds, function.layers), (1_024, 30, 1));
        assert_eq!(function.runtime.as_deref(), Some("python3.12"));
        assert_eq!(function.common.created_at.unwrap().to_string(), "2026-01-02T03:04:05Z");
        assert!(function.insights && !function.is_image() && !function.edge_replica);
        assert!(!format!("{function:?}").contains("the-secret"));
    }

    #[test]
    fn provisioned_concurrency_is_told_by_its_qualifier() {
        let config = |allocated| {
            sdk::ProvisionedConcurrencyConfigListItem::builder()
                .function_arn(format!("{ARN}:live"))
                .allocated_provisioned_concurrent_executions(allocated)
                .build()
        };
        let found = map_provisioned(config(5)).unwrap();
        assert_eq!(found.resource_of("checkout"), "checkout:live");
        assert_eq!(map_provisioned(config(0)), None);
    }
}
