//! The server: an actix application made from the routes and what handlers need, bound, run and stopped.
//!
//! TLS ends in front of it for now. Signals are not handled here: `run_until` takes what ends it, so that
//! timers and the server stop together.

use super::{
    access::SignIn,
    api::{auth::PublicKeys, health::Readiness, openapi::Document},
    audit::Trail,
    input::{path_config, query_config},
    json::MAX_BODY_BYTES,
    middleware::{frame::surround, headers::Transport},
    openapi,
    routes::Routes,
};
use crate::settings::ServerSettings;
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
/// For the request's head to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// For requests under way to finish when the server stops.
const SHUTDOWN_SECS: u64 = 30;

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("cannot listen on {listen}: {source}")]
    Listen { listen: SocketAddr, source: io::Error },
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
    transport: Transport,
    services: Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>,
}

/// The parts of a [`Frame`].
pub struct Parts {
    pub routes: Routes,
    pub sign_in: SignIn,
    pub trail: Trail,
    pub keys: PublicKeys,
    pub readiness: Arc<dyn Readiness>,
}

impl Frame {
    pub fn new(settings: &ServerSettings, parts: Parts) -> Result<Self, ServeError> {
        let tls = settings.public_url.scheme() == "https";
        let document = Document::new(&openapi::document(&parts.routes))?;
        Ok(Self {
            document: Data::new(document),
            routes: Arc::new(parts.routes),
            sign_in: Data::new(parts.sign_in),
            trail: Data::new(parts.trail),
            keys: Data::new(parts.keys),
            readiness: Data::from(parts.readiness),
            transport: if tls { Transport::Tls } else { Transport::Plain },
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
    let transport = frame.transport;
    App::new()
        .app_data(frame.document.clone())
        .app_data(frame.sign_in.clone())
        .app_data(frame.trail.clone())
        .app_data(frame.keys.clone())
        .app_data(frame.readiness.clone())
        .app_data(path_config())
        .app_data(query_config())
        .app_data(PayloadConfig::new(MAX_BODY_BYTES))
        .configure(|config| (frame.services)(config))
        .configure(|config| frame.routes.configure(config))
        .wrap(from_fn(move |request, next| surround(request, next, transport)))
}

/// A server that listens but does not answer yet.
pub struct Bound {
    server: Server,
    addresses: Vec<SocketAddr>,
}

pub fn bind(frame: Frame, listen: SocketAddr) -> Result<Bound, ServeError> {
    let server = HttpServer::new(move || app(&frame))
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIMEOUT)
        .shutdown_timeout(SHUTDOWN_SECS)
        .disable_signals()
        .bind(listen)
        .map_err(|source| ServeError::Listen { listen, source })?;
    let addresses = server.addrs();
    Ok(Bound { server: server.run(), addresses })
}

impl Bound {
    /// Where it listens: with port 0 in the settings, the port that was found.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
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
