//! Findings of Cost Optimization Hub and Compute Optimizer as findings of ours. The amounts are AWS's.
//!
//! Purchases are left to the rules of purchases, which ask AWS themselves.

use super::{Amounts, Case, Meta, Rule, case::property, command::aws};
use crate::domain::{
    aws_finding::{Advice, AwsFinding},
    billing::FindingSource,
    discount::AfterDiscounts,
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Evidence, Finding, Level, Remediation, SavingsBasis, Subject,
        Verdicts,
    },
    inventory::{Common, Inventoried, ResourceKind},
    region::Region,
    tags::Tags,
};
use serde_json::json;
use std::collections::HashMap;

pub const LICENSES: Rule = Rule { meta: &LICENSES_META, check };
pub const WORKSPACES: Rule = Rule { meta: &WORKSPACES_META, check };
pub const DATABASES: Rule = Rule { meta: &DATABASES_META, check };
pub const OTHERS: Rule = Rule { meta: &OTHERS_META, check };

const META: Meta = Meta {
    id: "",
    title: "",
    condition: "",
    formula: "AWS's estimate",
    pitfalls: "AWS's figures are refreshed once a day and may be net of discounts; they cannot be recomputed here.",
    kind: ResourceKind::OtherResource,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["cost-optimization-hub:ListRecommendations"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

static LICENSES_META: Meta = Meta {
    id: "ec2-license-downgrade-sql",
    title: "SQL Server Enterprise is paid and not needed",
    condition: "Compute Optimizer, where the account opted in, sees no feature of SQL Server's Enterprise edition in use on \
                an instance whose licence comes with it.",
    pitfalls: "Compute Optimizer knows the features through CloudWatch Application Insights; what ran before it was set \
               up is not seen. The downgrade is a reinstallation.",
    effort: Effort::High,
    actions: &["compute-optimizer:GetLicenseRecommendations"],
    ..META
};

static WORKSPACES_META: Meta = Meta {
    id: "workspaces-idle",
    title: "WorkSpace is not used",
    condition: "An adviser of AWS, where the account opted in, saw nobody connect for 63 days.",
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    rollback_possible: false,
    pitfalls: "Who is on leave comes back; what is on its disk goes with it.",
    ..META
};

static DATABASES_META: Meta = Meta {
    id: "memorydb-docdb-idle",
    title: "MemoryDB or DocumentDB cluster is not used",
    condition: "An adviser of AWS, where the account opted in, calls a cluster of MemoryDB or DocumentDB idle.",
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    rollback_possible: false,
    pitfalls: "A stand-by for emergencies is idle on purpose.",
    ..META
};

static OTHERS_META: Meta = Meta {
    id: "aws-recommendation",
    title: "AWS's advisers recommend a change",
    condition: "Cost Optimization Hub or Compute Optimizer, where the account opted in, recommends something that no rule \
                of Tuner's found on the same resource. Where one did, AWS is named there as a second source.",
    ..META
};

/// Which rule speaks of it; none of purchases.
fn rule_of(found: &AwsFinding) -> Option<&'static str> {
    match (found.advice, &*found.resource_type) {
        (Advice::Action(ActionType::PurchaseSavingsPlans | ActionType::PurchaseReservedInstances), _) => None,
        (Advice::License, _) => Some(LICENSES_META.id),
        (Advice::Action(ActionType::Delete | ActionType::Stop), "WorkSpaces") => Some(WORKSPACES_META.id),
        (Advice::Action(ActionType::Delete | ActionType::Stop), "MemoryDBCluster" | "DocumentDBCluster") => {
            Some(DATABASES_META.id)
        }
        _ => Some(OTHERS_META.id),
    }
}

fn check(case: &Case<'_>) -> Verdicts {
    let mine: Vec<&AwsFinding> =
        case.snapshot.aws_findings.iter().filter(|found| rule_of(found) == Some(case.meta.id)).collect();
    if mine.is_empty() {
        return Verdicts::default();
    }
    let known = Known::of(case);
    let findings = mine.into_iter().filter_map(|found| finding(case, found, &known)).collect();
    Verdicts { findings, unknown: Vec::new() }
}

/// The resources that were listed, by kind, region and id.
struct Known<'a>(HashMap<(ResourceKind, &'a Region, &'a str), &'a Common>);

impl<'a> Known<'a> {
    fn of(case: &Case<'a>) -> Self {
        let mut known = Self(HashMap::new());
        let inventory = &case.snapshot.inventory;
        macro_rules! add { ($($list:ident)*) => { $( known.add(&inventory.$list); )* }; }
        add!(instances auto_scaling_groups volumes lambda_functions ecs_services db_instances nat_gateways dynamo_tables);
        known
    }

    fn add<T: Inventoried>(&mut self, list: &'a [T]) {
        let key = |common: &'a Common| ((T::KIND, &common.region, &*common.id), common);
        self.0.extend(list.iter().map(|resource| key(resource.common())));
    }
}

/// Kinds of the hub that Tuner lists itself.
fn kind_of(resource_type: &str) -> ResourceKind {
    match resource_type {
        "Ec2Instance" => ResourceKind::Instance,
        "Ec2AutoScalingGroup" => ResourceKind::AutoScalingGroup,
        "EbsVolume" => ResourceKind::Volume,
        "LambdaFunction" => ResourceKind::LambdaFunction,
        "EcsService" => ResourceKind::EcsService,
        "RdsDbInstance" | "RdsDbInstanceStorage" => ResourceKind::DbInstance,
        "NatGateway" => ResourceKind::NatGateway,
        "DynamoDBTable" => ResourceKind::DynamoTable,
        _ => ResourceKind::OtherResource,
    }
}

/// None for what is gone since AWS looked.
fn subject(case: &Case<'_>, found: &AwsFinding, known: &Known<'_>) -> Option<Subject> {
    let kind = kind_of(&found.resource_type);
    let region = found.region.clone();
    if kind == ResourceKind::OtherResource {
        // The rest of the ARN tells services apart: `workspaces:us-east-1:123456789012:workspace/ws-1`.
        let rest = found.resource_arn.splitn(3, ':').nth(2).unwrap_or(&found.resource_id);
        return Some(Subject { kind, region, id: rest.into(), name: None, tags: Tags::default() });
    }
    match known.0.get(&(kind, &found.region, &*found.resource_id)) {
        Some(common) => Some(Subject {
            kind,
            region,
            id: common.id.clone(),
            name: common.name().map(Into::into),
            tags: common.tags.clone(),
        }),
        None if case.snapshot.coverage.complete(kind, &found.region) => None,
        None => {
            Some(Subject { kind, region, id: found.resource_id.clone(), name: None, tags: Tags::default() })
        }
    }
}

fn finding(case: &Case<'_>, found: &AwsFinding, known: &Known<'_>) -> Option<Finding> {
    let subject = subject(case, found, known)?;
    let cost = Figure::stated(found.monthly_cost.max(found.monthly_savings));
    let savings = Figure::stated(found.monthly_savings);
    let (action_type, class) = (action_of(found), class_of(found));
    Some(Finding {
        title: title(found),
        class,
        action_type,
        effort: found.effort,
        restart_needed: found.restart_needed,
        rollback_possible: found.rollback_possible,
        confidence: Level::Medium,
        current: json!({ "resourceType": &*found.resource_type, "configuration": &*found.current }),
        recommended: json!({ "action": action_type, "configuration": &*found.recommended }),
        look_back_days: found.look_back_days,
        after_discounts: found.after_discounts.map(|now| AfterDiscounts::stated(now, found.monthly_savings)),
        evidence: vec![evidence(found)],
        sources: vec![found.source],
        remediation: remediation(found),
        ..case.finding_about(subject, Amounts { cost, savings, bill: case.bill() })
    })
}

fn action_of(found: &AwsFinding) -> ActionType {
    match found.advice {
        Advice::Action(action) => action,
        Advice::License => ActionType::Configure,
    }
}

fn class_of(found: &AwsFinding) -> ConflictClass {
    match (found.advice, &*found.resource_type) {
        // Storage of a database is changed beside its machine.
        (_, "RdsDbInstanceStorage") => ConflictClass::Add,
        (Advice::Action(ActionType::Delete), _) => ConflictClass::Remove,
        (Advice::Action(ActionType::Stop), _) => ConflictClass::Pause,
        _ => ConflictClass::Resize,
    }
}

fn title(found: &AwsFinding) -> String {
    let adviser = adviser(found.source);
    match (found.advice, found.recommended.is_empty()) {
        (Advice::License, _) => {
            format!("SQL Server {} would do instead of {}", found.recommended, found.current)
        }
        (Advice::Action(action), true) => format!("{adviser}: {action} {}", found.resource_type),
        (Advice::Action(action), false) => format!("{adviser}: {action} to {}", found.recommended),
    }
}

/// The name that people know.
pub fn adviser(source: FindingSource) -> &'static str {
    match source {
        FindingSource::Tuner => "Tuner",
        FindingSource::CostOptimizationHub => "Cost Optimization Hub",
        FindingSource::ComputeOptimizer => "Compute Optimizer",
        FindingSource::CostExplorer => "Cost Explorer",
    }
}

fn evidence(found: &AwsFinding) -> Evidence {
    let when = found.refreshed_at.map(|at| format!(", as of {at}")).unwrap_or_default();
    let said = format!("{} USD a month saved{when}", found.monthly_savings.to_cents());
    Evidence { window_days: found.look_back_days, ..property(adviser(found.source), said, None) }
}

fn remediation(found: &AwsFinding) -> Remediation {
    let id = &*found.resource_id;
    let stops = found.advice == Advice::Action(ActionType::Stop) && &*found.resource_type == "Ec2Instance";
    if stops {
        let command = |operation: &str| aws(operation, &found.region, &[("--instance-ids", id)]);
        return Remediation {
            commands: vec![command("ec2 stop-instances")],
            rollback_commands: vec![command("ec2 start-instances")],
            notes: vec!["Its disks and addresses are still paid while it is stopped.".into()],
        };
    }
    let (operation, filter) = match found.source {
        FindingSource::ComputeOptimizer if found.advice == Advice::License => (
            "compute-optimizer get-license-recommendations",
            ("--resource-arns", found.resource_arn.to_string()),
        ),
        FindingSource::ComputeOptimizer => (
            "compute-optimizer get-idle-recommendations",
            ("--resource-arns", found.resource_arn.to_string()),
        ),
        _ => {
            let filter = json!({ "resourceArns": [&*found.resource_arn] }).to_string();
            ("cost-optimization-hub list-recommendations", ("--filter", filter))
        }
    };
    let here = Region::global();
    let region = if found.source == FindingSource::ComputeOptimizer { &found.region } else { &here };
    Remediation {
        commands: vec![aws(operation, region, &[(filter.0, &*filter.1)])],
        rollback_commands: Vec::new(),
        notes: vec!["AWS gives no command for it: this one shows what it knows.".into()],
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, instance, region};

    pub fn found(resource_type: &str, id: &str, action: ActionType) -> AwsFinding {
        AwsFinding {
            source: FindingSource::CostOptimizationHub,
            region: region(),
            resource_type: resource_type.into(),
            resource_id: id.into(),
            resource_arn: format!("arn:aws:test:us-east-1:123456789012:thing/{id}").into(),
            advice: Advice::Action(action),
            monthly_cost: "100".parse().unwrap(),
            monthly_savings: "40".parse().unwrap(),
            after_discounts: None,
            effort: Effort::Low,
            restart_needed: true,
            rollback_possible: true,
            current: "m5.xlarge".into(),
            recommended: "m5.large".into(),
            look_back_days: Some(14),
            refreshed_at: None,
        }
    }

    fn lab(found: AwsFinding) -> Lab {
        let mut lab = Lab::new().instance(instance("i-1"));
        lab.snapshot.aws_findings = vec![found];
        lab
    }

    #[test]
    fn a_recommendation_of_aws_is_stated_with_its_source() {
        let finding = lab(found("Ec2Instance", "i-1", ActionType::Rightsize)).only_finding(&OTHERS);
        assert_eq!(finding.title, "Cost Optimization Hub: Rightsize to m5.large");
        assert_eq!((finding.subject.kind, finding.class), (ResourceKind::Instance, ConflictClass::Resize));
        assert_eq!(
            (finding.calculation.monthly_savings.as_str(), finding.sources),
            ("40.00", vec![FindingSource::CostOptimizationHub])
        );
    }

    #[test]
    fn what_is_gone_since_aws_looked_is_not_told() {
        lab(found("Ec2Instance", "i-gone", ActionType::Stop)).nothing(&OTHERS);
        let unlisted = lab(found("Ec2Instance", "i-2", ActionType::Stop)).incomplete(ResourceKind::Instance);
        assert_eq!(
            unlisted.only_finding(&OTHERS).remediation.commands,
            ["aws ec2 stop-instances --region us-east-1 --instance-ids i-2"]
        );
    }

    #[test]
    fn what_tuner_does_not_list_is_told_by_its_arn() {
        let idle = lab(found("WorkSpaces", "ws-1", ActionType::Delete));
        assert_eq!(&*idle.only_finding(&WORKSPACES).subject.id, "test:us-east-1:123456789012:thing/ws-1");
        idle.nothing(&OTHERS);
        lab(found("DocumentDBCluster", "docs", ActionType::Delete)).only_finding(&DATABASES);
    }

    #[test]
    fn a_licence_names_both_editions() {
        let license = AwsFinding {
            advice: Advice::License,
            source: FindingSource::ComputeOptimizer,
            current: "Enterprise".into(),
            recommended: "Standard".into(),
            ..found("Ec2Instance", "i-1", ActionType::Rightsize)
        };
        let finding = lab(license).only_finding(&LICENSES);
        assert_eq!(finding.title, "SQL Server Standard would do instead of Enterprise");
    }

    #[test]
    fn purchases_are_left_to_their_own_rules() {
        let purchase = lab(found("ComputeSavingsPlans", "x", ActionType::PurchaseSavingsPlans));
        for rule in super::super::RULES {
            purchase.nothing(rule);
        }
    }
}
