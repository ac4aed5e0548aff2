//! What AWS's own advisers found: Cost Optimization Hub, and Compute Optimizer for what the hub does not tell.
//!
//! Both answer only where the customer opted in. Not opted in is no gap: it is written down and told by a rule.
//! Their answers are free.

mod hub;
mod optimizer;

pub(in crate::collect) use hub::COLLECTOR as HUB;
pub(in crate::collect) use optimizer::COLLECTOR as OPTIMIZER;

use super::{
    Collector,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    aws_finding::AwsFinding, billing::FindingSource, inventory::ResourceKind, region::Region,
    snapshot::Snapshot,
};

/// What the hub gave.
enum Answer {
    NotOptedIn,
    /// All that it knows.
    Findings(Vec<AwsFinding>),
}

/// Reads both into the snapshot; only what lies in the regions that are scanned.
pub(super) async fn fetch(scope: &Scope<'_>, regions: &[Region], snapshot: &mut Snapshot) {
    let (hub, optimizer) = tokio::join!(hub::fetch(scope), optimizer::is_enrolled(scope));
    let hub_answers = matches!(hub, Ok(Answer::Findings(_)));
    let mut complete = hub_answers;
    match hub {
        Ok(Answer::Findings(found)) => snapshot.aws_findings.extend(found),
        Ok(Answer::NotOptedIn) => snapshot.billing.not_opted_in.push(FindingSource::CostOptimizationHub),
        Err(Incomplete) => {}
    }
    match optimizer {
        Ok(true) => complete = ask_optimizer(scope, regions, snapshot, hub_answers).await || complete,
        Ok(false) => snapshot.billing.not_opted_in.push(FindingSource::ComputeOptimizer),
        Err(Incomplete) => {}
    }
    snapshot.aws_findings.retain(|finding| regions.contains(&finding.region));
    snapshot.aws_findings.sort_by(|a, b| (&a.resource_arn, a.advice).cmp(&(&b.resource_arn, b.advice)));
    for region in regions.iter().filter(|_| complete) {
        snapshot.coverage.add(ResourceKind::OtherResource, region.clone());
    }
}

/// The hub tells all but licences of what Compute Optimizer knows. Answers whether all came to its end.
async fn ask_optimizer(
    scope: &Scope<'_>,
    regions: &[Region],
    snapshot: &mut Snapshot,
    hub_answers: bool,
) -> bool {
    let mut complete = !hub_answers;
    for region in regions {
        let scope = Scope { session: scope.session, region: region.clone(), journal: scope.journal };
        let machines = || snapshot.inventory.instances.iter().filter(|i| i.common.region == *region);
        if machines().any(|instance| instance.platform.sql_edition().is_some()) {
            let licenses = optimizer::licenses(&scope, machines()).await;
            snapshot.aws_findings.extend(licenses);
        }
        if !hub_answers {
            match optimizer::idle(&scope).await {
                Ok(found) => snapshot.aws_findings.extend(found),
                Err(Incomplete) => complete = false,
            }
        }
    }
    complete
}
