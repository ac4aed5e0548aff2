//! The certificate that is served now, and when its files are read again: when they change, or on SIGHUP.
//!
//! New connections get the new certificate; those that exist keep what they agreed upon.

use super::pair::{Pair, TlsError};
use crate::{
    domain::clock::Clock,
    settings::{TlsSettings, TlsVersion},
};
use arc_swap::ArcSwap;
use jiff::Timestamp;
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Two calls of `stat`: cheap enough to see a renewal soon.
const LOOK_EVERY: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct ServerTls {
    settings: TlsSettings,
    serving: ArcSwap<Pair>,
    /// What the files looked like when they were last read.
    seen: Mutex<Stamps>,
}

/// Modification time, length and inode: a link that was moved to another file counts, too.
type Stamp = Option<(SystemTime, u64, u64)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamps {
    certificate: Stamp,
    key: Stamp,
}

/// What a look at the files led to.
#[derive(Debug)]
pub enum Looked {
    Unchanged,
    Renewed,
    /// The new files are of no use; the old pair stays.
    Kept(TlsError),
}

impl ServerTls {
    /// The server does not start with a pair that is of no use.
    pub fn open(settings: TlsSettings) -> Result<Arc<Self>, TlsError> {
        // Before the files: what changes in between is seen at the next look.
        let seen = Stamps::of(&settings);
        let pair = Pair::read(&settings)?;
        Ok(Arc::new(Self { settings, serving: ArcSwap::from_pointee(pair), seen: Mutex::new(seen) }))
    }

    pub(super) fn min_version(&self) -> TlsVersion {
        self.settings.min_version
    }

    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.serving.load().not_after
    }

    /// For the timer.
    pub fn reload_if_changed(&self) -> Looked {
        let stamps = Stamps::of(&self.settings);
        if *self.seen.lock().unwrap_or_else(PoisonError::into_inner) == stamps {
            return Looked::Unchanged;
        }
        self.reload()
    }

    /// For whoever asks: reads the files whether or not they look changed.
    pub fn reload(&self) -> Looked {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Stamps::of(&self.settings);
        match Pair::read(&self.settings) {
            Ok(pair) => {
                tracing::info!(not_after = %pair.not_after, "the TLS certificate was read again");
                self.serving.store(Arc::new(pair));
                count("renewed");
                Looked::Renewed
            }
            Err(error) => {
                tracing::error!(%error, "the new TLS certificate is of no use; the old one stays");
                count("kept");
                Looked::Kept(error)
            }
        }
    }

    /// For alarms: a certificate that ends soon is to be renewed.
    fn show_days_left(&self, now: Timestamp) {
        let hours = self.not_after().duration_since(now).as_hours();
        // Far below 2^52 hours: exact.
        #[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
        metrics::gauge!("tuner_tls_certificate_days_left").set(hours as f64 / 24.0);
    }
}

impl ResolvesServerCert for ServerTls {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.serving.load().certified))
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("tuner_tls_reloads_total", "outcome" => outcome).increment(1);
}

impl Stamps {
    fn of(settings: &TlsSettings) -> Self {
        Self { certificate: stamp(&settings.certificate), key: stamp(&settings.key) }
    }
}

fn stamp(path: &Path) -> Stamp {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len(), metadata.ino()))
}

/// Looks at the files until the server stops. SIGHUP asks for a look at once.
pub async fn watch(tls: Arc<ServerTls>, clock: Clock, stopping: CancellationToken) {
    let mut hangup = match signal(SignalKind::hangup()) {
        Ok(hangup) => hangup,
        Err(error) => return tracing::error!(%error, "the TLS certificate will not be read again"),
    };
    loop {
        tls.show_days_left(clock.now());
        tokio::select! {
            () = stopping.cancelled() => return,
            _ = hangup.recv() => drop(tls.reload()),
            () = tokio::time::sleep(LOOK_EVERY) => drop(tls.reload_if_changed()),
        }
    }
}
