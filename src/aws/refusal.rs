//! Why a call that changes something was not accepted, and whether it may have come through all the same.
//!
//! A call is made once. Where no answer came, or one that says nothing, nobody may conclude either way.

use super::error::{classify, was_never_sent};
use crate::domain::scan::GapReason;
use aws_sdk_ec2::operation::RequestId;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::{error::Error, fmt};

/// What is known of a call that was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It did not get out: no credentials, or our own gate.
    NotSent,
    /// AWS said no: nothing was done.
    Answered,
    /// No answer, half of one, or one that AWS also gives after it has done its work.
    Unclear,
}

#[derive(Clone)]
pub struct Refusal {
    /// AWS's code without `Client.` or `Server.` before it, or a word of ours.
    pub code: String,
    pub reason: GapReason,
    pub reach: Reach,
    pub request_id: Option<String>,
    /// AWS's own words name the customer's things: they are looked through for ids and not shown.
    words: String,
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({}, {:?})", self.code, self.reach)
    }
}

impl Refusal {
    /// What an SDK error of a start or stop means.
    pub fn of<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E, HttpResponse>) -> Self {
        let failure = classify(error);
        let bare = failure.code.strip_prefix("Client.").or_else(|| failure.code.strip_prefix("Server."));
        let code = bare.unwrap_or(&failure.code).to_owned();
        let reach = match error {
            SdkError::ServiceError(reply) => reach_of(&code, failure.reason, reply.raw().status().as_u16()),
            _ if was_never_sent(error) => Reach::NotSent,
            _ => Reach::Unclear,
        };
        let meta = error.as_service_error().map(ProvideErrorMetadata::meta);
        let request_id = meta.and_then(RequestId::request_id).or_else(|| error.request_id());
        Self {
            code,
            reason: failure.reason,
            reach,
            request_id: request_id.map(|id| id.chars().take(80).collect()),
            words: meta.and_then(|meta| meta.message()).unwrap_or_default().to_owned(),
        }
    }

    /// Whether AWS's words name this id, and not one that begins or ends like it.
    #[must_use]
    pub fn names(&self, id: &str) -> bool {
        let part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !id.is_empty()
            && self.words.match_indices(id).any(|(at, _)| {
                let before = self.words.get(..at).and_then(|text| text.chars().next_back());
                let after = self.words.get(at + id.len()..).and_then(|text| text.chars().next());
                !before.is_some_and(part) && !after.is_some_and(part)
            })
    }
}

/// EC2 answers that it has no capacity with status 500; any other 500 may come after the deed.
fn reach_of(code: &str, reason: GapReason, status: u16) -> Reach {
    let refused = reason == GapReason::Throttled || code.starts_with("Insufficient");
    match status {
        400..500 => Reach::Answered,
        500.. if refused => Reach::Answered,
        _ => Reach::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::operation::start_instances::StartInstancesError;
    use rstest::rstest;

    #[rstest]
    #[case("InsufficientInstanceCapacity", GapReason::ServiceError, 500, Reach::Answered)]
    #[case("RequestLimitExceeded", GapReason::Throttled, 503, Reach::Answered)]
    #[case("IncorrectInstanceState", GapReason::ServiceError, 400, Reach::Answered)]
    #[case("InternalError", GapReason::ServiceError, 500, Reach::Unclear)]
    #[case("Http502", GapReason::ServiceError, 502, Reach::Unclear)]
    #[case("UnreadableReply", GapReason::InvalidReply, 200, Reach::Unclear)]
    fn only_an_answer_says_that_nothing_was_done(
        #[case] code: &str,
        #[case] reason: GapReason,
        #[case] status: u16,
        #[case] reach: Reach,
    ) {
        assert_eq!(reach_of(code, reason, status), reach);
    }

    #[test]
    fn a_call_that_timed_out_may_have_come_through() {
        let late = SdkError::<StartInstancesError, HttpResponse>::timeout_error("late");
        let refusal = Refusal::of(&late);
        assert_eq!((refusal.reach, refusal.code.as_str()), (Reach::Unclear, "Timeout"));
        let unmade = SdkError::<StartInstancesError, HttpResponse>::construction_failure("wrong");
        assert_eq!(Refusal::of(&unmade).reach, Reach::NotSent);
    }

    #[test]
    fn an_id_is_named_whole_or_not_at_all() {
        let late = SdkError::<StartInstancesError, HttpResponse>::timeout_error("late");
        let words = "The instance IDs 'i-0ab1, i-22' do not exist; arn:aws:ec2:x:1:instance/i-33 neither";
        let refusal = Refusal { words: words.into(), ..Refusal::of(&late) };
        for named in ["i-0ab1", "i-22", "i-33"] {
            assert!(refusal.names(named), "{named}");
        }
        for other in ["i-0ab", "i-2", "ab1", "i-44", ""] {
            assert!(!refusal.names(other), "{other}");
        }
    }
}
