//! Giving all members of a group another type: a new version of what they are launched from, then a refresh.

use super::command::aws;
use crate::domain::{
    finding::Remediation,
    inventory::{AutoScalingGroup, Instance, Launch},
};
use serde_json::json;

/// What new members get.
#[derive(Clone, Copy)]
pub struct Change<'t> {
    pub instance_type: &'t str,
    /// Of another architecture than the present one.
    pub image: Option<&'t str>,
}

/// `lead` is one of the present members.
#[must_use]
pub fn relaunch(group: &AutoScalingGroup, lead: &Instance, change: Change<'_>) -> Remediation {
    let (commands, rollback_commands) = match &group.launch {
        Launch::Template { id, version } if &**version == "$Latest" => {
            let back =
                Change { instance_type: &lead.instance_type, image: change.image.map(|_| &*lead.image_id) };
            (
                vec![new_version(group, (id, version), change), refresh(group)],
                vec![new_version(group, (id, version), back), refresh(group)],
            )
        }
        Launch::Template { id, version } => (
            vec![
                new_version(group, (id, version), change),
                use_version(group, id, "$Latest"),
                refresh(group),
            ],
            vec![use_version(group, id, version), refresh(group)],
        ),
        Launch::Configuration { name } => {
            let new_name = format!("{name}-{}", change.instance_type);
            (
                vec![
                    new_configuration(group, lead, &new_name, change),
                    use_configuration(group, &new_name),
                    refresh(group),
                ],
                vec![use_configuration(group, name), refresh(group)],
            )
        }
        Launch::Unknown => (Vec::new(), Vec::new()),
    };
    let notes = vec![
        "The refresh replaces the members one after the other; scaling policies on CPU may need other targets."
            .into(),
    ];
    Remediation { commands, rollback_commands, notes }
}

fn name(group: &AutoScalingGroup) -> (&'static str, &str) {
    ("--auto-scaling-group-name", &group.common.id)
}

fn new_version(group: &AutoScalingGroup, (id, version): (&str, &str), change: Change<'_>) -> String {
    let mut data = json!({"InstanceType": change.instance_type});
    if let (Some(image), Some(fields)) = (change.image, data.as_object_mut()) {
        fields.insert("ImageId".into(), image.into());
    }
    let data = data.to_string();
    let template = ("--launch-template-id", id);
    let options = [template, ("--source-version", version), ("--launch-template-data", &*data)];
    aws("ec2 create-launch-template-version", &group.common.region, &options)
}

fn use_version(group: &AutoScalingGroup, id: &str, version: &str) -> String {
    let template = format!("LaunchTemplateId={id},Version={version}");
    let options = [name(group), ("--launch-template", &*template)];
    aws("autoscaling update-auto-scaling-group", &group.common.region, &options)
}

/// Everything else is taken over from a running member.
fn new_configuration(group: &AutoScalingGroup, lead: &Instance, new: &str, change: Change<'_>) -> String {
    let mut options = vec![
        ("--launch-configuration-name", new),
        ("--instance-id", &*lead.common.id),
        ("--instance-type", change.instance_type),
    ];
    options.extend(change.image.map(|image| ("--image-id", image)));
    aws("autoscaling create-launch-configuration", &group.common.region, &options)
}

fn use_configuration(group: &AutoScalingGroup, configuration: &str) -> String {
    let options = [name(group), ("--launch-configuration-name", configuration)];
    aws("autoscaling update-auto-scaling-group", &group.common.region, &options)
}

fn refresh(group: &AutoScalingGroup) -> String {
    aws("autoscaling start-instance-refresh", &group.common.region, &[name(group)])
}

/// Other bounds for a group, and back.
#[must_use]
pub fn resize(group: &AutoScalingGroup, min: i64, desired: i64) -> Remediation {
    let command = |min: i64, desired: i64| {
        let (min, desired) = (min.to_string(), desired.to_string());
        let options = [name(group), ("--min-size", &*min), ("--desired-capacity", &*desired)];
        aws("autoscaling update-auto-scaling-group", &group.common.region, &options)
    };
    Remediation {
        commands: vec![command(min, desired)],
        rollback_commands: vec![command(group.min, group.desired)],
        notes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::autoscaling::crew::fixtures::{group, member};

    const SMALLER: Change<'_> = Change { instance_type: "m5.large", image: None };

    #[test]
    fn a_template_gets_a_version_and_the_group_goes_back_to_its_own() {
        let fix = relaunch(&group(), &member("i-1"), SMALLER);
        assert_eq!(
            fix.commands,
            [
                r#"aws ec2 create-launch-template-version --region us-east-1 --launch-template-id lt-1 --source-version 3 --launch-template-data '{"InstanceType":"m5.large"}'"#,
                "aws autoscaling update-auto-scaling-group --region us-east-1 --auto-scaling-group-name web --launch-template 'LaunchTemplateId=lt-1,Version=$Latest'",
                "aws autoscaling start-instance-refresh --region us-east-1 --auto-scaling-group-name web",
            ]
        );
        assert!(fix.rollback_commands[0].ends_with("LaunchTemplateId=lt-1,Version=3"));
    }

    #[test]
    fn who_follows_the_latest_version_goes_back_by_another_one() {
        let launch = Launch::Template { id: "lt-1".into(), version: "$Latest".into() };
        let fix = relaunch(&AutoScalingGroup { launch, ..group() }, &member("i-1"), SMALLER);
        assert_eq!((fix.commands.len(), fix.rollback_commands.len()), (2, 2));
        assert!(fix.rollback_commands[0].contains(r#"{"InstanceType":"m5.xlarge"}"#));
    }

    #[test]
    fn a_configuration_is_replaced() {
        let launch = Launch::Configuration { name: "web-1".into() };
        let fix = relaunch(&AutoScalingGroup { launch, ..group() }, &member("i-1"), SMALLER);
        assert!(fix.commands[0].contains("--launch-configuration-name web-1-m5.large --instance-id i-1"));
        assert!(fix.rollback_commands[0].ends_with("--launch-configuration-name web-1"));
    }
}
