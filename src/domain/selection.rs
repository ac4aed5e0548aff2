//! One best choice for each resource, so that totals count nothing twice.
//!
//! Findings are grouped by root. On a root, removal beats everything and takes the children with it; pause
//! and resize stack as `C * [1 - (1-p)(1-r)]`; independent ones add. An exposure is shown, never counted.
//! What is not chosen stays as an alternative that adds nothing. What counts is the saving after discounts, where
//! it is known; `spend.rs` holds the totals against what was really spent.

mod spend;

pub use spend::{Capped, Spend, cap_by_spend, is_judged};

use super::{
    finding::{ConflictClass, Finding, Level, Root, SavingsBasis},
    money::MicroUsd,
    recommendation::Standing,
    region::Region,
};
use std::collections::BTreeMap;

/// The standing of each finding, in the order of the findings.
#[must_use]
pub fn select(findings: &[Finding]) -> Vec<Standing> {
    let groups = group_by_root(findings);
    let removals: BTreeMap<(&Region, &str), usize> = groups
        .iter()
        .filter_map(|(key, members)| Some((*key, best(findings, members, ConflictClass::Remove)?)))
        .collect();
    let mut standings = vec![Standing::default(); findings.len()];
    for ((region, root), members) in &groups {
        let own = removals.get(&(*region, *root)).copied();
        let decided_by = removed_parent(findings, members, &removals).or(own);
        match decided_by {
            Some(winner) => settle_removed(&mut standings, members, winner),
            None => settle_kept(&mut standings, findings, members),
        }
    }
    standings
}

type Groups<'a> = BTreeMap<(&'a Region, &'a str), Vec<usize>>;

/// The positions of all countable findings by root.
fn group_by_root(findings: &[Finding]) -> Groups<'_> {
    let mut groups = Groups::new();
    for (at, finding) in findings.iter().enumerate().filter(|(_, f)| f.basis != SavingsBasis::Exposure) {
        let Root { region, name, .. } = &finding.root;
        groups.entry((region, name)).or_default().push(at);
    }
    groups
}

/// The removal of a parent that already takes this group's cost.
fn removed_parent(
    findings: &[Finding],
    members: &[usize],
    removals: &BTreeMap<(&Region, &str), usize>,
) -> Option<usize> {
    members.iter().filter_map(|at| findings.get(*at)).find_map(|finding| {
        let root = &finding.root;
        root.parents.iter().find_map(|parent| removals.get(&(&root.region, parent.as_str())).copied())
    })
}

/// Saving weighted by confidence: a sure small one beats a doubtful slightly larger one. What commitments cover
/// today is ranked by list price: the better choice stays the better one when they end.
fn weight(finding: &Finding) -> (i64, i64) {
    let percent = match finding.confidence {
        Level::High => 100,
        Level::Medium => 80,
        Level::Low => 50,
    };
    let weighted = |amount: MicroUsd| amount.scale(percent, 100).get();
    (weighted(finding.worth()), weighted(finding.monthly_savings))
}

/// The best finding of a class; of equal ones the first, which is the first by rule name.
fn best(findings: &[Finding], members: &[usize], class: ConflictClass) -> Option<usize> {
    let of_class =
        members.iter().filter_map(|at| Some((*at, findings.get(*at)?))).filter(|(_, f)| f.class == class);
    of_class.rev().max_by_key(|(_, finding)| weight(finding)).map(|(at, _)| at)
}

/// Everything but the winner is an alternative to it. The winner may be a parent's.
fn settle_removed(standings: &mut [Standing], members: &[usize], winner: usize) {
    for at in members {
        if let Some(standing) = standings.get_mut(*at) {
            standing.alternative_to = (*at != winner).then_some(winner);
            standing.selected = *at == winner;
        }
    }
}

fn settle_kept(standings: &mut [Standing], findings: &[Finding], members: &[usize]) {
    let pause = best(findings, members, ConflictClass::Pause);
    let resize = best(findings, members, ConflictClass::Resize);
    let first = pause.or(resize);
    for at in members {
        let (Some(finding), Some(standing)) = (findings.get(*at), standings.get_mut(*at)) else { continue };
        let chosen = finding.class == ConflictClass::Add || Some(*at) == pause || Some(*at) == resize;
        standing.selected = chosen;
        standing.alternative_to = if chosen {
            None
        } else if finding.class == ConflictClass::Pause {
            pause
        } else {
            resize.or(first)
        };
    }
    // What rests all the time saves nothing more by being smaller.
    if let (Some(pause), Some(resize)) = (pause, resize)
        && !stacked(findings.get(pause), findings.get(resize), |finding| finding.monthly_savings)
            .is_positive()
        && let Some(standing) = standings.get_mut(resize)
    {
        *standing = Standing { alternative_to: Some(pause), ..Standing::default() };
    }
}

/// What a resize still saves on a resource that is paused for part of its cost: `r * (1 - p/C)`, both at list price
/// or both after discounts; the share that is left is that at list price.
fn stacked(
    pause: Option<&Finding>,
    resize: Option<&Finding>,
    saved: impl Fn(&Finding) -> MicroUsd,
) -> MicroUsd {
    match (pause, resize) {
        (Some(pause), Some(resize)) => {
            let left = pause.monthly_cost - pause.monthly_savings;
            saved(resize).scale(left.get(), pause.monthly_cost.get())
        }
        (None, Some(resize)) => saved(resize),
        (_, None) => MicroUsd::ZERO,
    }
}

/// Fills in what each selected finding adds to the totals.
#[must_use]
pub fn count(findings: &[Finding], mut standings: Vec<Standing>) -> Vec<Standing> {
    let selected = |wanted: &dyn Fn(&Finding) -> bool| -> BTreeMap<(&Region, &str), usize> {
        let chosen =
            findings.iter().enumerate().zip(&standings).filter(|((_, f), s)| s.selected && wanted(f));
        chosen.map(|((at, f), _)| ((&f.root.region, f.root.name.as_str()), at)).collect()
    };
    let pauses = selected(&|f| f.class == ConflictClass::Pause);
    let wholes = selected(&|f| f.class == ConflictClass::Resize && f.shrinks_all);
    for (finding, standing) in findings.iter().zip(&mut standings).filter(|(_, s)| s.selected) {
        let pause =
            pauses.get(&(&finding.root.region, finding.root.name.as_str())).and_then(|at| findings.get(*at));
        let root = (&finding.root.region, finding.root.name.as_str());
        let first = match finding.class {
            ConflictClass::Resize => pause,
            // Half of the storage is gone with the standby: what is saved on it halves, too.
            ConflictClass::Add => wholes.get(&root).and_then(|at| findings.get(*at)),
            _ => None,
        };
        standing.counted = stacked(first, Some(finding), Finding::worth);
        standing.listed = stacked(first, Some(finding), |finding| finding.monthly_savings);
    }
    standings
}

#[cfg(test)]
mod tests;
