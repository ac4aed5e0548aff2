//! A call for each of many resources: side by side, given up for all of them once AWS refuses the first.
//!
//! A resource that vanished since it was listed is no error.

use super::scope::{Incomplete, Scope};
use crate::domain::scan::GapReason;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::{StreamExt, stream};
use std::{
    error::Error,
    sync::atomic::{AtomicBool, Ordering},
};

/// Calls of one kind that are made side by side.
const SIDE_BY_SIDE: usize = 16;
const VANISHED: [&str; 4] = [
    "ResourceNotFoundException",
    "TableNotFoundException",
    "ClusterNotFoundException",
    "ServiceNotFoundException",
];

pub(super) struct Detail<'a> {
    scope: &'a Scope<'a>,
    action: &'static str,
    refused: AtomicBool,
}

impl<'a> Detail<'a> {
    pub fn new(scope: &'a Scope<'a>, action: &'static str) -> Self {
        Self { scope, action, refused: AtomicBool::new(false) }
    }

    /// None where the resource is gone.
    pub async fn ask<O, E>(
        &self,
        request: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    ) -> Result<Option<O>, Incomplete>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        if self.refused.load(Ordering::Relaxed) {
            return Err(Incomplete);
        }
        match self.scope.call(self.action, Box::pin(request)).await {
            Ok(reply) => Ok(Some(reply)),
            Err(failure) if VANISHED.contains(&failure.code.as_str()) => Ok(None),
            Err(failure) => {
                self.refused.fetch_or(failure.reason == GapReason::AccessDenied, Ordering::Relaxed);
                Err(self.scope.missing(self.action, failure))
            }
        }
    }
}

/// Awaits some reads side by side; complete only if each of them is.
pub(super) async fn all_complete<F>(reads: Vec<F>) -> Result<(), Incomplete>
where
    F: Future<Output = Result<(), Incomplete>>,
{
    let mut reads = stream::iter(reads).buffer_unordered(SIDE_BY_SIDE);
    let mut complete = Ok(());
    while let Some(read) = reads.next().await {
        complete = complete.and(read);
    }
    complete
}
