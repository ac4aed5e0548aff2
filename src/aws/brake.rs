//! Hears AWS's throttling, attempt by attempt, and slows the action's bucket down.

use super::{counter::is_throttled, guard::Allowed, throttle::AccountThrottle};
use crate::domain::region::Region;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::FinalizerInterceptorContextRef},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use std::sync::Arc;

/// What goes slower after a throttled reply.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slows {
    /// Reading: AWS counts each action by itself.
    Action,
    /// Starting and stopping: the customer's own tools come first in all of the service.
    Service,
}

/// Of one client: it calls in one region.
#[derive(Debug)]
pub(super) struct Brake {
    pub throttle: Arc<AccountThrottle>,
    pub region: Region,
    pub allowed: Allowed,
    pub slows: Slows,
}

impl Intercept for Brake {
    fn name(&self) -> &'static str {
        "Brake"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().is_some_and(is_throttled)
            && let Some(action) = self.allowed.action_called(cfg)
        {
            match self.slows {
                Slows::Action => self.throttle.slow_down(&self.region, action),
                Slows::Service => self.throttle.slow_service_down(&self.region, action),
            }
        }
        Ok(())
    }
}
