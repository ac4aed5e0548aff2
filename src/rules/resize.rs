//! Changing the type of an instance or the class of a database, and back.

use super::command::aws;
use crate::domain::{
    finding::Remediation,
    inventory::{Architecture, DbInstance, Instance},
};
use serde_json::json;

/// Stop, change the type, start.
#[must_use]
pub fn resize_instance(instance: &Instance, target: &str) -> Remediation {
    Remediation {
        commands: change_type(instance, target),
        rollback_commands: change_type(instance, &instance.instance_type),
        notes: vec![
            "The instance is down while its type changes; a public address that is not an Elastic IP changes."
                .into(),
        ],
    }
}

/// Another instance in its place, from an image of another architecture; the old one is stopped last.
#[must_use]
pub fn replace_instance(instance: &Instance, target: &str) -> Remediation {
    let (region, ids) = (&instance.common.region, [("--instance-ids", &*instance.common.id)]);
    let image = if instance.architecture == Architecture::Arm64 { "X86_IMAGE_ID" } else { "ARM64_IMAGE_ID" };
    let launch = aws(
        "ec2 run-instances",
        region,
        &[("--image-id", image), ("--instance-type", target), ("--subnet-id", "SUBNET_ID")],
    );
    Remediation {
        commands: vec![launch, aws("ec2 stop-instances", region, &ids)],
        rollback_commands: vec![aws("ec2 start-instances", region, &ids)],
        notes: vec![
            "An instance cannot change its architecture: build an image for the other one, test it, move the \
             traffic."
                .into(),
        ],
    }
}

fn change_type(instance: &Instance, instance_type: &str) -> Vec<String> {
    let (region, id) = (&instance.common.region, &*instance.common.id);
    let value = json!({"Value": instance_type}).to_string();
    vec![
        aws("ec2 stop-instances", region, &[("--instance-ids", id)]),
        aws("ec2 wait instance-stopped", region, &[("--instance-ids", id)]),
        aws("ec2 modify-instance-attribute", region, &[("--instance-id", id), ("--instance-type", &value)]),
        aws("ec2 start-instances", region, &[("--instance-ids", id)]),
    ]
}

/// Change the class at once; a standby takes over first where there is one.
#[must_use]
pub fn resize_db(db: &DbInstance, target: &str) -> Remediation {
    Remediation {
        commands: vec![change_class(db, target)],
        rollback_commands: vec![change_class(db, &db.class)],
        notes: vec![
            "The database is away for some minutes (a failover with Multi-AZ); without --apply-immediately \
             it waits for the maintenance window."
                .into(),
        ],
    }
}

fn change_class(db: &DbInstance, class: &str) -> String {
    aws(
        "rds modify-db-instance",
        &db.common.region,
        &[
            ("--db-instance-identifier", &db.common.id),
            ("--db-instance-class", class),
            ("--apply-immediately", ""),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{db, instance};

    #[test]
    fn the_way_back_names_the_present_size() {
        let fix = resize_instance(&instance("i-1"), "m5.large");
        let change = "aws ec2 modify-instance-attribute --region us-east-1 --instance-id i-1 --instance-type";
        assert_eq!(fix.commands[2], format!(r#"{change} '{{"Value":"m5.large"}}'"#));
        assert_eq!(fix.rollback_commands[2], format!(r#"{change} '{{"Value":"m5.xlarge"}}'"#));
        let fix = resize_db(&db("db-1"), "db.m5.large");
        assert!(fix.commands[0].contains("--db-instance-class db.m5.large --apply-immediately"));
        assert!(fix.rollback_commands[0].contains("--db-instance-class db.m5.xlarge"));
    }
}
