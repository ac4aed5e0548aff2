//! AWS KMS for master keys: with Tuner's own identity, not with a customer's session. A customer who lends a key
//! of theirs names Tuner's principal in that key's policy.
//!
//! The clients can make, wrap and unwrap data keys and nothing else. A key's ARN decides the region; each call
//! names the key, so that a wrapped key that belongs to another one is refused.

use super::{
    connector::Connector,
    error::{Failure, classify},
    guard::Allowed,
};
use crate::{
    domain::{kms_key::KmsKeyArn, region::Region, scan::GapReason},
    seal::{Binding, DataKey, KeyService, KeyServiceError},
};
use aws_sdk_kms::{Client, primitives::Blob, types::DataKeySpec};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::future::BoxFuture;
use std::{
    collections::HashMap,
    error::Error,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};
use zeroize::Zeroizing;

const ACTIONS: &[&str] = &["kms:GenerateDataKey", "kms:Encrypt", "kms:Decrypt"];
/// Refusals that stay until somebody acts.
const LASTING: &[&str] = &[
    "DisabledException",
    "NotFoundException",
    "KMSInvalidStateException",
    "InvalidCiphertextException",
    "IncorrectKeyException",
    "InvalidKeyUsageException",
    "InvalidGrantTokenException",
    "ValidationException",
];

pub struct Kms {
    connector: Arc<Connector>,
    clients: Mutex<HashMap<Region, Client>>,
}

impl fmt::Debug for Kms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kms")
    }
}

impl Kms {
    #[must_use]
    pub fn new(connector: Arc<Connector>) -> Self {
        Self { connector, clients: Mutex::default() }
    }

    fn client(&self, region: &Region) -> Client {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let config = aws_sdk_kms::config::Builder::from(&self.connector.base)
                .region(aws_config::Region::new(region.to_string()))
                .interceptor(Allowed::new(ACTIONS))
                .build();
            Client::from_conf(config)
        };
        clients.entry(region.clone()).or_insert_with(make).clone()
    }
}

fn context(binding: Binding) -> HashMap<String, String> {
    binding.context().into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn failed<E: ProvideErrorMetadata + Error + 'static>(
    action: &'static str,
    key: &KmsKeyArn,
) -> impl FnOnce(SdkError<E, HttpResponse>) -> KeyServiceError {
    let key = key.to_string();
    move |error| {
        let Failure { reason, code } = classify(&error);
        let lasting = reason == GapReason::AccessDenied
            || reason == GapReason::ExpiredCredentials
            || LASTING.contains(&code.as_str());
        KeyServiceError { action, key, code, temporary: !lasting }
    }
}

fn unreadable(action: &'static str, key: &KmsKeyArn) -> KeyServiceError {
    KeyServiceError { action, key: key.to_string(), code: "UnreadableReply".to_owned(), temporary: true }
}

/// Takes the plain key out of the reply; the copy of it that is ours is wiped.
fn plain_key(blob: Option<Blob>) -> Option<DataKey> {
    DataKey::from_slice(&Zeroizing::new(blob?.into_inner()))
}

impl KeyService for Kms {
    fn generate<'a>(
        &'a self,
        key: &'a KmsKeyArn,
        binding: Binding,
    ) -> BoxFuture<'a, Result<(DataKey, Vec<u8>), KeyServiceError>> {
        const ACTION: &str = "make a data key";
        Box::pin(async move {
            let call = self.client(key.region()).generate_data_key().key_id(key.as_str());
            let call = call.key_spec(DataKeySpec::Aes256).set_encryption_context(Some(context(binding)));
            let reply = call.send().await.map_err(failed(ACTION, key))?;
            plain_key(reply.plaintext)
                .zip(reply.ciphertext_blob.map(Blob::into_inner))
                .ok_or_else(|| unreadable(ACTION, key))
        })
    }

    fn wrap<'a>(
        &'a self,
        key: &'a KmsKeyArn,
        binding: Binding,
        plain: &'a DataKey,
    ) -> BoxFuture<'a, Result<Vec<u8>, KeyServiceError>> {
        const ACTION: &str = "encrypt";
        Box::pin(async move {
            let call = self.client(key.region()).encrypt().key_id(key.as_str());
            let call = call.plaintext(Blob::new(*plain.expose()));
            let call = call.set_encryption_context(Some(context(binding)));
            let reply = call.send().await.map_err(failed(ACTION, key))?;
            reply.ciphertext_blob.map(Blob::into_inner).ok_or_else(|| unreadable(ACTION, key))
        })
    }

    fn unwrap<'a>(
        &'a self,
        key: &'a KmsKeyArn,
        binding: Binding,
        wrapped: &'a [u8],
    ) -> BoxFuture<'a, Result<DataKey, KeyServiceError>> {
        const ACTION: &str = "decrypt";
        Box::pin(async move {
            let call = self.client(key.region()).decrypt().key_id(key.as_str());
            let call = call.ciphertext_blob(Blob::new(wrapped));
            let call = call.set_encryption_context(Some(context(binding)));
            let reply = call.send().await.map_err(failed(ACTION, key))?;
            plain_key(reply.plaintext).ok_or_else(|| unreadable(ACTION, key))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::connector::lab;
    use crate::domain::ids::{DataKeyId, OrgKey};
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

    const ARN: &str = "arn:aws:kms:eu-central-1:123456789012:key/a";

    async fn refused(code: &str, status: u16) -> KeyServiceError {
        let server = MockServer::start().await;
        let reply = ResponseTemplate::new(status)
            .set_body_raw(format!("{{\"__type\":\"{code}\"}}"), "application/x-amz-json-1.1");
        Mock::given(any()).respond_with(reply).mount(&server).await;
        let kms = Kms::new(Arc::new(lab::connector(&server.uri(), &[])));
        let binding = Binding { org: OrgKey::generate(), key: DataKeyId::generate() };
        kms.unwrap(&ARN.parse().unwrap(), binding, b"wrapped").await.unwrap_err()
    }

    #[tokio::test]
    async fn a_refusal_lasts_and_a_hiccup_does_not() {
        for code in ["AccessDeniedException", "DisabledException", "NotFoundException"] {
            let error = refused(code, 400).await;
            assert!(!error.temporary, "{error}");
            assert_eq!(error.to_string(), format!("AWS KMS does not decrypt with the key {ARN} ({code})"));
        }
        for (code, status) in [("KMSInternalException", 500), ("ThrottlingException", 400)] {
            assert!(refused(code, status).await.temporary, "{code}");
        }
    }

    #[tokio::test]
    async fn it_does_nothing_with_keys_but_wrapping() {
        let server = MockServer::start().await;
        let kms = Kms::new(Arc::new(lab::connector(&server.uri(), &[])));
        let client = kms.client(&"eu-central-1".parse().unwrap());
        let refused = client.disable_key().key_id("a").send().await.unwrap_err();
        assert!(format!("{refused:?}").contains("kms:DisableKey"), "{refused:?}");
        assert!(server.received_requests().await.unwrap().is_empty());
    }
}
