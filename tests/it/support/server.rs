//! `tuner serve` on a database of its own, and people who call it.

use super::{database::TestDatabase, stand_in, tuner};
use reqwest::{Method, StatusCode, header::HeaderMap};
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
    pub setup_link: String,
    /// For what a test does behind the server's back.
    pub database: TestDatabase,
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
    pub headers: HeaderMap,
    pub body: Value,
}

impl Server {
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[]).await
    }

    /// With settings of the test's own. Where an outside issuer signs, there is no set-up and nobody has a token.
    pub async fn start_with(engine: Engine, env: &[(&str, &str)]) -> Self {
        let database = match engine {
            Engine::Sqlite => TestDatabase::empty_sqlite().await,
            Engine::MySql => TestDatabase::empty_mysql().await,
        };
        let folder = tempfile::tempdir().unwrap();
        let database_url = database.url.clone();
        let mut serve = command(folder.path(), &database_url);
        let mut child = serve.envs(env.iter().copied()).arg("serve").stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said: Vec<String> = lines.map(Result::unwrap).take_while(|line| line != "Ready.").collect();
        let after = |prefix| said.iter().find_map(|line| line.strip_prefix(prefix)).map(str::to_owned);
        let url = after("Listening on ").expect("tuner serve listens");
        let setup_token = after("Set-up token: ").unwrap_or_default();
        let setup_link = after("Set-up link: ").unwrap_or_default();
        let mut org_admin = Client::new(&url, None);
        if !setup_token.is_empty() {
            let made =
                org_admin.post("/auth/setup", json!({"setupToken": setup_token, "name": "owner"})).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
            org_admin = org_admin.with_token(made.body["accessToken"].as_str().unwrap());
        }
        Self { child, url, database_url, folder, org_admin, setup_token, setup_link, database }
    }

    pub fn url(&self) -> &str {
        &self.url
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

    /// A command on the server's machine.
    pub fn run(&self, arguments: &[&str]) -> tuner::Run {
        tuner::run(command(self.folder.path(), &self.database_url).args(arguments))
    }

    /// The same with settings of the test's own.
    pub fn run_with(&self, env: &[(&str, &str)], arguments: &[&str]) -> tuner::Run {
        let mut command = command(self.folder.path(), &self.database_url);
        tuner::run(command.envs(env.iter().copied()).args(arguments))
    }

    fn run_for(&self, organization: &str, name: &str, arguments: &[&str]) -> String {
        let of = ["--organization", organization, "--user", name];
        let ran = self.run(&[arguments, &of].concat());
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
        ran.out.trim().to_owned()
    }

    /// A new member with a role, made on the server's machine.
    pub fn member(&self, organization: &str, name: &str, role: &str, accounts: &[&str]) -> Client {
        self.run_for(organization, name, &["user", "add", "--role", role]);
        if !accounts.is_empty() {
            self.run_for(organization, name, &["user", "grant", "--accounts", &accounts.join(",")]);
        }
        self.signed_in(organization, name)
    }

    /// A member with a token of its own.
    pub fn signed_in(&self, organization: &str, name: &str) -> Client {
        self.anon().with_token(&self.run_for(organization, name, &["user", "token"]))
    }

    /// A new member who chose a password with their set-up link: their id and token.
    pub async fn local_user(&self, name: &str, role: &str, password: &str) -> (String, Client) {
        let made = self.org_admin.post("/users", json!({"name": name, "role": role})).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let link = made.body["invitation"]["setupLink"].as_str().unwrap();
        let body = json!({"invitationToken": link.split_once('#').unwrap().1, "password": password});
        let accepted = self.anon().post("/auth/invitations/accept", body).await;
        assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.body);
        let token = accepted.body["accessToken"].as_str().unwrap();
        (made.body["userId"].as_str().unwrap().to_owned(), self.anon().with_token(token))
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
        .env("TUNER_LIMITS__ENABLED", "false")
        // A minute that begins in the middle of a test is not its matter.
        .env("TUNER_SCHEDULER__ENABLED", "false")
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
        let absolute =
            ["/healthz", "/readyz", "/metrics", "/.well-known", "/api/"].iter().any(|p| path.starts_with(p));
        let url = format!("{}{}{path}", self.base, if absolute { "" } else { "/api/v1" });
        let request = self.http.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let reply = request.send().await.unwrap();
        let (status, headers) = (reply.status(), reply.headers().clone());
        let text = reply.text().await.unwrap();
        Reply { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
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
    /// All of the answer but the names of this one request.
    pub fn anonymous(&self) -> String {
        let mut body = self.body.clone();
        if let Some(fields) = body.as_object_mut() {
            fields.remove("instance");
        }
        let mut lines = vec![self.status.to_string(), body.to_string()];
        // A body that nobody read closes the connection, if it came late.
        let varies = ["x-request-id", "date", "connection"];
        let headers = self.headers.iter().filter(|(name, _)| !varies.contains(&name.as_str()));
        lines.extend(headers.map(|(name, value)| format!("{name}: {value:?}")));
        // The server keeps headers in no order.
        lines.sort_unstable();
        lines.join("\n")
    }

    /// `name=value` of the cookie that was set.
    pub fn cookie(&self) -> &str {
        let set = self.headers.get("set-cookie").map_or("", |value| value.to_str().unwrap());
        set.split(';').next().unwrap()
    }

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
