//! AWS Secrets Manager, for Tuner's own settings: read at the start, with Tuner's own identity.
//!
//! The answer is the text of a secret or one line that says why there is none; it never quotes the text.

use super::{
    connector::{AwsSettings, Connector},
    error::{Failure, classify},
    guard::Allowed,
};
use crate::domain::{region::Region, scan::GapReason};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};

/// Reads each of the secrets, by name or ARN. An ARN says its region; a name is looked for at home.
pub async fn read_secrets(
    settings: &AwsSettings,
    names: &BTreeSet<String>,
) -> BTreeMap<String, Result<SecretString, String>> {
    let connector = Connector::connect(settings, &[]).await;
    let mut read = BTreeMap::new();
    for name in names {
        let region = region_in(name).unwrap_or_else(|| settings.home_region.clone());
        read.insert(name.clone(), read_secret(&connector, &region, name).await);
    }
    read
}

async fn read_secret(connector: &Connector, region: &Region, name: &str) -> Result<SecretString, String> {
    let config = aws_sdk_secretsmanager::config::Builder::from(&connector.base)
        .region(aws_config::Region::new(region.to_string()))
        .interceptor(Allowed::new(&["secretsmanager:GetSecretValue"]))
        .build();
    let call = aws_sdk_secretsmanager::Client::from_conf(config).get_secret_value().secret_id(name);
    let reply = call.send().await.map_err(|error| reason(classify(&error), region, name))?;
    let text = reply.secret_string.ok_or_else(|| format!("the secret '{name}' holds bytes, not text"))?;
    Ok(text.into())
}

fn reason(failure: Failure, region: &Region, name: &str) -> String {
    let Failure { reason, code } = failure;
    match (reason, code.as_str()) {
        (_, "ResourceNotFoundException") => {
            format!("AWS Secrets Manager has no secret '{name}' in {region}")
        }
        (GapReason::AccessDenied, _) => {
            format!(
                "AWS does not let Tuner read the secret '{name}' ({code}); allow secretsmanager:GetSecretValue"
            )
        }
        (GapReason::Unreachable, _) => format!("AWS Secrets Manager cannot be reached in {region} ({code})"),
        _ => format!("AWS Secrets Manager does not give the secret '{name}' ({code})"),
    }
}

/// `arn:aws:secretsmanager:REGION:…`.
fn region_in(name: &str) -> Option<Region> {
    name.strip_prefix("arn:")?.split(':').nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::region_in;

    #[test]
    fn an_arn_says_its_region() {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:tuner-AbCdEf";
        assert_eq!(region_in(arn).unwrap().as_str(), "eu-west-1");
        assert_eq!(region_in("tuner/master"), None);
        assert_eq!(region_in("arn:aws:secretsmanager:evil.example:1:secret:x"), None);
    }
}
