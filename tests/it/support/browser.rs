//! As much of a browser as signing in needs: it keeps cookies for each site, follows redirects one by one, and
//! sends forms.
//!
//! It believes that Tuner is at `https://tuner.example`, as its settings say, and reaches it where it listens; so
//! it sends Tuner's Secure cookies over plain HTTP, which a real one does on the machine itself.

use super::{oidc_provider, server::Server};
use reqwest::{
    Client, StatusCode,
    header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, SET_COOKIE},
    redirect::Policy,
};
use serde_json::Value;
use std::collections::BTreeMap;
use url::{Url, form_urlencoded};

pub const TUNER: &str = "https://tuner.example";

pub struct Browser {
    http: Client,
    tuner: String,
    /// Site → name → value.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Page {
    pub fn location(&self) -> Option<Url> {
        let location = self.headers.get(LOCATION)?.to_str().unwrap();
        Some(self.url.join(location).unwrap())
    }

    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
    }

    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) {
        let body: Value = serde_json::from_str(&self.text).unwrap_or_default();
        assert_eq!((self.status.as_u16(), body["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        assert!(self.set_cookies().is_empty(), "nobody is signed in: {:?}", self.set_cookies());
    }
}

impl Browser {
    pub fn new(server: &Server) -> Self {
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { http, tuner: server.url().to_owned(), cookies: BTreeMap::new() }
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(TUNER)?.get(name).map(String::as_str)
    }

    pub async fn get(&mut self, url: &str) -> Page {
        self.send(url, None).await
    }

    async fn send(&mut self, url: &str, form: Option<&[(&str, &str)]>) -> Page {
        let url = Url::parse(url).unwrap();
        let site = url.origin().ascii_serialization();
        let reached = url.as_str().replacen(TUNER, &self.tuner, 1);
        let mut request = match form {
            None => self.http.get(reached),
            Some(form) => {
                let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
                self.http.post(reached).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
            }
        };
        let kept = self.cookies.entry(site).or_default();
        if !kept.is_empty() {
            let all: Vec<String> = kept.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(COOKIE, all.join("; "));
        }
        let reply = request.send().await.unwrap();
        let (status, headers) = (reply.status(), reply.headers().clone());
        for value in headers.get_all(SET_COOKIE) {
            let (name, rest) = value.to_str().unwrap().split_once('=').unwrap();
            match rest.split(';').next().unwrap() {
                "" => drop(kept.remove(name)),
                value => drop(kept.insert(name.to_owned(), value.to_owned())),
            }
        }
        Page { url, status, headers, text: reply.text().await.unwrap() }
    }

    /// Begins a sign-in and does at the provider what a person does; gives the address that leads back to Tuner.
    pub async fn authorize(&mut self, person: &str) -> Url {
        let start = format!("{TUNER}/api/v1/auth/oidc/start?returnTo=/recommendations%3Fstatus%3DACTIVE");
        let mut page = self.get(&start).await;
        for _ in 0..12 {
            page = match page.location() {
                Some(back) if back.as_str().starts_with(TUNER) => return back,
                Some(next) => self.get(next.as_str()).await,
                None => self.fill_in(&page, person).await,
            };
        }
        panic!("the provider does not come to an end: {} {}", page.url, page.text)
    }

    /// The provider's two forms: who one is, and that Tuner may know.
    async fn fill_in(&mut self, page: &Page, person: &str) -> Page {
        assert!(page.url.as_str().starts_with(oidc_provider::url()), "{} {}", page.url, page.text);
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let prompt = if page.text.contains("value=\"login\"") { "login" } else { "consent" };
        let form = [("prompt", prompt), ("login", person), ("password", "any")];
        self.send(page.url.as_str(), Some(&form)).await
    }

    /// All of it.
    pub async fn sign_in(&mut self, person: &str) -> Page {
        let back = self.authorize(person).await;
        self.get(back.as_str()).await
    }
}
