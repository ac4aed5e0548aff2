//! The commands that the demo's recommendations give, as a shell reads them.

use super::demo_fleet::{DEMO_ACCOUNTS, scan};
use serde_json::Value;
use std::{
    io::Write,
    process::{Command, Output, Stdio},
    thread,
};

/// Every command of every recommendation of both accounts, fixes and ways back.
async fn commands() -> Vec<String> {
    let mut found = Vec::new();
    for account in DEMO_ACCOUNTS {
        let scanned = scan(account, &["--format", "json", "--rules", "all"]).await;
        let report: Value = serde_json::from_str(&scanned.out).unwrap();
        for row in report["recommendations"].as_array().unwrap() {
            for list in ["commands", "rollbackCommands"] {
                let list = row["remediation"][list].as_array().unwrap();
                found.extend(list.iter().map(|command| command.as_str().unwrap().to_owned()));
            }
        }
    }
    found
}

/// Feeds a script to a program of the shell's kind.
fn feed(program: &mut Command, script: &str) -> Output {
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // What it prints is read meanwhile: both pipes hold less than a script and its output.
    thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(script.as_bytes()).unwrap());
        child.wait_with_output().unwrap()
    })
}

/// With `aws` as a function that tells how it was called, and nothing else to call.
fn called(commands: &[String]) -> Output {
    let aws = "set -eu\naws() { printf '%s ' \"$@\"; printf '\\n'; }\n";
    let script = format!("{aws}{}\n", commands.join("\n"));
    feed(Command::new("/bin/sh").arg("-s").env_clear().env("PATH", "/nonexistent"), &script)
}

#[tokio::test]
async fn every_command_calls_aws_and_nothing_else() {
    let commands = commands().await;
    assert!(commands.len() > 100, "{} commands", commands.len());
    let run = called(&commands);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let told = String::from_utf8(run.stdout).unwrap();
    assert_eq!(told.lines().count(), commands.len(), "one call a command, each on one line");
    for (call, command) in told.lines().zip(&commands) {
        let words: Vec<&str> = call.split_whitespace().collect();
        assert!(words.len() >= 4 && words.contains(&"--region"), "{command}");
    }
}

/// Its note 2016 tells that single quotes keep `$` as it is, which is what quoting is for (`Version=$Latest`).
#[tokio::test]
async fn shellcheck_has_nothing_to_say() {
    let script = format!("#!/bin/sh\n{}\n", commands().await.join("\n"));
    let mut shellcheck = Command::new("shellcheck");
    let checked = feed(shellcheck.args(["--shell", "sh", "--exclude", "SC2016", "-"]), &script);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}
