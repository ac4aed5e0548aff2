//! What the provider sends back with the browser (RFC 6749 §4.1.2, RFC 9207).

use super::error::OidcError;

/// None of it can be trusted yet. The state was checked by whoever began the sign-in. Without `Debug`: the code is
/// a secret until it is used.
#[derive(Clone, Default)]
pub struct Answer {
    pub code: Option<String>,
    /// The issuer as the answer names it.
    pub issuer: Option<String>,
    /// A code of RFC 6749 §4.1.2.1 or OpenID's own.
    pub error: Option<String>,
}

impl Answer {
    /// The authorization code, if the answer is this issuer's and no refusal.
    pub(super) fn code(self, issuer: &str, names_issuer: bool) -> Result<String, OidcError> {
        match self.issuer {
            Some(named) if named != issuer => return Err(OidcError::OtherIssuer),
            None if names_issuer => return Err(OidcError::OtherIssuer),
            _ => {}
        }
        match (self.error, self.code) {
            (Some(error), _) => Err(refusal(&error)),
            (None, Some(code)) if !code.is_empty() => Ok(code),
            _ => Err(OidcError::NoCode),
        }
    }
}

/// The provider's own words go no further than the log.
fn refusal(error: &str) -> OidcError {
    match error {
        "access_denied" => OidcError::Denied,
        "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
            OidcError::NotSignedIn
        }
        "server_error" | "temporarily_unavailable" => {
            OidcError::Unreachable(format!("its answer is {error}"))
        }
        other => OidcError::Refused(other.chars().take(100).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorCode};
    use rstest::rstest;

    const ISSUER: &str = "https://id.example";

    fn code(code: Option<&str>, issuer: Option<&str>, names_issuer: bool) -> Result<String, OidcError> {
        let answer = Answer { code: code.map(str::to_owned), issuer: issuer.map(str::to_owned), error: None };
        answer.code(ISSUER, names_issuer)
    }

    #[test]
    fn a_code_of_the_issuer_is_taken() {
        assert_eq!(code(Some("c"), Some(ISSUER), true).unwrap(), "c");
        assert_eq!(code(Some("c"), None, false).unwrap(), "c", "most providers do not name themselves");
    }

    #[test]
    fn another_issuers_answer_is_refused() {
        for (named, promised) in
            [(Some("https://evil.example"), false), (Some("https://id.example/"), true), (None, true)]
        {
            assert!(matches!(code(Some("c"), named, promised), Err(OidcError::OtherIssuer)), "{named:?}");
        }
    }

    #[test]
    fn an_answer_without_code_is_refused() {
        assert!(matches!(code(None, None, false), Err(OidcError::NoCode)));
        assert!(matches!(code(Some(""), None, false), Err(OidcError::NoCode)));
    }

    #[rstest]
    #[case("access_denied", ErrorCode::Forbidden)]
    #[case("login_required", ErrorCode::Unauthenticated)]
    #[case("temporarily_unavailable", ErrorCode::IdentityProviderUnavailable)]
    #[case("invalid_scope", ErrorCode::IdentityProviderRefused)]
    #[case("<script>alert(1)</script>\r\n", ErrorCode::IdentityProviderRefused)]
    fn a_refusal_is_told_in_our_words(#[case] theirs: &str, #[case] code: ErrorCode) {
        let answer = Answer { error: Some(theirs.into()), code: Some("c".into()), issuer: None };
        let error = Error::from(answer.code(ISSUER, false).unwrap_err());
        assert_eq!(error.code(), code);
        assert!(!error.detail().contains(theirs) && !error.chain().contains('\n'));
    }
}
