//! Endpoints that no byte goes through: of services, and of gateway load balancers.

use super::{Amounts, Case, Judgement, Meta, Rule, command::aws};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{EndpointType, ResourceKind, VpcEndpoint},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const INTERFACE: Rule = Rule {
    meta: &OF_INTERFACE,
    check: |case| {
        case.judge_each(&case.snapshot.inventory.vpc_endpoints, |case, endpoint| {
            judge(case, endpoint, EndpointType::Interface)
        })
    },
};

pub const GATEWAY_LOAD_BALANCER: Rule = Rule {
    meta: &OF_GATEWAY_LOAD_BALANCER,
    check: |case| {
        case.judge_each(&case.snapshot.inventory.vpc_endpoints, |case, endpoint| {
            judge(case, endpoint, EndpointType::GatewayLoadBalancer)
        })
    },
};

static OF_INTERFACE: Meta = Meta {
    id: "vpce-interface-idle",
    title: "Interface endpoint processes nothing",
    condition: "An available interface endpoint, older than the window, whose BytesProcessed is there and 0. Without \
                datapoints it is unknown.",
    formula: "endpoint * 730 h for each availability zone",
    pitfalls: "Endpoints for emergencies and recovery (Session Manager, say); endpoints that another service made.",
    kind: ResourceKind::VpcEndpoint,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeVpcEndpoints", "cloudwatch:GetMetricData"],
    metrics: &[Metric::VpceBytes],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

static OF_GATEWAY_LOAD_BALANCER: Meta = Meta {
    id: "gwlb-endpoint-idle",
    title: "Gateway Load Balancer endpoint processes nothing",
    condition: "An available endpoint of a Gateway Load Balancer, older than the window, whose BytesProcessed is there and \
                0. Without datapoints it is unknown.",
    formula: "endpoint * 730 h for its availability zone",
    pitfalls: "Inspection that stands ready for a recovery zone. Routes may still lead to it: what they carry is cut when it \
               goes.",
    kind: ResourceKind::VpcEndpoint,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeVpcEndpoints", "cloudwatch:GetMetricData"],
    metrics: &[Metric::VpceBytes],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, endpoint: &VpcEndpoint, wanted: EndpointType) -> Judgement {
    let zones = endpoint.subnet_ids.len();
    if endpoint.endpoint_type != wanted || !endpoint.available || zones == 0 {
        return Ok(None);
    }
    case.require_full_window(&endpoint.common)?;
    let bytes = case.summary(Metric::VpceBytes, &endpoint.common)?;
    if bytes.sum > 0.0 {
        return Ok(None);
    }
    let mut bill = case.bill();
    let region = &endpoint.common.region;
    let hour = bill.price(match wanted {
        EndpointType::GatewayLoadBalancer => PriceKey::item(Item::GwlbEndpointHour, region),
        _ => PriceKey::InterfaceEndpointHour { region: region.clone() },
    })?;
    let cost = hour.monthly(i64::try_from(zones).unwrap_or(i64::MAX));
    let places = if zones == 1 { "one zone".to_owned() } else { format!("{zones} zones") };
    Ok(Some(Finding {
        title: format!(
            "Delete the endpoint for {} in {places}: nothing went through it for {} days",
            endpoint.service_name, case.thresholds.look_back_days
        ),
        current: json!({"serviceName": endpoint.service_name, "vpcId": endpoint.vpc_id, "zones": zones}),
        recommended: json!({"state": "deleted"}),
        evidence: vec![case.measured(Metric::VpceBytes, bytes, "0 bytes".into(), "0 bytes".into())],
        remediation: remediation(endpoint, wanted),
        ..case.finding(endpoint, Amounts { savings: cost.clone(), cost, bill })
    }))
}

fn remediation(endpoint: &VpcEndpoint, wanted: EndpointType) -> Remediation {
    let region = &endpoint.common.region;
    // One quoted word, which the CLI reads as a list.
    let subnets = json!(endpoint.subnet_ids).to_string();
    let (named, note) = match wanted {
        EndpointType::GatewayLoadBalancer => (
            "GatewayLoadBalancer",
            "Look for routes that lead to it before: their traffic is dropped without it.",
        ),
        _ => (
            "Interface",
            "Without the endpoint, calls from private subnets go through a NAT gateway or fail.",
        ),
    };
    let again = [
        ("--vpc-endpoint-type", named),
        ("--vpc-id", &*endpoint.vpc_id),
        ("--service-name", &*endpoint.service_name),
        ("--subnet-ids", &*subnets),
    ];
    Remediation {
        commands: vec![aws("ec2 delete-vpc-endpoints", region, &[("--vpc-endpoint-ids", &endpoint.common.id)])],
        rollback_commands: vec![aws("ec2 create-vpc-endpoint", region, &again)],
        notes: vec![
            "Write down its policy, security groups and private DNS setting before: a new endpoint needs them.".into(),
            note.into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::endpoint;
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::fixtures::{Lab, days_ago, region};

    /// In three zones; a value for each day.
    fn lab(change: impl FnOnce(&mut VpcEndpoint)) -> Lab {
        let mut endpoint = endpoint("ssm", EndpointType::Interface);
        endpoint.subnet_ids = vec!["subnet-1".into(), "subnet-2".into(), "subnet-3".into()];
        change(&mut endpoint);
        Lab::new()
            .price(PriceKey::item(Item::GwlbEndpointHour, &region()), "0.01")
            .daily(Metric::VpceBytes, "vpce-1", 14, 0.0)
            .inventory(|i| i.vpc_endpoints.push(endpoint))
    }

    #[test]
    fn an_idle_endpoint_costs_its_hours_in_each_zone() {
        let finding = lab(|_| {}).only_finding(&INTERFACE);
        assert_eq!(finding.monthly_savings.to_string(), "21.90");
        assert!(
            finding.remediation.rollback_commands[0]
                .ends_with(r#"--subnet-ids '["subnet-1","subnet-2","subnet-3"]'"#)
        );
    }

    #[test]
    fn one_of_a_gateway_load_balancer_has_a_rule_and_a_price_of_its_own() {
        let gateway = |e: &mut VpcEndpoint| {
            e.endpoint_type = EndpointType::GatewayLoadBalancer;
            e.subnet_ids.truncate(1);
        };
        let finding = lab(gateway).only_finding(&GATEWAY_LOAD_BALANCER);
        assert_eq!(finding.monthly_savings.to_string(), "7.30");
        assert!(finding.prices[0].key.starts_with("gwlb-endpoint-hour"));
        assert!(finding.remediation.rollback_commands[0].contains("--vpc-endpoint-type GatewayLoadBalancer"));
        lab(gateway).nothing(&INTERFACE);
        lab(|_| {}).nothing(&GATEWAY_LOAD_BALANCER);
    }

    #[test]
    fn a_used_endpoint_is_fine() {
        lab(|_| {}).daily(Metric::VpceBytes, "vpce-1", 14, 1.0).nothing(&INTERFACE);
    }

    #[test]
    fn other_endpoints_are_fine() {
        lab(|e| e.endpoint_type = EndpointType::Gateway).nothing(&INTERFACE);
        lab(|e| e.available = false).nothing(&INTERFACE);
        lab(|e| e.subnet_ids.clear()).nothing(&INTERFACE);
    }

    #[test]
    fn missing_datapoints_are_no_proof_of_rest() {
        let dark = lab(|_| {}).no_datapoints(Metric::VpceBytes, "vpce-1");
        dark.unknown(&INTERFACE, UnknownReason::MetricMissing);
        let few = lab(|_| {}).daily(Metric::VpceBytes, "vpce-1", 11, 0.0);
        few.unknown(&INTERFACE, UnknownReason::TooFewDatapoints);
        let young = lab(|e| e.common.created_at = Some(days_ago(3)));
        young.unknown(&INTERFACE, UnknownReason::TooYoung);
    }
}
