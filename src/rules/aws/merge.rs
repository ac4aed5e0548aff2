//! One finding where Tuner and AWS say the same of a resource: ours, with AWS as a second source.
//!
//! Ours leads because it can be recomputed. What is only worth a look does not lead: AWS's promise stays beside it.
//! Invariant: nothing that Tuner found is lost or gets another amount.

use super::{RULES, findings::adviser};
use crate::domain::finding::{ConflictClass, Finding, Root, SavingsBasis};
use crate::rules::case::property;
use std::collections::HashMap;

/// Lets AWS's findings confirm ours where both want the same, and keeps the others.
#[must_use]
pub fn merge(findings: Vec<Finding>) -> Vec<Finding> {
    let (from_aws, mut merged): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(is_from_aws);
    if from_aws.is_empty() {
        return merged;
    }
    let mut places: HashMap<Root, Vec<usize>> = HashMap::new();
    for (at, finding) in merged.iter().enumerate().filter(|(_, f)| f.basis != SavingsBasis::Exposure) {
        places.entry(bare(&finding.root)).or_default().push(at);
    }
    for theirs in from_aws {
        let on_it = places.get(&theirs.root).map_or(&[][..], Vec::as_slice);
        let same = |at: &&usize| merged.get(**at).is_some_and(|ours| want_the_same(ours, &theirs));
        match on_it.iter().filter(same).max_by_key(|at| closeness(merged.get(**at), &theirs)).copied() {
            Some(at) => confirm(merged.get_mut(at), &theirs),
            None => merged.push(theirs),
        }
    }
    merged
}

fn is_from_aws(finding: &Finding) -> bool {
    RULES.iter().any(|rule| rule.meta.id == finding.rule)
}

/// AWS knows no parents.
fn bare(root: &Root) -> Root {
    Root { parents: Vec::new(), ..root.clone() }
}

/// Stopping and deleting what is idle is the same advice; so is any change of size.
fn want_the_same(ours: &Finding, theirs: &Finding) -> bool {
    use ConflictClass::{Pause, Remove};
    match (ours.class, theirs.class) {
        (Remove | Pause, Remove | Pause) => true,
        (one, other) => one == other,
    }
}

/// The same action first, then the larger saving.
fn closeness(ours: Option<&Finding>, theirs: &Finding) -> (bool, i64) {
    ours.map_or((false, 0), |ours| (ours.action_type == theirs.action_type, ours.monthly_savings.get()))
}

fn confirm(ours: Option<&mut Finding>, theirs: &Finding) {
    let Some(ours) = ours else { return };
    for source in
        theirs.sources.iter().filter(|source| !ours.sources.contains(source)).copied().collect::<Vec<_>>()
    {
        ours.sources.push(source);
        let said = format!("{}: {} USD a month saved", theirs.action_type, theirs.monthly_savings.to_cents());
        ours.evidence.push(property(adviser(source), said, None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{billing::FindingSource, finding::ActionType, inventory::Volume, metric::Metric},
        rules::{
            aws::findings::tests::found,
            check,
            fixtures::{Lab, volume},
        },
    };

    /// An unattached volume, which Tuner would delete, and what AWS says of volumes.
    fn lab(action: ActionType) -> Lab {
        let unattached = Volume { available: true, attached_to: vec![], ..volume("vol-1") };
        let mut lab = Lab::new().no_datapoints(Metric::EbsIdleTime, "vol-1").volume(unattached);
        lab.snapshot.aws_findings = vec![found("EbsVolume", "vol-1", action)];
        lab
    }

    fn findings(lab: &Lab) -> Vec<Finding> {
        let rules = ["ebs-volume-unattached".to_owned(), "aws-recommendation".to_owned()];
        check(&lab.snapshot, &lab.thresholds, &rules).findings
    }

    #[test]
    fn the_same_advice_is_one_finding_with_both_sources_and_our_amount() {
        let findings = findings(&lab(ActionType::Delete));
        let [ours] = findings.as_slice() else { panic!("expected one finding, got {findings:#?}") };
        assert_eq!(ours.rule, "ebs-volume-unattached");
        assert_eq!(ours.sources, [FindingSource::Tuner, FindingSource::CostOptimizationHub]);
        assert_eq!(ours.monthly_savings.to_string(), "3.00");
        assert_eq!(ours.evidence.last().unwrap().observed, "Delete: 40.00 USD a month saved");
    }

    #[test]
    fn other_advice_on_the_same_resource_stays_an_alternative() {
        let rules: Vec<&str> = findings(&lab(ActionType::Rightsize)).iter().map(|f| f.rule).collect();
        assert_eq!(rules, ["aws-recommendation", "ebs-volume-unattached"]);
    }

    #[test]
    fn where_tuner_found_nothing_aws_leads() {
        let mut lab = lab(ActionType::Delete);
        lab.snapshot.inventory.volumes[0].available = false;
        let findings = findings(&lab);
        assert_eq!((findings.len(), findings[0].rule), (1, "aws-recommendation"));
    }
}
