//! AWS's own advisers are free and not switched on: what they see of memory and licences is missing.

use super::{Case, Meta, Rule, account, case::property, command::aws};
use crate::domain::{
    billing::FindingSource,
    figure::Figure,
    finding::{Finding, Remediation, Verdicts},
    region::Region,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "aws-advisers-not-opted-in",
    title: "AWS's advisers are not switched on",
    condition: "Cost Optimization Hub or Compute Optimizer answers that the account has not opted in.",
    pitfalls: "Compute Optimizer makes a service-linked role when it is switched on. In an organisation the management \
               account may opt in for all.",
    actions: &["compute-optimizer:GetEnrollmentStatus", "cost-optimization-hub:ListEnrollmentStatuses"],
    ..account::META
};

fn check(case: &Case<'_>) -> Verdicts {
    let missing = &case.snapshot.billing.not_opted_in;
    if missing.is_empty() { Verdicts::default() } else { account::found(finding(case, missing)) }
}

fn finding(case: &Case<'_>, missing: &[FindingSource]) -> Finding {
    let names: Vec<&str> = missing.iter().map(|source| name_of(*source)).collect();
    Finding {
        title: format!("Not switched on: {}", names.join(" and ")),
        current: json!({ "notOptedIn": names }),
        recommended: json!({ "action": "opt in; both are free" }),
        evidence: vec![property("enrollment", "inactive", None)],
        remediation: Remediation {
            commands: missing.iter().map(|source| command("Active", *source)).collect(),
            rollback_commands: missing.iter().map(|source| command("Inactive", *source)).collect(),
            notes: vec!["Recommendations come within a day; Tuner then shows them beside its own.".into()],
        },
        ..account::finding(case, Figure::zero())
    }
}

const fn name_of(source: FindingSource) -> &'static str {
    match source {
        FindingSource::ComputeOptimizer => "Compute Optimizer",
        _ => "Cost Optimization Hub",
    }
}

fn command(status: &str, source: FindingSource) -> String {
    let operation = match source {
        FindingSource::ComputeOptimizer => "compute-optimizer update-enrollment-status",
        _ => "cost-optimization-hub update-enrollment-status",
    };
    aws(operation, &Region::global(), &[("--status", status)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::Lab;

    #[test]
    fn both_advisers_are_named_with_the_way_in_and_out() {
        let mut lab = Lab::new();
        lab.snapshot.billing.not_opted_in =
            vec![FindingSource::CostOptimizationHub, FindingSource::ComputeOptimizer];
        let finding = lab.only_finding(&RULE);
        assert_eq!(finding.title, "Not switched on: Cost Optimization Hub and Compute Optimizer");
        let (on, off) = (&finding.remediation.commands[1], &finding.remediation.rollback_commands[0]);
        assert_eq!(on, "aws compute-optimizer update-enrollment-status --region us-east-1 --status Active");
        assert_eq!(
            off,
            "aws cost-optimization-hub update-enrollment-status --region us-east-1 --status Inactive"
        );
    }

    #[test]
    fn who_opted_in_hears_nothing() {
        Lab::new().nothing(&RULE);
    }
}
