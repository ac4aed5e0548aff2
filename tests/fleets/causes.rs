//! Without its cause a finding goes, and nothing else changes.

use crate::{About, about, by_subject, check, fleet::World, plans};
use proptest::prelude::*;
use tuner::domain::{finding::Finding, inventory::ResourceKind, snapshot::Snapshot};

/// What is judged by other resources, too, and so may change where one of those goes. A new line needs a reason
/// that the rule's own condition gives.
const DEPEND: &[(ResourceKind, &[&str])] = &[
    // A snapshot is in use by its image, orphaned without its source, and goes with an image that nothing uses. The
    // only one of its volume may be archived, unless an image needs it.
    (ResourceKind::Image, &["ebs-snapshot-old", "ebs-snapshot-orphaned", "ebs-snapshot-to-archive"]),
    (
        ResourceKind::Volume,
        &["ebs-snapshot-orphaned", "ebs-snapshot-to-archive", "ec2-instance-stopped-long"],
    ),
    (
        ResourceKind::Snapshot,
        &["ami-old", "ami-unused", "ebs-snapshot-fast-restore", "ebs-snapshot-to-archive"],
    ),
    // A cluster is judged with all its members.
    (
        ResourceKind::DbInstance,
        &[
            "rds-snapshot-orphaned",
            "aurora-cluster-idle",
            "aurora-io-optimized-switch",
            "aurora-serverless-min-acu",
            "rds-extended-support",
            "rds-extended-support-upcoming",
        ],
    ),
    (ResourceKind::DbCluster, &["rds-snapshot-orphaned"]),
    // A replication group is judged with all its nodes.
    (
        ResourceKind::CacheCluster,
        &[
            "elasticache-excess-replicas-nonprod",
            "elasticache-extended-support",
            "elasticache-idle",
            "elasticache-previous-gen-graviton",
            "elasticache-redis-to-valkey",
            "elasticache-rightsize",
        ],
    ),
    (ResourceKind::RedshiftScheduledAction, &["redshift-pause-resume"]),
    // Who launches from an image or a configuration.
    (
        ResourceKind::LaunchTemplate,
        &["ami-unused", "ebs-snapshot-old", "ebs-snapshot-orphaned", "ebs-snapshot-to-archive"],
    ),
    (
        ResourceKind::LaunchConfiguration,
        &["ami-unused", "ebs-snapshot-old", "ebs-snapshot-orphaned", "ebs-snapshot-to-archive"],
    ),
    (ResourceKind::AutoScalingGroup, &["asg-unused-launch-configuration"]),
    // A machine carries disks and addresses, stands behind balancers and in groups, and uses its region.
    (
        ResourceKind::Instance,
        &[
            "ami-unused",
            "asg-graviton",
            "asg-idle",
            "asg-min-too-high",
            "asg-rightsize",
            "asg-upgrade",
            "clb-idle-traffic",
            "clb-to-alb",
            "cw-alarms-stale",
            "ebs-volume-idle",
            "ebs-volume-on-stopped-instance",
            "ec2-cheaper-region",
            "ec2-sqlserver-consolidate",
            "eip-on-stopped-instance",
            "elb-no-instances-clb",
            "public-ipv4-in-use",
        ],
    ),
    // A stopped machine's address goes with it; a gateway's address that is to be kept does not.
    (
        ResourceKind::Address,
        &[
            "ec2-instance-stopped-long",
            "nat-gateway-idle",
            "nat-gateway-low-traffic",
            "nat-gateway-nonprod-per-az",
            "nat-gateway-redundant-same-az",
        ],
    ),
    // Of the gateways of a VPC one stays.
    (
        ResourceKind::NatGateway,
        &[
            "nat-gateway-low-traffic",
            "nat-gateway-nonprod-per-az",
            "nat-gateway-redundant-same-az",
            "nat-gateway-cross-az-transfer",
        ],
    ),
    (ResourceKind::VpcEndpoint, &["nat-gateway-no-gateway-endpoint", "vpce-interface-where-gateway-works"]),
    // Where other networks come in.
    (ResourceKind::VpnConnection, &["vpce-interface-where-gateway-works"]),
    (ResourceKind::TransitGatewayAttachment, &["vpce-interface-where-gateway-works"]),
    (ResourceKind::NetworkInterface, &["eip-on-stopped-instance"]),
    // Tables share what storage is free, and an index has its table's use.
    (
        ResourceKind::DynamoTable,
        &[
            "dynamodb-backups-extra",
            "dynamodb-gsi-unused",
            "dynamodb-standard-to-ia",
            "dynamodb-ia-to-standard",
            "dynamodb-table-unused",
            "dynamodb-ttl-disabled",
        ],
    ),
    (
        ResourceKind::DynamoIndex,
        &[
            "dynamodb-ondemand-to-provisioned",
            "dynamodb-provisioned-to-ondemand",
            "dynamodb-standard-to-ia",
            "dynamodb-ia-to-standard",
            "dynamodb-table-unused",
            "dynamodb-ttl-disabled",
        ],
    ),
    // CloudWatch's silence about a function counts only where it tells of another.
    (ResourceKind::LambdaFunction, &["lambda-unused"]),
    // What is shown or watched is not unused, and three dashboards are free.
    (ResourceKind::Alarm, &["cw-alarms-stale", "cw-custom-metrics-unused"]),
    (ResourceKind::Dashboard, &["cw-custom-metrics-unused", "cw-dashboards-extra"]),
    // The least saving is held against all of a region together.
    (ResourceKind::Secret, &["secretsmanager-unused"]),
    // The newest backups of a table stay.
    (ResourceKind::DynamoBackup, &["dynamodb-backups-extra"]),
];

fn may_change(gone: ResourceKind, rule: &str) -> bool {
    DEPEND.iter().any(|(kind, rules)| *kind == gone && rules.contains(&rule))
}

/// The account as it was, but for one resource: prices and metrics stay.
fn without(world: &World, snapshot: &Snapshot, gone: &About) -> Option<Snapshot> {
    let (_, kind, region, id) = gone;
    let mut left = world.resources.clone();
    left.retain(|resource| (resource.kind, resource.region(), resource.id()) != (*kind, region, id));
    (left.len() < world.resources.len())
        .then(|| Snapshot { inventory: crate::fleet::inventory_of(&left), ..snapshot.clone() })
}

fn is_its_own(
    world: &World,
    snapshot: &Snapshot,
    before: &[Finding],
    cause: &About,
) -> Result<(), TestCaseError> {
    let Some(after) = without(world, snapshot, cause) else { return Ok(()) };
    let after = check(&after).findings;
    let (before, after) = (by_subject(before), by_subject(&after));
    prop_assert!(!after.contains_key(cause), "{cause:?} is still found without its resource");
    let (_, kind, region, id) = cause;
    for about in before.keys().chain(after.keys()) {
        let same = (&about.2, &about.3, about.1) == (region, id, *kind);
        if !same && !may_change(*kind, about.0) && before.get(about) != after.get(about) {
            let state = |found: Option<&&Finding>| found.map_or("nothing".to_owned(), |f| format!("{f:#?}"));
            let (was, is) = (state(before.get(about)), state(after.get(about)));
            let what = format!("{about:?} changes with {kind} {id}, which is not in DEPEND");
            return Err(TestCaseError::fail(format!("{what}: was {was}\n--- and is ---\n{is}")));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(crate::cases(48))]

    #[test]
    fn a_finding_goes_with_its_resource_and_leaves_the_others(plan in plans::few()) {
        let world = plan.world();
        let snapshot = world.snapshot();
        let before = check(&snapshot).findings;
        let mut causes: Vec<About> = before.iter().map(about).collect();
        causes.dedup_by_key(|cause| (cause.1, cause.2.clone(), cause.3.clone()));
        for cause in causes.iter().step_by(causes.len() / 12 + 1) {
            is_its_own(&world, &snapshot, &before, cause)?;
        }
    }
}
