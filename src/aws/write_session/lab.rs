//! A session in a made-up account at a local listener, which answers for STS, too.

use super::*;
use crate::{
    aws::{
        ReadSession,
        connector::lab::{connector, patient_connector},
    },
    domain::{clock::Clock, external_id::ExternalIds, ids::OrgKey},
};

pub const ACCOUNT: &str = "123456789012";

pub fn sessions(url: &str) -> Sessions {
    let ids = ExternalIds::new(vec![1; 32]).unwrap();
    let clock = Clock::fixed("2026-07-01T12:00:00Z".parse().unwrap());
    Sessions::new(Arc::new(patient_connector(url)), ids, clock)
}

pub fn link(sessions: &Sessions) -> RoleLink {
    let (account, organization) = (ACCOUNT.parse().unwrap(), "acme".parse().unwrap());
    let external_id = sessions.external_ids.issue(account, &organization);
    let role_arn = format!("arn:aws:iam::{ACCOUNT}:role/TunerScheduler").parse().unwrap();
    RoleLink { org: OrgKey::generate(), organization, account, role_arn, external_id }
}

/// Reads with these actions, tries once.
pub async fn reader(url: &str, actions: &[&'static str]) -> ReadSession {
    let sessions = Sessions { connector: Arc::new(connector(url, actions)), ..sessions(url) };
    sessions.ambient_of(ACCOUNT.parse().unwrap()).await
}

pub async fn session(url: &str) -> WriteSession {
    let sessions = sessions(url);
    sessions.schedule(&link(&sessions)).await.unwrap()
}

pub fn assume_role_reply() -> &'static str {
    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
     <AccessKeyId>ASIAMADEUP</AccessKeyId><SecretAccessKey>made-up</SecretAccessKey>\
     <SessionToken>made-up-token</SessionToken><Expiration>2026-07-01T13:00:00Z</Expiration>\
     </Credentials></AssumeRoleResult></AssumeRoleResponse>"
}
