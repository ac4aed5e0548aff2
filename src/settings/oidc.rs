//! Signing in through the customer's own OpenID provider: whose, as which client, and which groups mean
//! which role.
//!
//! Deliberately one provider. Nobody without a mapped group gets in: there is no default role.

use super::{
    ServerSettings,
    error::SettingsError,
    layers::variable,
    raw::RawOidc,
    validate::{Check, is_loopback, optional, secret},
};
use crate::domain::{ids::OrganizationId, permission::Role};
use secrecy::SecretString;
use std::collections::BTreeMap;
use url::Url;

/// A member's subject begins with the issuer and must still fit the database's 190 characters.
const MAX_ISSUER_CHARS: usize = 120;

#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// Exactly as the provider writes it: a slash at the end counts. Without `|` and `#`.
    pub issuer: String,
    pub client_id: String,
    /// None for a public client: PKCE alone protects the code.
    pub client_secret: Option<SecretString>,
    /// Empty: those that the provider offers of the ones we can use.
    pub scopes: Vec<String>,
    /// A claim's name, or `/path/to/one` inside a claim.
    pub groups_claim: String,
    pub organization: OrganizationSource,
    pub groups: RoleGroups,
}

/// Which organisation those belong to who sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganizationSource {
    Fixed(OrganizationId),
    Claim(String),
}

/// Group → role; the highest counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleGroups(BTreeMap<String, Role>);

impl RoleGroups {
    /// None: no group of these means anything here. Names are compared exactly.
    #[must_use]
    pub fn highest<'a>(&self, groups: impl IntoIterator<Item = &'a str>) -> Option<Role> {
        groups.into_iter().filter_map(|group| self.0.get(group)).max().copied()
    }

    fn insert(&mut self, group: &str, role: Role) {
        let entry = self.0.entry(group.to_owned()).or_insert(role);
        *entry = role.max(*entry);
    }
}

impl Check<'_> {
    pub(super) fn oidc(
        &self,
        raw: &RawOidc,
        server: &ServerSettings,
        production: bool,
    ) -> Result<Option<OidcSettings>, SettingsError> {
        let Some(issuer) = optional(&raw.issuer) else {
            return self.without_issuer(raw).map(|()| None);
        };
        self.check_issuer(issuer, production)?;
        self.check_public_url(&server.public_url)?;
        let client_id = optional(&raw.client_id)
            .ok_or_else(|| self.missing("oidc.client_id", "the provider knows Tuner by a client ID"))?;
        Ok(Some(OidcSettings {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: secret(&raw.client_secret),
            scopes: self.scopes(&raw.scopes)?,
            groups_claim: self.groups_claim(&raw.groups_claim)?,
            organization: self.organization(raw)?,
            groups: self.role_groups(raw)?,
        }))
    }

    fn missing(&self, key: &str, reason: &str) -> SettingsError {
        self.invalid(key, format!("{reason}; set {}", variable(key)))
    }

    fn without_issuer(&self, raw: &RawOidc) -> Result<(), SettingsError> {
        let given = [&raw.client_id, &raw.client_secret, &raw.organization, &raw.organization_claim];
        if given.iter().all(|text| text.is_empty()) && groups_by_role(raw).iter().all(|(.., g)| g.is_empty())
        {
            return Ok(());
        }
        Err(self.missing("oidc.issuer", "the other oidc settings need the provider's address"))
    }

    fn check_issuer(&self, issuer: &str, production: bool) -> Result<(), SettingsError> {
        let key = "oidc.issuer";
        let url: Url = self.parse(key, issuer, "a URL")?;
        let plain_http = url.scheme() == "http" && is_loopback(&url) && !production;
        if url.scheme() != "https" && !plain_http {
            return Err(
                self.invalid(key, "a provider over plain HTTP can be forged on the way; use https://")
            );
        }
        let bare = url.query().is_none() && url.username().is_empty() && url.password().is_none();
        let fits = issuer.chars().count() <= MAX_ISSUER_CHARS && issuer.bytes().all(|b| b.is_ascii_graphic());
        if url.has_host() && bare && fits && !issuer.contains(['|', '#']) {
            return Ok(());
        }
        let rule = format!("at most {MAX_ISSUER_CHARS} characters, no user, query, '#' or '|'");
        Err(self.invalid(key, format!("write the issuer as its discovery document does: {rule}")))
    }

    /// Browsers keep the cookies of a sign-in over TLS, or on the machine itself.
    fn check_public_url(&self, url: &Url) -> Result<(), SettingsError> {
        if url.scheme() == "https" || is_loopback(url) {
            return Ok(());
        }
        let reason = "signing in through a provider needs https, where browsers reach Tuner";
        Err(self.missing("server.public_url", reason))
    }

    fn scopes(&self, scopes: &[String]) -> Result<Vec<String>, SettingsError> {
        let well_formed = |scope: &String| {
            !scope.is_empty() && scope.bytes().all(|b| b.is_ascii_graphic() && !b"\"\\".contains(&b))
        };
        if scopes.iter().all(well_formed) && (scopes.is_empty() || scopes.iter().any(|s| s == "openid")) {
            return Ok(scopes.to_vec());
        }
        Err(self.invalid("oidc.scopes", "name openid and what else is needed, such as openid profile groups"))
    }

    fn groups_claim(&self, name: &str) -> Result<String, SettingsError> {
        let named = optional(name.trim_matches('/')).is_some();
        if named { Ok(name.to_owned()) } else { Err(self.invalid("oidc.groups_claim", "name a claim")) }
    }

    fn organization(&self, raw: &RawOidc) -> Result<OrganizationSource, SettingsError> {
        match (optional(&raw.organization), optional(&raw.organization_claim)) {
            (Some(name), None) => {
                let wanted = "an organization ID: 1 to 64 visible ASCII characters, without '|'";
                self.parse("oidc.organization", name, wanted).map(OrganizationSource::Fixed)
            }
            (None, Some(claim)) => Ok(OrganizationSource::Claim(claim.to_owned())),
            (Some(_), Some(_)) => {
                Err(self.invalid("oidc.organization_claim", "oidc.organization is set too; keep one"))
            }
            (None, None) => Err(self.missing("oidc.organization", "people must belong to one")),
        }
    }

    fn role_groups(&self, raw: &RawOidc) -> Result<RoleGroups, SettingsError> {
        let mut groups = RoleGroups::default();
        for (key, role, names) in groups_by_role(raw) {
            for name in names {
                if name.trim().is_empty() {
                    return Err(self.invalid(key, "a group has a name"));
                }
                groups.insert(name, role);
            }
        }
        if groups.0.is_empty() {
            return Err(self.missing("oidc.user_groups", "without a group that means a role nobody gets in"));
        }
        Ok(groups)
    }
}

fn groups_by_role(raw: &RawOidc) -> [(&'static str, Role, &[String]); 4] {
    [
        ("oidc.viewer_groups", Role::Viewer, &raw.viewer_groups),
        ("oidc.user_groups", Role::User, &raw.user_groups),
        ("oidc.admin_groups", Role::Admin, &raw.admin_groups),
        ("oidc.organization_admin_groups", Role::OrganizationAdmin, &raw.organization_admin_groups),
    ]
}
