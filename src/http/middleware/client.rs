//! Who sends a request, as far as the network tells.
//!
//! What a request says about its way is believed only from listed proxies, from the nearest one outwards, and
//! only as far as the first address that is not listed. Anything odd makes the peer itself the client.

use crate::{http::edge::Edge, op::Origin};
use actix_web::{
    HttpRequest,
    http::header::{FORWARDED, HeaderMap, HeaderName, USER_AGENT, X_FORWARDED_FOR},
    web::Data,
};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const MAX_USER_AGENT_CHARS: usize = 256;

/// The client's address, and what it calls itself.
pub(in crate::http) fn origin(request: &HttpRequest) -> Origin {
    let user_agent = request.headers().get(USER_AGENT).map(|value| tame(value.as_bytes()).into());
    Origin { ip: client_ip(request), user_agent }
}

pub(in crate::http) fn client_ip(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let edge = request.app_data::<Data<Edge>>();
    Some(edge.map_or(peer, |edge| edge.proxies.client(peer, request.headers())))
}

/// Whether a request came through something that passes requests on.
pub(in crate::http) fn was_passed_on(headers: &HeaderMap) -> bool {
    const OF_PROXIES: [&str; 5] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];
    OF_PROXIES.iter().any(|name| headers.contains_key(*name))
}

/// The proxies in front of us.
pub(in crate::http) struct TrustedProxies(Vec<IpNet>);

/// A header that says something else than addresses.
struct Odd;

impl TrustedProxies {
    pub(in crate::http) fn new(listed: Vec<IpNet>) -> Self {
        Self(listed)
    }

    fn lists(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&ip))
    }

    /// A proxy sets one of the two headers and may pass the other on as the client sent it: where both are
    /// there, they must agree.
    pub(in crate::http) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.lists(peer) {
            return peer;
        }
        match (self.walk(headers, &X_FORWARDED_FOR, node), self.walk(headers, &FORWARDED, forwarded_for)) {
            (Ok(Some(client)), Ok(None)) | (Ok(None), Ok(Some(client))) => client,
            (Ok(Some(one)), Ok(Some(other))) if one == other => one,
            _ => peer,
        }
    }

    /// From right to left: the last entry was written by the proxy that is nearest to us.
    fn walk(
        &self,
        headers: &HeaderMap,
        name: &HeaderName,
        read: fn(&str) -> Option<IpAddr>,
    ) -> Result<Option<IpAddr>, Odd> {
        let lines: Vec<&str> =
            headers.get_all(name).map(|line| line.to_str()).collect::<Result<_, _>>().map_err(|_| Odd)?;
        let mut farthest = None;
        for hop in lines.iter().flat_map(|line| line.split(',')).rev() {
            let hop = read(hop.trim()).ok_or(Odd)?;
            farthest = Some(hop);
            if !self.lists(hop) {
                break;
            }
        }
        Ok(farthest)
    }
}

/// An address, perhaps with a port: `192.0.2.7`, `192.0.2.7:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let alone = bare.parse::<IpAddr>().ok();
    alone.or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip())).map(|ip| ip.to_canonical())
}

/// One element of RFC 7239: `for="[2001:db8::1]:4711";proto=https`. Names such as `_hidden` are no addresses.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    let value = value.trim();
    node(value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value))
}

/// For the audit and the logs: short, and without control characters.
fn tame(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().take(MAX_USER_AGENT_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;
    use proptest::prelude::*;
    use rstest::rstest;

    #[test]
    fn a_long_or_odd_user_agent_is_tamed() {
        assert_eq!(tame(b"curl/8\x1b[2J"), "curl/8 [2J");
        assert_eq!(tame(&[b'x'; 1000]).len(), 256);
    }

    const PROXY: &str = "10.0.0.1";

    #[rstest]
    #[case::nothing_said(PROXY, &[], PROXY)]
    #[case::one_proxy(PROXY, &[("x-forwarded-for", "192.0.2.7")], "192.0.2.7")]
    #[case::the_client_lies(PROXY, &[("x-forwarded-for", "127.0.0.1, 192.0.2.7")], "192.0.2.7")]
    #[case::over_several_lines(PROXY, &[("x-forwarded-for", "8.8.8.8"), ("x-forwarded-for", "192.0.2.7")], "192.0.2.7")]
    #[case::two_proxies(PROXY, &[("x-forwarded-for", "8.8.8.8, 192.0.2.7, 10.2.3.4")], "192.0.2.7")]
    #[case::only_proxies(PROXY, &[("x-forwarded-for", "10.9.9.9, 10.2.3.4")], "10.9.9.9")]
    #[case::junk_further_out(PROXY, &[("x-forwarded-for", "\"',<script>, 192.0.2.7")], "192.0.2.7")]
    #[case::junk_nearby(PROXY, &[("x-forwarded-for", "192.0.2.7, unknown")], PROXY)]
    #[case::an_empty_hop(PROXY, &[("x-forwarded-for", "192.0.2.7,")], PROXY)]
    #[case::with_a_port(PROXY, &[("x-forwarded-for", "192.0.2.7:4711")], "192.0.2.7")]
    #[case::six(PROXY, &[("x-forwarded-for", "[2001:db8::1]:4711")], "2001:db8::1")]
    #[case::six_bare(PROXY, &[("x-forwarded-for", "2001:db8::1")], "2001:db8::1")]
    #[case::mapped(PROXY, &[("x-forwarded-for", "::ffff:192.0.2.7")], "192.0.2.7")]
    #[case::rfc_7239(PROXY, &[("forwarded", "for=8.8.8.8, For=\"[2001:db8::1]:4711\";proto=https")], "2001:db8::1")]
    #[case::hidden(PROXY, &[("forwarded", "for=_hidden")], PROXY)]
    #[case::no_for(PROXY, &[("forwarded", "proto=https")], PROXY)]
    #[case::both_agree(PROXY, &[("forwarded", "for=192.0.2.7"), ("x-forwarded-for", "192.0.2.7")], "192.0.2.7")]
    #[case::one_was_smuggled(PROXY, &[("forwarded", "for=8.8.8.8"), ("x-forwarded-for", "192.0.2.7")], PROXY)]
    #[case::not_a_listed_peer("192.0.2.66", &[("x-forwarded-for", "8.8.8.8"), ("forwarded", "for=8.8.8.8")], "192.0.2.66")]
    #[case::a_listed_six("fd00::1", &[("x-forwarded-for", "192.0.2.7")], "192.0.2.7")]
    fn only_listed_proxies_are_believed(
        #[case] peer: &str,
        #[case] sent: &[(&'static str, &'static str)],
        #[case] client: &str,
    ) {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        assert_eq!(proxies.client(peer.parse().unwrap(), &headers).to_string(), client);
    }

    #[test]
    fn by_default_nobody_is_believed() {
        let mut headers = HeaderMap::new();
        headers.insert(X_FORWARDED_FOR, "8.8.8.8".parse().unwrap());
        let peer: IpAddr = "127.0.0.1".parse().unwrap();
        assert_eq!(TrustedProxies::new(Vec::new()).client(peer, &headers), peer);
    }

    proptest! {
        /// Whatever is written to the left of it, the nearest address that is not listed is the client.
        #[test]
        fn nothing_further_out_changes_the_client(junk in "[ -~]{0,60}", hops in 0_usize..3) {
            let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
            let mut headers = HeaderMap::new();
            let line = format!("{junk}, 192.0.2.7{}", ", 10.0.0.2".repeat(hops));
            headers.insert(X_FORWARDED_FOR, line.parse().unwrap());
            let client = proxies.client("10.0.0.1".parse().unwrap(), &headers);
            prop_assert_eq!(client.to_string(), "192.0.2.7");
        }

        #[test]
        fn odd_headers_break_nothing(sent in proptest::collection::vec(any::<u8>(), 0..80)) {
            let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
            for name in [X_FORWARDED_FOR, FORWARDED] {
                let mut headers = HeaderMap::new();
                if let Ok(value) = HeaderValue::from_bytes(&sent) {
                    headers.insert(name, value);
                }
                let peer: IpAddr = "192.0.2.66".parse().unwrap();
                prop_assert_eq!(proxies.client(peer, &headers), peer);
                proxies.client("10.0.0.1".parse().unwrap(), &headers);
            }
        }
    }
}
