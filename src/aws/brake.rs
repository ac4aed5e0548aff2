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

/// Of one client: it calls in one region.
#[derive(Debug)]
pub(super) struct Brake {
    pub throttle: Arc<AccountThrottle>,
    pub region: Region,
    pub allowed: Allowed,
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
            self.throttle.slow_down(&self.region, action);
        }
        Ok(())
    }
}
