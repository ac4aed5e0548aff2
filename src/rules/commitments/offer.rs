//! What is to be bought, in words and commands.

use super::command::aws;
use crate::domain::{
    billing::{Purchase, PurchaseAmount, PurchaseOption},
    finding::Remediation,
    inventory::ResourceKind as Kind,
    region::Region,
};
use serde_json::{Value, json};

pub fn title(purchase: &Purchase) -> String {
    let first = purchase.options.first().map(described).unwrap_or_default();
    let more = purchase.options.len().saturating_sub(1);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}: {first}{rest}, for a year", name_of(purchase.kind))
}

const fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::ComputeSavingsPlans => "Compute Savings Plans",
        Kind::Ec2InstanceSavingsPlans => "EC2 Instance Savings Plans",
        Kind::SageMakerSavingsPlans => "SageMaker Savings Plans",
        Kind::DatabaseSavingsPlans => "Database Savings Plans",
        Kind::Ec2Reservation => "Reserved instances",
        Kind::RdsReservation => "Reserved databases",
        Kind::CacheReservation => "Reserved cache nodes",
        Kind::RedshiftReservation => "Reserved Redshift nodes",
        Kind::OpenSearchReservation => "Reserved OpenSearch instances",
        Kind::MemoryDbReservation => "Reserved MemoryDB nodes",
        _ => "Reserved capacity",
    }
}

/// `2 x db.r6g.large PostgreSQL in us-east-1`, `0.35 USD an hour for m5 in eu-west-1`.
fn described(option: &PurchaseOption) -> String {
    let what = [&*option.instance, &*option.product].into_iter().filter(|text| !text.is_empty());
    let what = what.collect::<Vec<_>>().join(" ");
    let place = option.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
    match option.amount {
        PurchaseAmount::Units(count) => format!("{count} x {what}{place}"),
        PurchaseAmount::Hourly(amount) if what.is_empty() => format!("{amount} USD an hour{place}"),
        PurchaseAmount::Hourly(amount) => format!("{amount} USD an hour for {what}{place}"),
    }
}

pub fn remediation(purchase: &Purchase) -> Remediation {
    let commands: Vec<String> =
        purchase.options.iter().filter_map(|option| command(purchase.kind, option)).collect();
    let mut notes = vec![
        "A commitment is paid for the whole year, used or not. Carry out the other recommendations first."
            .to_owned(),
    ];
    if purchase.options.iter().any(|option| option.offering_id.is_none()) {
        notes.push(
            "The commands list what is offered; buy with the id of the offering that you choose.".to_owned(),
        );
    } else {
        notes.push(
            "AWS takes a Savings Plan of at most 100 USD an hour back within seven days of the same month."
                .to_owned(),
        );
    }
    Remediation { commands, rollback_commands: Vec::new(), notes }
}

const YEAR: &str = "31536000";

fn command(kind: Kind, option: &PurchaseOption) -> Option<String> {
    let here = Region::global();
    let region = option.region.as_ref().unwrap_or(&here);
    let instance = &*option.instance;
    if let (PurchaseAmount::Hourly(amount), Some(offering)) = (option.amount, &option.offering_id) {
        let (amount, here) = (amount.to_string(), Region::global());
        let options = [("--savings-plan-offering-id", &**offering), ("--commitment", &*amount)];
        return Some(aws("savingsplans create-savings-plan", &here, &options));
    }
    let one_year = ("--duration", YEAR);
    match kind {
        Kind::Ec2Reservation => Some(aws(
            "ec2 describe-reserved-instances-offerings",
            region,
            &[
                ("--instance-type", instance),
                ("--offering-class", "standard"),
                ("--offering-type", "No Upfront"),
                ("--max-duration", YEAR),
                ("--no-include-marketplace", ""),
            ],
        )),
        Kind::RdsReservation => Some(aws(
            "rds describe-reserved-db-instances-offerings",
            region,
            &[("--db-instance-class", instance), one_year, ("--offering-type", "No Upfront")],
        )),
        Kind::CacheReservation => Some(aws(
            "elasticache describe-reserved-cache-nodes-offerings",
            region,
            &[("--cache-node-type", instance), one_year, ("--offering-type", "No Upfront")],
        )),
        Kind::RedshiftReservation => Some(aws("redshift describe-reserved-node-offerings", region, &[])),
        Kind::OpenSearchReservation => {
            Some(aws("opensearch describe-reserved-instance-offerings", region, &[]))
        }
        Kind::MemoryDbReservation => Some(aws(
            "memorydb describe-reserved-nodes-offerings",
            region,
            &[("--node-type", instance), one_year],
        )),
        _ => None,
    }
}

pub fn recommended(purchase: &Purchase) -> Value {
    json!({ "term": "one year", "options": purchase.options.iter().map(described).collect::<Vec<_>>() })
}
