//! Who sends a request, as far as the network tells.

use crate::op::Origin;
use actix_web::{HttpRequest, http::header::USER_AGENT};

const MAX_USER_AGENT_CHARS: usize = 256;

/// The address of the peer, and what it calls itself.
pub(in crate::http) fn origin(request: &HttpRequest) -> Origin {
    let ip = request.peer_addr().map(|address| address.ip().to_canonical());
    let user_agent = request.headers().get(USER_AGENT).map(|value| tame(value.as_bytes()).into());
    Origin { ip, user_agent }
}

/// For the audit and the logs: short, and without control characters.
fn tame(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().take(MAX_USER_AGENT_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::tame;

    #[test]
    fn a_long_or_odd_user_agent_is_tamed() {
        assert_eq!(tame(b"curl/8\x1b[2J"), "curl/8 [2J");
        assert_eq!(tame(&[b'x'; 1000]).len(), 256);
    }
}
