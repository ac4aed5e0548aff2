use super::*;
use crate::{
    domain::{
        clock::Clock,
        ids::{DataKeyId, OrgKey},
        kms_key::KmsKeyArn,
        scope::OrgScope,
    },
    keys::{Master, MasterKey},
};
use futures_util::future::{BoxFuture, join_all};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

const PLACE: Place<'static> = Place { table: "account", column: "external_id", row: b"1" };

/// Data keys in memory; counts how often one is looked for.
#[derive(Clone, Debug, Default)]
struct Table(Arc<Mutex<Rows>>);

#[derive(Debug, Default)]
struct Rows {
    keys: Vec<StoredKey>,
    customers: BTreeMap<OrgKey, KmsKeyArn>,
    found: usize,
}

impl Table {
    fn with<'a, T: Send + 'a>(&self, run: impl FnOnce(&mut Rows) -> T) -> StoreResult<'a, T> {
        let done = run(&mut self.0.lock().unwrap());
        Box::pin(async move { Ok(done) })
    }
}

impl KeyStore for Table {
    fn current_key(&self, org: OrgKey) -> StoreResult<'_, Option<StoredKey>> {
        self.with(|rows| rows.keys.iter().find(|k| k.org == org && k.retired_at.is_none()).cloned())
    }
    fn find_key(&self, org: OrgKey, id: DataKeyId) -> StoreResult<'_, Option<StoredKey>> {
        self.with(|rows| {
            rows.found += 1;
            rows.keys.iter().find(|k| k.org == org && k.id == id).cloned()
        })
    }
    fn list_keys(&self, org: OrgKey) -> StoreResult<'_, Vec<StoredKey>> {
        self.with(|rows| rows.keys.iter().filter(|k| k.org == org).cloned().collect())
    }
    fn organizations_with_retired_keys(&self) -> StoreResult<'_, Vec<OrgKey>> {
        self.with(|rows| rows.keys.iter().filter(|k| k.retired_at.is_some()).map(|k| k.org).collect())
    }
    fn samples(&self) -> StoreResult<'_, Vec<StoredKey>> {
        self.with(|rows| rows.keys.clone())
    }
    fn add_current(&self, key: StoredKey) -> StoreResult<'_, bool> {
        self.with(|rows| {
            let free = !rows.keys.iter().any(|k| k.org == key.org && k.retired_at.is_none());
            if free {
                rows.keys.push(key);
            }
            free
        })
    }
    fn replace_current(&self, before: DataKeyId, key: StoredKey) -> StoreResult<'_, bool> {
        self.with(|rows| {
            let old = rows.keys.iter_mut().find(|k| k.id == before && k.retired_at.is_none());
            let replaced = old.map(|old| old.retired_at = Some(key.created_at)).is_some();
            if replaced {
                rows.keys.push(key);
            }
            replaced
        })
    }
    fn replace_wrapping<'a>(&'a self, before: &'a StoredKey, after: StoredKey) -> StoreResult<'a, bool> {
        self.with(|rows| rows.keys.iter_mut().find(|k| *k == before).map(|k| *k = after).is_some())
    }
    fn delete_retired(&self, org: OrgKey, id: DataKeyId, retired_by: Timestamp) -> StoreResult<'_, bool> {
        self.with(|rows| {
            let before = rows.keys.len();
            let due = |k: &StoredKey| k.retired_at.is_some_and(|at| at <= retired_by);
            rows.keys.retain(|k| !(k.org == org && k.id == id && due(k)));
            rows.keys.len() < before
        })
    }
    fn customer_key(&self, org: OrgKey) -> StoreResult<'_, Option<KmsKeyArn>> {
        self.with(|rows| rows.customers.get(&org).cloned())
    }
    fn set_customer_key<'a>(&'a self, org: OrgKey, key: Option<&'a KmsKeyArn>) -> StoreResult<'a, ()> {
        let key = key.cloned();
        self.with(|rows| {
            rows.customers.remove(&org);
            rows.customers.extend(key.map(|key| (org, key)));
        })
    }
}

/// A KMS whose "wrapping" is the key behind its binding; it can be disabled.
#[derive(Debug, Default)]
struct FakeKms {
    disabled: AtomicBool,
    unwraps: AtomicUsize,
}

impl FakeKms {
    fn answer<T>(&self, key: &KmsKeyArn, value: Option<T>) -> Result<T, KeyServiceError> {
        let code =
            if self.disabled.load(Ordering::SeqCst) { "DisabledException" } else { "InvalidCiphertext" };
        let error =
            KeyServiceError { action: "decrypt", key: key.to_string(), code: code.into(), temporary: false };
        value.filter(|_| !self.disabled.load(Ordering::SeqCst)).ok_or(error)
    }
}

impl KeyService for FakeKms {
    fn generate<'a>(
        &'a self,
        key: &'a KmsKeyArn,
        binding: Binding,
    ) -> BoxFuture<'a, Result<(DataKey, Vec<u8>), KeyServiceError>> {
        Box::pin(async move {
            let plain = DataKey::generate().unwrap();
            let wrapped = self.wrap(key, binding, &plain).await?;
            Ok((plain, wrapped))
        })
    }
    fn wrap<'a>(
        &'a self,
        key: &'a KmsKeyArn,
        binding: Binding,
        plain: &'a DataKey,
    ) -> BoxFuture<'a, Result<Vec<u8>, KeyServiceError>> {
        let wrapped = [format!("{key} {binding:?} ").as_bytes(), plain.expose()].concat();
        Box::pin(async move { self.answer(key, Some(wrapped)) })
    }
    fn unwrap<'a>(
        &'a self,
        key: &'a KmsKeyArn,
        binding: Binding,
        wrapped: &'a [u8],
    ) -> BoxFuture<'a, Result<DataKey, KeyServiceError>> {
        Box::pin(async move {
            self.unwraps.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            let plain = wrapped.strip_prefix(format!("{key} {binding:?} ").as_bytes());
            self.answer(key, plain.and_then(DataKey::from_slice))
        })
    }
}

fn noon() -> Timestamp {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

fn local(digit: &str) -> Master {
    Master::Local(MasterKey::parse(&digit.repeat(64)).unwrap())
}

fn kms_key(name: &str) -> KmsKeyArn {
    format!("arn:aws:kms:eu-central-1:123456789012:key/{name}").parse().unwrap()
}

fn scope() -> OrgScope {
    OrgScope::of_system(OrgKey::generate(), "acme".parse().unwrap())
}

fn vault(table: &Table, masters: Masters) -> Vault {
    Vault::new(Box::new(table.clone()), masters, Clock::fixed(noon()))
}

async fn opened(vault: &Vault, scope: &OrgScope, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    vault.open(scope, PLACE, sealed).await.map(|plain| plain.to_vec())
}

#[tokio::test]
async fn another_process_opens_what_one_sealed() {
    let (table, scope) = (Table::default(), scope());
    let sealed = vault(&table, Masters::new(local("1"))).seal(&scope, PLACE, b"x").await.unwrap();
    let other = vault(&table, Masters::new(local("1")));
    assert_eq!(opened(&other, &scope, &sealed).await.unwrap(), b"x");
    assert_eq!(table.0.lock().unwrap().keys.len(), 1);
}

#[tokio::test]
async fn a_value_of_another_organisation_is_refused() {
    let (table, acme, other) = (Table::default(), scope(), scope());
    let vault = vault(&table, Masters::new(local("1")));
    let sealed = vault.seal(&acme, PLACE, b"x").await.unwrap();
    vault.seal(&other, PLACE, b"y").await.unwrap();
    assert!(matches!(opened(&vault, &other, &sealed).await, Err(SealError::NoSuchKey)));
    // Even where the wrapped key is moved along with the value.
    for key in &mut table.0.lock().unwrap().keys {
        key.org = other.key();
        key.retired_at = Some(noon());
    }
    assert!(matches!(opened(&vault, &other, &sealed).await, Err(SealError::KeyRefused { .. })));
}

#[tokio::test]
async fn a_refused_value_is_told() {
    let (table, scope) = (Table::default(), scope());
    let vault = vault(&table, Masters::new(local("1")));
    let sealed = vault.seal(&scope, PLACE, b"x").await.unwrap();
    let moved = Place { row: b"2", ..PLACE };
    assert!(matches!(vault.open(&scope, moved, &sealed).await, Err(SealError::Refused { .. })));
    let told = vault.refusals().next().await;
    assert_eq!((told.scope, told.column, told.row.as_slice()), (scope, "external_id", b"2".as_slice()));
}

#[tokio::test]
async fn a_column_that_no_rotation_would_find_is_refused() {
    let vault = vault(&Table::default(), Masters::new(local("1")));
    let place = Place { column: "name", ..PLACE };
    assert!(matches!(vault.seal(&scope(), place, b"x").await, Err(SealError::UnknownColumn { .. })));
}

#[tokio::test]
async fn first_uses_at_once_agree_on_one_key() {
    let (table, scope) = (Table::default(), scope());
    let vaults: Vec<Vault> = (0..8).map(|_| vault(&table, Masters::new(local("1")))).collect();
    let sealed = join_all(vaults.iter().map(|vault| vault.seal(&scope, PLACE, b"x"))).await;
    assert_eq!(table.0.lock().unwrap().keys.len(), 1);
    for sealed in sealed {
        assert_eq!(opened(&vaults[0], &scope, &sealed.unwrap()).await.unwrap(), b"x");
    }
}

#[tokio::test]
async fn a_page_of_values_unwraps_one_key_once() {
    let (table, kms, scope) = (Table::default(), Arc::new(FakeKms::default()), scope());
    let masters = || Masters::new(Master::Kms(kms_key("a"))).with_service(kms.clone());
    let sealed = vault(&table, masters()).seal(&scope, PLACE, b"x").await.unwrap();
    let (reader, before) = (vault(&table, masters()), kms.unwraps.load(Ordering::SeqCst));
    let all = join_all((0..50).map(|_| opened(&reader, &scope, &sealed))).await;
    assert!(all.into_iter().all(|one| one.unwrap() == b"x"));
    assert_eq!(kms.unwraps.load(Ordering::SeqCst) - before, 1);
    assert_eq!(table.0.lock().unwrap().found, 1);
}

#[tokio::test]
async fn a_disabled_kms_key_ends_what_it_protects_within_the_hour() {
    let (kms, scope, clock) = (Arc::new(FakeKms::default()), scope(), Clock::fixed(noon()));
    let masters = Masters::new(Master::Kms(kms_key("a"))).with_service(kms.clone());
    let vault = Vault::new(Box::new(Table::default()), masters, clock.clone());
    let sealed = vault.seal(&scope, PLACE, b"x").await.unwrap();
    kms.disabled.store(true, Ordering::SeqCst);
    clock.set(noon() + SignedDuration::from_mins(59));
    assert_eq!(opened(&vault, &scope, &sealed).await.unwrap(), b"x");
    clock.set(noon() + SignedDuration::from_hours(1));
    let error = opened(&vault, &scope, &sealed).await.unwrap_err();
    assert!(error.is_about_a_key() && error.to_string().contains("DisabledException"), "{error}");
    kms.disabled.store(false, Ordering::SeqCst);
    assert_eq!(opened(&vault, &scope, &sealed).await.unwrap(), b"x");
}

#[tokio::test]
async fn another_master_key_is_told_at_the_start_and_changes_nothing() {
    let (table, scope) = (Table::default(), scope());
    vault(&table, Masters::new(local("1"))).seal(&scope, PLACE, b"x").await.unwrap();
    let kept = table.0.lock().unwrap().keys.clone();
    let error = vault(&table, Masters::new(local("2"))).check_masters().await.unwrap_err();
    let expected = format!(
        "wrapped by another master key ({}) than the one that is given ({})",
        local("1").id(),
        local("2").id()
    );
    assert!(error.to_string().contains(&expected), "{error}");
    assert_eq!(table.0.lock().unwrap().keys, kept);
    vault(&table, Masters::new(local("1"))).check_masters().await.unwrap();
}

#[tokio::test]
async fn a_kms_key_that_refuses_is_told_at_the_start() {
    let kms = Arc::new(FakeKms::default());
    let masters = Masters::new(Master::Kms(kms_key("a"))).with_service(kms.clone());
    let vault = vault(&Table::default(), masters);
    vault.check_masters().await.unwrap();
    kms.disabled.store(true, Ordering::SeqCst);
    assert!(vault.check_masters().await.unwrap_err().to_string().contains("DisabledException"));
}

#[tokio::test]
async fn a_new_master_key_wraps_the_same_data_keys() {
    let (table, scope, kms) = (Table::default(), scope(), Arc::new(FakeKms::default()));
    let sealed = vault(&table, Masters::new(local("1"))).seal(&scope, PLACE, b"x").await.unwrap();
    let both =
        Masters::new(Master::Kms(kms_key("a"))).and_previous(Some(local("1"))).with_service(kms.clone());
    let both = vault(&table, both);
    both.check_masters().await.unwrap();
    assert_eq!(opened(&both, &scope, &sealed).await.unwrap(), b"x", "before the keys are wrapped anew");
    assert_eq!(both.rewrap(scope.key()).await.unwrap(), Rewrapped(1));
    assert_eq!(both.rewrap(scope.key()).await.unwrap(), Rewrapped(0), "once");
    let new = vault(&table, Masters::new(Master::Kms(kms_key("a"))).with_service(kms));
    new.check_masters().await.unwrap();
    assert_eq!(opened(&new, &scope, &sealed).await.unwrap(), b"x");
    let old = vault(&table, Masters::new(local("1")));
    assert!(opened(&old, &scope, &sealed).await.is_err());
}

#[tokio::test]
async fn a_retired_key_opens_and_goes_after_an_hour() {
    let (table, scope, clock) = (Table::default(), scope(), Clock::fixed(noon()));
    let vault = Vault::new(Box::new(table.clone()), Masters::new(local("1")), clock.clone());
    assert!(!vault.renew(scope.key()).await.unwrap(), "there is nothing to renew yet");
    let old = vault.seal(&scope, PLACE, b"x").await.unwrap();
    assert!(vault.renew(scope.key()).await.unwrap());
    let new = vault.seal(&scope, PLACE, b"y").await.unwrap();
    assert_ne!(old[1..17], new[1..17], "another key seals");
    assert_eq!(opened(&vault, &scope, &old).await.unwrap(), b"x");
    assert_eq!(vault.delete_retired(scope.key()).await.unwrap(), 0);
    clock.set(noon() + RETIRED_FOR);
    assert_eq!(vault.delete_retired(scope.key()).await.unwrap(), 1);
    assert_eq!(opened(&vault, &scope, &new).await.unwrap(), b"y");
}

#[tokio::test]
async fn a_customers_key_takes_over_only_if_it_works() {
    let (table, scope, kms) = (Table::default(), scope(), Arc::new(FakeKms::default()));
    let vault = vault(&table, Masters::new(local("1")).with_service(kms.clone()));
    let sealed = vault.seal(&scope, PLACE, b"x").await.unwrap();
    kms.disabled.store(true, Ordering::SeqCst);
    assert!(vault.set_customer_key(scope.key(), Some(&kms_key("own"))).await.is_err());
    assert!(table.0.lock().unwrap().customers.is_empty());
    kms.disabled.store(false, Ordering::SeqCst);
    vault.set_customer_key(scope.key(), Some(&kms_key("own"))).await.unwrap();
    assert_eq!(table.0.lock().unwrap().keys[0].master, kms_key("own").to_string());
    assert!(vault.renew(scope.key()).await.unwrap(), "a new data key is wrapped by it, too");
    assert!(table.0.lock().unwrap().keys.iter().all(|key| key.master == kms_key("own").to_string()));
    assert_eq!(opened(&vault, &scope, &sealed).await.unwrap(), b"x");
    // It concerns its organisation alone: a server starts whatever its owner does to it.
    kms.disabled.store(true, Ordering::SeqCst);
    vault.check_masters().await.unwrap();
}
