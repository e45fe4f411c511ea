//! The system's HTTP proxy: the acquirer's SIM card lets nothing through but by way of one.

use core::fmt;

use reqwest::Url;

/// An HTTP proxy. HTTPS goes through it by `CONNECT`, so it sees the service's name and no more.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy(Url);

/// Why a proxy cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a proxy: a host name or address, and a port from 1 to 65535")]
pub struct ProxyError;

impl Proxy {
    /// Takes what the system says: a host name, an IPv4 address, or an IPv6 address with or without brackets.
    pub fn new(host: &str, port: u16) -> Result<Self, ProxyError> {
        let bare = host.trim().trim_start_matches('[').trim_end_matches(']');
        let host =
            if bare.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{bare}]") } else { bare.to_owned() };
        let url = Url::parse(&format!("http://{host}:{port}")).map_err(|_| ProxyError)?;
        let plain = url.path() == "/"
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if port > 0 && url.has_host() && plain { Ok(Self(url)) } else { Err(ProxyError) }
    }

    pub(super) const fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_host_and_a_port_and_nothing_else() {
        let good = [
            ("10.0.0.1", 8080, "http://10.0.0.1:8080/"),
            (" proxy.operadora.example ", 80, "http://proxy.operadora.example/"),
            ("fd00::1", 3128, "http://[fd00::1]:3128/"),
            ("[fd00::1]", 3128, "http://[fd00::1]:3128/"),
        ];
        for (host, port, url) in good {
            assert_eq!(Proxy::new(host, port).unwrap().url().as_str(), url);
        }
        for (host, port) in [
            ("", 80),
            ("10.0.0.1", 0),
            ("a b", 80),
            ("user@host", 80),
            (":secret@host", 80),
            ("host/path", 80),
            ("h?q", 80),
            ("h#f", 80),
        ] {
            assert_eq!(Proxy::new(host, port), Err(ProxyError), "{host:?}");
        }
    }
}
