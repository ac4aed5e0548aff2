//! No total above what was really spent: by usage type where the bill tells, by service, and for the whole account.
//!
//! Only lowers what counts, never raises it. Costs in another currency than US dollars hold nothing back: they are
//! compared with nothing, and that is said.

use crate::domain::{
    cost::CostHistory,
    discount::{Discounts, Pool, Slice},
    finding::{ConflictClass, Finding},
    inventory::{ResourceKind as Kind, Service},
    money::MicroUsd,
    recommendation::Standing,
};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the account's spend.
pub struct Spend<'a> {
    pub discounts: &'a Discounts<'a>,
    pub costs: Option<&'a CostHistory>,
    pub today: Date,
}

/// Whether something was lowered, and why nothing was held against the services' spend where it was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capped {
    pub lowered: bool,
    pub skipped: Option<String>,
}

/// Lowers what is counted so that nothing saves more than it cost in the last 30 complete days, at list price neither.
pub fn cap_by_spend(findings: &[Finding], standings: &mut [Standing], spend: &Spend<'_>) -> Capped {
    let mut at_list: Vec<Standing> =
        standings.iter().map(|standing| Standing { counted: standing.listed, ..*standing }).collect();
    cap(findings, &mut at_list, spend);
    for (standing, at_list) in standings.iter_mut().zip(at_list) {
        standing.listed = at_list.counted;
    }
    cap(findings, standings, spend)
}

fn cap(findings: &[Finding], standings: &mut [Standing], spend: &Spend<'_>) -> Capped {
    let lowered = cap_by_usage(findings, standings, spend.discounts);
    match month_of(spend) {
        Ok(month) => Capped { lowered: cap_by_service(findings, standings, &month) | lowered, skipped: None },
        Err(skipped) => Capped { lowered, skipped: Some(skipped) },
    }
}

/// The spend of each of AWS's own services in a month of 730 hours.
struct Month<'a> {
    services: BTreeMap<&'a str, MicroUsd>,
}

impl Month<'_> {
    fn of(&self, services: &[&str]) -> MicroUsd {
        services.iter().filter_map(|service| self.services.get(service)).copied().sum()
    }
}

fn month_of<'a>(spend: &Spend<'a>) -> Result<Month<'a>, String> {
    let costs = spend.costs.ok_or_else(|| "the costs by service could not be read".to_owned())?;
    if let Some(foreign) = costs.foreign.first() {
        return Err(format!("the account is billed in {}", foreign.amount.currency));
    }
    let services = costs.services().into_iter().filter(|service| !costs.marketplace.contains(*service));
    let of = |service| Some((service, costs.last_month_of(&[service], spend.today)?));
    let known: Option<BTreeMap<&str, MicroUsd>> = services.map(of).collect();
    let services = known.filter(|services| !services.is_empty());
    services.map(|services| Month { services }).ok_or_else(|| "30 days of costs are not known".to_owned())
}

// Cost Explorer's names of what pays for several kinds.
const COMPUTE: &str = "Amazon Elastic Compute Cloud - Compute";
const EC2_OTHER: &str = "EC2 - Other";
const VPC: &str = "Amazon Virtual Private Cloud";
const CLOUDWATCH: &str = "AmazonCloudWatch";
const KMS: &str = "AWS Key Management Service";

/// Which of Cost Explorer's services pay for what is found on a kind.
const PAID_BY_KIND: &[(Kind, &[&str])] = &[
    (Kind::Instance, &[COMPUTE]),
    (Kind::AutoScalingGroup, &[COMPUTE]),
    (Kind::CapacityReservation, &[COMPUTE]),
    (Kind::Volume, &[EC2_OTHER]),
    (Kind::Snapshot, &[EC2_OTHER]),
    (Kind::FastRestore, &[EC2_OTHER]),
    (Kind::Image, &[EC2_OTHER]),
    // Billed as EC2, its public address as VPC.
    (Kind::NatGateway, &[EC2_OTHER, VPC]),
    (Kind::Address, &[VPC]),
    (Kind::VpcEndpoint, &[VPC]),
    (Kind::TransitGatewayAttachment, &[VPC]),
    (Kind::VpnConnection, &[VPC]),
    // Public addresses are billed as VPC.
    (Kind::LoadBalancer, &["Amazon Elastic Load Balancing", VPC]),
    (Kind::ClassicLoadBalancer, &["Amazon Elastic Load Balancing"]),
];

/// The same of all kinds of a service that are not named above.
const PAID_BY_SERVICE: &[(Service, &[&str])] = &[
    (Service::Rds, &["Amazon Relational Database Service"]),
    (Service::DynamoDb, &["Amazon DynamoDB"]),
    (Service::Lambda, &["AWS Lambda"]),
    (Service::Ecs, &["Amazon Elastic Container Service"]),
    (Service::S3, &["Amazon Simple Storage Service"]),
    (Service::CloudWatch, &[CLOUDWATCH]),
    (Service::SecretsManager, &["AWS Secrets Manager"]),
    (Service::Kms, &[KMS]),
    (Service::Redshift, &["Amazon Redshift"]),
    (Service::ElastiCache, &["Amazon ElastiCache"]),
];

/// Whether rules judge what a service of Cost Explorer's pays for.
#[must_use]
pub fn is_judged(service: &str) -> bool {
    let of_kinds = PAID_BY_KIND.iter().map(|(_, paid)| *paid);
    of_kinds.chain(PAID_BY_SERVICE.iter().map(|(_, paid)| *paid)).any(|paid| paid.contains(&service))
}

/// The services that pay for what a finding would save; none where that is not known.
fn paid_by(finding: &Finding) -> &'static [&'static str] {
    match (finding.subject.kind, finding.class) {
        // What a stopped machine still costs: its disks and its address.
        (Kind::Instance, ConflictClass::Remove) => return &[EC2_OTHER, VPC],
        // Detailed monitoring is all that is added to an instance.
        (Kind::Instance, ConflictClass::Add) => return &[CLOUDWATCH],
        // S3 asks KMS in the bucket's name.
        (Kind::Bucket, _) if finding.rule == "s3-bucket-key-off" => return &[KMS],
        _ => {}
    }
    let of_kind = PAID_BY_KIND.iter().find(|(kind, _)| *kind == finding.subject.kind).map(|(_, paid)| *paid);
    let service = finding.subject.kind.service();
    let of_service = || PAID_BY_SERVICE.iter().find(|(known, _)| *known == service).map(|(_, paid)| *paid);
    of_kind.or_else(of_service).unwrap_or_default()
}

/// From the fewest services to the most, then the whole account: each must hold, and they overlap.
fn cap_by_service(findings: &[Finding], standings: &mut [Standing], month: &Month<'_>) -> bool {
    let pools: BTreeSet<(usize, &[&str])> = findings
        .iter()
        .map(paid_by)
        .map(|paid| (paid.len(), paid))
        .filter(|(services, _)| *services > 0)
        .collect();
    let mut lowered = false;
    for (_, pool) in pools {
        let inside = |f: &Finding| {
            let paid = paid_by(f);
            !paid.is_empty() && paid.iter().all(|service| pool.contains(service))
        };
        lowered |= lower_to(month.of(pool), findings, standings, inside);
    }
    let all = month.services.values().copied().sum();
    lowered | lower_to(all, findings, standings, |_| true)
}

/// Lowers some findings in proportion so that together they do not exceed an amount.
fn lower_to(
    spent: MicroUsd,
    findings: &[Finding],
    standings: &mut [Standing],
    inside: impl Fn(&Finding) -> bool,
) -> bool {
    // Wider than an amount: a sum that saturates would make the shares of it too large.
    let counted = findings.iter().zip(standings.iter()).filter(|(f, _)| inside(f)).map(|(_, s)| s.counted);
    let total: i128 = counted.map(|amount| i128::from(amount.get())).sum();
    if total <= i128::from(spent.get()) {
        return false;
    }
    for (_, standing) in findings.iter().zip(standings.iter_mut()).filter(|(f, _)| inside(f)) {
        standing.counted = floor_share(standing.counted, spent, total);
    }
    true
}

/// A share of what was spent, rounded down: many rounded-up shares would exceed it again.
fn floor_share(counted: MicroUsd, spent: MicroUsd, total: i128) -> MicroUsd {
    let share = i128::from(counted.get()) * i128::from(spent.get().max(0)) / total.max(1);
    MicroUsd::new(i64::try_from(share).unwrap_or(0))
}

/// Usage types share what a finding counts as they share its saving.
fn cap_by_usage(findings: &[Finding], standings: &mut [Standing], discounts: &Discounts<'_>) -> bool {
    let split = |(finding, standing): (&Finding, &Standing)| counted_slices(finding, standing, discounts);
    let slices: Vec<Vec<Slice>> = findings.iter().zip(standings.iter()).map(split).collect();
    let mut totals: BTreeMap<&str, (&Pool, i128)> = BTreeMap::new();
    for slice in slices.iter().flatten() {
        if let Some(pool) = &slice.pool {
            totals.entry(&pool.name).or_insert((pool, 0)).1 += i128::from(slice.list.get());
        }
    }
    totals.retain(|_, (pool, total)| *total > i128::from(pool.spent.get()));
    for (standing, slices) in standings.iter_mut().zip(&slices) {
        for slice in slices {
            let over = slice.pool.as_ref().and_then(|pool| totals.get(&*pool.name));
            if let Some((pool, total)) = over {
                let kept = floor_share(slice.list, pool.spent, *total);
                standing.counted = standing.counted - (slice.list - kept);
            }
        }
    }
    !totals.is_empty()
}

/// What a finding counts, split as its saving is split.
fn counted_slices(finding: &Finding, standing: &Standing, discounts: &Discounts<'_>) -> Vec<Slice> {
    if !standing.counted.is_positive() {
        return Vec::new();
    }
    let mut slices = discounts.slices(finding);
    let mut left = standing.counted;
    for slice in &mut slices {
        slice.list = slice.list.scale(standing.counted.get(), finding.monthly_savings.get()).min(left);
        left = left - slice.list;
    }
    if let Some(last) = slices.last_mut() {
        last.list += left;
    }
    slices
}
