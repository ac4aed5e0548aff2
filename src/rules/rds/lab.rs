//! Aurora for the tests of this family, at prices of us-east-1.

use crate::domain::{
    inventory::{DbCluster, DbEngine, DbInstance, DbStorageType},
    price::PriceKey,
    price_item::Item,
};
use crate::rules::fixtures::{Lab, common, db, region};

/// Aurora PostgreSQL 16.4, Standard, available, without members.
pub fn cluster(id: &str) -> DbCluster {
    DbCluster {
        common: common(id),
        engine: DbEngine::AuroraPostgresql,
        engine_version: "16.4".into(),
        status: "available".into(),
        member_ids: vec![],
        lifecycle_support: Some("open-source-rds-extended-support".into()),
        io_optimized: false,
        min_half_acus: None,
        backup_days: 7,
        replicated: false,
    }
}

/// A db.r6g.large of the cluster `shop`.
pub fn member(id: &str) -> DbInstance {
    DbInstance {
        class: "db.r6g.large".into(),
        engine: DbEngine::AuroraPostgresql,
        cluster_id: Some("shop".into()),
        storage_type: DbStorageType::Aurora,
        ..db(id)
    }
}

/// The cluster `shop` with its members.
pub fn aurora(cluster: DbCluster, members: Vec<DbInstance>) -> Lab {
    let cluster =
        DbCluster { member_ids: members.iter().map(|db| db.common.id.clone()).collect(), ..cluster };
    let item = |item| PriceKey::item(item, &region());
    let class = PriceKey::DbInstance {
        region: region(),
        class: "db.r6g.large".into(),
        engine: cluster.engine,
        multi_az: false,
    };
    let storage =
        PriceKey::DbStorage { region: region(), storage_type: DbStorageType::Aurora, multi_az: false };
    Lab::new()
        .db_storage_prices()
        .price(class, "0.26")
        .price(storage, "0.10")
        .price(item(Item::AuroraIo), "0.20")
        .price(item(Item::AuroraIoStorage), "0.225")
        .price(item(Item::AuroraAcu), "0.12")
        .inventory(|i| {
            i.db_clusters.push(cluster);
            i.db_instances.extend(members);
        })
}
