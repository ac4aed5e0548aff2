//! HTTP clients that reach only what they may: https, no redirects, no proxies of the environment, addresses
//! checked after the name was resolved and used as they were checked, answers of bounded size and time.
//!
//! Plain HTTP is for this machine only.

use super::addresses::{Leads, leads};
use crate::settings::NetSettings;
use reqwest::{
    Client, Request, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::HeaderMap,
    redirect::Policy,
};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use url::{Host, Url};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(10);
const USER_AGENT: &str = concat!("tuner/", env!("CARGO_PKG_VERSION"));

/// Who chose an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The operator, in the settings: outside of production it may lead to this machine.
    Configured,
    /// Somebody who signed in.
    FromUsers,
}

/// Why an address is not asked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("only https:// addresses are asked, and http:// on this machine")]
    NotHttps,
    #[error("an address holds no user name and no password")]
    Credentials,
    #[error(
        "{0} does not lead to the outside world; if it may be reached, list its network in \
         net.allowed_networks (TUNER_NET__ALLOWED_NETWORKS)"
    )]
    Inside(IpAddr),
}

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("no answer: {0}")]
    Http(#[from] reqwest::Error),
    #[error("the answer is {0}")]
    Status(StatusCode),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// One client for each degree of trust: a connection that one opened is not lent to the other.
#[derive(Clone, Debug)]
pub struct Outbound {
    configured: Guarded,
    from_users: Guarded,
}

impl Outbound {
    pub fn new(settings: &NetSettings) -> Result<Self, reqwest::Error> {
        let settings = Arc::new(settings.clone());
        Ok(Self {
            configured: Guarded::new(Arc::clone(&settings), Trust::Configured)?,
            from_users: Guarded::new(settings, Trust::FromUsers)?,
        })
    }

    #[must_use]
    pub const fn client(&self, trust: Trust) -> &Guarded {
        match trust {
            Trust::Configured => &self.configured,
            Trust::FromUsers => &self.from_users,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Guarded {
    rules: Rules,
    client: Client,
}

impl Guarded {
    fn new(settings: Arc<NetSettings>, trust: Trust) -> Result<Self, reqwest::Error> {
        let rules = Rules { settings, trust };
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .user_agent(USER_AGENT)
            .dns_resolver(Arc::new(rules.clone()))
            .build()?;
        Ok(Self { rules, client })
    }

    /// As far as it can be told without asking for the name.
    pub fn check(&self, url: &Url) -> Result<(), Refused> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::Credentials);
        }
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) | None => None,
        };
        let here = literal.is_some_and(|ip| leads(ip) == Leads::Here) || url.host_str() == Some("localhost");
        if !(url.scheme() == "https" || (url.scheme() == "http" && here)) {
            return Err(Refused::NotHttps);
        }
        literal.map_or(Ok(()), |ip| self.rules.permit(ip))
    }

    /// To make requests for [`Guarded::send`].
    #[must_use]
    pub const fn requests(&self) -> &Client {
        &self.client
    }

    pub async fn send(&self, request: Request, max_bytes: usize) -> Result<Reply, FetchError> {
        self.check(request.url())?;
        let mut response = self.client.execute(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > max_bytes {
                return Err(FetchError::TooLarge(max_bytes));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body })
    }

    /// The body of a plain 200.
    pub async fn get(&self, url: &Url, max_bytes: usize) -> Result<Vec<u8>, FetchError> {
        let reply = self.send(self.client.get(url.clone()).build()?, max_bytes).await?;
        if reply.status == StatusCode::OK { Ok(reply.body) } else { Err(FetchError::Status(reply.status)) }
    }
}

#[derive(Clone, Debug)]
struct Rules {
    settings: Arc<NetSettings>,
    trust: Trust,
}

impl Rules {
    fn permit(&self, ip: IpAddr) -> Result<(), Refused> {
        let ip = ip.to_canonical();
        let permitted = match leads(ip) {
            Leads::Outside => true,
            Leads::Here => self.trust == Trust::Configured && !self.settings.production,
            Leads::Private => self.settings.allow_private,
            Leads::Special => false,
        };
        let listed = || self.settings.allowed_networks.iter().any(|net| net.contains(&ip));
        if permitted || listed() { Ok(()) } else { Err(Refused::Inside(ip)) }
    }

    /// Those that may be reached. A name that leads nowhere else is refused.
    fn select(&self, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, io::Error> {
        let mut refused = None;
        let permitted: Vec<SocketAddr> = found
            .filter(|address| self.permit(address.ip()).map_err(|error| refused = Some(error)).is_ok())
            .collect();
        match refused.filter(|_| permitted.is_empty()) {
            Some(error) => Err(io::Error::other(error)),
            None => Ok(permitted),
        }
    }
}

impl Resolve for Rules {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let permitted = rules.select(found)?;
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}
