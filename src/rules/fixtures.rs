//! A small account for the rules' tests: healthy resources a year old, list prices of us-east-1.

use super::{Case, Rule};
use crate::domain::{
    finding::{Finding, UnknownReason, Verdicts},
    inventory::{
        Address, Architecture, Common, DbEngine, DbInstance, DbSnapshot, DbStorageType, Image, Instance,
        InstanceState, InstanceTypeSpec, Lifecycle, Platform, ResourceKind, Snapshot as EbsSnapshot, Volume,
        VolumeType,
    },
    metric::{Metric, Series, Summary, WeekProfile},
    price::{IopsTier, Price, PriceKey, PriceSource},
    region::Region,
    snapshot::{Inventory, Snapshot},
    thresholds::Thresholds,
};
use jiff::{Timestamp, ToSpan};

pub fn region() -> Region {
    "us-east-1".parse().unwrap()
}

/// A Wednesday at noon: 2026-07-01T12:00:00Z.
pub fn now() -> Timestamp {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

pub fn days_ago(days: i64) -> Timestamp {
    now() - (days * 24).hours()
}

pub fn common(id: &str) -> Common {
    Common { created_at: Some(days_ago(365)), ..Common::new(region(), id) }
}

/// gp3, 100 GiB, attached to i-1.
pub fn volume(id: &str) -> Volume {
    Volume {
        common: common(id),
        volume_type: VolumeType::Gp3,
        size_gib: 100,
        iops: 3_000,
        throughput_mibps: 125,
        available: false,
        multi_attach: false,
        boot: false,
        attached_to: vec!["i-1".into()],
    }
}

/// m5.xlarge, Linux, running on demand.
pub fn instance(id: &str) -> Instance {
    Instance {
        common: common(id),
        instance_type: "m5.xlarge".into(),
        state: InstanceState::Running,
        platform: Platform::Linux,
        architecture: Architecture::X86_64,
        lifecycle: Lifecycle::OnDemand,
        image_id: "ami-1".into(),
        stopped_at: None,
        ena_support: true,
        paravirtual: false,
        marketplace: false,
        dedicated_tenancy: false,
        instance_store_root: false,
        detailed_monitoring: false,
        unlimited_credits: None,
        volume_ids: vec!["vol-1".into()],
    }
}

/// 100 GiB of vol-gone, a year old.
pub fn snapshot(id: &str) -> EbsSnapshot {
    EbsSnapshot {
        common: common(id),
        volume_id: "vol-gone".into(),
        volume_size_gib: 100,
        archived: false,
        description: "".into(),
    }
}

pub fn image(id: &str, snapshots: &[&str]) -> Image {
    Image {
        common: common(id),
        image_name: "golden".into(),
        public: false,
        snapshot_ids: snapshots.iter().map(|s| Box::from(*s)).collect(),
    }
}

pub fn address(id: &str) -> Address {
    Address {
        common: common(id),
        public_ip: "203.0.113.7".into(),
        association_id: None,
        instance_id: None,
        network_interface_id: None,
        public_ipv4_pool: Some("amazon".into()),
        service_managed: false,
    }
}

/// db.m5.xlarge PostgreSQL 16, 200 GiB gp3, single AZ, available.
pub fn db(id: &str) -> DbInstance {
    DbInstance {
        common: common(id),
        class: "db.m5.xlarge".into(),
        engine: DbEngine::Postgres,
        engine_version: "16.4".into(),
        status: "available".into(),
        multi_az: false,
        storage_type: DbStorageType::Gp3,
        allocated_gib: 200,
        iops: 3_000,
        cluster_id: None,
        is_replica: false,
        has_replicas: false,
        lifecycle_support: Some("open-source-rds-extended-support".into()),
        license_model: "postgresql-license".into(),
        backup_days: 7,
        insights_days: None,
        advanced_insights: false,
        source_region: None,
    }
}

/// 200 GiB, manual, of the database `gone`.
pub fn db_snapshot(id: &str) -> DbSnapshot {
    DbSnapshot {
        common: common(id),
        db_instance_id: "gone".into(),
        engine: DbEngine::Postgres,
        allocated_gib: 200,
        manual: true,
    }
}

/// An instance type of 64-bit x86 of the current generation.
pub fn instance_type(name: &str, vcpus: i64, memory_gib: i64) -> InstanceTypeSpec {
    let arm = name.split('.').next().is_some_and(|family| family.ends_with('g'));
    InstanceTypeSpec {
        name: name.into(),
        vcpus,
        memory_mib: memory_gib * 1024,
        architectures: vec![if arm { Architecture::Arm64 } else { Architecture::X86_64 }],
        current_generation: true,
        burstable: name.starts_with('t'),
        gpu: false,
        gpus: 0,
        instance_storage: false,
        bare_metal: false,
        hypervisor: "nitro".into(),
        network_baseline_mbps: 1_250,
        ebs_baseline_mbps: 1_150,
        ebs_baseline_iops: 6_000,
    }
}

/// An account under test.
#[derive(Clone)]
pub struct Lab {
    pub snapshot: Snapshot,
    pub thresholds: Thresholds,
}

impl Lab {
    pub fn new() -> Self {
        let mut snapshot = Snapshot::new("123456789012".parse().unwrap(), now());
        for kind in ResourceKind::ALL {
            snapshot.coverage.add(*kind, region());
        }
        Self { snapshot, thresholds: Thresholds::default() }.with_storage_prices()
    }

    pub fn price(mut self, key: PriceKey, usd: &str) -> Self {
        let as_of = "2026-06-01".parse().unwrap();
        let price = Price { per_unit: usd.parse().unwrap(), source: PriceSource::PricingApi, as_of };
        self.snapshot.prices.insert(key, price);
        self
    }

    fn with_storage_prices(mut self) -> Self {
        use VolumeType as V;
        for (volume_type, usd) in [(V::Gp2, "0.10"), (V::Gp3, "0.08"), (V::Io1, "0.125"), (V::Io2, "0.125")] {
            self = self.price(PriceKey::VolumeStorage { region: region(), volume_type }, usd);
        }
        for (volume_type, tier, usd) in [
            (V::Gp3, IopsTier::First, "0.005"),
            (V::Io1, IopsTier::First, "0.065"),
            (V::Io2, IopsTier::First, "0.065"),
            (V::Io2, IopsTier::Second, "0.0455"),
            (V::Io2, IopsTier::Third, "0.03185"),
        ] {
            self = self.price(PriceKey::VolumeIops { region: region(), volume_type, tier }, usd);
        }
        self.price(PriceKey::VolumeThroughput { region: region() }, "0.04")
            .price(PriceKey::SnapshotStorage { region: region(), archived: false }, "0.05")
            .price(PriceKey::SnapshotStorage { region: region(), archived: true }, "0.0125")
            .price(PriceKey::PublicIpv4 { region: region() }, "0.005")
            .price(PriceKey::NatGatewayHour { region: region() }, "0.045")
            .price(PriceKey::InterfaceEndpointHour { region: region() }, "0.01")
    }

    pub fn instance_price(self, instance_type: &str, usd: &str) -> Self {
        let key = PriceKey::Instance {
            region: region(),
            instance_type: instance_type.into(),
            platform: Platform::Linux,
        };
        self.price(key, usd)
    }

    /// Prices of a class of PostgreSQL, the Multi-AZ one at twice the other.
    pub fn db_price(self, class: &str, usd: &str, usd_multi_az: &str) -> Self {
        let key = |multi_az| PriceKey::DbInstance {
            region: region(),
            class: class.into(),
            engine: DbEngine::Postgres,
            multi_az,
        };
        self.price(key(false), usd).price(key(true), usd_multi_az)
    }

    /// RDS storage, IOPS and backup of checks.md.
    pub fn db_storage_prices(mut self) -> Self {
        use DbStorageType as S;
        for multi_az in [false, true] {
            for (storage_type, usd) in
                [(S::Gp2, "0.115"), (S::Gp3, "0.115"), (S::Io1, "0.125"), (S::Io2, "0.125")]
            {
                let usd = if multi_az {
                    format!("{}", usd.parse::<crate::domain::money::UnitPrice>().unwrap().scale(2, 1))
                } else {
                    usd.to_owned()
                };
                self = self.price(PriceKey::DbStorage { region: region(), storage_type, multi_az }, &usd);
            }
            for (storage_type, single, multi) in
                [(S::Gp3, "0.02", "0.04"), (S::Io1, "0.10", "0.20"), (S::Io2, "0.10", "0.20")]
            {
                let key = PriceKey::DbIops { region: region(), storage_type, multi_az };
                self = self.price(key, if multi_az { multi } else { single });
            }
        }
        self.price(PriceKey::DbBackup { region: region(), aurora: false }, "0.095")
            .price(PriceKey::DbBackup { region: region(), aurora: true }, "0.021")
    }

    pub fn inventory(mut self, change: impl FnOnce(&mut Inventory)) -> Self {
        change(&mut self.snapshot.inventory);
        self
    }

    pub fn volume(self, volume: Volume) -> Self {
        self.inventory(|i| i.volumes.push(volume))
    }

    pub fn instance(self, instance: Instance) -> Self {
        self.inventory(|i| i.instances.push(instance))
    }

    pub fn db(self, db: DbInstance) -> Self {
        self.inventory(|i| i.db_instances.push(db))
    }

    pub fn instance_type(mut self, spec: InstanceTypeSpec) -> Self {
        self.snapshot.instance_types.insert(region(), spec);
        self
    }

    /// Some days' datapoints of one value.
    pub fn daily(mut self, metric: Metric, id: &str, days: usize, value: f64) -> Self {
        let series = Series::Summary(Summary::of(&vec![value; days], 14));
        self.snapshot.metrics.insert(metric, &region(), id, series);
        self
    }

    /// CloudWatch was asked and had nothing.
    pub fn no_datapoints(self, metric: Metric, id: &str) -> Self {
        self.daily(metric, id, 0, 0.0)
    }

    /// Two weeks of hourly values, from the hour of the week (Monday 00:00 UTC is 0).
    pub fn hourly(mut self, metric: Metric, id: &str, value: impl Fn(usize) -> f64) -> Self {
        let monday: Timestamp = "2026-06-15T00:00:00Z".parse().unwrap();
        let points =
            (0..336_i64).map(|h| (monday.as_second() + h * 3600, value(usize::try_from(h % 168).unwrap())));
        let series = Series::WeekProfile(Box::new(WeekProfile::of(points, 336)));
        self.snapshot.metrics.insert(metric, &region(), id, series);
        self
    }

    /// A kind was not listed to its end.
    pub fn incomplete(mut self, kind: ResourceKind) -> Self {
        let all = ResourceKind::ALL.iter().filter(|k| **k != kind);
        self.snapshot.coverage = crate::domain::snapshot::Coverage::default();
        for kind in all {
            self.snapshot.coverage.add(*kind, region());
        }
        self
    }

    pub fn verdicts(&self, rule: &Rule) -> Verdicts {
        (rule.check)(&Case::new(rule.meta, &self.snapshot, &self.thresholds))
    }

    #[track_caller]
    pub fn only_finding(&self, rule: &Rule) -> Finding {
        let verdicts = self.verdicts(rule);
        assert_eq!(verdicts.unknown, [], "nothing should be unknown");
        match <[Finding; 1]>::try_from(verdicts.findings) {
            Ok([finding]) => finding,
            Err(findings) => panic!("expected one finding, got {findings:#?}"),
        }
    }

    #[track_caller]
    pub fn nothing(&self, rule: &Rule) {
        assert_eq!(self.verdicts(rule), Verdicts::default());
    }

    #[track_caller]
    pub fn unknown(&self, rule: &Rule, reason: UnknownReason) {
        let verdicts = self.verdicts(rule);
        assert_eq!(verdicts.findings, [], "unknown must not be a finding");
        let reasons: Vec<_> = verdicts.unknown.iter().map(|u| u.reason).collect();
        assert_eq!(reasons, [reason]);
    }
}
