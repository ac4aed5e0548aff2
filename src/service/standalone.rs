//! A session without a server: whatever credentials are around, or a role named on the command line.

use crate::{
    app::aws_settings,
    aws::{AwsSettings, Connector, ReadSession, SessionError, Sessions},
    collect,
    domain::{arn::RoleArn, clock::Clock, external_id::ExternalIds},
    settings::Settings,
};
use std::sync::Arc;

/// How the account is entered.
#[derive(Clone, Debug, Default)]
pub struct Way {
    pub profile: Option<String>,
    pub role_arn: Option<RoleArn>,
    pub external_id: Option<String>,
}

/// Opens a reading session.
pub async fn open_session(settings: &Settings, clock: &Clock, way: Way) -> Result<ReadSession, SessionError> {
    let configured = aws_settings(&settings.aws);
    let aws = AwsSettings { profile: way.profile.or(configured.profile), ..configured };
    let connector = Arc::new(Connector::connect(&aws, &collect::all_actions()).await);
    let sessions = Sessions::new(connector, ExternalIds::unused(), clock.clone());
    match way.role_arn {
        Some(role_arn) => sessions.with_role(role_arn, way.external_id).await,
        None => sessions.ambient().await,
    }
}
