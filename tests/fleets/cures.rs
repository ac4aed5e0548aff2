//! What a finding asks for ends it; and what is busy is not idle.

use crate::{
    About, about, by_subject, check,
    fleet::{Load, Resource, World},
    plans,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use tuner::{
    domain::{
        finding::{ConflictClass, Finding},
        inventory::ResourceKind,
        snapshot::Snapshot,
    },
    rules,
};

/// What to write over a resource so that a rule has no more to say, as its fix would.
fn written_over(finding: &Finding) -> Option<Value> {
    let recommended = |field: &str| finding.recommended[field].clone();
    Some(match finding.rule {
        "ebs-volume-gp2-to-gp3" | "ebs-volume-piops-to-gp3" => json!({"volumeType": "gp3"}),
        "ebs-volume-gp3-extra-iops" => json!({"iops": 3_000, "throughputMibps": 125}),
        "ebs-volume-iops-overprovisioned" => json!({"volumeType": "gp3", "iops": 3_000}),
        "ebs-volume-unattached" => json!({"available": false, "attachedTo": ["i-in-use"]}),
        "ebs-volume-on-stopped-instance" => json!({"attachedTo": ["i-another"]}),
        "eip-unassociated" => json!({"associationId": "eipassoc-1", "instanceId": "i-in-use"}),
        "public-ipv4-in-use" => json!({"autoAssignedIp": null}),
        "ec2-detailed-monitoring" => json!({"detailedMonitoring": false}),
        "ec2-instance-stopped-long" => json!({"state": "running"}),
        "ec2-instance-graviton" => {
            json!({"instanceType": recommended("instanceType"), "architecture": "arm64"})
        }
        "ec2-instance-previous-gen" | "ec2-instance-amd-variant" => {
            json!({"instanceType": recommended("instanceType")})
        }
        "ec2-spot-candidate" => json!({"lifecycle": "spot"}),
        "ec2-capacity-reservation-unused" => json!({"active": false}),
        "asg-fixed-size" => json!({"min": 1, "max": 9}),
        "rds-extended-support" => json!({"lifecycleSupport": "open-source-rds-extended-support-disabled"}),
        "rds-instance-graviton" | "rds-instance-previous-gen" => json!({"class": recommended("class")}),
        "rds-instance-idle" | "rds-instance-rightsize" | "rds-instance-schedule" => {
            json!({"status": "stopped"})
        }
        "rds-instance-stopped" => json!({"status": "available"}),
        "rds-backup-retention-excess" => json!({"backupDays": 1}),
        "rds-extended-support-upcoming" => {
            json!({"lifecycleSupport": "open-source-rds-extended-support-disabled"})
        }
        "rds-performance-insights-retention" => json!({"insightsDays": 7}),
        "rds-read-replica-idle" => json!({"isReplica": false}),
        "rds-storage-gp2-to-gp3" => {
            json!({"storageType": "gp3", "allocatedGib": recommended("allocatedGib")})
        }
        "aurora-cluster-idle" | "aurora-io-optimized-switch" => json!({"status": "stopped"}),
        "aurora-serverless-min-acu" => json!({"minHalfAcus": 0}),
        "elasticache-idle" | "elasticache-excess-replicas-nonprod" => json!({"status": "deleting"}),
        "redshift-idle" | "redshift-low-utilization" | "redshift-pause-resume" => json!({"status": "paused"}),
        "redshift-rightsize" => json!({"nodes": 2}),
        "redshift-previous-gen" => json!({"nodeType": recommended("nodeType")}),
        "redshift-snapshot-manual-old" => json!({"expires": true}),
        "rds-multi-az-nonprod" => json!({"multiAz": false}),
        "rds-storage-iops-overprovisioned" => json!({"storageType": "gp3", "iops": 0}),
        "dynamodb-ttl-disabled" => json!({"expiresItems": true}),
        "dynamodb-pitr-review" => json!({"pointInTimeRecovery": false}),
        "dynamodb-provisioned-to-ondemand" => json!({"capacityMode": "onDemand"}),
        "dynamodb-overprovisioned" => json!({"units": {"read": 1, "write": 1}}),
        "dynamodb-standard-to-ia" => json!({"tableClass": "infrequentAccess"}),
        "lambda-graviton" => json!({"architecture": "arm64"}),
        "lambda-provisioned-concurrency" => json!({"provisioned": null}),
        "ecs-graviton" => json!({"task": {"architecture": "arm64"}}),
        "ecs-fargate-spot-nonprod" => json!({"capacity": "fargateSpot"}),
        "ecs-service-idle" | "ecs-service-rightsize" => json!({"desiredCount": 0}),
        "elb-no-targets-alb" | "elb-no-targets-nlb" | "elb-no-targets-gwlb" => {
            json!({"targets": {"groups": 1, "registered": 1, "inUse": 1}})
        }
        "nat-gateway-idle" | "vpn-connection-idle" | "tgw-attachment-idle" | "vpce-interface-idle" => {
            json!({"available": false})
        }
        "resource-untagged" => json!({"tags": {"cost-center": "7"}}),
        _ => return None,
    })
}

/// RFC 7396: null takes a field away.
fn merge(into: &mut Value, patch: &Value) {
    let Value::Object(fields) = patch else {
        *into = patch.clone();
        return;
    };
    if !into.is_object() {
        *into = json!({});
    }
    for (name, value) in fields {
        if value.is_null() {
            into.as_object_mut().unwrap().remove(name);
        } else {
            merge(&mut into[name.as_str()], value);
        }
    }
}

/// They speak of what is used much, weigh storage against a capacity that is paid for whatever its use, or want as much
/// as before at a lower price.
const SPEAK_OF_THE_BUSY: &[&str] = &[
    "aurora-io-optimized-switch",
    "dynamodb-ia-to-standard",
    "dynamodb-standard-to-ia",
    "ec2-instance-burst-credits",
    "elasticache-previous-gen-graviton",
    "lambda-graviton",
    "redshift-previous-gen",
];
/// Their members are measured, not they.
const GROUPS: &[ResourceKind] = &[ResourceKind::ReplicationGroup];

/// The account with the resource of a finding changed.
fn with(world: &World, about: &About, change: impl Fn(&mut Resource)) -> Option<World> {
    let mut changed = world.clone();
    let (_, kind, region, id) = about;
    let is_it =
        |resource: &&mut Resource| (resource.kind, resource.region(), resource.id()) == (*kind, region, id);
    change(changed.resources.iter_mut().find(is_it)?);
    changed.resources.iter().all(Resource::is_readable).then_some(changed)
}

/// Whether it is still found in a world: prices are those of before.
fn still(world: &World, before: &Snapshot, about: &About) -> bool {
    let after = Snapshot { prices: before.prices.clone(), ..world.snapshot() };
    by_subject(&check(&after).findings).contains_key(about)
}

fn is_by_use(finding: &Finding) -> bool {
    let meta = rules::find_rule(finding.rule).map(|rule| rule.meta);
    let alone = finding.subject.kind != ResourceKind::ServiceSpend && finding.class != ConflictClass::Add;
    let itself = alone && !GROUPS.contains(&finding.subject.kind);
    meta.is_some_and(|meta| !meta.metrics.is_empty()) && itself && !SPEAK_OF_THE_BUSY.contains(&finding.rule)
}

proptest! {
    #![proptest_config(crate::cases(48))]

    #[test]
    fn a_fix_ends_its_finding(plan in plans::few()) {
        let world = plan.world();
        let snapshot = world.snapshot();
        for finding in check(&snapshot).findings {
            let (about, Some(patch)) = (about(&finding), written_over(&finding)) else { continue };
            let Some(fixed) = with(&world, &about, |resource| merge(&mut resource.body, &patch)) else { continue };
            prop_assert!(!still(&fixed, &snapshot, &about), "{about:?} after {patch}: {}", finding.title);
        }
    }

    #[test]
    fn what_is_busy_is_not_idle(plan in plans::few()) {
        let world = plan.world();
        let snapshot = world.snapshot();
        for finding in check(&snapshot).findings.iter().filter(|finding| is_by_use(finding)) {
            let about = about(finding);
            let Some(busy) = with(&world, &about, |resource| resource.load = Load::Flooded) else { continue };
            prop_assert!(!still(&busy, &snapshot, &about), "{about:?}, busy: {}", finding.title);
        }
    }
}
