//! The composition root: everything that a use case needs, opened once.

use crate::{
    auth::{TokenIssuer, TokenVerifier, oidc::OidcProvider},
    aws::{AwsSettings, Connector, QuickCreate, Sessions, account_principal, quick_create_url},
    collect,
    db::{ConnectOptions, Database},
    domain::{account::Account, clock::Clock, external_id::ExternalIds},
    error::Error,
    keys::{Keys, SigningKey},
    settings::Settings,
};
use secrecy::ExposeSecret;
use std::{fmt, sync::Arc};
use tokio::sync::OnceCell;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub struct App {
    pub settings: Settings,
    pub clock: Clock,
    pub database: Database,
    pub sessions: Sessions,
    pub external_ids: ExternalIds,
    /// None where an outside issuer signs the tokens.
    pub issuer: Option<TokenIssuer>,
    pub signing: Option<SigningKey>,
    pub verifier: Arc<TokenVerifier>,
    /// None where people do not sign in through a provider.
    pub oidc: Option<OidcProvider>,
    /// Work that outlives the request which began it.
    pub background: TaskTracker,
    pub stopping: CancellationToken,
    principal: OnceCell<String>,
}

/// Why the application cannot start, in one line.
#[derive(Debug)]
pub struct StartError(String);

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

impl App {
    /// Opens and migrates the database, loads or makes the keys. AWS is not called yet.
    pub async fn open(settings: Settings, clock: Clock) -> Result<Self, StartError> {
        let fail = |error: &dyn fmt::Display| StartError(error.to_string());
        let keys = Keys::load_or_create(&settings).map_err(|e| fail(&e))?;
        let url = settings.database.url.expose_secret();
        let database = Database::connect(url, &ConnectOptions::default()).await.map_err(|e| fail(&e))?;
        database.migrate(clock.now()).await.map_err(|e| fail(&e))?;
        let aws = AwsSettings {
            endpoint_url: settings.aws.endpoint_url.clone(),
            profile: settings.aws.profile.clone(),
            home_region: settings.aws.home_region.clone(),
        };
        let connector = Arc::new(Connector::connect(&aws, &collect::all_actions()).await);
        let sessions = Sessions::new(connector, keys.external_ids.clone(), clock.clone());
        let verifier =
            TokenVerifier::new(&settings.auth, keys.signing.as_ref(), clock.clone()).map_err(|e| fail(&e))?;
        let oidc = settings.oidc.clone().map(|oidc| OidcProvider::new(oidc, &settings.server));
        let oidc = oidc.transpose().map_err(|e| fail(&e))?;
        let signing = keys.signing;
        let issuer = signing.clone().map(|key| TokenIssuer::new(&settings.auth, key));
        Ok(Self {
            settings,
            clock,
            database,
            sessions,
            external_ids: keys.external_ids,
            issuer,
            signing,
            verifier: Arc::new(verifier),
            oidc,
            background: TaskTracker::new(),
            stopping: CancellationToken::new(),
            principal: OnceCell::new(),
        })
    }

    /// Who customers' roles shall trust: as configured, else the account that STS says we are.
    pub async fn principal(&self) -> Result<String, Error> {
        if let Some(configured) = &self.settings.aws.principal {
            return Ok(configured.clone());
        }
        let partition = self.settings.aws.home_region.partition();
        let ask =
            || async { self.sessions.ambient().await.map(|us| account_principal(partition, us.account())) };
        self.principal.get_or_try_init(ask).await.cloned().map_err(Error::unavailable)
    }

    /// A link that opens CloudFormation with everything filled in, where a template is published.
    #[must_use]
    pub fn quick_create_url(&self, principal: &str, account: &Account) -> Option<String> {
        let template_url = self.settings.aws.template_url.as_ref()?;
        let link = QuickCreate {
            region: &self.settings.aws.home_region,
            template_url,
            principal,
            external_id: account.external_id.expose(),
        };
        Some(quick_create_url(&link))
    }

    /// Waits for the background work, which is told to end.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.background.close();
        self.background.wait().await;
        self.database.close().await;
    }
}
