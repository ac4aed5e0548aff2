//! Which metrics to ask for: pure, from the inventory and the metrics that are known already.
//!
//! Each metric asked for costs money, so the plan goes in rounds: the maximum of a CPU decides whether its
//! percentile, its network or its hours are worth asking for. [`Plan::next_round`] is called until it is empty.
//!
//! Invariant: what no rule could judge (too young, managed, spot, in a cluster) is never asked for.

mod compute;
mod elasticache;
mod load_balancing;
mod network;
mod rds;
mod redshift;
mod serverless;
mod storage;

use super::window::Window;
use crate::domain::{
    inventory::{Common, DbEngine, DbInstance, GP3_FREE_IOPS, Volume, VolumeType},
    metric::{Metric, MetricStore},
    region::Region,
    snapshot::Inventory,
    tags::Tags,
    thresholds::Thresholds,
};
use std::{borrow::Cow, collections::HashSet};

/// One series of one resource.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub metric: Metric,
    pub id: Box<str>,
    pub dimensions: Vec<Dimension>,
}

/// Name and value.
pub(super) type Dimension = (Cow<'static, str>, Box<str>);

pub(super) struct Plan<'a> {
    pub inventory: &'a Inventory,
    pub thresholds: &'a Thresholds,
    pub window: Window,
    pub region: &'a Region,
    pub asked: HashSet<(Metric, Box<str>)>,
}

impl Plan<'_> {
    /// What is worth asking now and was not asked before.
    pub fn next_round(&mut self, known: &MetricStore) -> Vec<Request> {
        let mut wanted = Vec::new();
        self.want_compute(known, &mut wanted);
        for volume in &self.inventory.volumes {
            self.want_volume(volume, &mut wanted);
        }
        for db in &self.inventory.db_instances {
            self.want_database(db, known, &mut wanted);
        }
        self.want_storage(known, &mut wanted);
        self.want_serverless(known, &mut wanted);
        self.want_network(known, &mut wanted);
        self.want_load_balancers(known, &mut wanted);
        self.want_rds_storage(known, &mut wanted);
        self.want_clusters(known, &mut wanted);
        self.want_redshift(known, &mut wanted);
        self.want_caches(known, &mut wanted);
        wanted.retain(|request| self.asked.insert((request.metric, request.id.clone())));
        wanted
    }

    fn could_be_scheduled(&self, tags: &Tags) -> bool {
        !tags.scheduled() && self.thresholds.mark_nonprod(tags)
    }

    fn want_volume(&self, volume: &Volume, wanted: &mut Vec<Request>) {
        let metrics: &[Metric] = if volume.available {
            &[Metric::EbsIdleTime]
        } else if has_paid_iops(volume) && !volume.attached_to.is_empty() {
            &[Metric::EbsReadOps, Metric::EbsWriteOps]
        } else {
            return;
        };
        let days = if volume.available { self.thresholds.ebs_unattached_days } else { 0 };
        let old_enough = self.older_than_days(&volume.common, days);
        if old_enough && (volume.available || self.window.covers_all_of(volume.common.created_at)) {
            wanted.extend(requests(metrics, "VolumeId", &volume.common));
        }
    }

    fn older_than_days(&self, common: &Common, days: u32) -> bool {
        let newest = self.window.end - i64::from(days) * 86_400;
        common.created_at.is_some_and(|at| at.as_second() <= newest)
    }

    fn want_database(&self, db: &DbInstance, known: &MetricStore, wanted: &mut Vec<Request>) {
        let common = &db.common;
        if !db.available() || db.in_cluster() || !self.window.covers_all_of(common.created_at) {
            return;
        }
        let mut want = |metrics: &[Metric]| wanted.extend(requests(metrics, "DBInstanceIdentifier", common));
        want(&[Metric::RdsConnectionsMax]);
        let seen = known.summary(Metric::RdsConnectionsMax, self.region, &common.id);
        if seen.is_none_or(|connections| connections.found == 0 || connections.max <= 0.0) {
            return;
        }
        if !matches!(db.engine, DbEngine::SqlServer | DbEngine::Oracle | DbEngine::Other) {
            want(&[Metric::RdsCpuP995, Metric::RdsFreeableMemoryMin]);
        }
        if db.storage_type.provisioned_iops() {
            want(&[Metric::RdsReadIopsMax, Metric::RdsWriteIopsMax]);
        }
        if self.could_be_scheduled(&common.tags) && !db.is_replica && !db.has_replicas {
            want(&[Metric::RdsConnectionsHourly]);
        }
    }
}

fn has_paid_iops(volume: &Volume) -> bool {
    let extra = volume.volume_type == VolumeType::Gp3 && volume.iops > GP3_FREE_IOPS;
    extra || volume.volume_type.provisioned_iops()
}

fn requests(metrics: &[Metric], dimension: &'static str, common: &Common) -> impl Iterator<Item = Request> {
    metrics.iter().map(move |metric| Request {
        metric: *metric,
        id: common.id.clone(),
        dimensions: vec![(Cow::Borrowed(dimension), common.id.clone())],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        inventory::{Architecture, AutoScalingGroup, CapacityChange, CapacityReservation, Instance},
        inventory::{InstanceState, Launch, Lifecycle, Member, Platform},
        metric::{Series, Summary},
    };
    use jiff::Timestamp;

    fn now() -> Timestamp {
        "2026-07-01T12:00:00Z".parse().unwrap()
    }

    pub(super) fn common(id: &str, created_at: &str) -> Common {
        Common { created_at: Some(created_at.parse().unwrap()), ..Common::new(Region::global(), id) }
    }

    fn instance(id: &str) -> Instance {
        Instance {
            common: common(id, "2026-01-01T00:00:00Z"),
            instance_type: "m5.large".into(),
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
            volume_ids: vec![],
        }
    }

    pub(super) fn volume(id: &str) -> Volume {
        Volume {
            common: common(id, "2026-01-01T00:00:00Z"),
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

    fn known(seen: &[(Metric, f64)]) -> MetricStore {
        let mut store = MetricStore::default();
        for (metric, value) in seen {
            let series = Series::Summary(Summary::of(&[*value; 14], 14));
            store.insert(*metric, &Region::global(), "i-1", series);
        }
        store
    }

    /// What a second round asks for, the first one's metrics being known.
    pub(super) fn asked(inventory: &Inventory, seen: &[(Metric, f64)]) -> Vec<Metric> {
        let mut plan = Plan {
            inventory,
            thresholds: &Thresholds::default(),
            window: Window::ending_at(now(), 14),
            region: &Region::global(),
            asked: seen.iter().map(|(metric, _)| (*metric, "i-1".into())).collect(),
        };
        let round = plan.next_round(&known(seen)).into_iter().map(|request| request.metric).collect();
        assert!(plan.next_round(&known(seen)).is_empty(), "the same twice");
        round
    }

    fn of_instance(instance: Instance, seen: &[(Metric, f64)]) -> Vec<Metric> {
        asked(&Inventory { instances: vec![instance], ..Inventory::default() }, seen)
    }

    fn of_volume(volume: Volume) -> Vec<Metric> {
        asked(&Inventory { volumes: vec![volume], ..Inventory::default() }, &[])
    }

    fn in_stage(stage: &str) -> Instance {
        let mut instance = instance("i-1");
        instance.common.tags = [("Environment", stage)].into_iter().collect();
        instance
    }

    const PEAKS: [Metric; 6] = [
        Metric::Ec2NetworkInPeak,
        Metric::Ec2NetworkOutPeak,
        Metric::Ec2EbsReadBytesPeak,
        Metric::Ec2EbsWriteBytesPeak,
        Metric::Ec2EbsReadOpsPeak,
        Metric::Ec2EbsWriteOpsPeak,
    ];

    #[test]
    fn the_maximum_of_the_cpu_decides_what_else_is_asked() {
        use Metric::{Ec2CpuMax, Ec2CpuP995, Ec2NetworkIn, Ec2NetworkOut};
        assert_eq!(of_instance(instance("i-1"), &[]), [Ec2CpuMax]);
        assert_eq!(of_instance(instance("i-1"), &[(Ec2CpuMax, 2.0)]), [Ec2NetworkIn, Ec2NetworkOut]);
        assert_eq!(of_instance(instance("i-1"), &[(Ec2CpuMax, 30.0)]), [Ec2NetworkIn, Ec2NetworkOut]);
        assert_eq!(of_instance(instance("i-1"), &[(Ec2CpuMax, 80.0)]), [Ec2CpuP995]);
        let at_work = [(Ec2CpuMax, 99.0), (Ec2CpuP995, 84.0)];
        assert_eq!(of_instance(instance("i-1"), &at_work), [], "nothing smaller could carry it");
        let spiky = [(Ec2CpuMax, 99.0), (Ec2CpuP995, 20.0)];
        assert_eq!(of_instance(instance("i-1"), &spiky), [Ec2NetworkIn, Ec2NetworkOut]);
    }

    #[test]
    fn the_network_decides_between_idle_small_and_hardly_used() {
        use Metric::{Ec2CpuAverage, Ec2CpuMax, Ec2NetworkIn, Ec2NetworkOut};
        let seen = |cpu, bytes| [(Ec2CpuMax, cpu), (Ec2NetworkIn, bytes), (Ec2NetworkOut, 1.0)];
        assert_eq!(of_instance(instance("i-1"), &seen(2.0, 1.0)), [], "idle");
        assert_eq!(of_instance(instance("i-1"), &seen(2.0, 9e6)), PEAKS);
        let hardly_used = [&PEAKS[..], &[Ec2CpuAverage]].concat();
        assert_eq!(of_instance(instance("i-1"), &seen(30.0, 1.0)), hardly_used);
    }

    #[test]
    fn credits_are_asked_for_where_they_can_be_bought() {
        let unlimited = Instance { unlimited_credits: Some(true), ..instance("i-1") };
        assert_eq!(of_instance(unlimited, &[]), [Metric::Ec2SurplusCredits, Metric::Ec2CpuMax]);
        let standard = Instance { unlimited_credits: Some(false), ..instance("i-1") };
        assert_eq!(of_instance(standard, &[]), [Metric::Ec2CpuMax]);
    }

    #[test]
    fn groups_are_measured_as_one() {
        let group = AutoScalingGroup {
            common: common("i-1", "2026-01-01T00:00:00Z"),
            min: 2,
            max: 4,
            desired: 2,
            zones: 2,
            members: vec![Member { id: "i-2".into(), instance_type: "m5.large".into() }],
            launch: Launch::Unknown,
            mixed: false,
            counts_members: false,
            capacity_change: CapacityChange::NotRead,
        };
        let of = |group: AutoScalingGroup, seen: &[(Metric, f64)]| {
            asked(&Inventory { auto_scaling_groups: vec![group], ..Inventory::default() }, seen)
        };
        assert_eq!(of(group.clone(), &[]), [Metric::AsgCpuMax]);
        let counting = AutoScalingGroup { counts_members: true, ..group.clone() };
        let counts = [Metric::AsgInServiceAverage, Metric::AsgInServiceMax];
        assert_eq!(of(counting, &[(Metric::AsgCpuMax, 90.0)])[..2], counts);
        let quiet = [(Metric::AsgCpuMax, 2.0)];
        assert_eq!(of(group.clone(), &quiet), [Metric::AsgNetworkIn, Metric::AsgNetworkOut]);
        assert_eq!(of(AutoScalingGroup { members: vec![], ..group.clone() }, &[]), []);
        let mut nodes = group;
        nodes.common.tags = [("eks:cluster-name", "main")].into_iter().collect();
        assert_eq!(of(nodes, &[]), []);
    }

    #[test]
    fn reservations_are_measured_while_some_of_them_is_free() {
        let reservation = CapacityReservation {
            common: common("cr-1", "2026-01-01T00:00:00Z"),
            instance_type: "m5.large".into(),
            platform: Platform::Linux,
            dedicated_tenancy: false,
            total: 4,
            available: 1,
            active: true,
            block: false,
            committed_until: None,
        };
        let of = |reservation| {
            asked(&Inventory { capacity_reservations: vec![reservation], ..Inventory::default() }, &[])
        };
        assert_eq!(of(reservation.clone()), [Metric::CapacityAvailableMin]);
        assert_eq!(of(CapacityReservation { available: 0, ..reservation.clone() }), []);
        assert_eq!(of(CapacityReservation { block: true, ..reservation }), []);
    }

    #[test]
    fn hours_are_asked_for_only_where_a_schedule_could_be_proposed() {
        use Metric::{
            Ec2CpuHourly, Ec2CpuMax, Ec2NetworkIn, Ec2NetworkInHourly, Ec2NetworkOut, Ec2NetworkOutHourly,
        };
        let hours = [Ec2CpuHourly, Ec2NetworkInHourly, Ec2NetworkOutHourly];
        let awake = [(Ec2CpuMax, 30.0), (Ec2NetworkIn, 9e6), (Ec2NetworkOut, 1.0)];
        assert_eq!(of_instance(in_stage("Staging"), &awake), [&PEAKS[..], &hours].concat());
        assert_eq!(of_instance(in_stage("production"), &awake), PEAKS);
        let busy = [(Ec2CpuMax, 2.0), (Ec2NetworkIn, 9e6), (Ec2NetworkOut, 1.0)];
        assert_eq!(of_instance(in_stage("dev"), &busy), [&PEAKS[..], &hours].concat());
        let idle = [(Ec2CpuMax, 2.0), (Ec2NetworkIn, 1.0), (Ec2NetworkOut, 1.0)];
        assert_eq!(of_instance(in_stage("dev"), &idle), []);
        let mut scheduled = in_stage("dev");
        scheduled.common.tags = [("env", "dev"), ("Scheduler", "Enabled")].into_iter().collect();
        assert_eq!(of_instance(scheduled, &awake), PEAKS);
    }

    #[test]
    fn what_no_rule_judges_is_not_asked_for() {
        let spot = Instance { lifecycle: Lifecycle::Spot, ..instance("i-1") };
        let stopped = Instance { state: InstanceState::Stopped, ..instance("i-1") };
        let young = Instance { common: common("i-1", "2026-06-20T00:00:00Z"), ..instance("i-1") };
        let mut grouped = instance("i-1");
        grouped.common.tags = [("aws:autoscaling:groupName", "web")].into_iter().collect();
        for instance in [spot, stopped, young, grouped] {
            assert_eq!(of_instance(instance, &[]), []);
        }
    }

    #[test]
    fn volumes_are_measured_where_iops_are_paid_or_nothing_is_attached() {
        use Metric::{EbsIdleTime, EbsReadOps, EbsWriteOps};
        assert_eq!(of_volume(Volume { boot: true, ..volume("vol-1") }), []);
        assert_eq!(of_volume(Volume { iops: 4_000, ..volume("vol-1") }), [EbsReadOps, EbsWriteOps]);
        let io2 = Volume { volume_type: VolumeType::Io2, iops: 100, ..volume("vol-1") };
        assert_eq!(of_volume(io2), [EbsReadOps, EbsWriteOps]);
        let free = Volume { available: true, attached_to: vec![], ..volume("vol-1") };
        assert_eq!(of_volume(free.clone()), [EbsIdleTime]);
        assert_eq!(of_volume(Volume { common: common("vol-1", "2026-06-10T00:00:00Z"), ..free }), []);
    }
}
