//! Where an IP address leads (IANA's special-purpose registries, RFC 6890).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leads {
    Outside,
    /// To this machine.
    Here,
    /// Into a network of somebody: RFC 1918, RFC 6598, RFC 4193.
    Private,
    /// To the link, to a cloud's metadata, to many, or nowhere.
    Special,
}

/// An address within an address counts as what it carries.
pub(super) fn leads(ip: IpAddr) -> Leads {
    match ip.to_canonical() {
        IpAddr::V4(ip) => four(ip),
        IpAddr::V6(ip) => six(ip),
    }
}

fn four(ip: Ipv4Addr) -> Leads {
    match ip.octets() {
        [127, ..] => Leads::Here,
        // Alibaba's metadata, the link (and most metadata), protocols, examples, relays, benchmarks; this
        // network, multicast, reserved.
        [100, 100, 100, 200]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [0 | 224..=255, ..] => Leads::Special,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Leads::Private,
        _ => Leads::Outside,
    }
}

fn six(ip: Ipv6Addr) -> Leads {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Leads::Here,
        // NAT64 and 6to4 carry an IPv4 address.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => four(joined(high, low)),
        segments if is_set_apart(segments) => Leads::Special,
        [0xfc00..=0xfdff, ..] => Leads::Private,
        [0x2000..=0x3fff, ..] => Leads::Outside,
        _ => Leads::Special,
    }
}

/// Amazon's metadata and time, among private addresses; tunnels, protocols and examples, among public ones.
fn is_set_apart(segments: [u16; 8]) -> bool {
    matches!(segments, [0xfd00, 0x0ec2, ..] | [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..])
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low))
}
