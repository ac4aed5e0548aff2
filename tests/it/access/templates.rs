//! `tuner policy template`: what is printed is what lies in `iam-policies/`, with the scheduler as chosen.

use crate::support::tuner::{run, tuner};
use rstest::rstest;
use std::fs;

fn printed(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(tuner(folder.path()).args(["policy", "template"]).args(arguments));
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

fn kept(files: &[&str]) -> String {
    let read = |file: &&str| {
        fs::read_to_string(format!("{}/iam-policies/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    files.iter().map(read).collect::<Vec<_>>().join("\n")
}

#[rstest]
#[case::stack(&[], &["cloudformation/tuner.yaml"])]
#[case::stack_set(&["--format", "stackset"], &["cloudformation/tuner-stackset.yaml"])]
#[case::terraform(&["--format", "terraform"], &["terraform/main.tf", "terraform/variables.tf", "terraform/outputs.tf"])]
fn templates_are_printed_as_they_are_kept(#[case] arguments: &[&str], #[case] files: &[&str]) {
    assert_eq!(printed(arguments).trim(), kept(files).trim());
}

#[test]
fn the_scheduler_is_off_until_it_is_chosen() {
    assert!(printed(&[]).contains("    Default: none\n"));
    assert!(printed(&["--scheduler", "separate-role"]).contains("    Default: separate-role\n"));
    let terraform = printed(&["--format", "terraform", "--scheduler", "same-role"]);
    assert!(terraform.contains("  default     = \"same-role\"\n"));
}
