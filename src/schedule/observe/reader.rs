//! One look at one region: every reading call of the scheduler goes through here.

use crate::{
    aws::{Failure, WriteSession, classify},
    domain::{
        ids::AccountId,
        region::Region,
        scan::GapReason,
        schedule::{Observed, TargetKind},
        tags::Tags,
    },
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use std::{collections::HashSet, error::Error};

pub(super) const TAGS: &str = "rds:ListTagsForResource";

/// AWS gives up to 1,000 items a page: more pages than this is a server that turns in circles.
const MOST_PAGES: usize = 5_000;
const TAG_CALLS_IN_FLIGHT: usize = 8;

pub(super) struct Reader<'a> {
    pub session: &'a WriteSession,
    pub region: &'a Region,
    pub now: Timestamp,
}

/// A database whose tags the reply left out, with its ARN.
pub(super) type Untold = (Observed, String);

impl Reader<'_> {
    pub fn account(&self) -> AccountId {
        self.session.account()
    }

    pub async fn call<O, E>(
        &self,
        action: &'static str,
        request: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    ) -> Result<O, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.session.throttle().admit(self.region, action).await;
        request.await.map_err(|error| classify(&error))
    }

    /// Reads a list page by page: `take` keeps what matters of a page and gives the next page's token. What
    /// came before a failure stays.
    pub async fn page_through<O, E, F>(
        &self,
        action: &'static str,
        mut fetch: impl FnMut(Option<String>) -> F,
        mut take: impl FnMut(O) -> Option<String>,
    ) -> Option<Failure>
    where
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + 'static,
    {
        let mut tokens = HashSet::new();
        let mut token = None;
        loop {
            // The futures of the SDK are large; boxed, they do not grow those of every reader.
            let page = match self.call(action, Box::pin(fetch(token))).await {
                Ok(page) => page,
                Err(failure) => return Some(failure),
            };
            match take(page).filter(|next| !next.is_empty()) {
                None => return None,
                Some(next) if tokens.len() < MOST_PAGES && tokens.insert(next.clone()) => token = Some(next),
                Some(_) => return Some(Failure::new(GapReason::InvalidReply, "RepeatedNextToken")),
            }
        }
    }

    /// Asks for the tags that a reply left out, as some partitions do; AWS proper gives them at once.
    pub async fn ask_for_tags(&self, untold: Vec<Untold>) -> (Vec<Observed>, Option<Failure>) {
        let asked = stream::iter(untold)
            .map(async |(observed, arn)| {
                let tags = self.tags_of(arn).await?;
                Ok(Observed { tags, ..observed })
            })
            .buffer_unordered(TAG_CALLS_IN_FLIGHT);
        let answers: Vec<Result<Observed, Failure>> = asked.collect().await;
        let (mut told, mut failure) = (Vec::new(), None);
        for answer in answers {
            match answer {
                Ok(observed) => told.push(observed),
                Err(error) => failure = Some(error),
            }
        }
        (told, failure)
    }

    async fn tags_of(&self, arn: String) -> Result<Tags, Failure> {
        let rds = self.session.rds(self.region);
        let reply = self.call(TAGS, Box::pin(rds.list_tags_for_resource().resource_name(arn).send())).await?;
        Ok(super::wire::rds_tags(reply.tag_list.unwrap_or_default()))
    }

    /// Credentials that AWS no longer takes are not used again.
    pub async fn close(&self, failures: &[(TargetKind, Failure)]) {
        if failures.iter().any(|(_, failure)| failure.reason == GapReason::ExpiredCredentials) {
            self.session.discard_credentials().await;
        }
    }
}
