//! The six calls. Nothing else in the program starts or stops anything; `tests/architecture.rs` sees to it.

use super::batch::Batch;
use crate::{
    aws::{Refusal, Switch, WriteSession},
    domain::schedule::{Action, Power, TargetKind},
};
use aws_sdk_ec2::{
    operation::RequestId,
    types::{InstanceStateChange, InstanceStateName},
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::{collections::BTreeMap, error::Error};

#[cfg(test)]
pub(in crate::schedule) const ACTIONS: &[&str] = &[
    "ec2:StartInstances",
    "ec2:StopInstances",
    "rds:StartDBCluster",
    "rds:StartDBInstance",
    "rds:StopDBCluster",
    "rds:StopDBInstance",
];

/// AWS took the call.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The state of each instance before the call, as AWS gives it. Databases have none.
    pub before: BTreeMap<String, Power>,
    pub request_id: Option<String>,
}

/// Once, and never again by the SDK.
pub(super) async fn call(session: &WriteSession, batch: &Batch) -> Result<Answer, Refusal> {
    let switch = session.switch(&batch.region);
    // Batches of databases are of one.
    let id = batch.orders.first().map(|order| order.proof().target().id.to_string()).unwrap_or_default();
    match batch.kind {
        TargetKind::Instance => call_ec2(&switch, batch).await,
        TargetKind::DbInstance => call_db_instance(&switch, batch.action, id).await,
        TargetKind::DbCluster => call_db_cluster(&switch, batch.action, id).await,
    }
}

async fn call_ec2(switch: &Switch, batch: &Batch) -> Result<Answer, Refusal> {
    let ids = Some(batch.orders.iter().map(|order| order.proof().target().id.to_string()).collect());
    match batch.action {
        Action::Start => {
            let sent = Box::pin(switch.ec2.start_instances().set_instance_ids(ids).send()).await;
            answer(sent, |reply| reply.starting_instances.unwrap_or_default())
        }
        Action::Stop => {
            let sent = Box::pin(switch.ec2.stop_instances().set_instance_ids(ids).send()).await;
            answer(sent, |reply| reply.stopping_instances.unwrap_or_default())
        }
    }
}

async fn call_db_instance(switch: &Switch, action: Action, id: String) -> Result<Answer, Refusal> {
    match action {
        Action::Start => {
            answer(Box::pin(switch.rds.start_db_instance().db_instance_identifier(id).send()).await, |_| {
                Vec::new()
            })
        }
        Action::Stop => {
            answer(Box::pin(switch.rds.stop_db_instance().db_instance_identifier(id).send()).await, |_| {
                Vec::new()
            })
        }
    }
}

async fn call_db_cluster(switch: &Switch, action: Action, id: String) -> Result<Answer, Refusal> {
    match action {
        Action::Start => {
            answer(Box::pin(switch.rds.start_db_cluster().db_cluster_identifier(id).send()).await, |_| {
                Vec::new()
            })
        }
        Action::Stop => {
            answer(Box::pin(switch.rds.stop_db_cluster().db_cluster_identifier(id).send()).await, |_| {
                Vec::new()
            })
        }
    }
}

fn answer<O: RequestId, E: ProvideErrorMetadata + Error + 'static>(
    sent: Result<O, SdkError<E, HttpResponse>>,
    changes: impl FnOnce(O) -> Vec<InstanceStateChange>,
) -> Result<Answer, Refusal> {
    let reply = sent.map_err(|error| Refusal::of(&error))?;
    let request_id = reply.request_id().map(|id| id.chars().take(80).collect());
    let before = changes(reply).into_iter().filter_map(before_of).collect();
    Ok(Answer { before, request_id })
}

fn before_of(change: InstanceStateChange) -> Option<(String, Power)> {
    let power = match change.previous_state?.name? {
        InstanceStateName::Running => Power::Running,
        InstanceStateName::Stopped => Power::Stopped,
        InstanceStateName::Terminated | InstanceStateName::ShuttingDown => Power::Gone,
        _ => Power::Changing,
    };
    Some((change.instance_id?, power))
}
