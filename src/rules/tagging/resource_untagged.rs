//! Resources without the tags that the organisation asks for: nobody's costs. Nothing is saved by a tag itself.
//!
//! Only of kinds whose lists bring their tags along: a tag that was not read is not missing.

use super::{Amounts, Case, Judgement, Meta, Rule, aws, property};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, Verdicts},
    inventory::{Inventoried, ResourceKind, Service, arn_of},
};
use serde_json::{Value, json};

pub const ID: &str = "resource-untagged";

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: ID,
    title: "Required tags are missing",
    condition: "A resource lacks one of the tags of required_tags, or the tag is empty. Without required_tags nothing is \
                looked at. Instances, volumes, images, addresses, NAT gateways, VPC endpoints, databases and their \
                snapshots; not the children of Auto Scaling groups, backup plans and Kubernetes claims.",
    formula: "none: a tag saves nothing, it tells whom to ask",
    pitfalls: "Tags that a cost category or another account's tool adds are not seen. Keys are exact, capital letters \
               included.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances"],
    metrics: &[],
    thresholds: &["required_tags"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let mut verdicts = Verdicts::default();
    if case.thresholds.required_tags.is_empty() {
        return verdicts;
    }
    let inventory = &case.snapshot.inventory;
    macro_rules! look_at {
        ($($list:ident)*) => { $( verdicts.merge(case.judge_each(&inventory.$list, judge)); )* };
    }
    look_at!(instances volumes snapshots images addresses nat_gateways vpc_endpoints);
    look_at!(db_instances db_clusters db_snapshots db_cluster_snapshots);
    verdicts
}

/// Tags of what something else makes and removes: whoever wants tags on it asks there.
const MADE_FOR: [&str; 4] = ["aws:autoscaling:", "aws:backup:", "dlm:managed", "kubernetes.io/created-for/"];

#[allow(clippy::unnecessary_wraps, reason = "it is a judge like the others; tags are never unknown here")]
fn judge<T: Inventoried>(case: &Case<'_>, resource: &T) -> Judgement {
    let tags = &resource.common().tags;
    if tags.any_key(|key| MADE_FOR.iter().any(|prefix| key.starts_with(prefix))) {
        return Ok(None);
    }
    let required = case.thresholds.required_tags.iter().map(String::as_str);
    let missing: Vec<&str> = required.filter(|key| tags.get(key).is_none_or(str::is_empty)).collect();
    Ok((!missing.is_empty()).then(|| finding(case, resource, &missing)))
}

fn finding<T: Inventoried>(case: &Case<'_>, resource: &T, missing: &[&str]) -> Finding {
    let amounts = Amounts { cost: Figure::zero(), savings: Figure::zero(), bill: case.bill() };
    let present: Vec<&str> = resource.common().tags.iter().map(|(key, _)| key).collect();
    Finding {
        title: format!("Tags are missing: {}", missing.join(", ")),
        current: json!({ "tagKeys": present }),
        recommended: json!({ "missingTags": missing }),
        evidence: vec![property(
            "missingTags",
            missing.join(", "),
            Some("each required tag has a value".into()),
        )],
        remediation: fix(case, resource, missing),
        ..case.finding(resource, amounts)
    }
}

/// Values are for people to fill in; lists are written as JSON, which takes any key.
fn fix<T: Inventoried>(case: &Case<'_>, resource: &T, missing: &[&str]) -> Remediation {
    let (region, id) = (&resource.common().region, &*resource.common().id);
    let pairs =
        |value: &str| missing.iter().map(|key| json!({ "Key": key, "Value": value })).collect::<Value>();
    let filled = pairs("VALUE").to_string();
    let (add, remove) = if T::KIND.service() == Service::Rds {
        let arn = arn_of(T::KIND, case.snapshot.account, region, id);
        let (add, keys) = ([("--resource-name", &*arn), ("--tags", &*filled)], json!(missing).to_string());
        let remove = [("--resource-name", &*arn), ("--tag-keys", &*keys)];
        (aws("rds add-tags-to-resource", region, &add), aws("rds remove-tags-from-resource", region, &remove))
    } else {
        let keys = missing.iter().map(|key| json!({ "Key": key })).collect::<Value>().to_string();
        let add = [("--resources", id), ("--tags", &*filled)];
        let remove = [("--resources", id), ("--tags", &*keys)];
        (aws("ec2 create-tags", region, &add), aws("ec2 delete-tags", region, &remove))
    };
    let notes = vec!["Replace each VALUE.".into()];
    Remediation { commands: vec![add], rollback_commands: vec![remove], notes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::inventory::{Common, Instance},
        rules::fixtures::{Lab, instance, volume},
    };

    fn requiring(tags: &[&str]) -> Lab {
        let mut lab = Lab::new();
        lab.thresholds.required_tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        lab
    }

    fn tagged(tags: &[(&str, &str)]) -> Instance {
        let i = instance("i-1");
        Instance { common: Common { tags: tags.iter().copied().collect(), ..i.common }, ..i }
    }

    #[test]
    fn what_lacks_a_tag_or_its_value_is_found_and_saves_nothing() {
        let lab = requiring(&["owner", "cost center"]).instance(tagged(&[("owner", ""), ("Name", "x")]));
        let finding = lab.only_finding(&RULE);
        assert_eq!(finding.title, "Tags are missing: owner, cost center");
        assert!(!finding.monthly_savings.is_positive() && finding.basis == SavingsBasis::Exposure);
        let command = r#"aws ec2 create-tags --region us-east-1 --resources i-1 --tags '[{"Key":"owner","Value":"VALUE"},{"Key":"cost center","Value":"VALUE"}]'"#;
        assert_eq!(finding.remediation.commands, [command]);
    }

    #[test]
    fn what_carries_them_is_fine() {
        requiring(&["owner"]).instance(tagged(&[("owner", "shop")])).nothing(&RULE);
    }

    #[test]
    fn keys_are_exact() {
        requiring(&["owner"]).instance(tagged(&[("Owner", "shop")])).only_finding(&RULE);
    }

    #[test]
    fn where_no_tag_is_required_nothing_is_looked_at() {
        Lab::new().instance(tagged(&[])).volume(volume("vol-1")).nothing(&RULE);
    }

    #[test]
    fn children_of_what_makes_them_are_left_alone() {
        requiring(&["owner"]).instance(tagged(&[("aws:autoscaling:groupName", "web")])).nothing(&RULE);
    }

    #[test]
    fn what_a_stack_made_is_not() {
        requiring(&["owner"])
            .instance(tagged(&[("aws:cloudformation:stack-name", "web")]))
            .only_finding(&RULE);
    }

    #[test]
    fn every_kind_is_found_under_its_own_name() {
        let lab = requiring(&["owner"]).instance(tagged(&[])).volume(volume("vol-1"));
        let kinds: Vec<ResourceKind> = lab.verdicts(&RULE).findings.iter().map(|f| f.subject.kind).collect();
        assert_eq!(kinds, [ResourceKind::Instance, ResourceKind::Volume]);
    }
}
