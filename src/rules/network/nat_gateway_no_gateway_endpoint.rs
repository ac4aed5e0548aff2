//! Traffic to S3 and DynamoDB that may go through a NAT gateway for want of a free endpoint.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    gateways::{Gateways, bytes, monthly, require},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, Verdicts},
    inventory::{EndpointType, NatGateway, ResourceKind, RouteTable, VpcEndpoint},
    metric::Metric,
    money::MicroUsd,
    price::PriceKey,
    price_item::Item,
    region::Region,
};
use serde_json::json;
use std::collections::HashSet;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "nat-gateway-no-gateway-endpoint",
    title: "No gateway endpoint for S3 or DynamoDB beside a NAT gateway",
    condition: "Available, older than the window, and a table that routes to it has no gateway endpoint for S3 or DynamoDB, \
                which costs nothing. Left alone where all of its bytes cost less than min_monthly_savings_usd.",
    formula: "between 0 and the gateway's GB in the window * NAT gateway GB * 730 h / hours of the window",
    pitfalls: "Which share goes to S3 or DynamoDB needs flow logs: no saving is promised. Endpoint policies and buckets \
               that allow only some addresses have to follow.",
    kind: ResourceKind::NatGateway,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &[
        "ec2:DescribeNatGateways",
        "ec2:DescribeRouteTables",
        "ec2:DescribeVpcEndpoints",
        "cloudwatch:GetMetricData",
    ],
    metrics: &[Metric::NatBytesOut, Metric::NatBytesBack],
    thresholds: &["look_back_days", "min_datapoints_percent", "min_monthly_savings_usd"],
    on_by_default: true,
};

/// As service names end, and as people write them.
const SERVICES: [(&str, &str); 2] = [("s3", "S3"), ("dynamodb", "DynamoDB")];

/// Region, route table and service of each gateway endpoint in use.
type Served<'a> = HashSet<(&'a Region, &'a str, &'a str)>;

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let around = Gateways::of(case);
    let served = inventory.vpc_endpoints.iter().flat_map(served_by).collect();
    case.judge_each(&inventory.nat_gateways, |case, gateway| judge(case, gateway, &around, &served))
}

fn served_by(endpoint: &VpcEndpoint) -> impl Iterator<Item = (&Region, &str, &str)> {
    let in_use = endpoint.endpoint_type == EndpointType::Gateway && endpoint.available;
    let service = endpoint.service_name.rsplit('.').next().filter(|_| in_use);
    let tables = endpoint.route_table_ids.iter();
    service.into_iter().flat_map(move |service| {
        tables.clone().map(move |table| (&endpoint.common.region, &**table, service))
    })
}

fn judge(case: &Case<'_>, gateway: &NatGateway, around: &Gateways<'_>, served: &Served<'_>) -> Judgement {
    let region = &gateway.common.region;
    if !gateway.available {
        return Ok(None);
    }
    require(case, &[ResourceKind::RouteTable, ResourceKind::VpcEndpoint], region)?;
    let missing = missing(around.tables(gateway), served);
    if missing.is_empty() {
        return Ok(None);
    }
    case.require_full_window(&gateway.common)?;
    let moved = bytes(case, gateway)?;
    let mut bill = case.bill();
    let most = monthly(case, moved, &bill.price(PriceKey::item(Item::NatGatewayGb, region))?);
    if most.amount() < MicroUsd::from_usd(i64::from(case.thresholds.min_monthly_savings_usd)) {
        return Ok(None);
    }
    let names: Vec<&str> = missing.iter().map(|(_, name)| *name).collect();
    let names = names.join(" and ");
    let gb = format!("{:.1} GB in {} days", moved / 1e9, case.thresholds.look_back_days);
    Ok(Some(Finding {
        title: format!(
            "Add free endpoints for {names}: up to {} USD a month goes through NAT",
            most.amount().to_cents()
        ),
        current: json!({"vpcId": gateway.vpc_id, "withoutGatewayEndpoint": names}),
        recommended: json!({"gatewayEndpoints": names}),
        confidence: Level::Low,
        evidence: vec![
            property("tables without a gateway endpoint for", names, Some("none".into())),
            property("bytes both ways", gb, None),
        ],
        remediation: remediation(gateway, around.tables(gateway), &missing),
        ..case.finding(gateway, Amounts { savings: most.clone(), cost: most, bill })
    }))
}

/// The services for which some table has no gateway endpoint.
fn missing(tables: &[&RouteTable], served: &Served<'_>) -> Vec<(&'static str, &'static str)> {
    let lacks = |table: &&RouteTable, service: &str| {
        !served.contains(&(&table.common.region, &*table.common.id, service))
    };
    SERVICES.into_iter().filter(|(service, _)| tables.iter().any(|table| lacks(table, service))).collect()
}

fn remediation(gateway: &NatGateway, tables: &[&RouteTable], missing: &[(&str, &str)]) -> Remediation {
    let region = &gateway.common.region;
    // One quoted word, which the CLI reads as a list.
    let ids = json!(tables.iter().map(|table| &*table.common.id).collect::<Vec<_>>()).to_string();
    let create = |(service, _): &(&str, &str)| {
        let name = format!("com.amazonaws.{region}.{service}");
        let options = [
            ("--vpc-endpoint-type", "Gateway"),
            ("--vpc-id", &*gateway.vpc_id),
            ("--service-name", &*name),
            ("--route-table-ids", &*ids),
        ];
        aws("ec2 create-vpc-endpoint", region, &options)
    };
    let back = [("--vpc-endpoint-ids", "NEW_VPC_ENDPOINT_ID")];
    Remediation {
        commands: missing.iter().map(create).collect(),
        rollback_commands: vec![aws("ec2 delete-vpc-endpoints", region, &back)],
        notes: vec!["Open connections to the service break once when its route changes.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{endpoint, nat, routes, vpc, with_nat};
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::fixtures::Lab;

    fn lab(gb_a_day: f64) -> Lab {
        with_nat(vpc(), nat("nat-1", 'a'), gb_a_day)
            .inventory(|i| i.route_tables.push(routes("rtb-1", "a", "nat-1")))
    }

    fn gateway_endpoint(service: &str) -> VpcEndpoint {
        VpcEndpoint { route_table_ids: vec!["rtb-1".into()], ..endpoint(service, EndpointType::Gateway) }
    }

    #[test]
    fn all_of_its_bytes_are_the_ceiling() {
        let finding = lab(24.0).only_finding(&RULE);
        assert_eq!((finding.basis, finding.confidence), (SavingsBasis::Exposure, Level::Low));
        assert_eq!(finding.monthly_savings.to_string(), "32.85");
        assert_eq!(
            finding.title,
            "Add free endpoints for S3 and DynamoDB: up to 32.85 USD a month goes through NAT"
        );
        assert!(finding.remediation.commands[0].ends_with(r#"--route-table-ids '["rtb-1"]'"#));
    }

    #[test]
    fn only_what_is_missing_is_named() {
        let finding =
            lab(24.0).inventory(|i| i.vpc_endpoints.push(gateway_endpoint("s3"))).only_finding(&RULE);
        assert_eq!(finding.current["withoutGatewayEndpoint"], "DynamoDB");
        let both = [gateway_endpoint("s3"), gateway_endpoint("dynamodb")];
        lab(24.0).inventory(|i| i.vpc_endpoints.extend(both)).nothing(&RULE);
    }

    #[test]
    fn an_endpoint_of_another_table_does_not_help() {
        let elsewhere = VpcEndpoint { route_table_ids: vec!["rtb-9".into()], ..gateway_endpoint("s3") };
        let finding = lab(24.0).inventory(|i| i.vpc_endpoints.push(elsewhere)).only_finding(&RULE);
        assert_eq!(finding.current["withoutGatewayEndpoint"], "S3 and DynamoDB");
    }

    #[test]
    fn little_traffic_and_no_route_are_fine() {
        lab(0.5).nothing(&RULE);
        with_nat(vpc(), nat("nat-1", 'a'), 24.0).nothing(&RULE);
    }

    #[test]
    fn what_could_not_be_read_is_unknown() {
        lab(24.0).incomplete(ResourceKind::RouteTable).unknown(&RULE, UnknownReason::InventoryIncomplete);
        lab(24.0).no_datapoints(Metric::NatBytesOut, "nat-1").unknown(&RULE, UnknownReason::MetricMissing);
    }
}
