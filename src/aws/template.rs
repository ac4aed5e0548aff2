//! The templates that make Tuner's roles in an account: one stack, a stack set, a Terraform module.
//!
//! They lie in `iam-policies/`, where people read them. Their lists of actions are made here, from the same
//! constants as the policies: a test compares, and what is printed is always made anew.
//!
//! Invariant: no list of actions in a template is written by hand.

use super::{
    policy::TAGGING,
    write_session::{SCHEDULER_READS, START_STOP},
};

/// For which tool a template is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateFormat {
    CloudFormation,
    StackSet,
    Terraform,
}

/// Whether Tuner may start and stop, and in which role: the customer chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchedulerRole {
    None,
    SameRole,
    SeparateRole,
}

const BEGIN: &str = "# BEGIN ";
const END: &str = "# END";

impl TemplateFormat {
    pub const ALL: [Self; 3] = [Self::CloudFormation, Self::StackSet, Self::Terraform];

    fn files(self) -> &'static [&'static str] {
        match self {
            Self::CloudFormation => &[include_str!("../../iam-policies/cloudformation/tuner.yaml")],
            Self::StackSet => &[include_str!("../../iam-policies/cloudformation/tuner-stackset.yaml")],
            Self::Terraform => &[
                include_str!("../../iam-policies/terraform/main.tf"),
                include_str!("../../iam-policies/terraform/variables.tf"),
                include_str!("../../iam-policies/terraform/outputs.tf"),
            ],
        }
    }

    fn item(self, action: &str) -> String {
        match self {
            Self::CloudFormation | Self::StackSet => format!("- {action}"),
            Self::Terraform => format!("\"{action}\","),
        }
    }

    /// The line that says what the scheduler may do where nobody chooses.
    fn default_line(self, scheduler: SchedulerRole) -> String {
        match self {
            Self::CloudFormation | Self::StackSet => format!("    Default: {}\n", scheduler.as_str()),
            Self::Terraform => format!("  default     = \"{}\"\n", scheduler.as_str()),
        }
    }
}

impl SchedulerRole {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SameRole => "same-role",
            Self::SeparateRole => "separate-role",
        }
    }
}

/// The whole template as one text, with the scheduler's part chosen.
#[must_use]
pub fn template(format: TemplateFormat, scheduler: SchedulerRole, collecting: &[&str]) -> String {
    let files = format.files().iter().map(|file| with_actions(format, file, collecting));
    let text = files.collect::<Vec<_>>().join("\n");
    text.replacen(&format.default_line(SchedulerRole::None), &format.default_line(scheduler), 1)
}

/// The text with each marked list of actions made anew.
fn with_actions(format: TemplateFormat, text: &str, collecting: &[&str]) -> String {
    let mut made = String::new();
    let mut inside = false;
    for line in text.lines() {
        let trimmed = line.trim_start();
        inside &= trimmed != END;
        if inside {
            continue;
        }
        push_line(&mut made, line);
        if let Some(name) = trimmed.strip_prefix(BEGIN).and_then(|rest| rest.split(' ').next()) {
            let (indent, _) = line.split_at(line.len() - trimmed.len());
            for action in actions(name, collecting) {
                push_line(&mut made, &format!("{indent}{}", format.item(action)));
            }
            inside = true;
        }
    }
    made
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn actions<'a>(name: &str, collecting: &'a [&'a str]) -> &'a [&'a str] {
    match name {
        "read-only" => collecting,
        "start-stop" => &START_STOP,
        "scheduler-read" => &SCHEDULER_READS,
        "tagging" => &TAGGING,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_made_anew_and_all_else_is_kept() {
        let text = "a:\n  # BEGIN read-only actions\n  - ec2:Old\n  # END\nb\n";
        let made = with_actions(TemplateFormat::StackSet, text, &["ec2:New", "rds:New"]);
        assert_eq!(made, "a:\n  # BEGIN read-only actions\n  - ec2:New\n  - rds:New\n  # END\nb\n");
        let made = with_actions(TemplateFormat::Terraform, text, &["ec2:New"]);
        assert_eq!(made, "a:\n  # BEGIN read-only actions\n  \"ec2:New\",\n  # END\nb\n");
    }

    #[test]
    fn each_template_has_every_list_once() {
        for format in TemplateFormat::ALL {
            let text = format.files().join("");
            for name in ["read-only", "start-stop", "scheduler-read", "tagging"] {
                assert_eq!(text.matches(&format!("{BEGIN}{name} ")).count(), 1, "{name} in {format:?}");
            }
            assert_eq!(text.matches(BEGIN).count(), text.matches(END).count(), "{format:?}");
        }
    }

    /// `service:Name`, as actions and condition keys are written.
    fn is_name(word: &str) -> bool {
        word.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty()
                && service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                && name.starts_with(|c: char| c.is_ascii_uppercase())
        })
    }

    /// So the equality of the lists is the equality of the policies.
    #[test]
    fn no_action_stands_outside_a_list() {
        for format in TemplateFormat::ALL {
            let mut outside = true;
            let text = template(format, SchedulerRole::None, &[]);
            for line in text.lines() {
                outside = if outside { !line.contains(BEGIN) } else { line.contains(END) };
                let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == ':'));
                for word in
                    words.map(|word| word.trim_end_matches(':')).filter(|word| outside && is_name(word))
                {
                    let known = ["sts:AssumeRole", "sts:ExternalId", "aws:ResourceTag"].contains(&word);
                    assert!(known, "{word} in {format:?}");
                }
            }
        }
    }

    #[test]
    fn the_scheduler_is_chosen_by_one_default() {
        for format in TemplateFormat::ALL {
            let none = template(format, SchedulerRole::None, &["ec2:DescribeX"]);
            for chosen in [SchedulerRole::SameRole, SchedulerRole::SeparateRole] {
                let other = template(format, chosen, &["ec2:DescribeX"]);
                let changed: Vec<_> = none.lines().zip(other.lines()).filter(|(a, b)| a != b).collect();
                assert_eq!(changed.len(), 1, "{changed:?}");
                assert!(changed[0].1.contains(chosen.as_str()), "{changed:?}");
            }
        }
    }
}
