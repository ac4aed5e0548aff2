//! The settings of the network: where the server listens, what it shows to whom, what it may reach itself.

use super::{
    MetricsAudience, NetSettings, ServerSettings, TlsSettings,
    error::SettingsError,
    raw::{RawNet, RawServer},
    validate::{Check, optional},
};
use ipnet::IpNet;
use std::{net::IpAddr, path::PathBuf};
use url::{Origin, Url};

impl Check<'_> {
    pub(super) fn server(&self, raw: &RawServer, production: bool) -> Result<ServerSettings, SettingsError> {
        let listen = self.parse(
            "server.listen",
            &raw.listen,
            "an address and port; write it as 127.0.0.1:8080 or [::1]:8080",
        )?;
        let tls = self.tls(raw)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let public_url = match optional(&raw.public_url) {
            Some(text) => self.web_url("server.public_url", text)?,
            None => self.web_url("server.listen", &format!("{scheme}://{listen}"))?,
        };
        let settings = ServerSettings {
            listen,
            public_url,
            tls,
            trusted_proxies: self.proxies(&raw.trusted_proxies)?,
            cors_origins: self.origins(&raw.cors_origins)?,
            metrics: self.metrics(&raw.metrics)?,
        };
        self.check_transport(&settings, production)?;
        Ok(settings)
    }

    pub(super) fn net(&self, raw: &RawNet, production: bool) -> Result<NetSettings, SettingsError> {
        Ok(NetSettings {
            production,
            allow_private: raw.allow_private,
            allowed_networks: self.networks("net.allowed_networks", &raw.allowed_networks)?,
        })
    }

    fn tls(&self, raw: &RawServer) -> Result<Option<TlsSettings>, SettingsError> {
        let min_version =
            self.parse("server.tls_min_version", &raw.tls_min_version, "a version of TLS; use 1.3 or 1.2")?;
        let pair = (optional(&raw.tls_certificate), optional(&raw.tls_key));
        let missing = match pair {
            (None, None) => return Ok(None),
            (Some(certificate), Some(key)) => {
                let (certificate, key) = (PathBuf::from(certificate), PathBuf::from(key));
                return Ok(Some(TlsSettings { certificate, key, min_version }));
            }
            (None, Some(_)) => "server.tls_certificate",
            (Some(_), None) => "server.tls_key",
        };
        Err(self.invalid(missing, "a certificate and its key belong together; set both or neither"))
    }

    /// In production nothing secret crosses a network in the clear.
    fn check_transport(&self, settings: &ServerSettings, production: bool) -> Result<(), SettingsError> {
        let secure_outside = settings.public_url.scheme() == "https";
        if settings.tls.is_some() && !secure_outside {
            let reason = "a certificate is configured; write a URL that begins with https://";
            return Err(self.invalid("server.public_url", reason));
        }
        let open = settings.tls.is_none() && !settings.listen.ip().is_loopback();
        if production && open && !secure_outside {
            let reason = "production mode serves plain HTTP to this machine only; set a certificate \
                (server.tls_certificate, server.tls_key), or server.public_url to the https:// address \
                of the proxy in front of Tuner";
            return Err(self.invalid("server.listen", reason));
        }
        Ok(())
    }

    /// Networks in CIDR form; an address alone stands for itself.
    fn networks(&self, key: &str, texts: &[String]) -> Result<Vec<IpNet>, SettingsError> {
        let read = |text: &String| {
            let alone = text.parse::<IpAddr>().map(IpNet::from);
            alone.or_else(|_| self.parse(key, text, "a network; write it as 10.0.0.0/8 or fd00::/8"))
        };
        texts.iter().map(read).collect()
    }

    fn proxies(&self, texts: &[String]) -> Result<Vec<IpNet>, SettingsError> {
        let key = "server.trusted_proxies";
        let listed = self.networks(key, texts)?;
        if listed.iter().any(|net| net.prefix_len() == 0) {
            let reason = "a network of all addresses would let every client say who it is";
            return Err(self.invalid(key, reason));
        }
        Ok(listed)
    }

    fn origins(&self, texts: &[String]) -> Result<Vec<String>, SettingsError> {
        let key = "server.cors_origins";
        let refused =
            || self.invalid(key, "write each origin in full, as https://app.example; there is no wildcard");
        let read = |text: &String| {
            let url: Url = text.parse().map_err(|_| refused())?;
            let web = matches!(url.scheme(), "http" | "https") && matches!(url.origin(), Origin::Tuple(..));
            let origin = url.origin().ascii_serialization();
            // A path or a query would promise more than a browser tells apart.
            if web && *text.trim_end_matches('/') == origin { Ok(origin) } else { Err(refused()) }
        };
        texts.iter().map(read).collect()
    }

    fn metrics(&self, text: &str) -> Result<MetricsAudience, SettingsError> {
        self.parse("server.metrics", text, "an audience; use loopback, public or off")
    }
}
