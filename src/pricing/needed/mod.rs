//! Which prices a snapshot needs: of what the account holds, and of what rules may propose in its place.
//!
//! A name that does not exist (a size that a family lacks) costs nothing: no source knows its price.

mod aurora;
mod caches;
mod compute;
mod network;
mod redshift;
mod serverless;
mod storage;

use crate::domain::{
    inventory::{
        DbEngine, DbInstance, DbStorageType, Instance, InstanceTypeCatalog, Platform, Shared, Volume,
        VolumeType, family_and_size,
    },
    price::{IopsTier, PriceKey},
    region::Region,
    snapshot::Snapshot,
};
use std::collections::{BTreeMap, BTreeSet};

/// The keys of all prices that rules may ask for.
#[must_use]
pub fn needed_keys(snapshot: &Snapshot) -> BTreeSet<PriceKey> {
    let mut keys = BTreeSet::new();
    add_instances(snapshot, &mut keys);
    compute::add(snapshot, &mut keys);
    add_storage(snapshot, &mut keys);
    network::add(snapshot, &mut keys);
    add_databases(snapshot, &mut keys);
    aurora::add(snapshot, &mut keys);
    redshift::add(snapshot, &mut keys);
    caches::add(snapshot, &mut keys);
    storage::add_stores(snapshot, &mut keys);
    serverless::add(&snapshot.inventory, &mut keys);
    keys
}

/// What runs in one region: the operating systems and the types.
#[derive(Default)]
struct Fleet<'a> {
    platforms: BTreeSet<Platform>,
    types: BTreeSet<&'a Shared>,
}

fn add_instances(snapshot: &Snapshot, keys: &mut BTreeSet<PriceKey>) {
    let mut fleets: BTreeMap<&Region, Fleet<'_>> = BTreeMap::new();
    for Instance { common, instance_type, platform, .. } in &snapshot.inventory.instances {
        let fleet = fleets.entry(&common.region).or_default();
        fleet.types.insert(instance_type);
        if platform.pricing_name().is_some() {
            fleet.platforms.insert(*platform);
            // What a licence of SQL Server costs is told by the price without it.
            fleet.platforms.insert(platform.without_sql());
        }
    }
    for (region, fleet) in fleets {
        let types = types_to_price(region, &fleet, &snapshot.instance_types);
        for platform in fleet.platforms {
            let types = types.iter().filter(|name| platform.runs_on_arm() || !is_graviton(name));
            keys.extend(types.map(|instance_type| PriceKey::Instance {
                region: region.clone(),
                instance_type: instance_type.clone(),
                platform,
            }));
        }
    }
}

/// Types in use, their successors in the same size, and every type on offer that is no larger than the
/// largest in use.
fn types_to_price(region: &Region, fleet: &Fleet<'_>, catalog: &InstanceTypeCatalog) -> BTreeSet<Shared> {
    let mut types: BTreeSet<Shared> = fleet.types.iter().copied().cloned().collect();
    for instance_type in &fleet.types {
        let Some((family, size)) = family_and_size(instance_type) else { continue };
        types.extend(successors(family).iter().map(|newer| format!("{newer}.{size}").into()));
    }
    let vcpus = |name: &str| catalog.get(region, name).map(|spec| spec.vcpus);
    let most = fleet.types.iter().filter_map(|name| vcpus(name)).max().unwrap_or_default();
    let on_offer = catalog.in_region(region).filter(|spec| {
        spec.current_generation
            && spec.vcpus <= most
            && !spec.bare_metal
            && !spec.gpu
            && !spec.instance_storage
    });
    types.extend(on_offer.map(|spec| spec.name.clone()));
    types
}

/// The present generation and Graviton, by the letter of the family.
fn successors(family: &str) -> &'static [&'static str] {
    match family.bytes().next() {
        Some(b't') => &["t3", "t4g"],
        Some(b'm') => &["m6g", "m6i", "r6i"],
        Some(b'c') => &["c6g", "c6i"],
        Some(b'r') => &["r6g", "r6i"],
        _ => &[],
    }
}

/// `m6g`, `t4g`, `c7gn`: a `g` after the generation. Windows does not run on it.
fn is_graviton(instance_type: &str) -> bool {
    let family = family_and_size(instance_type).map_or("", |(family, _)| family);
    family.trim_start_matches(|c: char| c.is_ascii_lowercase()).contains('g')
}

fn add_storage(snapshot: &Snapshot, keys: &mut BTreeSet<PriceKey>) {
    for Volume { common, volume_type, .. } in &snapshot.inventory.volumes {
        add_volume(&common.region, *volume_type, keys);
        add_snapshots(&common.region, keys);
    }
    for snapshot in &snapshot.inventory.snapshots {
        add_snapshots(&snapshot.common.region, keys);
    }
    for image in &snapshot.inventory.images {
        add_snapshots(&image.common.region, keys);
    }
}

/// A volume may become gp3.
fn add_volume(region: &Region, volume_type: VolumeType, keys: &mut BTreeSet<PriceKey>) {
    let region = || region.clone();
    let gp3 = VolumeType::Gp3;
    keys.insert(PriceKey::VolumeStorage { region: region(), volume_type });
    keys.insert(PriceKey::VolumeStorage { region: region(), volume_type: gp3 });
    keys.insert(PriceKey::VolumeIops { region: region(), volume_type: gp3, tier: IopsTier::First });
    keys.insert(PriceKey::VolumeThroughput { region: region() });
    // An io1 volume may become io2.
    let dearer = (volume_type == VolumeType::Io1).then_some(VolumeType::Io2);
    if let Some(volume_type) = dearer {
        add_volume(&region(), volume_type, keys);
    }
    let tiers: &[IopsTier] = match volume_type {
        VolumeType::Io1 => &[IopsTier::First],
        VolumeType::Io2 => &[IopsTier::First, IopsTier::Second, IopsTier::Third],
        _ => &[],
    };
    keys.extend(tiers.iter().map(|tier| PriceKey::VolumeIops { region: region(), volume_type, tier: *tier }));
}

fn add_snapshots(region: &Region, keys: &mut BTreeSet<PriceKey>) {
    keys.extend([false, true].map(|archived| PriceKey::SnapshotStorage { region: region.clone(), archived }));
}

fn add_databases(snapshot: &Snapshot, keys: &mut BTreeSet<PriceKey>) {
    let inventory = &snapshot.inventory;
    for db in &inventory.db_instances {
        add_classes(db, keys);
        add_db_storage(db, keys);
        add_backup(&db.common.region, db.engine, keys);
        for third_year in [false, true] {
            let (region, engine) = (db.common.region.clone(), db.engine);
            keys.insert(PriceKey::DbExtendedSupport { region, engine, third_year });
        }
    }
    for snapshot in &inventory.db_snapshots {
        add_backup(&snapshot.common.region, snapshot.engine, keys);
    }
    for snapshot in &inventory.db_cluster_snapshots {
        add_backup(&snapshot.common.region, snapshot.engine, keys);
    }
}

fn add_backup(region: &Region, engine: DbEngine, keys: &mut BTreeSet<PriceKey>) {
    keys.insert(PriceKey::DbBackup { region: region.clone(), aurora: engine.is_aurora() });
}

/// The class and one or two sizes less, in its family, the present one and Graviton, with a standby and without.
fn add_classes(db: &DbInstance, keys: &mut BTreeSet<PriceKey>) {
    if db.engine.pricing_name().is_none() {
        return;
    }
    let Some((family, size)) = family_and_size(&db.class) else { return };
    for family in std::iter::once(family).chain(successors(family).iter().copied()) {
        for class in classes_of(family, size) {
            keys.extend([false, true].map(|multi_az| PriceKey::DbInstance {
                region: db.common.region.clone(),
                class: class.clone(),
                engine: db.engine,
                multi_az,
            }));
        }
    }
}

fn classes_of(family: &str, size: &str) -> Vec<Shared> {
    let named = |size: &str| format!("db.{family}.{size}").into();
    let mut classes: Vec<Shared> = smaller_sizes(size).map(named).collect();
    classes.push(named(size));
    classes
}

/// Families skip sizes: the next smaller one is among these.
fn smaller_sizes(size: &str) -> impl Iterator<Item = &'static str> {
    const SIZES: [&str; 14] = [
        "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "10xlarge",
        "12xlarge", "16xlarge", "24xlarge", "32xlarge", "48xlarge",
    ];
    let place = SIZES.iter().position(|known| *known == size).unwrap_or_default();
    SIZES.into_iter().take(place).rev().take(2)
}

fn add_db_storage(db: &DbInstance, keys: &mut BTreeSet<PriceKey>) {
    for storage_type in [db.storage_type, DbStorageType::Gp2, DbStorageType::Gp3] {
        for multi_az in [false, true] {
            let region = db.common.region.clone();
            keys.insert(PriceKey::DbStorage { region: region.clone(), storage_type, multi_az });
            if storage_type.provisioned_iops() || storage_type == DbStorageType::Gp3 {
                keys.insert(PriceKey::DbIops { region, storage_type, multi_az });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::Common;

    pub(super) fn texts(snapshot: &Snapshot) -> BTreeSet<String> {
        needed_keys(snapshot).iter().map(ToString::to_string).collect()
    }

    pub(super) fn empty() -> Snapshot {
        Snapshot::new("123456789012".parse().unwrap(), "2026-07-01T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn an_empty_account_needs_no_price() {
        assert!(needed_keys(&empty()).is_empty());
    }

    #[test]
    fn a_database_needs_what_it_could_become() {
        let mut snapshot = empty();
        snapshot.inventory.db_instances.push(DbInstance {
            common: Common::new(Region::global(), "orders"),
            class: "db.m4.xlarge".into(),
            engine: DbEngine::Mysql,
            engine_version: "8.0.35".into(),
            status: "available".into(),
            multi_az: true,
            storage_type: DbStorageType::Io1,
            allocated_gib: 100,
            iops: 3_000,
            cluster_id: None,
            is_replica: false,
            has_replicas: false,
            lifecycle_support: None,
            license_model: "general-public-license".into(),
            backup_days: 7,
            insights_days: None,
            advanced_insights: false,
            source_region: None,
        });
        let texts = texts(&snapshot);
        for text in [
            "db-instance/db.m4.xlarge/mysql/multi-az/us-east-1",
            "db-instance/db.m4.large/mysql/multi-az/us-east-1",
            "db-instance/db.m6i.xlarge/mysql/single-az/us-east-1",
            "db-instance/db.m6g.xlarge/mysql/multi-az/us-east-1",
            "db-storage/io1/multi-az/us-east-1",
            "db-storage/gp3/single-az/us-east-1",
            "db-iops/io1/multi-az/us-east-1",
            "db-backup/rds/us-east-1",
            "db-extended-support/mysql/years-1-2/us-east-1",
        ] {
            assert!(texts.contains(text), "{text}");
        }
    }
}
