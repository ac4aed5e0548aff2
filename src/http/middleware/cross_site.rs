//! Keeps other sites from acting through a visitor's browser (CSRF).
//!
//! Concerns unsafe methods without an `Authorization` header: a browser adds our cookie by itself, a header it
//! does not. With the cookie, the browser must say that one of our own pages asks. Without it (signing in, say)
//! a request is refused if the browser says that another site asks.

use super::super::access::SESSION_COOKIE;
use actix_web::{
    dev::ServiceRequest,
    http::header::{AUTHORIZATION, HeaderMap, HeaderName, ORIGIN},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Why a request is refused.
pub(super) fn refuse(request: &ServiceRequest, own_origin: &str) -> Option<&'static str> {
    if request.method().is_safe() || request.headers().contains_key(AUTHORIZATION) {
        return None;
    }
    let with_cookie = has_session(request);
    match asked_from(request.headers(), own_origin) {
        Site::Other => Some("another site asks; if it is this one, server.public_url must name it"),
        Site::Unsaid if with_cookie => {
            Some("with a session, Sec-Fetch-Site or Origin must say where it comes from")
        }
        Site::Own | Site::Unsaid => None,
    }
}

pub(super) fn has_session(request: &ServiceRequest) -> bool {
    request.cookie(SESSION_COOKIE).is_some()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Site {
    Own,
    Other,
    /// No browser of today.
    Unsaid,
}

fn asked_from(headers: &HeaderMap, own_origin: &str) -> Site {
    let same = |wanted: &[&str], name: HeaderName| {
        let said: Vec<_> = headers.get_all(name).collect();
        match said.as_slice() {
            [] => Site::Unsaid,
            [one] if wanted.iter().any(|text| one.as_bytes() == text.as_bytes()) => Site::Own,
            _ => Site::Other,
        }
    };
    // "none": the user's own doing, which no page can make a browser say.
    match same(&["same-origin", "none"], SEC_FETCH_SITE) {
        Site::Unsaid => same(&[own_origin], ORIGIN),
        said => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{cookie::Cookie, http::Method, test::TestRequest};
    use rstest::rstest;

    const OURS: &str = "https://tuner.example";

    fn refused(method: Method, cookie: bool, headers: &[(&'static str, &'static str)]) -> bool {
        let mut request = TestRequest::default().method(method);
        if cookie {
            request = request.cookie(Cookie::new(SESSION_COOKIE, "x"));
        }
        for header in headers {
            request = request.append_header(*header);
        }
        refuse(&request.to_srv_request(), OURS).is_some()
    }

    #[rstest]
    #[case::our_page(&[("sec-fetch-site", "same-origin")], false)]
    #[case::the_user(&[("sec-fetch-site", "none")], false)]
    #[case::another_site(&[("sec-fetch-site", "cross-site")], true)]
    #[case::a_sibling_host(&[("sec-fetch-site", "same-site")], true)]
    #[case::nonsense(&[("sec-fetch-site", "Same-Origin")], true)]
    #[case::twice(&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], true)]
    #[case::the_stronger_word_counts(&[("sec-fetch-site", "cross-site"), ("origin", OURS)], true)]
    #[case::an_old_browser(&[("origin", OURS)], false)]
    #[case::another_origin(&[("origin", "https://evil.example")], true)]
    #[case::another_port(&[("origin", "https://tuner.example:8443")], true)]
    #[case::plain_http(&[("origin", "http://tuner.example")], true)]
    #[case::null(&[("origin", "null")], true)]
    #[case::a_prefix(&[("origin", "https://tuner.example.evil.example")], true)]
    #[case::nothing(&[], true)]
    fn with_the_cookie_the_browser_must_name_us(
        #[case] headers: &[(&'static str, &'static str)],
        #[case] expected: bool,
    ) {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(refused(method, true, headers), expected);
        }
        assert!(!refused(Method::GET, true, headers), "reading changes nothing");
    }

    #[test]
    fn a_token_is_no_cookie() {
        let evil = [("sec-fetch-site", "cross-site"), ("authorization", "Bearer x")];
        assert!(!refused(Method::POST, true, &evil));
    }

    #[test]
    fn nobody_is_signed_in_by_another_site() {
        assert!(refused(Method::POST, false, &[("sec-fetch-site", "cross-site")]));
        assert!(!refused(Method::POST, false, &[]), "a program");
    }
}
