//! AWS's errors in Tuner's words: why data is missing, why an account cannot be entered.
//!
//! Only codes are kept. AWS's messages name users, roles and resources of the customer.

use crate::domain::{external_id::ForeignExternalId, scan::GapReason};
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;

/// Why a call gave no data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub reason: GapReason,
    /// AWS's error code, or a word of ours where no answer came.
    pub code: String,
}

impl Failure {
    #[must_use]
    pub fn new(reason: GapReason, code: impl Into<String>) -> Self {
        Self { reason, code: code.into() }
    }
}

/// What an SDK error means.
pub fn classify<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E, HttpResponse>) -> Failure {
    match error {
        SdkError::ServiceError(reply) => {
            classify_reply(reply.err().meta().code(), reply.raw().status().as_u16())
        }
        SdkError::TimeoutError(_) => Failure::new(GapReason::Unreachable, "Timeout"),
        SdkError::ResponseError(_) => Failure::new(GapReason::InvalidReply, "UnreadableReply"),
        SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) => classify_unsent(error),
        _ => Failure::new(GapReason::ServiceError, "Unknown"),
    }
}

fn classify_reply(code: Option<&str>, status: u16) -> Failure {
    let reason = match code {
        Some(code) => reason_of(code),
        None if status == 429 => GapReason::Throttled,
        None if matches!(status, 401 | 403) => GapReason::AccessDenied,
        None if status < 400 => GapReason::InvalidReply,
        None => GapReason::ServiceError,
    };
    let text = match code {
        Some(code) => bounded(code),
        None if status < 400 => "UnreadableReply".to_owned(),
        None => format!("Http{status}"),
    };
    Failure::new(reason, text)
}

/// A code is a short word; whatever a broken proxy sends in its place is cut.
fn bounded(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric() || ".:-_".contains(*c)).take(80).collect()
}

fn reason_of(code: &str) -> GapReason {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthorizationError"
        | "Client.UnauthorizedOperation"
        | "UnauthorizedException"
        | "NotAuthorized" => GapReason::AccessDenied,
        "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "TokenRefreshRequired"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException" => GapReason::ExpiredCredentials,
        // EC2 says AuthFailure where a region does not know the account's credentials: not opted in.
        "OptInRequired" | "AuthFailure" | "RegionDisabledException" => GapReason::RegionDisabled,
        _ if is_throttle(code) => GapReason::Throttled,
        _ => GapReason::ServiceError,
    }
}

fn is_throttle(code: &str) -> bool {
    code.starts_with("Throttl")
        || code.starts_with("RequestThrottled")
        || matches!(
            code,
            "RequestLimitExceeded"
                | "TooManyRequestsException"
                | "SlowDown"
                | "LimitExceededException"
                | "BandwidthLimitExceeded"
                | "PriorRequestNotComplete"
        )
}

/// The call did not get out: our own guard, no credentials to sign with, or no way to AWS.
fn classify_unsent(error: &(dyn Error + 'static)) -> Failure {
    let causes = || std::iter::successors(error.source(), |cause| (*cause).source());
    if causes().any(<dyn Error>::is::<super::guard::Refused>) {
        return Failure::new(GapReason::ServiceError, "RefusedByTuner");
    }
    if let Some(session) = causes().find_map(|cause| cause.downcast_ref::<SessionError>()) {
        return session.failure();
    }
    match causes().find_map(|cause| cause.downcast_ref::<CredentialsError>()) {
        Some(CredentialsError::CredentialsNotLoaded(_)) => {
            Failure::new(GapReason::ExpiredCredentials, NO_CREDENTIALS)
        }
        Some(_) => Failure::new(GapReason::ExpiredCredentials, "CredentialsFailed"),
        None => Failure::new(GapReason::Unreachable, "NoConnection"),
    }
}

/// Whether the call surely did not leave this process: our own gate, or nothing to sign it with.
pub(super) fn was_never_sent<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    if matches!(error, SdkError::ConstructionFailure(_)) {
        return true;
    }
    let mut causes = std::iter::successors(error.source(), |cause| (*cause).source());
    matches!(error, SdkError::DispatchFailure(_))
        && causes.any(|cause| {
            cause.is::<super::guard::Refused>()
                || cause.is::<SessionError>()
                || cause.is::<CredentialsError>()
        })
}

const NO_CREDENTIALS: &str = "NoCredentials";

/// Why an account cannot be entered, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    #[error(
        "the external ID was not made by this server for this account and organization; link the account anew"
    )]
    ForeignExternalId(#[from] ForeignExternalId),
    #[error(
        "the role's ARN names account {in_arn}, but the linked account is {claimed}; give the role of that account"
    )]
    OtherAccount { in_arn: String, claimed: String },
    #[error(
        "AWS refuses to let Tuner assume the role ({code}); check that the role exists and that its trust policy \
         names Tuner's account and this external ID"
    )]
    AssumeRoleDenied { code: String },
    #[error(
        "no AWS credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or run with \
         an instance role"
    )]
    NoCredentials,
    #[error("the AWS credentials have expired or are not valid ({code}); sign in again")]
    ExpiredCredentials { code: String },
    #[error("AWS STS cannot be reached ({code}); check the network and TUNER_AWS__ENDPOINT_URL")]
    Unreachable { code: String },
    #[error("AWS STS slows Tuner down ({code}); try again in a minute")]
    Throttled { code: String },
    #[error("AWS STS did not answer as expected ({code}); try again")]
    Unexpected { code: String },
}

impl SessionError {
    /// From a failed call of STS.
    pub(super) fn from_failure(failure: Failure) -> Self {
        let Failure { reason, code } = failure;
        match reason {
            GapReason::AccessDenied => Self::AssumeRoleDenied { code },
            GapReason::ExpiredCredentials if code == NO_CREDENTIALS => Self::NoCredentials,
            GapReason::ExpiredCredentials => Self::ExpiredCredentials { code },
            GapReason::Throttled => Self::Throttled { code },
            GapReason::Unreachable => Self::Unreachable { code },
            _ => Self::Unexpected { code },
        }
    }

    /// The gap that is left where a session ended in the middle of a scan.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let (reason, code) = match self {
            Self::AssumeRoleDenied { code } => (GapReason::AccessDenied, code.as_str()),
            Self::ForeignExternalId(_) => (GapReason::AccessDenied, "ForeignExternalId"),
            Self::OtherAccount { .. } => (GapReason::AccessDenied, "OtherAccount"),
            Self::NoCredentials => (GapReason::ExpiredCredentials, NO_CREDENTIALS),
            Self::ExpiredCredentials { code } => (GapReason::ExpiredCredentials, code.as_str()),
            Self::Unreachable { code } => (GapReason::Unreachable, code.as_str()),
            Self::Throttled { code } => (GapReason::Throttled, code.as_str()),
            Self::Unexpected { code } => (GapReason::ServiceError, code.as_str()),
        };
        Failure::new(reason, code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("UnauthorizedOperation", GapReason::AccessDenied)]
    #[case("AccessDeniedException", GapReason::AccessDenied)]
    #[case("RequestLimitExceeded", GapReason::Throttled)]
    #[case("ThrottlingException", GapReason::Throttled)]
    #[case("RequestExpired", GapReason::ExpiredCredentials)]
    #[case("ExpiredTokenException", GapReason::ExpiredCredentials)]
    #[case("OptInRequired", GapReason::RegionDisabled)]
    #[case("InternalError", GapReason::ServiceError)]
    fn codes_become_reasons(#[case] code: &str, #[case] reason: GapReason) {
        assert_eq!(classify_reply(Some(code), 400), Failure::new(reason, code));
    }

    #[test]
    fn a_reply_without_a_code_is_told_by_its_status() {
        assert_eq!(classify_reply(None, 403), Failure::new(GapReason::AccessDenied, "Http403"));
        assert_eq!(classify_reply(None, 502), Failure::new(GapReason::ServiceError, "Http502"));
        assert_eq!(classify_reply(None, 200).reason, GapReason::InvalidReply);
    }

    #[test]
    fn a_code_never_carries_free_text() {
        let failure = classify_reply(Some("Access Denied for arn:aws:iam::1:user/joe <b>"), 403);
        assert!(!failure.code.contains(' ') && !failure.code.contains('<') && !failure.code.contains('/'));
    }
}
