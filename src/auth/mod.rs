//! Bearer tokens: RS256 JWTs, issued by Tuner itself or by the one outside issuer that is configured. And, in
//! `oidc`, signing in through a provider, which is apart from them: both may be configured.
//!
//! A token names a person, an organisation and a role; what the person may see is looked up elsewhere
//! (`http::access::Directory`). Deliberately no other algorithm and no key from a token's own header.
//!
//! Invariant: time comes from the `Clock`; `jsonwebtoken` checks signature, issuer and audience only.

mod claims;
mod issuer;
mod key_set;
pub mod oidc;
mod remote;
mod seen;
mod source;
mod verifier;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;

pub use claims::Claims;
pub use issuer::{Identity, TokenIssuer};
pub use key_set::KeySetError;
pub use source::SourceError;
pub use verifier::{TokenError, TokenVerifier};
