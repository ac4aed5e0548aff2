//! TLS of the server: which versions it speaks, and a certificate that is read again when its files change.
//!
//! Deliberately no client certificates and no ACME: something else writes the two files.
//!
//! Invariant: a pair that cannot be used never takes the place of one that can.

mod pair;
mod reload;

#[cfg(test)]
mod tests;

pub use pair::TlsError;
pub use reload::{Looked, ServerTls, watch};

use crate::settings::TlsVersion;
use rustls::{ServerConfig, SupportedProtocolVersion, crypto::aws_lc_rs, version};
use std::sync::Arc;

const MODERN: &[&SupportedProtocolVersion] = &[&version::TLS13];
const WIDER: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];

impl ServerTls {
    /// actix adds HTTP/2 and HTTP/1.1 to what is offered.
    pub(in crate::http) fn config(self: &Arc<Self>) -> Result<ServerConfig, TlsError> {
        let versions = match self.min_version() {
            TlsVersion::V1_3 => MODERN,
            TlsVersion::V1_2 => WIDER,
        };
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .map_err(TlsError::Unusable)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as _);
        Ok(config)
    }
}
