//! From claims to a person of Tuner's: subject, organisation, role, a name to show.

use super::{
    OidcError,
    wire::{IdTokenClaims, UserInfo},
};
use crate::{
    domain::{ids::OrganizationId, permission::Role},
    settings::{OidcSettings, OrganizationSource},
};
use openidconnect::{EndUserName, EndUserUsername, LocalizedClaim, SubjectIdentifier};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What the database keeps of a name.
const MAX_CHARS: usize = 190;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Issuer and `sub`: the same text for nobody else, of this provider or another.
    pub subject: String,
    pub organization: OrganizationId,
    pub role: Role,
    /// To be shown, never to be recognised by.
    pub display_name: Option<String>,
}

/// Of the ID token, and of the user info where that lacks some.
pub(super) struct Claims {
    name: Option<String>,
    others: Map<String, Value>,
}

impl Claims {
    pub fn of_id_token(claims: &IdTokenClaims) -> Self {
        Self {
            name: display_name(claims.name(), claims.preferred_username()),
            others: claims.additional_claims().0.clone(),
        }
    }

    /// Whether what decides is missing. Groups that are there and empty are not missing.
    pub fn lack(&self, settings: &OidcSettings) -> bool {
        let organization = match &settings.organization {
            OrganizationSource::Fixed(_) => None,
            OrganizationSource::Claim(claim) => Some(claim),
        };
        let mut needed = std::iter::once(&settings.groups_claim).chain(organization);
        needed.any(|claim| self.find(claim).is_none())
    }

    /// What the ID token says stays.
    pub fn add(&mut self, info: Option<UserInfo>) {
        let Some(info) = info else { return };
        let name = display_name(info.name(), info.preferred_username());
        self.name = self.name.take().or(name);
        for (claim, value) in &info.additional_claims().0 {
            self.others.entry(claim.clone()).or_insert_with(|| value.clone());
        }
    }

    /// By its name, whatever characters that has, or by a `/path/of/names`.
    fn find(&self, claim: &str) -> Option<&Value> {
        let Some(path) = claim.strip_prefix('/') else { return self.others.get(claim) };
        let mut names = path.split('/');
        let outermost = self.others.get(names.next()?)?;
        names.try_fold(outermost, |value, name| value.get(name))
    }

    fn groups(&self, claim: &str) -> Vec<&str> {
        match self.find(claim) {
            Some(Value::Array(groups)) => groups.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(group)) => vec![group],
            _ => Vec::new(),
        }
    }
}

pub(super) fn person(
    settings: &OidcSettings,
    subject: &SubjectIdentifier,
    claims: &Claims,
) -> Result<Person, OidcError> {
    let organization = match &settings.organization {
        OrganizationSource::Fixed(organization) => organization.clone(),
        OrganizationSource::Claim(claim) => claims
            .find(claim)
            .and_then(Value::as_str)
            .and_then(|name| name.parse().ok())
            .ok_or(OidcError::NoOrganization)?,
    };
    let groups = claims.groups(&settings.groups_claim);
    Ok(Person {
        subject: subject_of(&settings.issuer, subject)?,
        organization,
        role: settings.groups.highest(groups).ok_or(OidcError::NoRole)?,
        display_name: claims.name.clone(),
    })
}

/// `issuer|sub`, or `issuer#hash` where the database or a log could not hold the `sub` as it is. An issuer has
/// neither `|` nor `#` (settings), so that no two people share a text.
fn subject_of(issuer: &str, subject: &SubjectIdentifier) -> Result<String, OidcError> {
    let sub = subject.as_str();
    if sub.is_empty() {
        return Err(OidcError::IdToken("it names nobody (sub)".into()));
    }
    let plain = format!("{issuer}|{sub}");
    let fits = plain.len() <= MAX_CHARS && sub.bytes().all(|b| b.is_ascii_graphic());
    Ok(if fits { plain } else { format!("{issuer}#{}", hex::encode(Sha256::digest(sub.as_bytes()))) })
}

fn display_name(
    name: Option<&LocalizedClaim<EndUserName>>,
    username: Option<&EndUserUsername>,
) -> Option<String> {
    let name = name.and_then(|name| name.get(None)).map(|name| name.as_str());
    let text = name.or_else(|| username.map(|name| name.as_str()))?;
    let tame: String = text.chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect();
    Some(tame.trim().to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::oidc::fixtures::oidc_settings;
    use serde_json::json;

    fn claims(others: &Value) -> Claims {
        Claims { name: None, others: others.as_object().unwrap().clone() }
    }

    fn judge(env: &[(&str, &str)], others: &Value) -> Result<Person, OidcError> {
        let subject = SubjectIdentifier::new("u-1".into());
        person(&oidc_settings("https://id.example", env), &subject, &claims(others))
    }

    #[test]
    fn groups_decide_the_role() {
        let role = |groups: Value| judge(&[], &json!({"groups": groups})).map(|person| person.role);
        assert_eq!(role(json!(["staff", "cloud", "choir"])).unwrap(), Role::Admin);
        assert_eq!(role(json!("staff")).unwrap(), Role::User, "some providers send one as a text");
        for nothing in [json!([]), json!(["choir"]), json!([["staff"]]), json!({"staff": true}), json!(7)] {
            assert!(matches!(role(nothing.clone()), Err(OidcError::NoRole)), "{nothing}");
        }
        assert!(matches!(judge(&[], &json!({})), Err(OidcError::NoRole)));
    }

    #[test]
    fn a_claim_may_lie_inside_another_or_have_slashes_in_its_name() {
        let nested = [("TUNER_OIDC__GROUPS_CLAIM", "/realm_access/roles")];
        let realm = json!({"realm_access": {"roles": ["staff"]}});
        assert_eq!(judge(&nested, &realm).unwrap().role, Role::User);
        let url = [("TUNER_OIDC__GROUPS_CLAIM", "https://tuner.example/groups")];
        let named = json!({"https://tuner.example/groups": ["staff"]});
        assert_eq!(judge(&url, &named).unwrap().role, Role::User);
    }

    #[test]
    fn the_organisation_may_come_from_a_claim() {
        let by_claim = [("TUNER_OIDC__ORGANIZATION", ""), ("TUNER_OIDC__ORGANIZATION_CLAIM", "org")];
        let of = |org: Value| judge(&by_claim, &json!({"groups": "staff", "org": org}));
        assert_eq!(of(json!("globex")).unwrap().organization.as_str(), "globex");
        for bad in [json!(null), json!(["globex"]), json!("a|b"), json!("")] {
            assert!(matches!(of(bad), Err(OidcError::NoOrganization)));
        }
    }

    #[test]
    fn user_info_fills_gaps_and_overrides_nothing() {
        let settings = oidc_settings("https://id.example", &[]);
        let info =
            |body: Value| UserInfo::from_json::<std::io::Error>(body.to_string().as_bytes(), None).unwrap();
        let mut bare = claims(&json!({}));
        assert!(bare.lack(&settings));
        bare.add(Some(info(json!({"sub": "u-1", "name": "Ann", "groups": ["staff"]}))));
        assert_eq!((bare.groups("groups"), bare.name.as_deref()), (vec!["staff"], Some("Ann")));
        let mut full = claims(&json!({"groups": []}));
        assert!(!full.lack(&settings), "no groups is an answer");
        full.add(Some(info(json!({"sub": "u-1", "groups": ["cloud"]}))));
        assert!(full.groups("groups").is_empty());
    }

    #[test]
    fn no_two_people_share_a_subject() {
        let subject = |issuer: &str, sub: &str| subject_of(issuer, &SubjectIdentifier::new(sub.into()));
        assert_eq!(subject("https://a", "u-1").unwrap(), "https://a|u-1");
        let long = "x".repeat(255);
        let all = [
            ("https://a", "u-1"),
            ("https://a", "U-1"),
            ("https://a", "u-1 "),
            ("https://a", "u|1"),
            ("https://a/", "u-1"),
            ("https://b", "u-1"),
            ("https://a", "ü"),
            ("https://a", long.as_str()),
        ];
        let texts: std::collections::BTreeSet<String> =
            all.iter().map(|(issuer, sub)| subject(issuer, sub).unwrap()).collect();
        assert_eq!(texts.len(), all.len());
        let hash = subject("https://a", "ü").unwrap();
        let imitated = subject("https://a", hash.strip_prefix("https://a#").unwrap()).unwrap();
        assert_ne!(hash, imitated, "a hash cannot be claimed");
        assert!(texts.iter().all(|text| text.len() <= MAX_CHARS));
        assert!(subject("https://a", "").is_err());
    }
}
