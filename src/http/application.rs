//! The frame filled with the application: its routes, its sign-in, its readiness.

use super::{
    access::{Credentials, Directory, SignIn, SignedIn},
    api::{self, auth::PublicKeys, health::Readiness, metrics::Exposition},
    audit::Trail,
    edge::Watch,
    server::{Frame, Parts, ServeError},
};
use crate::{
    app::App,
    domain::security_event::SecurityEvent,
    error::Error,
    service::{
        security::{self, Circumstances},
        sign_in,
    },
};
use actix_web::web::Data;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::sync::Arc;

struct OfApp(Arc<App>);

impl Directory for OfApp {
    fn sign_in<'a>(
        &'a self,
        credentials: Credentials<'a>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<SignedIn, Error>> {
        Box::pin(async move {
            let (actor, scope) = match credentials {
                Credentials::Token(claims) => sign_in::by_token(&self.0, claims, now).await?,
                Credentials::ApiKey(text) => sign_in::by_api_key(&self.0, text, now).await?,
                Credentials::Session(value) => sign_in::by_session(&self.0, value, now).await?,
            };
            Ok(SignedIn { actor, scope })
        })
    }
}

impl Readiness for OfApp {
    fn check(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async { Ok(self.0.database.ping().await?) })
    }
}

impl Watch for OfApp {
    fn report(&self, event: SecurityEvent, what: Circumstances<'_>) {
        security::report(&self.0, event, what);
    }
}

/// The whole application, ready to be bound to an address.
pub fn frame(app: &Arc<App>, exposition: Exposition) -> Result<Frame, ServeError> {
    let of_app = Arc::new(OfApp(Arc::clone(app)));
    let parts = Parts {
        routes: api::routes(),
        sign_in: SignIn {
            verifier: Arc::clone(&app.verifier),
            directory: Arc::clone(&of_app) as Arc<dyn Directory>,
            clock: app.clock.clone(),
        },
        trail: Trail { log: app.audit.clone(), clock: app.clock.clone() },
        keys: PublicKeys::new(app.signing.as_ref()),
        watch: Arc::clone(&of_app) as Arc<dyn Watch>,
        readiness: of_app,
        exposition,
    };
    let data = Data::from(Arc::clone(app));
    Ok(Frame::new(&app.settings, parts)?.with_services(move |config| {
        config.app_data(data.clone());
    }))
}
