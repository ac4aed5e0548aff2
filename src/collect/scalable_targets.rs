//! What Application Auto Scaling moves, of the services whose rules ask for it.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{ResourceKind, ScalableTarget},
    region::Region,
    snapshot::Inventory,
    tags::Tags,
};
use aws_sdk_applicationautoscaling::{
    operation::describe_scalable_targets::DescribeScalableTargetsOutput, types as sdk,
};

const ACTION: &str = "application-autoscaling:DescribeScalableTargets";

pub(super) const COLLECTOR: Collector = Collector {
    name: "scalable targets",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::ScalableTarget,
        turn: Turn::Then(has_scalable),
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.scalable_targets)),
    }),
};

fn has_scalable(found: &Inventory) -> bool {
    !found.dynamo_tables.is_empty() || !found.ecs_services.is_empty()
}

async fn fetch(scope: &Scope<'_>, found: &mut Vec<ScalableTarget>) -> Result<(), Incomplete> {
    let client = scope.session.application_autoscaling(&scope.region);
    for namespace in [sdk::ServiceNamespace::Dynamodb, sdk::ServiceNamespace::Ecs] {
        let fetch = |token| {
            let call = client.describe_scalable_targets().service_namespace(namespace.clone());
            call.set_next_token(token).send()
        };
        let take = |page: DescribeScalableTargetsOutput| {
            let targets = page.scalable_targets.unwrap_or_default().into_iter();
            found.extend(targets.filter_map(|target| map(target, &scope.region)));
            page.next_token
        };
        scope.page_through(ACTION, fetch, take).await?;
    }
    Ok(())
}

fn map(target: sdk::ScalableTarget, region: &Region) -> Option<ScalableTarget> {
    let arn = target.scalable_target_arn.unwrap_or_default();
    let dimension = target.scalable_dimension.as_str();
    // Targets from before 2023 may have no ARN: resource and dimension name one as well.
    let id = arn
        .split_once(":scalable-target/")
        .map_or_else(|| format!("{}/{dimension}", target.resource_id), |(_, id)| id.to_owned());
    Some(ScalableTarget {
        common: wire::common(region, Some(id), Tags::default(), Some(target.creation_time))?,
        dimension: dimension.into(),
        least: i64::from(target.min_capacity),
        most: i64::from(target.max_capacity),
        resource: target.resource_id.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> sdk::builders::ScalableTargetBuilder {
        sdk::ScalableTarget::builder()
            .service_namespace(sdk::ServiceNamespace::Dynamodb)
            .resource_id("table/orders")
            .scalable_dimension(sdk::ScalableDimension::DynamoDbTableReadCapacityUnits)
            .min_capacity(5)
            .max_capacity(100)
            .role_arn("arn:aws:iam::123456789012:role/r")
            .creation_time(aws_smithy_types::DateTime::from_secs(0))
    }

    #[test]
    fn a_target_is_named_by_its_arn_or_else_by_what_it_scales() {
        let named = target().scalable_target_arn(
            "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/0ec5abc",
        );
        let found = map(named.build().unwrap(), &Region::global()).unwrap();
        assert_eq!(&*found.common.id, "0ec5abc");
        assert_eq!((found.least, found.most), (5, 100));
        let found = map(target().build().unwrap(), &Region::global()).unwrap();
        assert_eq!(&*found.common.id, "table/orders/dynamodb:table:ReadCapacityUnits");
    }
}
