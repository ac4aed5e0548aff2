//! Interface endpoints for S3 and DynamoDB, where a gateway endpoint would cost nothing.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::{Key, property},
    command::aws,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, Verdicts},
    inventory::{Attached, EndpointType, ResourceKind, VpcEndpoint},
    price::PriceKey,
    region::Region,
};
use serde_json::json;
use std::collections::HashSet;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "vpce-interface-where-gateway-works",
    title: "Interface endpoint where a free gateway endpoint would do",
    condition: "An available interface endpoint for S3 or DynamoDB of the region, not tagged to keep. Confidence is low \
                where the VPC is attached to a transit gateway, a VPN is in the region, or either is not known.",
    formula: "endpoint * 730 h for each availability zone; what it charges for each GB is left out",
    pitfalls: "Networks that come through Direct Connect, VPN, peering or a transit gateway can use interface endpoints \
               only.",
    kind: ResourceKind::VpcEndpoint,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeVpcEndpoints"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

/// Where other networks come in: VPCs at a transit gateway, regions with a VPN.
struct Ways<'a> {
    attached: HashSet<Key<'a>>,
    with_vpn: HashSet<&'a Region>,
}

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let of_vpcs = inventory.transit_gateway_attachments.iter().filter(|a| a.attached == Attached::Vpc);
    let ways = Ways {
        attached: of_vpcs.map(|a| (&a.common.region, &*a.resource_id)).collect(),
        with_vpn: inventory.vpn_connections.iter().map(|connection| &connection.common.region).collect(),
    };
    case.judge_each(&inventory.vpc_endpoints, |case, endpoint| judge(case, endpoint, &ways))
}

fn judge(case: &Case<'_>, endpoint: &VpcEndpoint, ways: &Ways<'_>) -> Judgement {
    let region = &endpoint.common.region;
    let zones = endpoint.subnet_ids.len();
    let interface = endpoint.endpoint_type == EndpointType::Interface && endpoint.available && zones > 0;
    let Some(service) = service(endpoint).filter(|_| interface && !endpoint.common.tags.keep()) else {
        return Ok(None);
    };
    let mut bill = case.bill();
    let hour = bill.price(PriceKey::InterfaceEndpointHour { region: region.clone() })?;
    let cost = hour.monthly(i64::try_from(zones).unwrap_or(i64::MAX));
    let alone = stands_alone(case, endpoint, ways);
    let others = if alone { "none seen" } else { "some, or not known" };
    Ok(Some(Finding {
        title: format!("Reach {service} through a gateway endpoint instead of interfaces in {zones} zones"),
        current: json!({"endpointType": "Interface", "serviceName": endpoint.service_name, "zones": zones}),
        recommended: json!({"endpointType": "Gateway", "serviceName": endpoint.service_name}),
        confidence: if alone { Level::Medium } else { Level::Low },
        evidence: vec![
            property("interfaces", zones.to_string(), Some("0".into())),
            property("ways into the VPC from other networks", others, Some("none".into())),
        ],
        remediation: remediation(endpoint),
        ..case.finding(endpoint, Amounts { savings: cost.clone(), cost, bill })
    }))
}

/// The two services that have gateway endpoints. `com.amazonaws.s3-global.accesspoint` is none of them.
fn service(endpoint: &VpcEndpoint) -> Option<&'static str> {
    let in_region = endpoint.service_name.rsplit_once(&format!(".{}.", endpoint.common.region))?.1;
    match in_region {
        "s3" => Some("S3"),
        "dynamodb" => Some("DynamoDB"),
        _ => None,
    }
}

/// No transit gateway at the VPC and no VPN in the region: nobody outside seems to need the interfaces.
fn stands_alone(case: &Case<'_>, endpoint: &VpcEndpoint, ways: &Ways<'_>) -> bool {
    let region = &endpoint.common.region;
    let kinds = [ResourceKind::TransitGatewayAttachment, ResourceKind::VpnConnection];
    !ways.attached.contains(&(region, &*endpoint.vpc_id))
        && !ways.with_vpn.contains(region)
        && case.snapshot.coverage.all_complete(&kinds, region)
}

fn remediation(endpoint: &VpcEndpoint) -> Remediation {
    let region = &endpoint.common.region;
    let create = [
        ("--vpc-endpoint-type", "Gateway"),
        ("--vpc-id", &*endpoint.vpc_id),
        ("--service-name", &*endpoint.service_name),
        ("--route-table-ids", "ROUTE_TABLE_IDS"),
    ];
    let subnets = json!(endpoint.subnet_ids).to_string();
    let back = [
        ("--vpc-endpoint-type", "Interface"),
        ("--vpc-id", &*endpoint.vpc_id),
        ("--service-name", &*endpoint.service_name),
        ("--subnet-ids", &*subnets),
    ];
    Remediation {
        commands: vec![
            aws("ec2 create-vpc-endpoint", region, &create),
            aws("ec2 delete-vpc-endpoints", region, &[("--vpc-endpoint-ids", &endpoint.common.id)]),
        ],
        rollback_commands: vec![aws("ec2 create-vpc-endpoint", region, &back)],
        notes: vec![
            "Put in the tables of all subnets that use the service; delete the interfaces once traffic has moved.".into(),
            "Programs that name the endpoint's own DNS names have to use the service's name again.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::endpoint;
    use super::*;
    use crate::domain::inventory::{TransitGatewayAttachment, VpnConnection};
    use crate::rules::fixtures::{Lab, common};

    fn lab(service: &str) -> Lab {
        Lab::new().inventory(|i| i.vpc_endpoints.push(endpoint(service, EndpointType::Interface)))
    }

    #[test]
    fn interfaces_for_s3_cost_their_hours() {
        for (service, name) in [("s3", "S3"), ("dynamodb", "DynamoDB")] {
            let finding = lab(service).only_finding(&RULE);
            assert_eq!(
                (finding.monthly_savings.to_string(), finding.confidence),
                ("14.60".into(), Level::Medium)
            );
            assert!(finding.title.contains(name), "{}", finding.title);
        }
    }

    #[test]
    fn other_services_and_gateways_are_fine() {
        lab("ssm").nothing(&RULE);
        lab("s3-outposts").nothing(&RULE);
        let gateway = endpoint("s3", EndpointType::Gateway);
        Lab::new().inventory(|i| i.vpc_endpoints.push(gateway)).nothing(&RULE);
        let mut kept = endpoint("s3", EndpointType::Interface);
        kept.common.tags = [("keep", "for the office")].into_iter().collect();
        Lab::new().inventory(|i| i.vpc_endpoints.push(kept)).nothing(&RULE);
    }

    #[test]
    fn other_networks_make_it_doubtful() {
        let attachment = TransitGatewayAttachment {
            common: common("tgw-attach-1"),
            available: true,
            transit_gateway_id: "tgw-1".into(),
            attached: Attached::Vpc,
            resource_id: "vpc-1".into(),
            own: true,
        };
        let vpn = VpnConnection {
            common: common("vpn-1"),
            available: true,
            customer_gateway_id: "cgw-1".into(),
            vpn_gateway_id: Some("vgw-1".into()),
            transit_gateway_id: None,
        };
        let labs = [
            lab("s3").inventory(|i| i.transit_gateway_attachments.push(attachment)),
            lab("s3").inventory(|i| i.vpn_connections.push(vpn)),
            lab("s3").incomplete(ResourceKind::VpnConnection),
        ];
        for lab in labs {
            assert_eq!(lab.only_finding(&RULE).confidence, Level::Low);
        }
    }
}
