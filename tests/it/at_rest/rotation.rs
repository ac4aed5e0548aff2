//! The server's timer finishes rotations and lets old keys go, at a time that the test sets.

use crate::support::database::noon;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use tuner::{
    app::App,
    db::{NewAccount, Organization},
    domain::{clock::Clock, external_id::ExternalId, scope::OrgScope},
    service::key_rotation::{Depth, finish_rotations, rotate},
    settings::{Settings, Sources},
};

struct Lab {
    app: App,
    clock: Clock,
    organization: Organization,
    external_id: ExternalId,
    _folder: tempfile::TempDir,
}

impl Lab {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let env = BTreeMap::from([("TUNER_DATA_DIR".to_owned(), folder.path().display().to_string())]);
        let settings = Settings::load(&Sources { env, ..Sources::default() }).unwrap();
        let clock = Clock::fixed(noon());
        let app = App::open(settings, clock.clone()).await.unwrap();
        let organization =
            app.database.find_or_create_organization(&"acme".parse().unwrap(), noon()).await.unwrap();
        let id = "222222222222".parse().unwrap();
        let external_id = app.external_ids.issue(id, &organization.name);
        let new =
            NewAccount { id, name: "Shop".to_owned(), external_id: external_id.clone(), created_at: noon() };
        let lab = Self { app, clock, organization, external_id, _folder: folder };
        lab.app.database.scoped(&lab.scope()).create_account(&new).await.unwrap();
        lab
    }

    fn scope(&self) -> OrgScope {
        self.app.database.system_scope(self.organization.key, self.organization.name.clone())
    }

    async fn keys(&self) -> usize {
        self.app.vault.keys(self.organization.key).await.unwrap().len()
    }

    async fn finish_at(&self, at: Timestamp) {
        self.clock.set(at);
        finish_rotations(&self.app).await.unwrap();
    }

    async fn is_readable(&self) {
        let found =
            self.app.database.scoped(&self.scope()).get_account("222222222222".parse().unwrap()).await;
        assert_eq!(found.unwrap().external_id, self.external_id);
    }
}

fn after(minutes: i64) -> Timestamp {
    noon() + SignedDuration::from_mins(minutes)
}

#[tokio::test]
async fn a_retired_key_goes_an_hour_later() {
    let lab = Lab::new().await;
    let done = rotate(&lab.app, lab.organization.clone(), Depth::DataKeys).await.unwrap();
    assert!(done.new_key && done.resealed.values == 1 && done.retired == 1, "{done:?}");
    lab.finish_at(after(59)).await;
    assert_eq!(lab.keys().await, 2);
    lab.finish_at(after(60)).await;
    assert_eq!(lab.keys().await, 1);
    lab.is_readable().await;
}

#[tokio::test]
async fn a_rotation_that_was_killed_is_finished() {
    let lab = Lab::new().await;
    // As far as it came: there is a new key, and nothing is sealed with it.
    assert!(lab.app.vault.renew(lab.organization.key).await.unwrap());
    lab.finish_at(after(90)).await;
    assert_eq!(lab.keys().await, 1);
    lab.is_readable().await;
}

#[tokio::test]
async fn the_next_rotation_finishes_the_one_before_it_first() {
    let lab = Lab::new().await;
    assert!(lab.app.vault.renew(lab.organization.key).await.unwrap());
    let done = rotate(&lab.app, lab.organization.clone(), Depth::DataKeys).await.unwrap();
    assert!(!done.new_key && done.resealed.values == 1, "{done:?}");
    lab.is_readable().await;
}
