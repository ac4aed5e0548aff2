//! The account stands alone: it shares neither discounts by volume nor commitments with others.

use super::{Case, Meta, Rule, account, case::property, command::aws};
use crate::domain::{
    billing::Membership,
    figure::Figure,
    finding::{Effort, Finding, Remediation, UnknownReason, Verdicts},
    region::Region,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "account-not-in-organization",
    title: "Account belongs to no organisation",
    condition: "AWS Organizations answers that the account is not part of an organisation.",
    pitfalls: "An account that stands alone on purpose: a sandbox, a customer's own, one that is about to be sold.",
    effort: Effort::Medium,
    actions: &["organizations:DescribeOrganization"],
    on_by_default: false,
    ..account::META
};

fn check(case: &Case<'_>) -> Verdicts {
    match &case.snapshot.billing.organization {
        None => account::unknown(case, UnknownReason::InventoryIncomplete),
        Some(Membership::Standalone) => account::found(finding(case)),
        Some(Membership::Member { .. }) => Verdicts::default(),
    }
}

fn finding(case: &Case<'_>) -> Finding {
    Finding {
        title: "The account shares no discounts: it belongs to no organisation".into(),
        current: json!({ "organization": null }),
        recommended: json!({ "action": "join the organisation that pays the other accounts" }),
        evidence: vec![property("organization", "none", None)],
        remediation: Remediation {
            commands: vec![aws("organizations list-handshakes-for-account", &Region::global(), &[])],
            rollback_commands: Vec::new(),
            notes: vec![
                "The management account invites with: aws organizations invite-account-to-organization"
                    .into(),
            ],
        },
        ..account::finding(case, Figure::zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::Lab;

    fn lab(organization: Membership) -> Lab {
        let mut lab = Lab::new();
        lab.snapshot.billing.organization = Some(organization);
        lab
    }

    #[test]
    fn an_account_that_stands_alone_is_shown() {
        let finding = lab(Membership::Standalone).only_finding(&RULE);
        assert_eq!((&*finding.subject.id, finding.monthly_savings.get()), ("123456789012", 0));
    }

    #[test]
    fn a_member_is_fine_and_an_account_that_did_not_say_is_unknown() {
        lab(Membership::Member { management_account: "1".into(), all_features: true }).nothing(&RULE);
        Lab::new().unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
