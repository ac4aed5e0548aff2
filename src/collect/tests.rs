use super::*;
use crate::aws::{
    Parts, Purpose, SESSION_POLICY_LIMIT, SchedulerRole, TemplateFormat, read_only_policy, session_policy,
    template,
};

#[test]
fn read_only_json_is_what_the_collectors_declare() {
    let wanted = read_only_policy(&all_actions());
    let file = include_str!("../../iam-policies/read-only.json");
    assert!(file == wanted, "iam-policies/read-only.json should be:\n{wanted}");
}

#[test]
fn the_templates_are_what_is_generated() {
    let kept = [
        include_str!("../../iam-policies/cloudformation/tuner.yaml").to_owned(),
        include_str!("../../iam-policies/cloudformation/tuner-stackset.yaml").to_owned(),
        [
            include_str!("../../iam-policies/terraform/main.tf"),
            include_str!("../../iam-policies/terraform/variables.tf"),
            include_str!("../../iam-policies/terraform/outputs.tf"),
        ]
        .join("\n"),
    ];
    for (format, kept) in TemplateFormat::ALL.into_iter().zip(kept) {
        let wanted = template(format, SchedulerRole::None, &all_actions());
        assert!(kept == wanted, "the {format:?} template in iam-policies should be:\n{wanted}");
    }
}

#[test]
fn the_readme_explains_every_action_and_no_other() {
    let readme = include_str!("../../iam-policies/README.md");
    let (_, table) = readme.split_once("\n## Actions\n").unwrap();
    let (table, _) = table.split_once("\n`sts:GetCallerIdentity`").unwrap();
    let explained = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(explained.collect::<Vec<_>>(), all_actions());
}

#[test]
fn the_session_policies_fit_and_together_are_exactly_all_that_is_read() {
    let parts = Parts::of(&all_actions());
    let mut together: Vec<String> = Vec::new();
    for part in parts.all() {
        let policy = session_policy(Purpose::Collect(part), &parts);
        let size = policy.len();
        assert!(size <= SESSION_POLICY_LIMIT, "{size} characters: {:?}", parts.actions(part));
        let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
        let [statement] = policy["Statement"].as_array().unwrap().as_slice() else { panic!("{policy}") };
        assert_eq!(statement["Effect"], "Allow");
        together
            .extend(statement["Action"].as_array().unwrap().iter().map(|a| a.as_str().unwrap().to_owned()));
    }
    together.sort_unstable();
    assert_eq!(together, all_actions());
}

#[test]
fn all_that_is_read_is_read() {
    for action in all_actions() {
        let (_, name) = action.split_once(':').unwrap();
        let reads = ["Describe", "List", "Get"].iter().any(|verb| name.starts_with(verb));
        assert!(reads, "{action}");
    }
}

#[test]
fn every_kind_has_one_collector() {
    let listings = || COLLECTORS.iter().filter_map(|collector| collector.listing.as_ref());
    let listed: Vec<_> = listings().flat_map(|listing| with_companions(listing.kind)).collect();
    // Savings Plans are no region's: they are read once, beside the regions.
    for kind in ResourceKind::INVENTORIED.iter().filter(|kind| **kind != ResourceKind::SavingsPlan) {
        assert_eq!(listed.iter().filter(|listed| *listed == kind).count(), 1, "{kind}");
    }
}
