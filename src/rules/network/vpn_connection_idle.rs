//! Site-to-Site VPN connections that are down or carry nothing.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::{Key, key, property},
    command::aws,
};
use crate::domain::{
    finding::{
        ActionType, ConflictClass, Effort, Evidence, Finding, Level, Remediation, SavingsBasis,
        UnknownReason, Verdicts,
    },
    inventory::{Attached, ResourceKind, VpnConnection},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;
use std::collections::HashSet;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "vpn-connection-idle",
    title: "VPN connection is down or carries nothing",
    condition: "Available, not tagged to keep, with a TunnelState on every day of the window (AWS gives no date of creation); \
                and no tunnel was up on any of them, or no byte went either way.",
    formula: "connection * 730 h + its transit gateway attachment * 730 h where it has one",
    pitfalls: "A second way beside Direct Connect, or one for recovery, is silent by design: keep it, and tag it so.",
    kind: ResourceKind::VpnConnection,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["ec2:DescribeVpnConnections", "cloudwatch:GetMetricData"],
    metrics: &[Metric::VpnTunnelState, Metric::VpnBytesIn, Metric::VpnBytesOut],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

/// The connections that are attached to a transit gateway, which is billed beside them.
type Attachments<'a> = HashSet<Key<'a>>;

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let of_vpn =
        inventory.transit_gateway_attachments.iter().filter(|a| a.attached == Attached::Vpn && a.own);
    let attachments = of_vpn.map(|a| (&a.common.region, &*a.resource_id)).collect();
    case.judge_each(&inventory.vpn_connections, |case, connection| judge(case, connection, &attachments))
}

fn judge(case: &Case<'_>, connection: &VpnConnection, attachments: &Attachments<'_>) -> Judgement {
    if !connection.available || connection.common.tags.keep() {
        return Ok(None);
    }
    let Some((why, evidence)) = silence(case, connection)? else { return Ok(None) };
    let region = &connection.common.region;
    let mut bill = case.bill();
    let mut cost = bill.price(PriceKey::item(Item::VpnConnectionHour, region))?.monthly(1);
    if attachments.contains(&key(&connection.common)) {
        cost += bill.price(PriceKey::item(Item::TransitGatewayAttachmentHour, region))?.monthly(1);
    }
    let gateway = connection.transit_gateway_id.as_ref().or(connection.vpn_gateway_id.as_ref());
    Ok(Some(Finding {
        title: format!("Delete the VPN connection: {why} for {} days", case.thresholds.look_back_days),
        current: json!({"customerGatewayId": connection.customer_gateway_id, "gatewayId": gateway}),
        recommended: json!({"state": "deleted"}),
        evidence,
        remediation: remediation(connection),
        ..case.finding(connection, Amounts { savings: cost.clone(), cost, bill })
    }))
}

/// In words and as evidence; none where anything went through.
fn silence(
    case: &Case<'_>,
    connection: &VpnConnection,
) -> Result<Option<(&'static str, Vec<Evidence>)>, UnknownReason> {
    let common = &connection.common;
    let state = case.summary(Metric::VpnTunnelState, common)?;
    if state.found < state.expected {
        return Err(UnknownReason::TooFewDatapoints);
    }
    if state.max <= 0.0 {
        let down = case.measured(Metric::VpnTunnelState, state, "down".into(), "down".into());
        return Ok(Some(("no tunnel was up", vec![down])));
    }
    let mut evidence = vec![property("tunnels", "up at times", None)];
    for metric in [Metric::VpnBytesIn, Metric::VpnBytesOut] {
        let bytes = case.summary(metric, common)?;
        if bytes.sum > 0.0 {
            return Ok(None);
        }
        evidence.push(case.measured(metric, bytes, "0 bytes".into(), "0 bytes".into()));
    }
    Ok(Some(("nothing went through", evidence)))
}

fn remediation(connection: &VpnConnection) -> Remediation {
    let (region, id) = (&connection.common.region, &*connection.common.id);
    Remediation {
        commands: vec![aws("ec2 delete-vpn-connection", region, &[("--vpn-connection-id", id)])],
        rollback_commands: Vec::new(),
        notes: vec![
            "A new connection has other addresses and keys: the device at the other end has to be set up again.".into(),
            "Is it the second way of Direct Connect? Then tag it keep instead.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::TransitGatewayAttachment;
    use crate::rules::fixtures::{Lab, common, region};

    fn lab(tunnel: f64, bytes: f64) -> Lab {
        let mut connection = VpnConnection {
            common: common("vpn-1"),
            available: true,
            customer_gateway_id: "cgw-1".into(),
            vpn_gateway_id: None,
            transit_gateway_id: Some("tgw-1".into()),
        };
        connection.common.created_at = None;
        Lab::new()
            .price(PriceKey::item(Item::VpnConnectionHour, &region()), "0.05")
            .price(PriceKey::item(Item::TransitGatewayAttachmentHour, &region()), "0.05")
            .daily(Metric::VpnTunnelState, "vpn-1", 14, tunnel)
            .daily(Metric::VpnBytesIn, "vpn-1", 14, bytes)
            .daily(Metric::VpnBytesOut, "vpn-1", 14, bytes)
            .inventory(|i| i.vpn_connections.push(connection))
    }

    #[test]
    fn a_connection_that_is_down_costs_its_hours() {
        let finding = lab(0.0, 0.0).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "36.50");
        assert_eq!(finding.title, "Delete the VPN connection: no tunnel was up for 14 days");
    }

    #[test]
    fn one_that_is_up_and_silent_counts_too() {
        let finding = lab(1.0, 0.0).only_finding(&RULE);
        assert_eq!(finding.title, "Delete the VPN connection: nothing went through for 14 days");
        lab(1.0, 10.0).nothing(&RULE);
    }

    #[test]
    fn its_attachment_goes_with_it() {
        let attachment = TransitGatewayAttachment {
            common: common("tgw-attach-1"),
            available: true,
            transit_gateway_id: "tgw-1".into(),
            attached: Attached::Vpn,
            resource_id: "vpn-1".into(),
            own: true,
        };
        let finding =
            lab(0.0, 0.0).inventory(|i| i.transit_gateway_attachments.push(attachment)).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "73.00");
    }

    #[test]
    fn a_day_without_a_state_may_be_before_its_time() {
        let young = lab(0.0, 0.0).daily(Metric::VpnTunnelState, "vpn-1", 13, 0.0);
        young.unknown(&RULE, UnknownReason::TooFewDatapoints);
        let dark = lab(0.0, 0.0).no_datapoints(Metric::VpnTunnelState, "vpn-1");
        dark.unknown(&RULE, UnknownReason::MetricMissing);
    }

    #[test]
    fn a_kept_one_is_fine() {
        let lab = lab(0.0, 0.0).inventory(|i| {
            i.vpn_connections[0].common.tags = [("keep", "beside Direct Connect")].into_iter().collect();
        });
        lab.nothing(&RULE);
    }
}
