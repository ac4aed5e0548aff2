//! Purchases of commitments: decided last, on what the other chosen savings leave to be paid on demand.
//!
//! Buying before the waste is gone locks the waste in. AWS's advice starts from the bill as it is; here it is reduced
//! by what the choices about resources take away, and by what its services really cost. Of purchases that cover the
//! same usage only one way is counted.
//!
//! Invariants: a purchase saves no more than is left; nothing but purchases is changed; purchases that exclude each
//! other are never counted together.

use super::{
    finding::{ConflictClass, Evidence, Finding},
    inventory::{ResourceKind as Kind, Service},
    money::MicroUsd,
    recommendation::Standing,
};
use std::collections::BTreeMap;

const EC2: &[&str] = &["Amazon Elastic Compute Cloud - Compute"];
const COMPUTE: &[&str] =
    &["Amazon Elastic Compute Cloud - Compute", "AWS Lambda", "Amazon Elastic Container Service"];
const DATABASE: &[&str] = &["Amazon Relational Database Service", "Amazon DynamoDB", "Amazon ElastiCache"];

/// The kinds of commitment that can be bought, each with Cost Explorer's names of what it covers.
pub const PURCHASES: &[(Kind, &[&str])] = &[
    (Kind::ComputeSavingsPlans, COMPUTE),
    (Kind::Ec2InstanceSavingsPlans, EC2),
    (Kind::SageMakerSavingsPlans, &["Amazon SageMaker"]),
    (Kind::DatabaseSavingsPlans, DATABASE),
    (Kind::Ec2Reservation, EC2),
    (Kind::RdsReservation, &["Amazon Relational Database Service"]),
    (Kind::CacheReservation, &["Amazon ElastiCache"]),
    (Kind::RedshiftReservation, &["Amazon Redshift"]),
    (Kind::OpenSearchReservation, &["Amazon OpenSearch Service"]),
    (Kind::MemoryDbReservation, &["Amazon MemoryDB"]),
    (Kind::DynamoDbReservation, &["Amazon DynamoDB"]),
];

/// Ways to cover the same usage: the purchases of one way go together, two ways never do.
const WAYS: &[&[&[Kind]]] = &[
    &[&[Kind::ComputeSavingsPlans], &[Kind::Ec2InstanceSavingsPlans], &[Kind::Ec2Reservation]],
    &[
        &[Kind::DatabaseSavingsPlans],
        &[Kind::RdsReservation, Kind::CacheReservation, Kind::DynamoDbReservation],
    ],
];

/// Cost Explorer's names of what a kind of commitment covers.
#[must_use]
pub fn services_of(kind: Kind) -> &'static [&'static str] {
    PURCHASES.iter().find(|(of, _)| *of == kind).map_or(&[], |(_, services)| services)
}

/// Whether a smaller or missing resource of a kind leaves less for a commitment.
fn covers(purchase: Kind, resource: Kind) -> bool {
    match resource {
        Kind::Instance | Kind::AutoScalingGroup => {
            services_of(purchase).contains(&"Amazon Elastic Compute Cloud - Compute")
        }
        Kind::DbSnapshot | Kind::DbClusterSnapshot | Kind::DynamoBackup => false,
        _ => {
            let pays = match resource.service() {
                Service::Lambda => "AWS Lambda",
                Service::Ecs => "Amazon Elastic Container Service",
                Service::Rds => "Amazon Relational Database Service",
                Service::DynamoDb => "Amazon DynamoDB",
                Service::ElastiCache => "Amazon ElastiCache",
                Service::Redshift => "Amazon Redshift",
                _ => return false,
            };
            services_of(purchase).contains(&pays)
        }
    }
}

/// Takes the purchases out of the findings.
#[must_use]
pub fn split(findings: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
    findings.into_iter().partition(|finding| finding.class != ConflictClass::Commit)
}

/// The purchases reduced to what is left for them; those for which nothing is left are gone.
#[must_use]
pub fn reduce(
    purchases: Vec<Finding>,
    others: &[Finding],
    standings: &[Standing],
    spent: impl Fn(&'static [&'static str]) -> Option<MicroUsd>,
) -> Vec<Finding> {
    let mut taken_by_kind: BTreeMap<Kind, MicroUsd> = BTreeMap::new();
    for (finding, standing) in others.iter().zip(standings).filter(|(f, _)| f.class != ConflictClass::Add) {
        *taken_by_kind.entry(finding.subject.kind).or_insert(MicroUsd::ZERO) += standing.counted;
    }
    let taken = |kind: Kind| {
        taken_by_kind.iter().filter(|(of, _)| covers(kind, **of)).map(|(_, amount)| *amount).sum::<MicroUsd>()
    };
    purchases
        .into_iter()
        .filter_map(|purchase| {
            let kind = purchase.subject.kind;
            leave(purchase, taken(kind), spent(services_of(kind)))
        })
        .collect()
}

/// One purchase with what is left: its saving shrinks as its base does.
fn leave(mut purchase: Finding, taken: MicroUsd, spent: Option<MicroUsd>) -> Option<Finding> {
    let advised = purchase.monthly_cost;
    let base = spent.map_or(advised, |spent| spent.min(advised));
    let left = base - taken;
    if !left.is_positive() {
        return None;
    }
    if left < advised {
        purchase.evidence.push(evidence(advised, base, taken));
        let savings = &purchase.calculation.monthly_savings;
        purchase.calculation.monthly_savings = format!("{} / {} * ({savings})", left.get(), advised.get());
        purchase.calculation.monthly_cost = format!("{base} - {taken}");
        purchase.monthly_savings = purchase.monthly_savings.scale(left.get(), advised.get()).min(left);
        purchase.monthly_cost = left;
        purchase.after_discounts = None;
    }
    Some(purchase)
}

fn evidence(advised: MicroUsd, base: MicroUsd, taken: MicroUsd) -> Evidence {
    Evidence {
        fact: "left to be covered".to_owned(),
        statistic: None,
        observed: format!(
            "{} USD a month: AWS starts from {} USD, the services cost at least {} USD of it, and the other \
             recommendations that are counted take {} USD away",
            (base - taken).to_cents(),
            advised.to_cents(),
            base.to_cents(),
            taken.to_cents()
        ),
        threshold: None,
        window_days: None,
        datapoints_found: None,
        datapoints_expected: None,
    }
}

/// Puts the purchases behind the other findings, each with its place: of each set of ways the one that saves most.
pub fn append(findings: &mut Vec<Finding>, standings: &mut Vec<Standing>, purchases: Vec<Finding>) {
    let first = findings.len();
    let placed = purchases.iter().map(|purchase| {
        let better = better_way(purchase.subject.kind, &purchases);
        let position = better.and_then(|kind| purchases.iter().position(|p| p.subject.kind == kind));
        Standing {
            selected: better.is_none(),
            counted: if better.is_none() { purchase.worth() } else { MicroUsd::ZERO },
            listed: if better.is_none() { purchase.monthly_savings } else { MicroUsd::ZERO },
            alternative_to: position.map(|at| first + at),
        }
    });
    standings.extend(placed);
    findings.extend(purchases);
}

/// A kind of the way that beats this one's, if any; of ways that save the same the first.
fn better_way(kind: Kind, purchases: &[Finding]) -> Option<Kind> {
    let of = |way: &[Kind]| purchases.iter().filter(|p| way.contains(&p.subject.kind)).collect::<Vec<_>>();
    let worth = |way: &[Kind]| of(way).iter().map(|p| p.monthly_savings).sum::<MicroUsd>();
    let ways = WAYS.iter().find(|ways| ways.iter().any(|way| way.contains(&kind)))?;
    let best = ways.iter().rev().max_by_key(|way| worth(way))?;
    if best.contains(&kind) {
        return None;
    }
    of(best).iter().max_by_key(|p| p.monthly_savings).map(|p| p.subject.kind)
}

#[cfg(test)]
mod tests;
