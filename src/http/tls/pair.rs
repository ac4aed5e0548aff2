//! A certificate chain and its key, read from two PEM files and checked against each other.

use crate::settings::TlsSettings;
use jiff::Timestamp;
use rustls::{
    crypto::aws_lc_rs,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
    sign::CertifiedKey,
};
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};
use x509_parser::parse_x509_certificate;

const MAX_FILE_BYTES: u64 = 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {}: {source}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} holds no PEM {wanted}: {source}", .path.display())]
    NotPem { path: PathBuf, wanted: &'static str, source: pem::Error },
    #[error("{} holds no PEM certificate", .path.display())]
    NoCertificate { path: PathBuf },
    #[error("the certificate in {} cannot be read", .path.display())]
    Malformed { path: PathBuf },
    #[error("the certificate and its key cannot be used together: {0}")]
    Unusable(rustls::Error),
}

#[derive(Debug)]
pub(super) struct Pair {
    pub certified: Arc<CertifiedKey>,
    pub not_after: Timestamp,
}

impl Pair {
    pub fn read(settings: &TlsSettings) -> Result<Self, TlsError> {
        let chain = certificates(&settings.certificate)?;
        let not_after = end_of(&chain, &settings.certificate)?;
        let key = private_key(&settings.key)?;
        let certified =
            CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(TlsError::Unusable)?;
        Ok(Self { certified: Arc::new(certified), not_after })
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(path)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let not_pem = |source| TlsError::NotPem { path: path.to_owned(), wanted: "certificate", source };
    let chain = chain.map_err(not_pem)?;
    if chain.is_empty() { Err(TlsError::NoCertificate { path: path.to_owned() }) } else { Ok(chain) }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = zeroize::Zeroizing::new(read(path)?);
    PrivateKeyDer::from_pem_slice(&text).map_err(|source| TlsError::NotPem {
        path: path.to_owned(),
        wanted: "private key",
        source,
    })
}

/// When our own certificate, the first of the chain, ends.
fn end_of(chain: &[CertificateDer<'_>], path: &Path) -> Result<Timestamp, TlsError> {
    let malformed = || TlsError::Malformed { path: path.to_owned() };
    let own = chain.first().ok_or_else(malformed)?;
    let (_, parsed) = parse_x509_certificate(own).map_err(|_| malformed())?;
    let end = Timestamp::from_second(parsed.validity().not_after.timestamp());
    // A year that no calendar knows is as good as for ever.
    Ok(end.unwrap_or(Timestamp::MAX))
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let unreadable = |source| TlsError::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}
