//! The one error of a use case, and the one table from its code to HTTP status, title and log level.
//!
//! Invariant: `detail` is safe to show to the caller. What is not goes into the source, which only the log
//! sees. Deliberately knows nothing of HTTP libraries: `http::problem` renders it.

use crate::domain::ids::{NotAnAccountId, NotAnOrganizationId};
use std::{borrow::Cow, error::Error as StdError, fmt};
use tracing::Level;

type Source = Box<dyn StdError + Send + Sync>;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal, $title:literal, $level:ident;)*) => {
        /// Part of the API: a code keeps its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[$doc])* $variant),* }

        impl ErrorCode {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            #[must_use]
            pub const fn level(self) -> Level {
                match self { $(Self::$variant => Level::$level),* }
            }
        }
    };
}

error_codes! {
    InvalidRequest = "invalidRequest", 400, "The request is not valid", INFO;
    UnknownField = "unknownField", 400, "The request has an unknown field", INFO;
    InvalidAccountId = "invalidAccountId", 400, "That is not an AWS account ID", INFO;
    Unauthenticated = "unauthenticated", 401, "Sign in first", INFO;
    Forbidden = "forbidden", 403, "Your role does not allow this", WARN;
    /// A request of a browser that another site made it send.
    CrossSite = "crossSite", 403, "Another site may not do this in your name", WARN;
    /// Nobody gives more than they have.
    AboveOwnRights = "aboveOwnRights", 403, "That is more than you may do yourself", WARN;
    /// Also what belongs to others: the two must look alike.
    NotFound = "notFound", 404, "There is no such thing", INFO;
    MethodNotAllowed = "methodNotAllowed", 405, "This method is not offered here", INFO;
    RequestTimeout = "requestTimeout", 408, "The request took too long to arrive", INFO;
    Conflict = "conflict", 409, "That does not fit the present state", INFO;
    /// The account has no verified role yet.
    NotLinked = "notLinked", 409, "The account is not linked", INFO;
    ScanRunning = "scanRunning", 409, "A scan is running", INFO;
    /// Somebody must stay who can manage the organisation.
    LastAdministrator = "lastAdministrator", 409, "The last administrator must stay", INFO;
    PayloadTooLarge = "payloadTooLarge", 413, "The body is too large", INFO;
    UnsupportedMediaType = "unsupportedMediaType", 415, "Send application/json", INFO;
    Unprocessable = "unprocessable", 422, "The request cannot be carried out", INFO;
    RoleNotVerified = "roleNotVerified", 422, "The role did not pass its verification", INFO;
    /// The security event, once a minute, is what calls for attention.
    TooManyRequests = "tooManyRequests", 429, "Too many requests", INFO;
    Internal = "internal", 500, "Something went wrong here", ERROR;
    /// What it answered says that Tuner is not set up for it as it should be: the log tells more.
    IdentityProviderRefused = "identityProviderRefused", 502, "The identity provider did not accept Tuner's request", ERROR;
    Unavailable = "unavailable", 503, "The service cannot answer just now", ERROR;
    IdentityProviderUnavailable = "identityProviderUnavailable", 503, "The identity provider does not answer", ERROR;
    /// What cannot be audited is not done.
    AuditUnavailable = "auditUnavailable", 503, "The audit cannot be written, so nothing was done", ERROR;
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What is wrong with one field of the request.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: ErrorCode,
    detail: Cow<'static, str>,
    fields: Vec<FieldError>,
    retry_after_secs: Option<u32>,
    source: Option<Source>,
}

impl Error {
    /// `detail` is shown to the caller.
    #[must_use]
    pub fn new(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        Self(Box::new(Inner { code, detail, fields: Vec::new(), retry_after_secs: None, source: None }))
    }

    /// One text for what does not exist and for what the caller may not know of.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "there is nothing here, or nothing that you may see")
    }

    #[must_use]
    pub fn invalid_field(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(ErrorCode::InvalidRequest, format!("{field}: {message}")).with_field(field, message)
    }

    /// Our own fault. The source is logged and never shown.
    #[must_use]
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::new(ErrorCode::Internal, "").with_source(source)
    }

    /// Something that we need does not answer; the same request may succeed later.
    #[must_use]
    pub fn unavailable(source: impl Into<Source>) -> Self {
        Self::new(ErrorCode::Unavailable, "").with_source(source)
    }

    #[must_use]
    pub fn with_field(mut self, field: &str, message: impl Into<String>) -> Self {
        self.0.fields.push(FieldError { field: field.to_owned(), message: message.into() });
        self
    }

    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    #[must_use]
    pub fn with_retry_after_secs(mut self, secs: u32) -> Self {
        self.0.retry_after_secs = Some(secs);
        self
    }

    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// Empty where the caller may know no more than the title.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    #[must_use]
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    #[must_use]
    pub fn retry_after_secs(&self) -> Option<u32> {
        self.0.retry_after_secs
    }

    /// The sources, outermost first, in one line for the log.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut texts = Vec::new();
        let mut next = self.source();
        while let Some(source) = next {
            texts.push(source.to_string());
            next = source.source();
        }
        texts.join(": ").escape_debug().to_string()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail() {
            "" => f.write_str(self.code().title()),
            detail => f.write_str(detail),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| &**source as &(dyn StdError + 'static))
    }
}

impl From<NotAnAccountId> for Error {
    fn from(error: NotAnAccountId) -> Self {
        Self::new(ErrorCode::InvalidAccountId, error.to_string())
    }
}

impl From<NotAnOrganizationId> for Error {
    fn from(error: NotAnOrganizationId) -> Self {
        Self::new(ErrorCode::InvalidRequest, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_code_has_a_text_of_its_own_and_an_error_status() {
        let texts: BTreeSet<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), ErrorCode::ALL.len());
        assert!(ErrorCode::ALL.iter().all(|code| (400..600).contains(&code.http_status())));
    }

    #[test]
    fn the_source_stays_out_of_what_is_shown() {
        let error = Error::internal("the password is geheim");
        assert_eq!((error.detail(), error.to_string().as_str()), ("", "Something went wrong here"));
        assert_eq!(error.chain(), "the password is geheim");
    }
}
