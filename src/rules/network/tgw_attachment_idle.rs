//! Attachments to a transit gateway that carry nothing.

use super::{Amounts, Case, Judgement, Meta, Rule, command::aws};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{Attached, ResourceKind, TransitGatewayAttachment},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule = Rule {
    meta: &META,
    check: |case| case.judge_each(&case.snapshot.inventory.transit_gateway_attachments, judge),
};

static META: Meta = Meta {
    id: "tgw-attachment-idle",
    title: "Transit gateway attachment carries nothing",
    condition: "An available attachment of a VPC or a peering that this account owns, and so pays for, older than the \
                window, not tagged to keep, with no byte in or out on any day. Those of VPN connections go with the \
                connection; other kinds are not judged.",
    formula: "attachment * 730 h",
    pitfalls: "Ways that stand ready for recovery. Of a gateway that another account shares the metrics may be seen there \
               only: then it is unknown.",
    kind: ResourceKind::TransitGatewayAttachment,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeTransitGatewayAttachments", "cloudwatch:GetMetricData"],
    metrics: &METRICS,
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

static METRICS: [Metric; 2] = [Metric::TgwBytesIn, Metric::TgwBytesOut];

fn judge(case: &Case<'_>, attachment: &TransitGatewayAttachment) -> Judgement {
    let Some(kind) = deletable(attachment.attached) else { return Ok(None) };
    if !attachment.available || !attachment.own || attachment.common.tags.keep() {
        return Ok(None);
    }
    case.require_full_window(&attachment.common)?;
    let mut evidence = Vec::new();
    for metric in METRICS {
        let bytes = case.summary(metric, &attachment.common)?;
        if bytes.sum > 0.0 {
            return Ok(None);
        }
        evidence.push(case.measured(metric, bytes, "0 bytes".into(), "0 bytes".into()));
    }
    let mut bill = case.bill();
    let region = &attachment.common.region;
    let cost = bill.price(PriceKey::item(Item::TransitGatewayAttachmentHour, region))?.monthly(1);
    let (gateway, what) = (&attachment.transit_gateway_id, &attachment.resource_id);
    Ok(Some(Finding {
        title: format!(
            "Detach {what} from the transit gateway: nothing passed for {} days",
            case.thresholds.look_back_days
        ),
        current: json!({"transitGatewayId": gateway, "resourceType": kind, "resourceId": what}),
        recommended: json!({"state": "deleted"}),
        evidence,
        remediation: remediation(attachment, kind),
        ..case.finding(attachment, Amounts { savings: cost.clone(), cost, bill })
    }))
}

/// As the CLI's commands name it.
fn deletable(attached: Attached) -> Option<&'static str> {
    match attached {
        Attached::Vpc => Some("vpc"),
        Attached::Peering => Some("peering"),
        Attached::Vpn | Attached::Other => None,
    }
}

fn remediation(attachment: &TransitGatewayAttachment, kind: &str) -> Remediation {
    let (region, id) = (&attachment.common.region, &*attachment.common.id);
    let delete = format!("ec2 delete-transit-gateway-{kind}-attachment");
    let gateway = ("--transit-gateway-id", &*attachment.transit_gateway_id);
    let rollback_commands = if attachment.attached == Attached::Vpc {
        let again = [gateway, ("--vpc-id", &*attachment.resource_id), ("--subnet-ids", "SUBNET_IDS")];
        vec![aws("ec2 create-transit-gateway-vpc-attachment", region, &again)]
    } else {
        Vec::new()
    };
    Remediation {
        commands: vec![aws(&delete, region, &[("--transit-gateway-attachment-id", id)])],
        rollback_commands,
        notes: vec![
            "Write down its subnets, and its associations and routes in the gateway's tables: a new one needs them.".into(),
            "Routes of the VPC that lead to the transit gateway become blackholes.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::fixtures::{Lab, common, days_ago, region};

    fn lab(change: impl FnOnce(&mut TransitGatewayAttachment)) -> Lab {
        let mut attachment = TransitGatewayAttachment {
            common: common("tgw-attach-1"),
            available: true,
            transit_gateway_id: "tgw-1".into(),
            attached: Attached::Vpc,
            resource_id: "vpc-1".into(),
            own: true,
        };
        change(&mut attachment);
        let lab = Lab::new().price(PriceKey::item(Item::TransitGatewayAttachmentHour, &region()), "0.05");
        METRICS
            .into_iter()
            .fold(lab, |lab, metric| lab.daily(metric, "tgw-attach-1", 14, 0.0))
            .inventory(|i| i.transit_gateway_attachments.push(attachment))
    }

    #[test]
    fn a_silent_attachment_costs_its_hours() {
        let finding = lab(|_| {}).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "36.50");
        let fix = "aws ec2 delete-transit-gateway-vpc-attachment --region us-east-1 --transit-gateway-attachment-id tgw-attach-1";
        assert_eq!(finding.remediation.commands, [fix]);
        let peering = lab(|a| a.attached = Attached::Peering).only_finding(&RULE);
        assert!(peering.remediation.commands[0].contains("delete-transit-gateway-peering-attachment"));
    }

    #[test]
    fn what_others_pay_or_use_is_fine() {
        lab(|a| a.own = false).nothing(&RULE);
        lab(|a| a.available = false).nothing(&RULE);
        lab(|a| a.attached = Attached::Vpn).nothing(&RULE);
        lab(|a| a.common.tags = [("keep", "recovery")].into_iter().collect()).nothing(&RULE);
        lab(|_| {}).daily(Metric::TgwBytesOut, "tgw-attach-1", 14, 1.0).nothing(&RULE);
    }

    #[test]
    fn silence_has_to_be_seen() {
        let dark = lab(|_| {}).no_datapoints(Metric::TgwBytesIn, "tgw-attach-1");
        dark.unknown(&RULE, UnknownReason::MetricMissing);
        lab(|a| a.common.created_at = Some(days_ago(2))).unknown(&RULE, UnknownReason::TooYoung);
    }
}
