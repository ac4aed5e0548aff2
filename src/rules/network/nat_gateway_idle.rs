//! NAT gateways that carry nothing.

use super::{Amounts, Case, Judgement, Meta, Rule, gateways::Gateways};
use crate::domain::{
    finding::{
        ActionType, ConflictClass, Effort, Evidence, Finding, Level, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{NatGateway, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "nat-gateway-idle",
    title: "NAT gateway carries nothing",
    condition: "Available, older than the window, and on every day of it no active connection and no packet from either \
                side. Confidence is medium while a route table names it, or route tables are not all known.",
    formula: "NAT gateway * 730 h + each of its public addresses * 730 h (not those of an own pool or tagged to keep)",
    pitfalls: "A standby in another zone, which its route tables show; traffic that comes once a month.",
    kind: ResourceKind::NatGateway,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["ec2:DescribeNatGateways", "cloudwatch:GetMetricData"],
    metrics: &METRICS,
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

static METRICS: [Metric; 3] = [Metric::NatActiveConnections, Metric::NatPacketsIn, Metric::NatPacketsBack];

fn check(case: &Case<'_>) -> Verdicts {
    let around = Gateways::of(case);
    case.judge_each(&case.snapshot.inventory.nat_gateways, |case, gateway| judge(case, gateway, &around))
}

fn judge(case: &Case<'_>, gateway: &NatGateway, around: &Gateways<'_>) -> Judgement {
    if !gateway.available {
        return Ok(None);
    }
    case.require_full_window(&gateway.common)?;
    let Some(evidence) = silence(case, gateway)? else { return Ok(None) };
    let mut bill = case.bill();
    let cost = around.cost(&mut bill, gateway)?;
    let days = case.thresholds.look_back_days;
    let (confidence, note) = routing(case, gateway, around);
    let mut remediation = around.delete(gateway);
    remediation.notes.extend(note);
    Ok(Some(Finding {
        title: format!("Delete the NAT gateway that has carried nothing for {days} days"),
        current: json!({"state": "available", "vpcId": gateway.vpc_id, "publicAddresses": gateway.allocation_ids}),
        recommended: json!({"state": "deleted", "releasedAddresses": around.billed(gateway)}),
        confidence,
        evidence,
        remediation,
        ..case.finding(gateway, Amounts { savings: cost.clone(), cost, bill })
    }))
}

/// Evidence that no day had a connection or a packet; none where one had.
fn silence(case: &Case<'_>, gateway: &NatGateway) -> Result<Option<Vec<Evidence>>, UnknownReason> {
    let mut evidence = Vec::new();
    let mut gaps = false;
    for metric in METRICS {
        let summary = case.summary(metric, &gateway.common)?;
        if summary.max > 0.0 {
            return Ok(None);
        }
        // The gateway reports zeros: a day without a datapoint was not a silent day.
        gaps |= summary.found < summary.expected;
        evidence.push(case.measured(metric, summary, "0".into(), "0".into()));
    }
    if gaps { Err(UnknownReason::TooFewDatapoints) } else { Ok(Some(evidence)) }
}

fn routing(case: &Case<'_>, gateway: &NatGateway, around: &Gateways<'_>) -> (Level, Option<String>) {
    if !around.tables(gateway).is_empty() {
        let note = "A route table still names this gateway: replace or delete the route before.";
        (Level::Medium, Some(note.into()))
    } else if case.snapshot.coverage.complete(ResourceKind::RouteTable, &gateway.common.region) {
        (Level::High, None)
    } else {
        let note = "Route tables could not all be read: look for routes to this gateway before.";
        (Level::Medium, Some(note.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{nat, routes};
    use super::*;
    use crate::rules::fixtures::{Lab, address, days_ago};

    fn gateway() -> NatGateway {
        NatGateway { allocation_ids: vec!["eipalloc-1".into()], ..nat("nat-1", 'a') }
    }

    fn lab(gateway: NatGateway) -> Lab {
        let lab = Lab::new().inventory(|i| i.nat_gateways.push(gateway));
        METRICS.into_iter().fold(lab, |lab, metric| lab.daily(metric, "nat-1", 14, 0.0))
    }

    fn routed(lab: Lab) -> Lab {
        lab.inventory(|i| i.route_tables.push(routes("rtb-1", "a", "nat-1")))
    }

    #[test]
    fn an_idle_gateway_costs_its_hours_and_its_address() {
        let finding = lab(gateway()).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "36.50");
        assert_eq!(finding.confidence, Level::High);
        assert_eq!(finding.evidence.len(), 3);
        assert!(
            finding.remediation.commands[2]
                .ends_with("release-address --region us-east-1 --allocation-id eipalloc-1")
        );
    }

    #[test]
    fn a_private_gateway_has_no_public_address() {
        let finding = lab(NatGateway { public: false, ..gateway() }).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "32.85");
        assert!(finding.remediation.rollback_commands[0].ends_with("--connectivity-type private"));
    }

    #[test]
    fn kept_and_own_addresses_stay_and_save_nothing() {
        let mut kept = address("eipalloc-1");
        kept.common.tags = [("keep", "true")].into_iter().collect();
        let own = crate::domain::inventory::Address {
            public_ipv4_pool: Some("ipv4pool-ec2-1".into()),
            ..address("eipalloc-1")
        };
        for spared in [kept, own] {
            let finding = lab(gateway()).inventory(|i| i.addresses.push(spared)).only_finding(&RULE);
            assert_eq!(finding.monthly_savings.to_string(), "32.85");
        }
    }

    #[test]
    fn a_standby_in_a_route_table_is_less_certain() {
        let standby = routed(lab(gateway())).only_finding(&RULE);
        assert_eq!((standby.confidence, standby.remediation.notes.len()), (Level::Medium, 2));
        let unread = lab(gateway()).incomplete(ResourceKind::RouteTable).only_finding(&RULE);
        assert_eq!((unread.confidence, unread.remediation.notes.len()), (Level::Medium, 2));
    }

    #[test]
    fn any_sign_of_life_is_fine() {
        for metric in METRICS {
            lab(gateway()).daily(metric, "nat-1", 12, 1.0).nothing(&RULE);
        }
        lab(NatGateway { available: false, ..gateway() }).nothing(&RULE);
    }

    #[test]
    fn gaps_and_youth_are_unknown() {
        lab(gateway()).no_datapoints(METRICS[1], "nat-1").unknown(&RULE, UnknownReason::MetricMissing);
        lab(gateway()).daily(METRICS[2], "nat-1", 13, 0.0).unknown(&RULE, UnknownReason::TooFewDatapoints);
        let mut young = gateway();
        young.common.created_at = Some(days_ago(13));
        lab(young).unknown(&RULE, UnknownReason::TooYoung);
    }
}
