//! One best choice for each resource, so that totals count nothing twice.
//!
//! Findings are grouped by root. On a root, removal beats everything and takes the children with it; pause
//! and resize stack as `C * [1 - (1-p)(1-r)]`; independent ones add. An exposure is shown, never counted.
//! What is not chosen stays as an alternative that adds nothing.

use super::{
    cost::{CostHistory, DAYS_OF_SPEND, a_month_of},
    finding::{ConflictClass, Finding, Level, Root, SavingsBasis},
    inventory::ResourceKind,
    money::MicroUsd,
    recommendation::Standing,
    region::Region,
};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The standing of each finding, in the order of the findings.
#[must_use]
pub fn select(findings: &[Finding]) -> Vec<Standing> {
    let groups = group_by_root(findings);
    let removals: BTreeMap<(&Region, &str), usize> = groups
        .iter()
        .filter_map(|(key, members)| Some((*key, best(findings, members, ConflictClass::Remove)?)))
        .collect();
    let mut standings =
        vec![Standing { selected: false, counted: MicroUsd::ZERO, alternative_to: None }; findings.len()];
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

/// Saving weighted by confidence: a sure small one beats a doubtful slightly larger one.
fn weight(finding: &Finding) -> i64 {
    let percent = match finding.confidence {
        Level::High => 100,
        Level::Medium => 80,
        Level::Low => 50,
    };
    finding.monthly_savings.scale(percent, 100).get()
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
        && !stacked(findings.get(pause), findings.get(resize)).is_positive()
        && let Some(standing) = standings.get_mut(resize)
    {
        *standing = Standing { selected: false, counted: MicroUsd::ZERO, alternative_to: Some(pause) };
    }
}

/// What a resize still saves on a resource that is paused for part of its cost: `r * (1 - p/C)`.
fn stacked(pause: Option<&Finding>, resize: Option<&Finding>) -> MicroUsd {
    match (pause, resize) {
        (Some(pause), Some(resize)) => {
            let left = pause.monthly_cost - pause.monthly_savings;
            resize.monthly_savings.scale(left.get(), pause.monthly_cost.get())
        }
        (None, Some(resize)) => resize.monthly_savings,
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
        standing.counted = match finding.class {
            ConflictClass::Resize => stacked(pause, Some(finding)),
            // Half of the storage is gone with the standby: what is saved on it halves, too.
            ConflictClass::Add => {
                let whole = wholes.get(&root).and_then(|at| findings.get(*at));
                if whole.is_some() { stacked(whole, Some(finding)) } else { finding.monthly_savings }
            }
            _ => finding.monthly_savings,
        };
    }
    standings
}

// Cost Explorer's names of what pays for resources.
const COMPUTE: &[&str] = &["Amazon Elastic Compute Cloud - Compute"];
const OTHER: &[&str] = &["EC2 - Other"];
const VPC: &[&str] = &["Amazon Virtual Private Cloud"];
// A NAT gateway is billed as EC2, its public address as VPC; so are a stopped machine's disks and address.
const OTHER_AND_VPC: &[&str] = &["EC2 - Other", "Amazon Virtual Private Cloud"];
const ELB: &[&str] = &["Amazon Elastic Load Balancing"];
// A load balancer's public addresses are billed as VPC.
const ELB_AND_VPC: &[&str] = &["Amazon Elastic Load Balancing", "Amazon Virtual Private Cloud"];
const CLOUDWATCH: &[&str] = &["AmazonCloudWatch"];
const S3: &[&str] = &["Amazon Simple Storage Service"];
const SECRETS: &[&str] = &["AWS Secrets Manager"];
const KMS: &[&str] = &["AWS Key Management Service"];
const RDS: &[&str] = &["Amazon Relational Database Service"];
const REDSHIFT: &[&str] = &["Amazon Redshift"];
const ELASTICACHE: &[&str] = &["Amazon ElastiCache"];
const DYNAMODB: &[&str] = &["Amazon DynamoDB"];
const LAMBDA: &[&str] = &["AWS Lambda"];
const ECS: &[&str] = &["Amazon Elastic Container Service"];

/// What is held against spend together, from the narrowest to the widest.
const POOLS: &[&[&str]] = &[
    COMPUTE,
    CLOUDWATCH,
    RDS,
    REDSHIFT,
    ELASTICACHE,
    DYNAMODB,
    LAMBDA,
    ECS,
    S3,
    SECRETS,
    KMS,
    OTHER,
    VPC,
    ELB,
    OTHER_AND_VPC,
    ELB_AND_VPC,
];

/// Whether rules judge what a service of Cost Explorer's pays for.
#[must_use]
pub fn is_judged(service: &str) -> bool {
    POOLS.iter().any(|pool| pool.contains(&service))
}

/// The services that pay for a finding's resource.
fn spend_services(finding: &Finding) -> &'static [&'static str] {
    match (finding.subject.kind, finding.class) {
        (ResourceKind::Instance, ConflictClass::Remove) | (ResourceKind::NatGateway, _) => OTHER_AND_VPC,
        // Detailed monitoring is all that is added to an instance.
        (ResourceKind::Instance, ConflictClass::Add) => CLOUDWATCH,
        (ResourceKind::Instance | ResourceKind::AutoScalingGroup | ResourceKind::CapacityReservation, _) => {
            COMPUTE
        }
        (
            ResourceKind::Volume | ResourceKind::Snapshot | ResourceKind::FastRestore | ResourceKind::Image,
            _,
        ) => OTHER,
        // S3 asks KMS in the bucket's name.
        (ResourceKind::Bucket, _) if finding.rule == "s3-bucket-key-off" => KMS,
        (ResourceKind::Bucket, _) => S3,
        (ResourceKind::Secret, _) => SECRETS,
        (ResourceKind::KmsKey, _) => KMS,
        (kind, _) if kind.service() == super::inventory::Service::CloudWatch => CLOUDWATCH,
        (
            ResourceKind::Address
            | ResourceKind::VpcEndpoint
            | ResourceKind::TransitGatewayAttachment
            | ResourceKind::VpnConnection,
            _,
        ) => VPC,
        (ResourceKind::LoadBalancer, _) => ELB_AND_VPC,
        (ResourceKind::ClassicLoadBalancer, _) => ELB,
        (kind, _) if kind.service() == super::inventory::Service::Rds => RDS,
        (kind, _) if kind.service() == super::inventory::Service::Redshift => REDSHIFT,
        (kind, _) if kind.service() == super::inventory::Service::ElastiCache => ELASTICACHE,
        (kind, _) if kind.service() == super::inventory::Service::DynamoDb => DYNAMODB,
        (kind, _) if kind.service() == super::inventory::Service::Lambda => LAMBDA,
        (kind, _) if kind.service() == super::inventory::Service::Ecs => ECS,
        _ => &[],
    }
}

/// Lowers what is counted so that no service saves more than it cost in the last 30 complete days.
/// Answers whether anything was lowered.
pub fn cap_by_spend(
    findings: &[Finding],
    standings: &mut [Standing],
    costs: &CostHistory,
    today: Date,
) -> bool {
    let (from, to) = CostHistory::days_of_spend(today);
    if costs.days_known(from, to) < usize::try_from(DAYS_OF_SPEND).unwrap_or(0) {
        return false;
    }
    let spent = |services: &[&str]| a_month_of(services.iter().map(|s| costs.between(s, from, to)).sum());
    let mut capped = false;
    // From the narrowest pool to the widest: each must hold, and they overlap.
    for pool in POOLS {
        let inside = |f: &Finding| spend_services(f).iter().all(|service| pool.contains(service));
        capped |= lower_to(spent(pool), findings, standings, inside);
    }
    capped | lower_to(spent(&costs.services()), findings, standings, |_| true)
}

/// Lowers some findings in proportion so that together they do not exceed an amount.
fn lower_to(
    spent: MicroUsd,
    findings: &[Finding],
    standings: &mut [Standing],
    inside: impl Fn(&Finding) -> bool,
) -> bool {
    let mine = |f: &Finding| !spend_services(f).is_empty() && inside(f);
    // Wider than an amount: a sum that saturates would make the shares of it too large.
    let counted = findings.iter().zip(standings.iter()).filter(|(f, _)| mine(f)).map(|(_, s)| s.counted);
    let total: i128 = counted.map(|amount| i128::from(amount.get())).sum();
    if total <= i128::from(spent.get()) {
        return false;
    }
    for (_, standing) in findings.iter().zip(standings.iter_mut()).filter(|(f, _)| mine(f)) {
        standing.counted = MicroUsd::new(floor_share(standing.counted, spent, total));
    }
    true
}

/// A share of what was spent, rounded down: many rounded-up shares would exceed it again.
fn floor_share(counted: MicroUsd, spent: MicroUsd, total: i128) -> i64 {
    let share = i128::from(counted.get()) * i128::from(spent.get().max(0)) / total.max(1);
    i64::try_from(share).unwrap_or(0)
}

#[cfg(test)]
mod tests;
