//! Processes of `tuner`: killed, paused and asked.

use super::stage::Stage;
use crate::support::tuner;
use reqwest::StatusCode;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

pub struct Process(Child);

impl Process {
    pub fn start(command: &mut Command) -> Self {
        Self(command.stdout(Stdio::null()).spawn().unwrap())
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }

    /// As the kernel does when memory runs out.
    pub fn kill(mut self) {
        assert_eq!(self.0.try_wait().unwrap(), None, "it has ended before it was killed");
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// As a machine does whose host is moved: back when it does not run any more.
    pub fn pause(&self) {
        kill_process(self.pid(), Signal::STOP).unwrap();
        let stat = format!("/proc/{}/stat", self.0.id());
        while !fs::read_to_string(&stat).unwrap().contains(") T ") {
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn go_on(&self) {
        kill_process(self.pid(), Signal::CONT).unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `tuner serve` on the stage's database.
pub struct Server {
    pub process: Process,
    url: String,
    token: String,
}

impl Server {
    pub fn start(stage: &Stage, token: &str, env: &[(&str, &str)]) -> Self {
        let mut command = stage.shop.t.command();
        let mut child =
            command.envs(env.iter().copied()).arg("serve").stdout(Stdio::piped()).spawn().unwrap();
        // To the end of what it says: a server that cannot finish its words ends.
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let lines: Vec<String> = lines.take_while(|line| line != "Ready.").collect();
        let url = lines.iter().find_map(|line| line.strip_prefix("Listening on ")).expect("it listens");
        Self { url: url.to_owned(), process: Process(child), token: token.to_owned() }
    }

    /// A tick of its own, whose report comes when it has ended.
    pub fn asked(&self) -> impl Future<Output = Value> + Send + use<> {
        let url = format!("{}/api/v1/scheduler/run", self.url);
        let request = reqwest::Client::new().post(url).bearer_auth(&self.token).json(&json!({}));
        async move {
            let reply = request.send().await.unwrap();
            let (status, text) = (reply.status(), reply.text().await.unwrap());
            assert_eq!(status, StatusCode::OK, "{text}");
            serde_json::from_str(&text).unwrap()
        }
    }
}

/// Somebody who may ask for ticks.
pub fn token(stage: &Stage) -> String {
    let run = |arguments: &[&str]| {
        let of = ["--organization", "acme", "--user", "ada"];
        let ran = tuner::run(stage.shop.t.command().args(arguments).args(of));
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out.trim().to_owned()
    };
    run(&["user", "add", "--role", "ORGANIZATION_ADMIN"]);
    run(&["user", "token"])
}
