//! Master keys: they wrap data keys and do nothing else.

use super::{
    cipher::{DataKey, bound_to, decrypt, encrypt},
    error::{KeyServiceError, SealError},
    store::StoredKey,
};
use crate::{
    domain::{
        ids::{DataKeyId, OrgKey},
        kms_key::KmsKeyArn,
    },
    keys::Master,
};
use futures_util::future::BoxFuture;
use std::{fmt, sync::Arc};

/// What a wrapped key is bound to: it unwraps for no other organisation and under no other id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    pub org: OrgKey,
    pub key: DataKeyId,
}

impl Binding {
    /// As KMS's encryption context, which its log shows.
    #[must_use]
    pub fn context(&self) -> [(&'static str, String); 3] {
        [
            ("tuner:organization", self.org.to_string()),
            ("tuner:data-key", self.key.to_string()),
            ("tuner:purpose", "data-key".to_owned()),
        ]
    }

    fn bytes(&self) -> Vec<u8> {
        bound_to(&[b"tuner data key", self.org.uuid().as_bytes(), self.key.uuid().as_bytes()])
    }
}

/// AWS KMS, as far as master keys need it.
pub trait KeyService: Send + Sync + fmt::Debug {
    /// A new data key, plain and wrapped.
    fn generate<'a>(
        &'a self,
        key: &'a KmsKeyArn,
        binding: Binding,
    ) -> BoxFuture<'a, Result<(DataKey, Vec<u8>), KeyServiceError>>;

    fn wrap<'a>(
        &'a self,
        key: &'a KmsKeyArn,
        binding: Binding,
        plain: &'a DataKey,
    ) -> BoxFuture<'a, Result<Vec<u8>, KeyServiceError>>;

    fn unwrap<'a>(
        &'a self,
        key: &'a KmsKeyArn,
        binding: Binding,
        wrapped: &'a [u8],
    ) -> BoxFuture<'a, Result<DataKey, KeyServiceError>>;
}

/// The master keys of a server: the one that wraps, the one before it, and the service for those in KMS.
#[derive(Clone, Debug)]
pub struct Masters {
    current: Master,
    previous: Option<Master>,
    service: Option<Arc<dyn KeyService>>,
}

impl Masters {
    #[must_use]
    pub const fn new(current: Master) -> Self {
        Self { current, previous: None, service: None }
    }

    /// What the former master key wrapped can still be read.
    #[must_use]
    pub fn and_previous(self, previous: Option<Master>) -> Self {
        Self { previous, ..self }
    }

    #[must_use]
    pub fn with_service(self, service: Arc<dyn KeyService>) -> Self {
        Self { service: Some(service), ..self }
    }

    pub(super) const fn current(&self) -> &Master {
        &self.current
    }

    pub(super) fn is_ours(&self, id: &str) -> bool {
        std::iter::once(&self.current).chain(&self.previous).any(|master| master.id() == id)
    }

    /// The master key of that name: one of ours, or any in KMS, where AWS decides.
    fn find(&self, id: &str) -> Result<Master, SealError> {
        let ours = std::iter::once(&self.current).chain(&self.previous).find(|master| master.id() == id);
        ours.cloned()
            .or_else(|| id.parse().ok().map(Master::Kms))
            .ok_or_else(|| SealError::OtherMaster { found: id.to_owned(), given: self.current.id() })
    }

    fn service(&self, key: &KmsKeyArn) -> Result<&Arc<dyn KeyService>, SealError> {
        let none = || KeyServiceError {
            action: "work",
            key: key.to_string(),
            code: "NoService".to_owned(),
            temporary: false,
        };
        self.service.as_ref().ok_or_else(|| none().into())
    }

    pub(super) async fn generate(
        &self,
        master: &Master,
        binding: Binding,
    ) -> Result<(DataKey, Vec<u8>), SealError> {
        match master {
            Master::Local(_) => {
                let key = DataKey::generate()?;
                let wrapped = self.wrap(master, binding, &key).await?;
                Ok((key, wrapped))
            }
            Master::Kms(arn) => Ok(self.service(arn)?.generate(arn, binding).await?),
        }
    }

    pub(super) async fn wrap(
        &self,
        master: &Master,
        binding: Binding,
        key: &DataKey,
    ) -> Result<Vec<u8>, SealError> {
        match master {
            Master::Local(master) => encrypt(master.expose(), &binding.bytes(), key.expose()),
            Master::Kms(arn) => Ok(self.service(arn)?.wrap(arn, binding, key).await?),
        }
    }

    pub(super) async fn unwrap(&self, stored: &StoredKey) -> Result<DataKey, SealError> {
        let binding = Binding { org: stored.org, key: stored.id };
        match self.find(&stored.master)? {
            Master::Local(master) => decrypt(master.expose(), &binding.bytes(), &stored.wrapped)
                .and_then(|plain| DataKey::from_slice(&plain))
                .ok_or_else(|| SealError::KeyRefused { master: stored.master.clone() }),
            Master::Kms(arn) => Ok(self.service(&arn)?.unwrap(&arn, binding, &stored.wrapped).await?),
        }
    }
}
