//! Whether Tuner may start and stop a tagged resource at all, and why not.
//!
//! Told from what AWS says of the resource, before anything is called. What AWS only says when it is asked to
//! act (stop protection) is told by its answer: see [`Ineligible::of_refusal`]. A state that passes by is no
//! matter of eligibility: `Power::Changing` waits.

use super::{Facts, Observed, TargetKind};
use crate::domain::finding::text_enum;

text_enum! {
    /// Shown with the resource. The first that fits is given.
    Ineligible {
        NotTagged = "notTagged",
        AutoScalingGroup = "autoScalingGroup",
        Spot = "spot",
        /// Paid for in advance, running or not.
        CapacityBlock = "capacityBlock",
        /// EKS or ECS run it and decide over it.
        ManagedByService = "managedByService",
        InstanceStoreRoot = "instanceStoreRoot",
        NoRootVolume = "noRootVolume",
        ClusterMember = "clusterMember",
        ReadReplica = "readReplica",
        ReplicaSource = "replicaSource",
        SqlServerMultiAz = "sqlServerMultiAz",
        RdsCustom = "rdsCustom",
        GlobalCluster = "globalCluster",
        CrossRegionReplication = "crossRegionReplication",
        ServerlessV1 = "serverlessV1",
        /// Multi-master, parallel query: modes of clusters that AWS gave up and never stops.
        ClusterMode = "clusterMode",
        BlueGreen = "blueGreen",
        /// Clusters of MySQL or PostgreSQL that are not Aurora.
        MultiAzCluster = "multiAzCluster",
        /// Neptune, `DocumentDB` and whatever else answers RDS's calls.
        OtherEngine = "otherEngine",
        /// Learned from AWS's answer to a stop. Tuner respects it and never turns it off.
        StopProtected = "stopProtected",
        /// AWS does not start or stop this one, it said.
        Unsupported = "unsupported",
    }
}

impl Ineligible {
    /// One sentence: why, and what to do where something can be done.
    #[must_use]
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::NotTagged => "It does not carry the tag Scheduler=Enabled, exactly.",
            Self::AutoScalingGroup => {
                "It is in an Auto Scaling group, which would replace it: give the group a scheduled action instead."
            }
            Self::Spot => "It is a Spot instance: whether it runs is decided by its request.",
            Self::CapacityBlock => {
                "It runs in capacity that is paid for in advance: stopping it saves nothing."
            }
            Self::ManagedByService => "A service of AWS runs it (EKS or ECS): scale that down instead.",
            Self::InstanceStoreRoot => {
                "Its root device is an instance store: it cannot be stopped, only terminated."
            }
            Self::NoRootVolume => "Its root volume is detached: it could not start.",
            Self::ClusterMember => "It is in a cluster and follows it: tag the cluster.",
            Self::ReadReplica => "It is a read replica: AWS does not stop those.",
            Self::ReplicaSource => "It has read replicas: AWS does not stop their source.",
            Self::SqlServerMultiAz => "SQL Server in several availability zones cannot be stopped.",
            Self::RdsCustom => "It is RDS Custom: stopping it would put it outside of AWS's support.",
            Self::GlobalCluster => "It is in a global cluster: AWS does not stop its members.",
            Self::CrossRegionReplication => {
                "It is replicated from or to another cluster: AWS does not stop those."
            }
            Self::ServerlessV1 => "It is Aurora Serverless v1, which pauses by itself.",
            Self::ClusterMode => "AWS does not stop clusters of this mode.",
            Self::BlueGreen => "It is in a blue/green deployment: AWS does not stop it until that is over.",
            Self::MultiAzCluster => "Multi-AZ clusters that are not Aurora cannot be stopped.",
            Self::OtherEngine => "It is neither RDS nor Aurora: Tuner schedules no other databases.",
            Self::StopProtected => {
                "Stop protection is on, and Tuner respects it: turn it off to have it scheduled."
            }
            Self::Unsupported => "AWS said that it does not start or stop this one.",
        }
    }

    /// What AWS's refusal of a start or stop says about the resource for good, if it does.
    #[must_use]
    pub fn of_refusal(code: &str) -> Option<Self> {
        match code {
            "OperationNotPermitted" => Some(Self::StopProtected),
            "UnsupportedOperation" => Some(Self::Unsupported),
            _ => None,
        }
    }
}

/// Whether it may be started and stopped; whether there is something to do is another question.
pub fn check_eligibility(observed: &Observed) -> Result<(), Ineligible> {
    let facts = &observed.facts;
    let reasons: &[(bool, Ineligible)] = match observed.target.kind {
        TargetKind::Instance => &of_instance(facts),
        TargetKind::DbInstance => &of_db_instance(facts),
        TargetKind::DbCluster => &of_db_cluster(facts),
    };
    let untagged = (!observed.tags.scheduled(), Ineligible::NotTagged);
    let first = std::iter::once(&untagged).chain(reasons).find(|(holds, _)| *holds);
    first.map_or(Ok(()), |(_, reason)| Err(*reason))
}

fn of_instance(facts: &Facts) -> [(bool, Ineligible); 6] {
    [
        (facts.auto_scaling_group, Ineligible::AutoScalingGroup),
        (facts.spot, Ineligible::Spot),
        (facts.capacity_block, Ineligible::CapacityBlock),
        (facts.managed, Ineligible::ManagedByService),
        (facts.instance_store_root, Ineligible::InstanceStoreRoot),
        (facts.no_root_volume, Ineligible::NoRootVolume),
    ]
}

fn of_db_instance(facts: &Facts) -> [(bool, Ineligible); 7] {
    let engine = &*facts.engine;
    let custom = engine.starts_with("custom-");
    [
        (!custom && !is_rds(engine) && !is_aurora(engine), Ineligible::OtherEngine),
        (facts.cluster.is_some() || is_aurora(engine), Ineligible::ClusterMember),
        (custom, Ineligible::RdsCustom),
        (facts.blue_green, Ineligible::BlueGreen),
        (facts.read_replica, Ineligible::ReadReplica),
        (facts.has_replicas, Ineligible::ReplicaSource),
        (engine.starts_with("sqlserver-") && facts.multi_az, Ineligible::SqlServerMultiAz),
    ]
}

fn of_db_cluster(facts: &Facts) -> [(bool, Ineligible); 7] {
    let (engine, mode) = (&*facts.engine, &*facts.engine_mode);
    [
        (!is_rds(engine) && !is_aurora(engine), Ineligible::OtherEngine),
        (is_rds(engine), Ineligible::MultiAzCluster),
        (facts.global_cluster || mode == "global", Ineligible::GlobalCluster),
        (mode == "serverless", Ineligible::ServerlessV1),
        (!matches!(mode, "" | "provisioned"), Ineligible::ClusterMode),
        (facts.blue_green, Ineligible::BlueGreen),
        (facts.cross_region_replication, Ineligible::CrossRegionReplication),
    ]
}

fn is_rds(engine: &str) -> bool {
    matches!(engine, "mysql" | "mariadb" | "postgres")
        || ["oracle-", "sqlserver-", "db2-"].iter().any(|family| engine.starts_with(family))
}

fn is_aurora(engine: &str) -> bool {
    engine == "aurora" || engine.starts_with("aurora-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        schedule::{Power, Target},
        tags::Tags,
    };
    use rstest::rstest;

    fn observed(kind: TargetKind, facts: Facts) -> Observed {
        let (account, region) = ("123456789012".parse().unwrap(), "eu-west-1".parse().unwrap());
        Observed {
            target: Target { account, region, kind, id: "x".into() },
            name: None,
            tags: Tags::from_iter([("Scheduler", "Enabled")]),
            power: Power::Running,
            seen_at: jiff::Timestamp::UNIX_EPOCH,
            facts,
        }
    }

    fn db(engine: &str, change: impl Fn(&mut Facts)) -> Facts {
        let mut facts = Facts { engine: engine.into(), ..Facts::default() };
        change(&mut facts);
        facts
    }

    #[rstest]
    #[case::plain(|_: &mut Facts| (), None)]
    #[case::group(|f: &mut Facts| f.auto_scaling_group = true, Some(Ineligible::AutoScalingGroup))]
    #[case::spot(|f: &mut Facts| f.spot = true, Some(Ineligible::Spot))]
    #[case::block(|f: &mut Facts| f.capacity_block = true, Some(Ineligible::CapacityBlock))]
    #[case::managed(|f: &mut Facts| f.managed = true, Some(Ineligible::ManagedByService))]
    #[case::store(|f: &mut Facts| f.instance_store_root = true, Some(Ineligible::InstanceStoreRoot))]
    #[case::rootless(|f: &mut Facts| f.no_root_volume = true, Some(Ineligible::NoRootVolume))]
    #[case::in_two_zones_is_no_matter(|f: &mut Facts| f.multi_az = true, None)]
    fn of_instances(#[case] change: fn(&mut Facts), #[case] reason: Option<Ineligible>) {
        let mut facts = Facts::default();
        change(&mut facts);
        assert_eq!(check_eligibility(&observed(TargetKind::Instance, facts)).err(), reason);
    }

    #[rstest]
    #[case::plain("postgres", |_: &mut Facts| (), None)]
    #[case::multi_az("mysql", |f: &mut Facts| f.multi_az = true, None)]
    #[case::oracle("oracle-se2", |_: &mut Facts| (), None)]
    #[case::db2("db2-ae", |_: &mut Facts| (), None)]
    #[case::sql_server("sqlserver-se", |_: &mut Facts| (), None)]
    #[case::sql_server_twice("sqlserver-se", |f: &mut Facts| f.multi_az = true, Some(Ineligible::SqlServerMultiAz))]
    #[case::custom("custom-sqlserver-se", |f: &mut Facts| f.multi_az = true, Some(Ineligible::RdsCustom))]
    #[case::replica("mariadb", |f: &mut Facts| f.read_replica = true, Some(Ineligible::ReadReplica))]
    #[case::source("mariadb", |f: &mut Facts| f.has_replicas = true, Some(Ineligible::ReplicaSource))]
    #[case::member("aurora-mysql", |f: &mut Facts| f.cluster = Some("c".into()), Some(Ineligible::ClusterMember))]
    #[case::member_of_multi_az("mysql", |f: &mut Facts| f.cluster = Some("c".into()), Some(Ineligible::ClusterMember))]
    #[case::blue_green("mysql", |f: &mut Facts| { f.blue_green = true; f.has_replicas = true }, Some(Ineligible::BlueGreen))]
    #[case::neptune("neptune", |f: &mut Facts| f.cluster = Some("c".into()), Some(Ineligible::OtherEngine))]
    #[case::docdb("docdb", |_: &mut Facts| (), Some(Ineligible::OtherEngine))]
    fn of_databases(
        #[case] engine: &str,
        #[case] change: fn(&mut Facts),
        #[case] reason: Option<Ineligible>,
    ) {
        assert_eq!(check_eligibility(&observed(TargetKind::DbInstance, db(engine, change))).err(), reason);
    }

    #[rstest]
    #[case::plain("aurora-mysql", |f: &mut Facts| f.engine_mode = "provisioned".into(), None)]
    #[case::without_a_mode("aurora-postgresql", |_: &mut Facts| (), None)]
    #[case::serverless("aurora-mysql", |f: &mut Facts| f.engine_mode = "serverless".into(), Some(Ineligible::ServerlessV1))]
    #[case::global("aurora-mysql", |f: &mut Facts| f.engine_mode = "global".into(), Some(Ineligible::GlobalCluster))]
    #[case::in_a_global("aurora-postgresql", |f: &mut Facts| f.global_cluster = true, Some(Ineligible::GlobalCluster))]
    #[case::parallel("aurora", |f: &mut Facts| f.engine_mode = "parallelquery".into(), Some(Ineligible::ClusterMode))]
    #[case::replicated("aurora-mysql", |f: &mut Facts| f.cross_region_replication = true, Some(Ineligible::CrossRegionReplication))]
    #[case::blue_green("aurora-mysql", |f: &mut Facts| f.blue_green = true, Some(Ineligible::BlueGreen))]
    #[case::multi_az("postgres", |f: &mut Facts| f.multi_az = true, Some(Ineligible::MultiAzCluster))]
    #[case::neptune("neptune", |_: &mut Facts| (), Some(Ineligible::OtherEngine))]
    #[case::docdb("docdb", |_: &mut Facts| (), Some(Ineligible::OtherEngine))]
    fn of_clusters(#[case] engine: &str, #[case] change: fn(&mut Facts), #[case] reason: Option<Ineligible>) {
        assert_eq!(check_eligibility(&observed(TargetKind::DbCluster, db(engine, change))).err(), reason);
    }

    #[rstest]
    #[case("Scheduler", "enabled")]
    #[case("scheduler", "Enabled")]
    #[case("Scheduler", "Enabled ")]
    #[case("Scheduler", "")]
    fn the_gate_is_exact(#[case] key: &str, #[case] value: &str) {
        let mut seen = observed(TargetKind::Instance, Facts::default());
        seen.tags = Tags::from_iter([(key, value)]);
        assert_eq!(check_eligibility(&seen), Err(Ineligible::NotTagged));
    }

    #[test]
    fn stop_protection_is_learned_from_the_answer() {
        assert_eq!(Ineligible::of_refusal("OperationNotPermitted"), Some(Ineligible::StopProtected));
        assert_eq!(Ineligible::of_refusal("UnsupportedOperation"), Some(Ineligible::Unsupported));
        assert_eq!(Ineligible::of_refusal("IncorrectInstanceState"), None);
        assert!(Ineligible::ALL.iter().all(|reason| reason.explanation().ends_with('.')));
    }
}
