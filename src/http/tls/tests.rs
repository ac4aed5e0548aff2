//! TLS over real connections: which versions are spoken, and a certificate that changes under the server.

use super::*;
use crate::{
    http::{
        fixtures::{Database, frame_with},
        routes::Routes,
        server::bind,
    },
    settings::TlsSettings,
};
use rcgen::{CertificateParams, CertifiedKey, KeyPair};
use reqwest::{Certificate, Client, tls};
use std::{fs, path::PathBuf};
use tempfile::TempDir;

/// A folder with a pair, as an operator keeps it.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A new self-signed pair in the place of the old one.
    fn renew(&self) -> Certificate {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(self.path("cert.pem"), cert.pem()).unwrap();
        fs::write(self.path("key.pem"), signing_key.serialize_pem()).unwrap();
        Certificate::from_pem(cert.pem().as_bytes()).unwrap()
    }

    fn settings(&self, min_version: TlsVersion) -> TlsSettings {
        TlsSettings { certificate: self.path("cert.pem"), key: self.path("key.pem"), min_version }
    }

    fn open(&self) -> Arc<ServerTls> {
        ServerTls::open(self.settings(TlsVersion::V1_3)).unwrap()
    }

    fn open_error(&self) -> String {
        ServerTls::open(self.settings(TlsVersion::V1_3)).unwrap_err().to_string()
    }
}

/// Serves until the test ends; its port.
fn serve(tls: &Arc<ServerTls>) -> u16 {
    let frame = frame_with(Routes::new(), &[], Database { answers: true });
    let bound = bind(frame, "127.0.0.1:0".parse().unwrap(), Some(tls)).unwrap();
    assert_eq!(bound.scheme(), "https");
    let port = bound.addresses()[0].port();
    actix_web::rt::spawn(bound.run_until(std::future::pending()));
    port
}

fn client(trusted: &Certificate) -> reqwest::ClientBuilder {
    Client::builder().tls_certs_only([trusted.clone()]).no_proxy()
}

async fn ask(client: &Client, port: u16) -> Result<reqwest::Response, reqwest::Error> {
    client.get(format!("https://localhost:{port}/healthz")).send().await
}

#[actix_web::test]
async fn tls_1_2_is_spoken_only_if_it_is_allowed() {
    let files = Files::new();
    let trusted = files.renew();
    let old = client(&trusted).tls_version_max(tls::Version::TLS_1_2).build().unwrap();
    let new = client(&trusted).build().unwrap();
    let strict = serve(&files.open());
    assert_eq!(ask(&new, strict).await.unwrap().version(), reqwest::Version::HTTP_11);
    assert!(ask(&old, strict).await.unwrap_err().is_connect());
    let wide = serve(&ServerTls::open(files.settings(TlsVersion::V1_2)).unwrap());
    assert_eq!(ask(&old, wide).await.unwrap().status(), 200);
    assert_eq!(ask(&new, wide).await.unwrap().status(), 200);
}

#[actix_web::test]
async fn plain_http_is_not_answered() {
    let files = Files::new();
    files.renew();
    let port = serve(&files.open());
    let plain = Client::builder().no_proxy().build().unwrap();
    assert!(plain.get(format!("http://127.0.0.1:{port}/healthz")).send().await.is_err());
}

#[actix_web::test]
async fn a_renewed_certificate_is_served_to_new_connections_and_old_ones_go_on() {
    let files = Files::new();
    let first = files.renew();
    let tls = files.open();
    let port = serve(&tls);
    let old = client(&first).tls_info(true).build().unwrap();
    let shown = |answer: &reqwest::Response| {
        answer.extensions().get::<tls::TlsInfo>().unwrap().peer_certificate().unwrap().to_vec()
    };
    let at_first = shown(&ask(&old, port).await.unwrap());
    let second = files.renew();
    assert!(matches!(tls.reload_if_changed(), Looked::Renewed));
    let fresh = client(&second).tls_info(true).build().unwrap();
    assert_ne!(shown(&ask(&fresh, port).await.unwrap()), at_first);
    assert_eq!(shown(&ask(&old, port).await.unwrap()), at_first, "the connection that was there");
    assert!(ask(&client(&first).build().unwrap(), port).await.is_err(), "a new connection");
}

#[actix_web::test]
async fn a_broken_pair_leaves_the_old_one_in_use() {
    let files = Files::new();
    let trusted = files.renew();
    let tls = files.open();
    let port = serve(&tls);
    fs::write(files.path("cert.pem"), "nonsense").unwrap();
    assert!(matches!(tls.reload_if_changed(), Looked::Kept(TlsError::NoCertificate { .. })));
    assert!(matches!(tls.reload_if_changed(), Looked::Unchanged), "said once, not every ten seconds");
    assert_eq!(ask(&client(&trusted).build().unwrap(), port).await.unwrap().status(), 200);
}

#[test]
fn the_files_are_read_when_they_change_or_when_somebody_asks() {
    let files = Files::new();
    files.renew();
    let tls = files.open();
    assert!(matches!(tls.reload_if_changed(), Looked::Unchanged));
    assert!(matches!(tls.reload(), Looked::Renewed));
    // One file after the other, as most programs write them.
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(files.path("cert.pem"), other.cert.pem()).unwrap();
    assert!(matches!(tls.reload_if_changed(), Looked::Kept(TlsError::Unusable(_))), "not its key");
    fs::write(files.path("key.pem"), other.signing_key.serialize_pem()).unwrap();
    assert!(matches!(tls.reload_if_changed(), Looked::Renewed));
    fs::remove_file(files.path("key.pem")).unwrap();
    assert!(matches!(tls.reload_if_changed(), Looked::Kept(TlsError::Unreadable { .. })));
}

#[test]
fn a_pair_that_is_of_no_use_is_named_at_the_start() {
    let files = Files::new();
    assert!(files.open_error().starts_with("cannot read "));
    files.renew();
    fs::write(files.path("key.pem"), "").unwrap();
    assert!(files.open_error().contains("key.pem holds no PEM private key"), "{}", files.open_error());
    fs::write(files.path("key.pem"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    assert!(files.open_error().starts_with("the certificate and its key cannot be used together"));
    fs::write(files.path("cert.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .unwrap();
    assert!(files.open_error().ends_with("cert.pem cannot be read"), "{}", files.open_error());
}

#[test]
fn the_end_of_our_own_certificate_is_known() {
    let files = Files::new();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2031, 5, 6);
    let key = KeyPair::generate().unwrap();
    fs::write(files.path("cert.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(files.path("key.pem"), key.serialize_pem()).unwrap();
    assert_eq!(files.open().not_after(), "2031-05-06T00:00:00Z".parse().unwrap());
}
