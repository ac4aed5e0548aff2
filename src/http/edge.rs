//! What is known before a request meets its route: proxies, limits, origins, transport, and whom to tell.
//!
//! Made once at the start; the middleware and sign-in read it from the app data.

use super::{
    limits::Limits,
    middleware::{client::TrustedProxies, cors::Cors, headers::Transport},
    routes::Routes,
};
use crate::{domain::security_event::SecurityEvent, service::security::Circumstances, settings::Settings};
use std::sync::Arc;

/// Takes security events that the frame notices.
pub trait Watch: Send + Sync {
    fn report(&self, event: SecurityEvent, what: Circumstances<'_>);
}

pub(in crate::http) struct Edge {
    pub proxies: TrustedProxies,
    /// None: turned off.
    pub limits: Option<Limits>,
    pub cors: Cors,
    /// Where our own pages come from.
    pub own_origin: String,
    pub transport: Transport,
    pub watch: Arc<dyn Watch>,
}

impl Edge {
    pub fn new(settings: &Settings, routes: &Routes, watch: Arc<dyn Watch>) -> Self {
        let server = &settings.server;
        let secure = server.tls.is_some() || server.public_url.scheme() == "https";
        let limits = || Limits::new(&settings.limits, sign_in_paths(routes));
        Self {
            proxies: TrustedProxies::new(server.trusted_proxies.clone()),
            limits: settings.limits.enabled.then(limits),
            cors: Cors::new(&server.cors_origins),
            own_origin: server.public_url.origin().ascii_serialization(),
            transport: if secure { Transport::Tls } else { Transport::Plain },
            watch,
        }
    }
}

/// Where somebody unknown may try secrets: what is posted to the public routes of `/auth`. At an OpenID provider
/// there is nothing to guess, and an office behind one address must not lock itself out.
fn sign_in_paths(routes: &Routes) -> Vec<String> {
    let public = routes.table().iter().filter(|route| route.needs.is_none() && !route.method.is_safe());
    public.map(|route| route.path.clone()).filter(|path| path.starts_with("/api/v1/auth/")).collect()
}

#[cfg(test)]
mod tests;
