//! The section `oidc`: what is refused, what is read, what is shown.

use super::{OrganizationSource, Settings, Sources};
use crate::domain::permission::Role;
use rstest::rstest;
use secrecy::ExposeSecret;

const GOOD: [(&str, &str); 4] = [
    ("TUNER_OIDC__ISSUER", "https://id.example/realms/a"),
    ("TUNER_OIDC__CLIENT_ID", "tuner"),
    ("TUNER_OIDC__ORGANIZATION", "acme"),
    ("TUNER_OIDC__USER_GROUPS", "staff, finops"),
];

/// The good settings with others over them; an empty text takes one away.
fn load(with: &[(&str, &str)]) -> Result<Settings, String> {
    let public = [("HOME", "/home/ann"), ("TUNER_SERVER__PUBLIC_URL", "https://tuner.example")];
    let all = public.iter().chain(&GOOD).chain(with);
    let env = all.map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Settings::load(&Sources { env, ..Sources::default() }).map_err(|e| e.to_string())
}

fn shown(settings: &Settings, key: &str) -> String {
    settings.show().iter().find(|shown| shown.key == key).unwrap().value.clone()
}

#[rstest]
#[case("ISSUER", "id.example", "TUNER_OIDC__ISSUER: 'id.example' is not a URL")]
#[case(
    "ISSUER",
    "http://id.example",
    "TUNER_OIDC__ISSUER: a provider over plain HTTP can be forged on the way; use https://"
)]
#[case(
    "ISSUER",
    "file:///id",
    "TUNER_OIDC__ISSUER: a provider over plain HTTP can be forged on the way; use https://"
)]
#[case(
    "ISSUER",
    "https://id.example/?a=b",
    "TUNER_OIDC__ISSUER: write the issuer as its discovery document does: at most 120 characters, no user, query, '#' or '|'"
)]
#[case(
    "ISSUER",
    "https://id.example/a|b",
    "TUNER_OIDC__ISSUER: write the issuer as its discovery document does: at most 120 characters, no user, query, '#' or '|'"
)]
#[case(
    "ISSUER",
    "https://ann:geheim@id.example/",
    "TUNER_OIDC__ISSUER: write the issuer as its discovery document does: at most 120 characters, no user, query, '#' or '|'"
)]
#[case(
    "ISSUER",
    "",
    "oidc.issuer: the other oidc settings need the provider's address; set TUNER_OIDC__ISSUER"
)]
#[case("CLIENT_ID", "", "oidc.client_id: the provider knows Tuner by a client ID; set TUNER_OIDC__CLIENT_ID")]
#[case(
    "SCOPES",
    "profile",
    "TUNER_OIDC__SCOPES: name openid and what else is needed, such as openid profile groups"
)]
#[case("ORGANIZATION", "", "oidc.organization: people must belong to one; set TUNER_OIDC__ORGANIZATION")]
#[case(
    "ORGANIZATION",
    "a|b",
    "TUNER_OIDC__ORGANIZATION: 'a|b' is not an organization ID: 1 to 64 visible ASCII characters, without '|'"
)]
#[case("ORGANIZATION_CLAIM", "org", "TUNER_OIDC__ORGANIZATION_CLAIM: oidc.organization is set too; keep one")]
#[case(
    "USER_GROUPS",
    "",
    "oidc.user_groups: without a group that means a role nobody gets in; set TUNER_OIDC__USER_GROUPS"
)]
#[case("USER_GROUPS", "[' ']", "TUNER_OIDC__USER_GROUPS: a group has a name")]
#[case(
    "USER_GROUPS",
    "['a'",
    "TUNER_OIDC__USER_GROUPS: takes a list: a,b or, for names with blanks or commas, [\"a b\", \"c\"], not '[\\'a\\''"
)]
#[case(
    "USER_GROUPS",
    "[1]",
    "TUNER_OIDC__USER_GROUPS: takes a list: a,b or, for names with blanks or commas, [\"a b\", \"c\"], not '[1]'"
)]
#[case(
    "USER_GROUPS",
    "[]\nx = 1",
    "TUNER_OIDC__USER_GROUPS: takes a list: a,b or, for names with blanks or commas, [\"a b\", \"c\"], not '[]\\nx = 1'"
)]
#[case("GROUPS_CLAIM", "/", "TUNER_OIDC__GROUPS_CLAIM: name a claim")]
fn a_mistake_is_named_in_one_line(#[case] key: &str, #[case] value: &str, #[case] message: &str) {
    assert_eq!(load(&[(&format!("TUNER_OIDC__{key}"), value)]).unwrap_err(), message);
}

#[test]
fn plain_http_is_for_this_machine_outside_production() {
    let local = ("TUNER_OIDC__ISSUER", "http://127.0.0.1:3000");
    assert!(load(&[local]).is_ok());
    assert!(load(&[local, ("TUNER_PRODUCTION", "true")]).unwrap_err().contains("use https://"));
}

#[test]
fn browsers_must_reach_tuner_over_tls() {
    assert_eq!(
        load(&[("TUNER_SERVER__PUBLIC_URL", "http://tuner.example")]).unwrap_err(),
        "TUNER_SERVER__PUBLIC_URL: signing in through a provider needs https, where browsers reach Tuner; \
         set TUNER_SERVER__PUBLIC_URL"
    );
    assert!(load(&[("TUNER_SERVER__PUBLIC_URL", "http://localhost:8080")]).is_ok());
}

#[test]
fn it_is_off_until_an_issuer_is_named() {
    let nothing = GOOD.map(|(key, _)| (key, ""));
    assert!(load(&nothing).unwrap().oidc.is_none());
}

#[test]
fn the_highest_role_of_the_groups_counts_and_other_groups_mean_nothing() {
    let groups = [
        ("TUNER_OIDC__ADMIN_GROUPS", "['Cloud Admins', 'CN=ops,DC=example']"),
        ("TUNER_OIDC__VIEWER_GROUPS", "everyone staff"),
    ];
    let oidc = load(&groups).unwrap().oidc.unwrap();
    let role = |groups: &[&str]| oidc.groups.highest(groups.iter().copied());
    assert_eq!(role(&["everyone"]), Some(Role::Viewer));
    assert_eq!(role(&["staff"]), Some(Role::User), "named for two roles");
    assert_eq!(role(&["everyone", "CN=ops,DC=example", "finops"]), Some(Role::Admin));
    assert_eq!(role(&["Cloud Admins"]), Some(Role::Admin));
    assert_eq!(role(&["STAFF", "cloud admins", "", "Cloud"]), None);
    assert_eq!(role(&[]), None);
}

#[test]
fn the_file_says_the_same_as_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tuner.toml");
    let text = "[oidc]\nissuer = 'https://id.example/'\nclient_id = 'tuner'\norganization_claim = 'org'\n\
                organization_admin_groups = ['Owners, all']\nscopes = ['openid', 'email']\n";
    std::fs::write(&path, text).unwrap();
    let env = [("HOME", "/"), ("TUNER_SERVER__PUBLIC_URL", "https://t.example")];
    let env = env.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    let oidc =
        Settings::load(&Sources { env, file: Some(path), ..Sources::default() }).unwrap().oidc.unwrap();
    assert_eq!(oidc.organization, OrganizationSource::Claim("org".into()));
    assert_eq!(oidc.groups.highest(["Owners, all"]), Some(Role::OrganizationAdmin));
    assert_eq!((oidc.issuer.as_str(), oidc.scopes.len()), ("https://id.example/", 2));
}

#[test]
fn the_client_secret_is_never_shown_and_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "geheim\n").unwrap();
    let settings = load(&[("TUNER_OIDC__CLIENT_SECRET__FILE", path.to_str().unwrap())]).unwrap();
    assert!(!format!("{settings:?} {:?}", settings.show()).contains("geheim"));
    assert_eq!(shown(&settings, "oidc.client_secret"), "(set)");
    assert_eq!(settings.oidc.unwrap().client_secret.unwrap().expose_secret(), "geheim");
    assert_eq!(shown(&load(&[]).unwrap(), "oidc.client_secret"), "(not set)");
}
