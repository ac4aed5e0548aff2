//! The policies that customers give to Tuner's roles, and the ones that Tuner ties to its own sessions.
//!
//! Invariant: what Tuner asks for is made from the collectors' ACTIONS, never written by hand beside them.

use super::{
    assume::Purpose,
    parts::Parts,
    write_session::{SCHEDULER_READS, START_STOP},
};
use crate::domain::{
    arn::RoleArn,
    ids::AccountId,
    region::{Partition, Region},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use url::Url;

/// STS refuses a longer inline session policy.
pub const SESSION_POLICY_LIMIT: usize = 2_048;

/// Whoever could tag could make anything eligible for start and stop.
pub(super) const TAGGING: [&str; 4] =
    ["ec2:CreateTags", "ec2:DeleteTags", "rds:AddTagsToResource", "rds:RemoveTagsFromResource"];

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Value>,
    action: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Value>,
}

impl Statement {
    fn new(effect: &'static str, actions: &[&str]) -> Self {
        let action = actions.iter().map(|a| (*a).to_owned()).collect();
        Self { sid: None, effect, principal: None, action, resource: Some("*"), condition: None }
    }

    fn named(self, sid: impl Into<String>) -> Self {
        Self { sid: Some(sid.into()), ..self }
    }

    fn when(self, condition: Value) -> Self {
        Self { condition: Some(condition), ..self }
    }
}

fn only_tagged() -> Value {
    json!({"StringEquals": {"aws:ResourceTag/Scheduler": "Enabled"}})
}

impl Policy {
    fn of(statement: Vec<Statement>) -> Self {
        Self { version: "2012-10-17", statement }
    }

    /// For people and files; a policy of plain strings always serialises.
    fn pretty(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    fn compact(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// `read-only.json`: a statement a service, sorted.
#[must_use]
pub fn read_only_policy(actions: &[&str]) -> String {
    let mut services: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for action in actions {
        services.entry(action.split(':').next().unwrap_or_default()).or_default().push(action);
    }
    let statement = |(service, mut actions): (&str, Vec<&str>)| {
        actions.sort_unstable();
        actions.dedup();
        Statement::new("Allow", &actions).named(format!("Tuner{}ReadOnly", sid_of(service)))
    };
    Policy::of(services.into_iter().map(statement).collect()).pretty()
}

fn sid_of(service: &str) -> String {
    match service {
        "ec2" => "EC2".into(),
        "rds" => "RDS".into(),
        "ce" => "CostExplorer".into(),
        "cloudwatch" => "CloudWatch".into(),
        "autoscaling" => "AutoScaling".into(),
        "elasticloadbalancing" => "ElasticLoadBalancing".into(),
        other => other.chars().take(1).flat_map(char::to_uppercase).chain(other.chars().skip(1)).collect(),
    }
}

/// `scheduler.json`: start and stop what carries the tag, and never tag.
#[must_use]
pub fn scheduler_policy() -> String {
    Policy::of(scheduler_statements(true)).pretty()
}

fn scheduler_statements(named: bool) -> Vec<Statement> {
    let statements = [
        ("TunerSchedulerStartStop", Statement::new("Allow", &START_STOP).when(only_tagged())),
        ("TunerSchedulerRead", Statement::new("Allow", &SCHEDULER_READS)),
        ("TunerSchedulerNeverTags", Statement::new("Deny", &TAGGING)),
    ];
    statements.into_iter().map(|(sid, s)| if named { s.named(sid) } else { s }).collect()
}

/// A start of an instance whose volumes are encrypted with a key of the customer's needs a grant on it, which EC2
/// asks for in the name of whoever starts. Only a ceiling: no role of ours has it unless the customer adds it
/// for their keys, and without it such a start falls back to stopped.
fn volume_grants() -> Statement {
    Statement::new("Allow", &["kms:CreateGrant"]).when(json!({
        "Bool": {"kms:GrantIsForAWSResource": "true"},
        "StringLike": {"kms:ViaService": "ec2.*"},
    }))
}

/// The most that a session may do, whatever the customer's role allows.
#[must_use]
pub fn session_policy(purpose: Purpose, collecting: &Parts) -> String {
    match purpose {
        Purpose::Collect(part) => collecting_policy(collecting.actions(part)),
        Purpose::Schedule => {
            Policy::of(scheduler_statements(false).into_iter().chain([volume_grants()]).collect()).compact()
        }
    }
}

pub(super) fn collecting_policy(actions: &[&str]) -> String {
    Policy::of(vec![Statement::new("Allow", actions)]).compact()
}

/// `trust-policy.json`: who may enter the role, and with which external ID only; two during a rotation.
#[must_use]
pub fn trust_policy(principal: &str, external_ids: &[&str]) -> String {
    let external_id = match external_ids {
        [one] => json!(one),
        several => json!(several),
    };
    let statement = Statement {
        resource: None,
        principal: Some(json!({ "AWS": principal })),
        condition: Some(json!({"StringEquals": {"sts:ExternalId": external_id}})),
        ..Statement::new("Allow", &["sts:AssumeRole"]).named("TunerMayEnter")
    };
    Policy::of(vec![statement]).pretty()
}

/// What the link to `CloudFormation`'s console fills in.
#[derive(Debug)]
pub struct QuickCreate<'a> {
    /// Where the template lies: AWS takes an S3 address.
    pub template_url: &'a Url,
    pub region: &'a Region,
    /// Tuner's own account or role.
    pub principal: &'a str,
    pub external_id: &'a str,
}

/// Opens the console with the stack filled in; the customer only confirms.
#[must_use]
pub fn quick_create_url(link: &QuickCreate<'_>) -> String {
    let console = match link.region.partition() {
        Partition::Aws => "https://console.aws.amazon.com",
        Partition::China => "https://console.amazonaws.cn",
        Partition::UsGov => "https://console.amazonaws-us-gov.com",
    };
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("templateURL", link.template_url.as_str())
        .append_pair("stackName", "tuner")
        .append_pair("param_TunerPrincipal", link.principal)
        .append_pair("param_ExternalId", link.external_id)
        .finish();
    format!("{console}/cloudformation/home?region={}#/stacks/quickcreate?{query}", link.region)
}

/// The account as a principal of a trust policy.
#[must_use]
pub fn account_principal(partition: Partition, account: AccountId) -> String {
    format!("arn:{}:iam::{account}:root", partition.as_str())
}

/// The role's name is for the session's name only.
#[must_use]
pub(super) fn session_name(role_arn: &RoleArn) -> String {
    format!("tuner-session-{}", role_arn.account())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trust_policy_asks_for_the_external_id() {
        let text = trust_policy("arn:aws:iam::999999999999:root", &["the-id"]);
        let value: Value = serde_json::from_str(&text).unwrap();
        let statement = &value["Statement"][0];
        assert_eq!(statement["Condition"]["StringEquals"]["sts:ExternalId"], "the-id");
        assert_eq!(statement["Principal"]["AWS"], "arn:aws:iam::999999999999:root");
        assert!(statement.get("Resource").is_none());
    }

    #[test]
    fn the_scheduler_touches_only_what_is_tagged_and_never_tags() {
        let value: Value = serde_json::from_str(&scheduler_policy()).unwrap();
        for statement in value["Statement"].as_array().unwrap() {
            let writes = statement["Action"].as_array().unwrap().iter().any(|a| {
                let action = a.as_str().unwrap();
                action.contains(":Start") || action.contains(":Stop")
            });
            let tagged = statement["Condition"]["StringEquals"]["aws:ResourceTag/Scheduler"] == "Enabled";
            assert_eq!(writes, tagged, "{statement}");
        }
        assert_eq!(value["Statement"][2]["Effect"], "Deny");
    }

    #[test]
    fn the_files_are_what_is_generated() {
        let scheduler = include_str!("../../iam-policies/scheduler.json");
        let wanted = scheduler_policy();
        assert!(scheduler == wanted, "iam-policies/scheduler.json should be:\n{wanted}");
        let trust = include_str!("../../iam-policies/trust-policy.json");
        let wanted = trust_policy("arn:aws:iam::TUNER_ACCOUNT_ID:root", &["EXTERNAL_ID"]);
        assert!(trust == wanted, "iam-policies/trust-policy.json should be:\n{wanted}");
    }

    #[test]
    fn the_readme_explains_every_action_of_the_scheduler_and_no_other() {
        let readme = include_str!("../../iam-policies/README.md");
        let (_, section) = readme.split_once("\n## The scheduler's role\n").unwrap();
        let explained = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        let mut wanted = [SCHEDULER_READS.as_slice(), &START_STOP].concat();
        wanted.sort_unstable();
        assert_eq!(explained.collect::<Vec<_>>(), wanted);
        assert!(section.contains("kms:GrantIsForAWSResource") && section.contains("kms:ViaService"));
    }

    #[test]
    fn session_policies_fit() {
        assert!(session_policy(Purpose::Schedule, &Parts::of(&[])).len() <= SESSION_POLICY_LIMIT);
    }

    /// All that is beyond the scheduler's policy is a ceiling for grants that EC2 asks for itself.
    #[test]
    fn a_scheduling_session_may_do_what_the_policy_says_and_let_ec2_use_a_volumes_key() {
        let statements = |text: &str| -> Vec<Value> {
            let value: Value = serde_json::from_str(text).unwrap();
            value["Statement"].as_array().unwrap().clone()
        };
        let session = statements(&session_policy(Purpose::Schedule, &Parts::of(&[])));
        let named = statements(&scheduler_policy());
        let (grants, same) = session.split_last().unwrap();
        assert_eq!(same.len(), named.len());
        for (ours, theirs) in same.iter().zip(&named) {
            for part in ["Effect", "Action", "Resource", "Condition"] {
                assert_eq!(ours.get(part), theirs.get(part));
            }
        }
        assert_eq!(grants["Action"], json!(["kms:CreateGrant"]));
        assert_eq!(grants["Condition"]["Bool"]["kms:GrantIsForAWSResource"], "true");
        assert_eq!(grants["Condition"]["StringLike"]["kms:ViaService"], "ec2.*");
    }

    #[test]
    fn statements_are_grouped_by_service_and_sorted() {
        let text = read_only_policy(&["rds:B", "ec2:DescribeB", "ec2:DescribeA", "ec2:DescribeA"]);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["Statement"][0]["Sid"], "TunerEC2ReadOnly");
        assert_eq!(value["Statement"][0]["Action"], json!(["ec2:DescribeA", "ec2:DescribeB"]));
        assert_eq!(value["Statement"][1]["Sid"], "TunerRDSReadOnly");
    }

    #[test]
    fn the_quick_create_link_escapes_what_it_fills_in() {
        let ids = crate::domain::external_id::ExternalIds::new(vec![7; 32]).unwrap();
        let external_id = ids.issue("123456789012".parse().unwrap(), &"acme".parse().unwrap());
        let url = quick_create_url(&QuickCreate {
            template_url: &"https://b.s3.amazonaws.com/t.yaml?a=b&c".parse().unwrap(),
            region: &"eu-west-1".parse().unwrap(),
            principal: "arn:aws:iam::999999999999:root",
            external_id: external_id.expose(),
        });
        assert!(
            url.starts_with("https://console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/")
        );
        assert!(url.contains("templateURL=https%3A%2F%2Fb.s3.amazonaws.com%2Ft.yaml%3Fa%3Db%26c"));
        assert!(url.contains(&format!("param_ExternalId={}", external_id.expose())));
    }
}
