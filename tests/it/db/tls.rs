//! TLS to the database: a server that cannot prove who it is, is refused in a line that says what to do.
//!
//! Loopback is exempt by default, so the tests ask for what every other host gets without asking.

use crate::support::{database::small_pool, mysql};
use std::{fs, net::TcpListener, path::Path};
use tuner::db::Database;

/// A port that was free a moment ago.
fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn listening(port: u16) -> Vec<String> {
    vec![format!("--port={port}"), "--bind-address=127.0.0.1".to_owned()]
}

fn url(host: &str, port: u16, more: &str) -> String {
    format!("mysql://root@{host}:{port}/mysql?ssl-mode=VERIFY_IDENTITY{more}")
}

async fn refusal(url: &str) -> String {
    Database::connect(url, &small_pool()).await.expect_err("refused").to_string()
}

#[tokio::test]
async fn a_server_without_tls_is_refused() {
    let port = port();
    mysql::launch(&listening(port));
    let said = refusal(&url("localhost", port, "")).await;
    assert_eq!(
        said,
        format!(
            "the connection to the database at localhost:{port}/mysql cannot be trusted (error occurred while \
             attempting to establish a TLS connection: server does not support TLS): give the certificate of \
             its authority as ?ssl-ca=/path/ca.pem, or a weaker ssl-mode where the way to it is safe by itself"
        )
    );
}

/// A certificate for `localhost`, signed by itself.
fn write_pair(folder: &Path) -> Vec<String> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let option = |name: &str, file: &str| format!("--{name}={}", folder.join(file).display());
    vec![option("ssl-cert", "cert.pem"), option("ssl-key", "key.pem")]
}

#[tokio::test]
async fn only_the_server_whose_authority_is_named_is_trusted() {
    let (folder, port) = (tempfile::tempdir().unwrap(), port());
    let options = [listening(port), write_pair(folder.path())].concat();
    mysql::launch(&options);
    let authority = format!("&ssl-ca={}", folder.path().join("cert.pem").display());

    let unknown = refusal(&url("localhost", port, "")).await;
    assert!(unknown.contains("cannot be trusted") && unknown.contains("?ssl-ca="), "{unknown}");
    let another_name = refusal(&url("127.0.0.1", port, &authority)).await;
    assert!(another_name.contains("cannot be trusted"), "{another_name}");
    assert!(!unknown.contains('\n') && !another_name.contains('\n'));
    let trusted = Database::connect(&url("localhost", port, &authority), &small_pool()).await.unwrap();
    trusted.ping().await.unwrap();
    trusted.close().await;
}
