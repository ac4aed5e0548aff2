use super::{
    addresses::{Leads, leads},
    *,
};
use crate::settings::NetSettings;
use rstest::rstest;
use url::Url;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

#[rstest]
#[case::outside(Leads::Outside, &["8.8.8.8", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.63.0.1", "100.128.0.1", "169.253.0.1", "223.255.255.255", "2600:1f18::1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"])]
#[case::here(Leads::Here, &["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"])]
#[case::private(Leads::Private, &["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12:3456::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1"])]
#[case::metadata(Leads::Special, &["169.254.169.254", "169.254.170.2", "fd00:ec2::254", "fd00:ec2::23", "100.100.100.200", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"])]
#[case::link(Leads::Special, &["169.254.0.1", "fe80::1", "febf::1", "fec0::1"])]
#[case::many(Leads::Special, &["224.0.0.1", "239.1.1.1", "ff02::1", "255.255.255.255"])]
#[case::nowhere(Leads::Special, &["0.0.0.0", "0.1.2.3", "::", "::7f00:1", "100::1", "64:ff9b:1::1", "240.0.0.1", "192.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "192.88.99.1", "2001::1", "2001:db8::1", "3fff::1", "4000::1", "5f00::1"])]
fn an_address_leads_there(#[case] expected: Leads, #[case] addresses: &[&str]) {
    for address in addresses {
        assert_eq!(leads(address.parse().unwrap()), expected, "{address}");
    }
}

fn outbound(allowed: &[&str]) -> Outbound {
    let allowed_networks = allowed.iter().map(|net| net.parse().unwrap()).collect();
    Outbound::new(&NetSettings { allowed_networks, ..NetSettings::default() }).unwrap()
}

fn check(outbound: &Outbound, trust: Trust, url: &str) -> Result<(), Refused> {
    outbound.client(trust).check(&url.parse().unwrap())
}

/// All the ways to write an address lead to the same answer.
#[rstest]
#[case("https://127.0.0.1/")]
#[case("https://2130706433/")]
#[case("https://0x7f.1/")]
#[case("https://0177.0.0.1/")]
#[case("https://[::1]/")]
#[case("https://[::ffff:127.0.0.1]/")]
#[case("https://10.0.0.1/")]
#[case("https://169.254.169.254/latest/meta-data/")]
#[case("https://[fd00:ec2::254]/")]
#[case("https://[fe80::1]/")]
#[case("https://0.0.0.0/")]
fn users_do_not_reach_inside(#[case] url: &str) {
    assert!(matches!(check(&outbound(&[]), Trust::FromUsers, url), Err(Refused::Inside(_))), "{url}");
}

#[test]
fn only_https_is_asked() {
    for url in
        ["http://issuer.example/keys", "ftp://issuer.example/", "file:///etc/passwd", "http://8.8.8.8/"]
    {
        assert_eq!(check(&outbound(&[]), Trust::Configured, url), Err(Refused::NotHttps), "{url}");
    }
    let with_password = check(&outbound(&[]), Trust::Configured, "https://u:p@issuer.example/");
    assert_eq!(with_password, Err(Refused::Credentials));
    assert_eq!(check(&outbound(&[]), Trust::FromUsers, "https://issuer.example/keys"), Ok(()));
}

#[test]
fn the_operator_may_name_this_machine_outside_of_production() {
    let url = "http://127.0.0.1:8080/keys";
    assert_eq!(check(&outbound(&[]), Trust::Configured, url), Ok(()));
    let production = NetSettings { production: true, ..NetSettings::default() };
    let strict = Outbound::new(&production).unwrap();
    assert!(check(&strict, Trust::Configured, url).is_err());
    let listed = NetSettings { allowed_networks: vec!["127.0.0.0/8".parse().unwrap()], ..production };
    assert_eq!(check(&Outbound::new(&listed).unwrap(), Trust::Configured, url), Ok(()));
}

#[test]
fn what_is_listed_is_reached_and_nothing_beside_it() {
    let listed = outbound(&["10.1.0.0/16", "fd00:abcd::/32"]);
    assert_eq!(check(&listed, Trust::FromUsers, "https://10.1.2.3/"), Ok(()));
    assert_eq!(check(&listed, Trust::FromUsers, "https://[::ffff:10.1.2.3]/"), Ok(()));
    assert_eq!(check(&listed, Trust::FromUsers, "https://[fd00:abcd::1]/"), Ok(()));
    assert!(check(&listed, Trust::FromUsers, "https://10.2.0.1/").is_err());
    let all = Outbound::new(&NetSettings { allow_private: true, ..NetSettings::default() }).unwrap();
    assert_eq!(check(&all, Trust::FromUsers, "https://192.168.1.1/"), Ok(()));
    for never in ["https://169.254.169.254/", "https://[fd00:ec2::254]/", "https://127.0.0.1/"] {
        assert!(check(&all, Trust::FromUsers, never).is_err(), "{never}");
    }
}

/// The name is harmless, what it resolves to is not.
#[tokio::test]
async fn a_name_that_leads_inside_is_refused_when_it_is_resolved() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let url: Url = format!("http://localhost:{}/", server.address().port()).parse().unwrap();
    let error = outbound(&[]).client(Trust::FromUsers).get(&url, 100).await.unwrap_err();
    assert!(
        format!("{error:?}").contains("Inside(127.0.0.1)") || format!("{error:?}").contains("Inside(::1)"),
        "{error:?}"
    );
    assert_eq!(server.received_requests().await.unwrap().len(), 0, "no connection was made");
}

#[tokio::test]
async fn no_redirect_is_followed_and_no_endless_answer_is_read() {
    let server = MockServer::start().await;
    let url: Url = format!("{}/", server.uri()).parse().unwrap();
    let away = ResponseTemplate::new(302).insert_header("Location", "https://169.254.169.254/");
    Mock::given(any()).respond_with(away).up_to_n_times(1).mount(&server).await;
    let outbound = outbound(&[]);
    let client = outbound.client(Trust::Configured);
    assert!(matches!(client.get(&url, 100).await, Err(FetchError::Status(status)) if status == 302));
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_string("x".repeat(101)))
        .mount(&server)
        .await;
    assert!(matches!(client.get(&url, 100).await, Err(FetchError::TooLarge(100))));
    assert_eq!(client.get(&url, 101).await.unwrap().len(), 101);
}

fn post<'a>(url: &'a Url, body: &'a str) -> Post<'a> {
    Post { url, headers: &[], body }
}

/// A server that does one thing with whoever connects.
fn listen(serve: impl Fn(std::net::TcpStream) + Send + 'static) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(serve));
    port
}

fn read_request(stream: &mut impl std::io::Read) {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(b"body!") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        seen.push(byte[0]);
    }
}

#[tokio::test]
async fn of_an_answer_the_head_alone_is_read() {
    use std::io::Write;
    let port = listen(|mut stream| {
        read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 999999999\r\n\r\n");
        while stream.write_all(&[b'x'; 8_192]).is_ok() {}
    });
    let url: Url = format!("http://127.0.0.1:{port}/").parse().unwrap();
    let head = outbound(&[]).client(Trust::Configured).post(post(&url, "body!")).await.unwrap();
    assert_eq!(head, Head { status: 503, retry_after: Some(std::time::Duration::from_secs(7)) });
}

/// A certificate that nobody vouches for.
fn untrusted() -> u16 {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = std::sync::Arc::new(config);
    listen(move |mut stream| {
        let mut tls = rustls::ServerConnection::new(std::sync::Arc::clone(&config)).unwrap();
        while tls.complete_io(&mut stream).is_ok_and(|(read, written)| read + written > 0) {}
    })
}

#[tokio::test]
async fn why_there_is_no_answer_is_told_apart() {
    let here = outbound(&["127.0.0.0/8", "::1/128"]);
    let ask = async |outbound: &Outbound, url: &str| {
        let url: Url = url.parse().unwrap();
        outbound.client(Trust::FromUsers).post(post(&url, "body!")).await.unwrap_err()
    };
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(ask(&here, &format!("http://127.0.0.1:{closed}/")).await, NoHead::NoConnection);
    let breaks = listen(|mut stream| read_request(&mut stream));
    assert_eq!(ask(&here, &format!("http://127.0.0.1:{breaks}/")).await, NoHead::Broken);
    assert_eq!(ask(&here, &format!("https://localhost:{}/", untrusted())).await, NoHead::NotTrusted);
    let plain = listen(|mut stream| {
        let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Speak TLS\r\n\r\n");
        read_request(&mut stream);
    });
    assert_eq!(ask(&here, &format!("https://127.0.0.1:{plain}/")).await, NoHead::NotTrusted, "no TLS at all");
    assert_eq!(ask(&here, "http://hooks.example.com/").await, NoHead::Refused);
    assert_eq!(ask(&outbound(&[]), "https://127.0.0.1/").await, NoHead::Refused);
    let by_name = format!("https://localhost:{}/", untrusted());
    assert_eq!(ask(&outbound(&[]), &by_name).await, NoHead::Refused, "refused when it is resolved");
}
