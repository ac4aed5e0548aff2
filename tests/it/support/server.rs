//! `tuner serve` on a database of its own, and people who call it.

use super::{database::TestDatabase, stand_in, tuner};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

#[derive(Clone, Copy, Debug)]
pub enum Engine {
    Sqlite,
    MySql,
}

pub struct Server {
    child: Child,
    url: String,
    database_url: String,
    folder: tempfile::TempDir,
    pub org_admin: Client,
    /// Used up already.
    pub setup_token: String,
    /// Keeps the database until the server is gone.
    database: TestDatabase,
}

/// Somebody with a token, or nobody.
#[derive(Clone)]
pub struct Client {
    base: String,
    token: Option<String>,
    http: reqwest::Client,
}

pub struct Reply {
    pub status: StatusCode,
    pub body: Value,
}

impl Server {
    pub async fn start(engine: Engine) -> Self {
        let database = match engine {
            Engine::Sqlite => TestDatabase::empty_sqlite().await,
            Engine::MySql => TestDatabase::empty_mysql().await,
        };
        let folder = tempfile::tempdir().unwrap();
        let database_url = database.url.clone();
        let mut child =
            command(folder.path(), &database_url).arg("serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut after = |prefix: &str| loop {
            let line = lines.next().expect("tuner serve ended").unwrap();
            if let Some(rest) = line.strip_prefix(prefix) {
                break rest.to_owned();
            }
        };
        let url = after("Listening on ");
        let token = after("Set-up token: ");
        let anon = Client::new(&url, None);
        let made = anon.post("/auth/setup", json!({"setupToken": token, "name": "owner"})).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let org_admin = anon.with_token(made.body["accessToken"].as_str().unwrap());
        Self { child, url, database_url, folder, org_admin, setup_token: token, database }
    }

    /// What a test does behind the server's back.
    pub const fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Another server on the same database, with the same keys.
    pub fn another(&self) -> Second {
        let mut child = command(self.folder.path(), &self.database_url)
            .arg("serve")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // To the end of what it says: a server that cannot finish its words ends.
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let lines: Vec<String> = lines.take_while(|line| line != "Ready.").collect();
        let url = lines.iter().find_map(|line| line.strip_prefix("Listening on ").map(str::to_owned));
        let url = url.unwrap();
        Second { child, url }
    }

    /// As the kernel does when memory runs out.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn anon(&self) -> Client {
        Client::new(&self.url, None)
    }

    /// A new member with a role, made on the server's machine.
    pub fn member(&self, organization: &str, name: &str, role: &str, accounts: &[&str]) -> Client {
        let of = ["--organization", organization, "--user", name];
        let run = |arguments: &[&str]| {
            let ran = tuner::run(command(self.folder.path(), &self.database_url).args(arguments).args(of));
            assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
            ran.out.trim().to_owned()
        };
        run(&["user", "add", "--role", role]);
        if !accounts.is_empty() {
            run(&["user", "grant", "--accounts", &accounts.join(",")]);
        }
        self.anon().with_token(&run(&["user", "token"]))
    }

    /// Links an account that its owner lets Tuner into, and answers its first view.
    pub async fn link(&self, account: &str) -> Value {
        let made = self.org_admin.post("/accounts", json!({"accountId": account, "name": "Shop"})).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let role = stand_in::make_role(account, &made.body["trustPolicy"]).await;
        let linked =
            self.org_admin.post(&format!("/accounts/{account}/link"), json!({"roleArn": role})).await;
        assert_eq!(linked.status, StatusCode::OK, "{}", linked.body);
        linked.body
    }

    /// Scans some regions and waits for the end.
    pub async fn scan(&self, account: &str, regions: &[&str]) -> Value {
        let started =
            self.org_admin.post(&format!("/accounts/{account}/scans"), json!({"regions": regions})).await;
        assert_eq!(started.status, StatusCode::ACCEPTED, "{}", started.body);
        let path = format!("/accounts/{account}/scans/{}", started.body["id"].as_str().unwrap());
        loop {
            let scan = self.org_admin.get(&path).await.body;
            if scan["status"] != "running" {
                return scan;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// A server beside the first one.
pub struct Second {
    child: Child,
    url: String,
}

impl Second {
    /// The same person, calling this server.
    pub fn of(&self, client: &Client) -> Client {
        Client { base: self.url.clone(), ..client.clone() }
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &std::path::Path, database_url: &str) -> Command {
    let mut command = tuner::tuner(folder);
    command
        .env("TUNER_DATABASE__URL", database_url)
        .env("TUNER_AWS__ENDPOINT_URL", stand_in::url())
        .env("TUNER_SERVER__LISTEN", "127.0.0.1:0")
        .env("TUNER_LOG", "error");
    command
}

impl Client {
    fn new(base: &str, token: Option<String>) -> Self {
        Self { base: base.to_owned(), token, http: reqwest::Client::new() }
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let absolute = ["/healthz", "/readyz", "/.well-known", "/api/"].iter().any(|p| path.starts_with(p));
        let url = format!("{}{}{path}", self.base, if absolute { "" } else { "/api/v1" });
        let request = self.http.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let reply = request.send().await.unwrap();
        let status = reply.status();
        let text = reply.text().await.unwrap();
        Reply { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn call(&self, method: Method, path: &str, body: Value) -> Reply {
        self.send(self.request(method, path).json(&body)).await
    }
}

impl Reply {
    /// A problem with that status and code.
    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), &self.body["code"]), (status, &json!(code)), "{}", self.body);
        assert_eq!(self.body["status"], status);
    }

    #[track_caller]
    pub fn items(&self) -> &Vec<Value> {
        self.body["items"].as_array().unwrap_or_else(|| panic!("no items in {}", self.body))
    }
}
