//! The server: an actix application made from the routes and what handlers need, bound, run and stopped.
//!
//! TLS ends here if a certificate is configured. Signals are not handled here: `run_until` takes what ends it, so that
//! timers and the server stop together.

use super::{
    access::SignIn,
    api::{auth::PublicKeys, health::Readiness, metrics::Exposition, openapi::Document},
    audit::Trail,
    edge::{Edge, Watch},
    input::{path_config, query_config},
    json::MAX_BODY_BYTES,
    middleware::{frame::surround, guard::admit},
    openapi,
    routes::Routes,
    tls::{ServerTls, TlsError},
};
use crate::settings::Settings;
use actix_web::{
    App, HttpServer,
    body::BoxBody,
    dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web::{Data, PayloadConfig, ServiceConfig},
};
use futures_util::future::join;
use std::{io, net::SocketAddr, sync::Arc, time::Duration};

const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// For the request's head, and the TLS handshake before it, to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// For requests under way to finish when the server stops.
const SHUTDOWN_SECS: u64 = 30;

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("cannot listen on {listen}: {source}")]
    Listen { listen: SocketAddr, source: io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the server stopped: {0}")]
    Stopped(#[from] io::Error),
    #[error("the OpenAPI document cannot be written: {0}")]
    OpenApi(#[from] serde_json::Error),
}

/// What the application is made of. Cheap to clone: each worker makes its own application from it.
#[derive(Clone)]
pub struct Frame {
    routes: Arc<Routes>,
    document: Data<Document>,
    sign_in: Data<SignIn>,
    trail: Data<Trail>,
    keys: Data<PublicKeys>,
    readiness: Data<dyn Readiness>,
    exposition: Data<Exposition>,
    edge: Data<Edge>,
    services: Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>,
}

/// The parts of a [`Frame`].
pub struct Parts {
    pub routes: Routes,
    pub sign_in: SignIn,
    pub trail: Trail,
    pub keys: PublicKeys,
    pub readiness: Arc<dyn Readiness>,
    pub exposition: Exposition,
    pub watch: Arc<dyn Watch>,
}

impl Frame {
    pub fn new(settings: &Settings, parts: Parts) -> Result<Self, ServeError> {
        let document = Document::new(&openapi::document(&parts.routes))?;
        Ok(Self {
            document: Data::new(document),
            edge: Data::new(Edge::new(settings, &parts.routes, parts.watch)),
            routes: Arc::new(parts.routes),
            sign_in: Data::new(parts.sign_in),
            trail: Data::new(parts.trail),
            keys: Data::new(parts.keys),
            readiness: Data::from(parts.readiness),
            exposition: Data::new(parts.exposition),
            services: Arc::new(|_| {}),
        })
    }

    /// What handlers take as `Data<…>`: `|config| { config.app_data(accounts.clone()); }`.
    #[must_use]
    pub fn with_services(mut self, services: impl Fn(&mut ServiceConfig) + Send + Sync + 'static) -> Self {
        self.services = Arc::new(services);
        self
    }
}

/// The application, for the server and for tests in memory.
#[must_use]
pub fn app(
    frame: &Frame,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    let edge = frame.edge.clone();
    App::new()
        .app_data(frame.document.clone())
        .app_data(frame.sign_in.clone())
        .app_data(frame.trail.clone())
        .app_data(frame.keys.clone())
        .app_data(frame.readiness.clone())
        .app_data(frame.exposition.clone())
        .app_data(frame.edge.clone())
        .app_data(path_config())
        .app_data(query_config())
        .app_data(PayloadConfig::new(MAX_BODY_BYTES))
        .configure(|config| (frame.services)(config))
        .configure(|config| frame.routes.configure(config))
        .wrap(from_fn(admit))
        .wrap(from_fn(move |request, next| surround(request, next, edge.clone())))
}

/// A server that listens but does not answer yet.
pub struct Bound {
    server: Server,
    addresses: Vec<SocketAddr>,
    scheme: &'static str,
}

pub fn bind(frame: Frame, listen: SocketAddr, tls: Option<&Arc<ServerTls>>) -> Result<Bound, ServeError> {
    let server = HttpServer::new(move || app(&frame))
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIMEOUT)
        .shutdown_timeout(SHUTDOWN_SECS)
        .tls_handshake_timeout(HEAD_TIMEOUT)
        .disable_signals();
    let (server, scheme) = match tls {
        None => (server.bind(listen), "http"),
        Some(tls) => (server.bind_rustls_0_23(listen, tls.config()?), "https"),
    };
    let server = server.map_err(|source| ServeError::Listen { listen, source })?;
    let addresses = server.addrs();
    Ok(Bound { server: server.run(), addresses, scheme })
}

impl Bound {
    /// Where it listens: with port 0 in the settings, the port that was found.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// `http` or `https`.
    #[must_use]
    pub const fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// Answers until `stop` is there, then lets requests under way finish.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let mut server = self.server;
        let handle = server.handle();
        tokio::select! {
            ended = &mut server => return Ok(ended?),
            () = stop => {}
        }
        let ((), ended) = join(handle.stop(true), server).await;
        Ok(ended?)
    }
}
