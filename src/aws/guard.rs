//! The last gate before the network: a client does what some collector declared, or nothing.
//!
//! IAM and the session policy say the same; this one holds even where both are wrong.

use super::{iam_action_name, iam_prefix, parts::service_of};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef},
        },
        orchestrator::Metadata,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

/// The operations that a client may call, by IAM action.
#[derive(Clone, Debug)]
pub(super) struct Allowed {
    actions: Arc<BTreeSet<&'static str>>,
    blocked: Blocked,
}

/// What was stopped: a bug of ours or somebody's hand in the program; either way an alarm.
#[derive(Clone, Debug, Default)]
pub(super) struct Blocked(Arc<Mutex<BTreeSet<String>>>);

impl Blocked {
    fn add(&self, action: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(action.to_owned());
    }

    /// Each is told once.
    pub fn take(&self) -> Vec<String> {
        let mut blocked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *blocked).into_iter().collect()
    }
}

/// Asking who one is needs no permission and reads nothing.
const ALWAYS: &str = "sts:GetCallerIdentity";

impl Allowed {
    pub fn new(actions: &[&'static str]) -> Self {
        let actions = Arc::new(actions.iter().copied().chain([ALWAYS]).collect());
        Self { actions, blocked: Blocked::default() }
    }

    /// Those of one service: a client whose credentials are for other services is found out before AWS refuses.
    pub fn of_service(&self, service: &str) -> Self {
        let of_it = self.actions.iter().filter(|action| service_of(action) == service);
        Self { actions: Arc::new(of_it.copied().collect()), blocked: self.blocked.clone() }
    }

    /// The same, with what it stops told to somebody.
    pub fn telling(&self, blocked: &Blocked) -> Self {
        Self { blocked: blocked.clone(), ..self.clone() }
    }

    /// For the client that enters accounts: it can do nothing else.
    pub fn entering() -> Self {
        Self::new(&["sts:AssumeRole"])
    }

    /// The declared action that is being called.
    pub fn action_called(&self, cfg: &ConfigBag) -> Option<&'static str> {
        self.actions.get(action_of(cfg).as_str()).copied()
    }

    fn check(&self, cfg: &ConfigBag) -> Result<(), Refused> {
        if self.action_called(cfg).is_some() {
            return Ok(());
        }
        let action = action_of(cfg);
        self.blocked.add(&action);
        Err(Refused(action))
    }
}

fn action_of(cfg: &ConfigBag) -> String {
    let name = |metadata: &Metadata| {
        let prefix = iam_prefix(metadata.service());
        format!("{prefix}:{}", iam_action_name(prefix, metadata.name()))
    };
    cfg.load::<Metadata>().map(name).unwrap_or_default()
}

#[derive(Debug, thiserror::Error)]
#[error("Tuner does not call {0}: no collector declares it")]
pub(super) struct Refused(String);

impl Intercept for Allowed {
    fn name(&self) -> &'static str {
        "ReadGuard"
    }

    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Ok(self.check(cfg)?)
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Ok(self.check(cfg)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{connector::lab, session::Sessions};
    use crate::domain::{clock::Clock, external_id::ExternalIds, region::Region};
    use std::sync::Arc;
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

    #[tokio::test]
    async fn an_operation_that_nobody_declared_never_reaches_the_network() {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(400)).mount(&server).await;
        let connector = lab::connector(&server.uri(), &["ec2:DescribeVolumes"]);
        let ids = ExternalIds::new(vec![1; 32]).unwrap();
        let sessions = Sessions::new(Arc::new(connector), ids, Clock::system());
        let session = sessions.ambient_of("123456789012".parse().unwrap()).await;
        let ec2 = session.ec2(&Region::global());

        let refused = ec2.terminate_instances().instance_ids("i-1").send().await.unwrap_err();
        assert!(format!("{refused:?}").contains("ec2:TerminateInstances"), "{refused:?}");
        assert!(server.received_requests().await.unwrap().is_empty());
        assert_eq!(session.take_blocked(), ["ec2:TerminateInstances"]);
        assert!(session.take_blocked().is_empty(), "told once");

        assert!(ec2.describe_volumes().send().await.is_err());
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
        assert_eq!(session.usage().total_calls, 1);
    }

    #[tokio::test]
    async fn operations_of_s3_are_allowed_by_the_names_that_iam_has_for_them() {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(400)).mount(&server).await;
        let connector = lab::connector(&server.uri(), &["s3:GetLifecycleConfiguration"]);
        let ids = ExternalIds::new(vec![1; 32]).unwrap();
        let sessions = Sessions::new(Arc::new(connector), ids, Clock::system());
        let session = sessions.ambient_of("123456789012".parse().unwrap()).await;
        let s3 = session.s3(&Region::global());

        assert!(s3.get_bucket_lifecycle_configuration().bucket("logs").send().await.is_err());
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
        assert!(s3.list_objects_v2().bucket("logs").send().await.is_err());
        assert!(s3.list_buckets().send().await.is_err());
        assert_eq!(session.take_blocked(), ["s3:ListAllMyBuckets", "s3:ListObjectsV2"]);
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}
