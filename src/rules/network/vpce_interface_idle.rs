//! Interface endpoints that no byte goes through.

use super::{Amounts, Case, Judgement, Meta, Rule, command::aws};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{EndpointType, ResourceKind, VpcEndpoint},
    metric::Metric,
    price::PriceKey,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.vpc_endpoints, judge) };

static META: Meta = Meta {
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

fn judge(case: &Case<'_>, endpoint: &VpcEndpoint) -> Judgement {
    let zones = endpoint.subnet_ids.len();
    if endpoint.endpoint_type != EndpointType::Interface || !endpoint.available || zones == 0 {
        return Ok(None);
    }
    case.require_full_window(&endpoint.common)?;
    let bytes = case.summary(Metric::VpceBytes, &endpoint.common)?;
    if bytes.sum > 0.0 {
        return Ok(None);
    }
    let mut bill = case.bill();
    let hour = bill.price(PriceKey::InterfaceEndpointHour { region: endpoint.common.region.clone() })?;
    let cost = hour.monthly(i64::try_from(zones).unwrap_or(i64::MAX));
    Ok(Some(Finding {
        title: format!(
            "Delete the endpoint for {} in {zones} zones: nothing went through it for {} days",
            endpoint.service_name, case.thresholds.look_back_days
        ),
        current: json!({"serviceName": endpoint.service_name, "vpcId": endpoint.vpc_id, "zones": zones}),
        recommended: json!({"state": "deleted"}),
        evidence: vec![case.measured(Metric::VpceBytes, bytes, "0 bytes".into(), "0 bytes".into())],
        remediation: remediation(endpoint),
        ..case.finding(endpoint, Amounts { savings: cost.clone(), cost, bill })
    }))
}

fn remediation(endpoint: &VpcEndpoint) -> Remediation {
    let region = &endpoint.common.region;
    // One quoted word, which the CLI reads as a list.
    let subnets = json!(endpoint.subnet_ids).to_string();
    let again = [
        ("--vpc-endpoint-type", "Interface"),
        ("--vpc-id", &*endpoint.vpc_id),
        ("--service-name", &*endpoint.service_name),
        ("--subnet-ids", &*subnets),
    ];
    Remediation {
        commands: vec![aws("ec2 delete-vpc-endpoints", region, &[("--vpc-endpoint-ids", &endpoint.common.id)])],
        rollback_commands: vec![aws("ec2 create-vpc-endpoint", region, &again)],
        notes: vec![
            "Write down its policy, security groups and private DNS setting before: a new endpoint needs them.".into(),
            "Without the endpoint, calls from private subnets go through a NAT gateway or fail.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::fixtures::{Lab, common, days_ago};

    /// In three zones; a value for each day.
    fn lab(change: impl FnOnce(&mut VpcEndpoint)) -> Lab {
        let mut endpoint = VpcEndpoint {
            common: common("vpce-1"),
            endpoint_type: EndpointType::Interface,
            available: true,
            vpc_id: "vpc-1".into(),
            service_name: "com.amazonaws.us-east-1.ssm".into(),
            subnet_ids: vec!["subnet-1".into(), "subnet-2".into(), "subnet-3".into()],
        };
        change(&mut endpoint);
        Lab::new().daily(Metric::VpceBytes, "vpce-1", 14, 0.0).inventory(|i| i.vpc_endpoints.push(endpoint))
    }

    #[test]
    fn an_idle_endpoint_costs_its_hours_in_each_zone() {
        let finding = lab(|_| {}).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "21.90");
        assert!(
            finding.remediation.rollback_commands[0]
                .ends_with(r#"--subnet-ids '["subnet-1","subnet-2","subnet-3"]'"#)
        );
    }

    #[test]
    fn a_used_endpoint_is_fine() {
        lab(|_| {}).daily(Metric::VpceBytes, "vpce-1", 14, 1.0).nothing(&RULE);
    }

    #[test]
    fn other_endpoints_are_fine() {
        lab(|e| e.endpoint_type = EndpointType::Gateway).nothing(&RULE);
        lab(|e| e.endpoint_type = EndpointType::GatewayLoadBalancer).nothing(&RULE);
        lab(|e| e.available = false).nothing(&RULE);
        lab(|e| e.subnet_ids.clear()).nothing(&RULE);
    }

    #[test]
    fn missing_datapoints_are_no_proof_of_rest() {
        lab(|_| {}).no_datapoints(Metric::VpceBytes, "vpce-1").unknown(&RULE, UnknownReason::MetricMissing);
        let few = lab(|_| {}).daily(Metric::VpceBytes, "vpce-1", 11, 0.0);
        few.unknown(&RULE, UnknownReason::TooFewDatapoints);
        lab(|e| e.common.created_at = Some(days_ago(3))).unknown(&RULE, UnknownReason::TooYoung);
    }
}
