//! Sessions in accounts: what collectors get to read with.
//!
//! A [`ReadSession`] has no way to change anything: its clients refuse what no collector declared, and its
//! credentials carry a policy that allows nothing else. Sessions that write are another type, elsewhere.

use super::{
    assume::{Entrance, Entry, Purpose, RoleLink},
    brake::{Brake, Slows},
    connector::Connector,
    counter::CallCounter,
    error::{SessionError, classify},
    guard::Blocked,
    parts::Part,
    role_credentials::RoleCredentials,
    throttle::AccountThrottle,
};
use crate::domain::{
    arn::RoleArn,
    clock::Clock,
    external_id::ExternalIds,
    ids::AccountId,
    region::{Partition, Region},
    scan::ApiUsage,
};
use aws_config::{SdkConfig, identity::IdentityCache};
use aws_credential_types::provider::SharedCredentialsProvider;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Opens sessions. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sessions {
    pub(super) connector: Arc<Connector>,
    pub(super) entrance: Arc<Entrance>,
    pub(super) external_ids: ExternalIds,
}

impl Sessions {
    #[must_use]
    pub fn new(connector: Arc<Connector>, external_ids: ExternalIds, clock: Clock) -> Self {
        let entrance = Arc::new(Entrance::new(&connector, clock));
        Self { connector, entrance, external_ids }
    }

    /// A reading session in a linked account. STS is not called for an external ID that is not ours.
    pub async fn read(&self, link: &RoleLink) -> Result<ReadSession, SessionError> {
        self.check_link(link)?;
        self.enter(Entry::of_link(link, Purpose::Collect(Part::FIRST))).await
    }

    /// A reading session with whatever credentials are around: `tuner scan` without a role.
    pub async fn ambient(&self) -> Result<ReadSession, SessionError> {
        let account = caller_account(&self.connector.base).await?;
        Ok(self.ambient_of(account).await)
    }

    /// A reading session in a role that the user of the command line names, with their own external ID.
    pub async fn with_role(
        &self,
        role_arn: RoleArn,
        external_id: Option<String>,
    ) -> Result<ReadSession, SessionError> {
        self.enter(Entry { org: None, role_arn, external_id, purpose: Purpose::Collect(Part::FIRST) }).await
    }

    pub(super) async fn ambient_of(&self, account: AccountId) -> ReadSession {
        self.session(account, None).await
    }

    /// What must hold before STS may hear of a link.
    pub(super) fn check_link(&self, link: &RoleLink) -> Result<(), SessionError> {
        self.external_ids.check(&link.external_id, link.account, &link.organization)?;
        if link.role_arn.account() == link.account {
            return Ok(());
        }
        let (in_arn, claimed) = (link.role_arn.account().to_string(), link.account.to_string());
        Err(SessionError::OtherAccount { in_arn, claimed })
    }

    /// Credentials are asked for at once, so that a refusal is told here and not by the first collector.
    async fn enter(&self, entry: Entry) -> Result<ReadSession, SessionError> {
        self.entrance.credentials(&entry).await?;
        Ok(self.session(entry.role_arn.account(), Some(entry)).await)
    }

    async fn session(&self, account: AccountId, entry: Option<Entry>) -> ReadSession {
        let shared = Shared {
            account,
            entry,
            connector: Arc::clone(&self.connector),
            entrance: Arc::clone(&self.entrance),
            throttle: self.connector.throttle(account).await,
            counter: CallCounter::default(),
            blocked: Blocked::default(),
            clients: Mutex::default(),
        };
        ReadSession(Arc::new(shared))
    }
}

/// Same network, other identity. The SDK's own cache is left out: it would keep identities of all tenants.
pub(super) fn with_credentials(base: &SdkConfig, credentials: SharedCredentialsProvider) -> SdkConfig {
    base.to_builder().identity_cache(IdentityCache::no_cache()).credentials_provider(credentials).build()
}

/// The account of whoever signs.
pub(super) async fn caller_account(config: &SdkConfig) -> Result<AccountId, SessionError> {
    let sts = aws_sdk_sts::config::Builder::from(config).interceptor(super::guard::Allowed::new(&[])).build();
    let call = aws_sdk_sts::Client::from_conf(sts).get_caller_identity();
    let reply = call.send().await.map_err(|error| SessionError::from_failure(classify(&error)))?;
    let account = reply.account.unwrap_or_default();
    account.parse().map_err(|_| SessionError::Unexpected { code: "UnreadableAccount".into() })
}

/// Reads in one account. Cheap to clone; clones share clients, counter and buckets.
#[derive(Clone)]
pub struct ReadSession(Arc<Shared>);

struct Shared {
    account: AccountId,
    /// The role that was entered; none with ambient credentials.
    entry: Option<Entry>,
    connector: Arc<Connector>,
    entrance: Arc<Entrance>,
    throttle: Arc<AccountThrottle>,
    counter: CallCounter,
    blocked: Blocked,
    clients: Mutex<Clients>,
}

impl fmt::Debug for ReadSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReadSession({})", self.0.account)
    }
}

impl Shared {
    /// Signs as the part of the session that may ask this service. That part is entered at the first call.
    fn base_for(&self, service: &str) -> SdkConfig {
        let base = &self.connector.base;
        let Some(entry) = &self.entry else { return base.clone() };
        let part = self.connector.parts.of_service(service);
        let entry = entry.with_purpose(Purpose::Collect(part));
        RoleCredentials { entrance: Arc::clone(&self.entrance), entry }.on(base)
    }
}

/// The service's part of an IAM action, by the name of its SDK's crate. The guard refuses all calls of a client
/// whose service this does not know.
fn service_of_crate(sdk: &'static str) -> &'static str {
    match sdk {
        "aws_sdk_applicationautoscaling" => "application-autoscaling",
        "aws_sdk_cloudwatchlogs" => "logs",
        "aws_sdk_computeoptimizer" => "compute-optimizer",
        "aws_sdk_costexplorer" => "ce",
        "aws_sdk_costoptimizationhub" => "cost-optimization-hub",
        "aws_sdk_elasticloadbalancingv2" => "elasticloadbalancing",
        other => other.strip_prefix("aws_sdk_").unwrap_or(other),
    }
}

/// A client of a service in a region, made once. Each has retry tokens of its own: by default the SDK
/// shares them in the whole process, and one tenant's throttling would slow all.
macro_rules! client {
    ($self:ident, $region:expr, $field:ident, $sdk:ident) => {{
        let shared = &$self.0;
        let region: &Region = $region;
        let mut clients = shared.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let partition = $sdk::config::retry::RetryPartition::custom(stringify!($field)).build();
            let service = service_of_crate(stringify!($sdk));
            let allowed = shared.connector.allowed.of_service(service);
            let config = $sdk::config::Builder::from(&shared.base_for(service))
                .region(aws_config::Region::new(region.to_string()))
                .retry_partition(partition)
                .interceptor(allowed.telling(&shared.blocked))
                .interceptor(shared.counter.clone())
                .interceptor(Brake {
                    throttle: Arc::clone(&shared.throttle),
                    region: region.clone(),
                    allowed,
                    slows: Slows::Action,
                })
                .build();
            $sdk::Client::from_conf(config)
        };
        clients.$field.entry(region.clone()).or_insert_with(make).clone()
    }};
}

/// The clients of a session: a line each.
macro_rules! clients {
    ($(of a region: $client:ident $sdk:ident;)* $(about money: $money:ident $money_sdk:ident;)*) => {
        #[derive(Default)]
        struct Clients {
            $($client: HashMap<Region, $sdk::Client>,)*
            $($money: HashMap<Region, $money_sdk::Client>,)*
        }

        impl ReadSession {
            $(
                #[must_use]
                pub fn $client(&self, region: &Region) -> $sdk::Client {
                    client!(self, region, $client, $sdk)
                }
            )*
            $(
                /// In the one region of the partition that answers.
                #[must_use]
                pub fn $money(&self) -> $money_sdk::Client {
                    client!(self, &self.billing_region(), $money, $money_sdk)
                }
            )*
        }
    };
}

clients! {
    of a region: application_autoscaling aws_sdk_applicationautoscaling;
    of a region: autoscaling aws_sdk_autoscaling;
    of a region: classic_load_balancing aws_sdk_elasticloadbalancing;
    of a region: cloudwatch aws_sdk_cloudwatch;
    of a region: compute_optimizer aws_sdk_computeoptimizer;
    of a region: dynamodb aws_sdk_dynamodb;
    of a region: ec2 aws_sdk_ec2;
    of a region: ecs aws_sdk_ecs;
    of a region: elasticache aws_sdk_elasticache;
    of a region: lambda aws_sdk_lambda;
    of a region: load_balancing aws_sdk_elasticloadbalancingv2;
    of a region: logs aws_sdk_cloudwatchlogs;
    of a region: rds aws_sdk_rds;
    of a region: redshift aws_sdk_redshift;
    of a region: s3 aws_sdk_s3;
    of a region: kms aws_sdk_kms;
    of a region: secrets_manager aws_sdk_secretsmanager;
    about money: cost_explorer aws_sdk_costexplorer;
    about money: cost_optimization_hub aws_sdk_costoptimizationhub;
    about money: organizations aws_sdk_organizations;
    about money: pricing aws_sdk_pricing;
    about money: savings_plans aws_sdk_savingsplans;
}

impl ReadSession {
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.0.account
    }

    #[must_use]
    pub fn home_region(&self) -> &Region {
        &self.0.connector.home_region
    }

    /// The one region of the partition that answers about money.
    #[must_use]
    pub fn billing_region(&self) -> Region {
        let name = match self.home_region().partition() {
            Partition::Aws => return Region::global(),
            Partition::China => "cn-northwest-1",
            Partition::UsGov => "us-gov-west-1",
        };
        name.parse().unwrap_or_else(|_| Region::global())
    }

    /// Ask these before each call.
    #[must_use]
    pub fn throttle(&self) -> &AccountThrottle {
        &self.0.throttle
    }

    /// What this session called until now.
    #[must_use]
    pub fn usage(&self) -> ApiUsage {
        self.0.counter.usage()
    }

    /// The operations that the guard stopped since this was asked last: none, unless something is very wrong.
    #[must_use]
    pub fn take_blocked(&self) -> Vec<String> {
        self.0.blocked.take()
    }

    /// AWS says that the credentials are no good: the next session asks for new ones.
    pub async fn discard_credentials(&self) {
        if let Some(entry) = &self.0.entry {
            self.0.entrance.forget_collecting(entry).await;
        }
    }
}

#[cfg(test)]
mod tests;
