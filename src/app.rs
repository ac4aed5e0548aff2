//! The composition root: everything that a use case needs, opened once.

use crate::{
    audit::{AuditLog, Checkpoints, Store},
    auth::{TokenIssuer, TokenVerifier, oidc::OidcProvider},
    aws::{AwsSettings, Connector, Kms, QuickCreate, Sessions, account_principal, quick_create_url},
    collect::{self, RunningScans},
    db::{ConnectOptions, Database, DbError},
    domain::{account::Account, clock::Clock, external_id::ExternalIds},
    error::Error,
    keys::{Keys, SigningKey},
    net::Outbound,
    seal::{Masters, Vault},
    settings::Settings,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use secrecy::ExposeSecret;
use std::{fmt, sync::Arc};
use tokio::sync::OnceCell;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub struct App {
    pub settings: Settings,
    pub clock: Clock,
    pub database: Database,
    /// Seals and opens what lies encrypted in the database.
    pub vault: Vault,
    pub sessions: Sessions,
    pub external_ids: ExternalIds,
    /// None where an outside issuer signs the tokens.
    pub issuer: Option<TokenIssuer>,
    pub signing: Option<SigningKey>,
    pub verifier: Arc<TokenVerifier>,
    pub audit: AuditLog,
    /// For addresses of settings and users; AWS is reached through `sessions`.
    pub outbound: Outbound,
    /// None where people do not sign in through a provider.
    pub oidc: Option<OidcProvider>,
    /// Work that outlives the request which began it.
    pub background: TaskTracker,
    pub stopping: CancellationToken,
    pub running_scans: RunningScans,
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

/// How the settings say that AWS is reached.
#[must_use]
pub fn aws_settings(settings: &crate::settings::AwsSettings) -> AwsSettings {
    AwsSettings {
        endpoint_url: settings.endpoint_url.clone(),
        profile: settings.profile.clone(),
        home_region: settings.home_region.clone(),
        identity: None,
    }
}

/// A master key that is not the one of this database is told here and not when it is first needed.
async fn open_database(settings: &Settings, masters: Masters, clock: &Clock) -> Result<Database, DbError> {
    let url = settings.database.url.expose_secret();
    let database = Database::connect(url, &ConnectOptions::default()).await?;
    database.migrate(clock.now()).await?;
    let database = database.unlocked_by(masters, clock.clone());
    database.vault()?.check_masters().await?;
    database.seal_plain_values().await?;
    Ok(database)
}

impl App {
    /// Opens and migrates the database, loads or makes the keys and sees that they fit each other. AWS is not
    /// called yet, unless the master key lies in KMS.
    pub async fn open(settings: Settings, clock: Clock) -> Result<Self, StartError> {
        Box::pin(Self::open_as(settings, clock, None)).await
    }

    /// The same with an identity of its own at AWS instead of the ambient one.
    pub async fn open_as(
        settings: Settings,
        clock: Clock,
        identity: Option<SharedCredentialsProvider>,
    ) -> Result<Self, StartError> {
        let fail = |error: &dyn fmt::Display| StartError(error.to_string());
        let keys = Keys::load_or_create(&settings).map_err(|e| fail(&e))?;
        let aws = AwsSettings { identity, ..aws_settings(&settings.aws) };
        let connector = Arc::new(Connector::connect(&aws, &collect::all_actions()).await);
        let masters = Masters::new(keys.master)
            .and_previous(keys.previous_master)
            .with_service(Arc::new(Kms::new(Arc::clone(&connector))));
        let database = open_database(&settings, masters, &clock).await.map_err(|e| fail(&e))?;
        let vault = database.vault().map_err(|e| fail(&e))?.clone();
        let checkpoints = Checkpoints::new(settings.audit.checkpoint_file.clone());
        let store: Arc<dyn Store> = Arc::new(database.clone());
        let audit = AuditLog::start(store, checkpoints, clock.clone());
        let sessions = Sessions::new(connector, keys.external_ids.clone(), clock.clone());
        let outbound = Outbound::new(&settings.net).map_err(|e| fail(&e))?;
        let verifier = TokenVerifier::new(&settings.auth, &outbound, keys.signing.as_ref(), clock.clone())
            .map_err(|e| fail(&e))?;
        let provider = |oidc| OidcProvider::new(oidc, &settings.server, &outbound);
        let oidc = settings.oidc.clone().map(provider).transpose().map_err(|e| fail(&e))?;
        let signing = keys.signing;
        let issuer = signing.clone().map(|key| TokenIssuer::new(&settings.auth, key));
        Ok(Self {
            settings,
            clock,
            database,
            vault,
            sessions,
            external_ids: keys.external_ids,
            issuer,
            signing,
            verifier: Arc::new(verifier),
            audit,
            outbound,
            oidc,
            background: TaskTracker::new(),
            stopping: CancellationToken::new(),
            running_scans: RunningScans::default(),
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

    /// Waits for the background work, which is told to end, and for the audit of it.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.background.close();
        self.background.wait().await;
        self.audit.close().await;
        self.database.close().await;
    }
}
