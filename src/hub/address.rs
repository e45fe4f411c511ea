//! Where mobilepayment is.

use reqwest::Url;

/// Prefix of every path of the terminal-facing protocol.
const ROOT: [&str; 2] = ["terminal", "v1"];

/// Why an address cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an absolute URL.
    #[error("the service address is not a URL such as https://host")]
    NotAUrl,
    /// Neither `https`, nor `http` on this machine.
    #[error("the service address must begin with https:// (http:// only for localhost, 127.x.x.x and [::1])")]
    NotSecure,
    /// User, password, query or fragment.
    #[error("the service address must have no user, query or fragment")]
    TooMuch,
}

/// The service's base address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Takes `https` addresses, and `http` ones of this very machine.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text.trim()).map_err(|_| AddressError::NotAUrl)?;
        let address = Self(url);
        match address.0.scheme() {
            "https" if address.0.has_host() => {}
            "http" if address.is_loopback() => {}
            _ => return Err(AddressError::NotSecure),
        }
        let url = &address.0;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if plain { Ok(address) } else { Err(AddressError::TooMuch) }
    }

    /// Whether it names this very machine, whatever the scheme.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default();
        let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
    }

    /// The URL of a route, below `/terminal/v1`.
    pub(super) fn path(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        url.path_segments_mut()
            .expect("http and https URLs have a path")
            .pop_if_empty()
            .extend(ROOT)
            .extend(segments);
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() {
        let good = [
            "https://loja.example",
            "https://10.0.0.2:8443/mp/",
            "http://localhost:9000",
            "http://127.0.0.1",
            "http://127.8.9.1:1",
            "http://[::1]:80",
        ];
        for text in good {
            assert!(Address::parse(text).is_ok(), "{text}");
        }
        let bad = [
            ("http://loja.example", AddressError::NotSecure),
            ("http://10.0.0.2", AddressError::NotSecure),
            ("http://localhost.example", AddressError::NotSecure),
            ("http://127.0.0.1.example", AddressError::NotSecure),
            ("http://0.0.0.0", AddressError::NotSecure),
            ("ftp://localhost", AddressError::NotSecure),
            ("data:text/plain,x", AddressError::NotSecure),
            ("loja.example", AddressError::NotAUrl),
            ("", AddressError::NotAUrl),
            ("https://user@loja.example", AddressError::TooMuch),
            ("https://loja.example/?a=b", AddressError::TooMuch),
        ];
        for (text, error) in bad {
            assert_eq!(Address::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_base_path_is_kept() {
        for base in ["https://loja.example/mp", "https://loja.example/mp/"] {
            let url = Address::parse(base).unwrap().path(&["prints", "pr_1", "result"]);
            assert_eq!(url.as_str(), "https://loja.example/mp/terminal/v1/prints/pr_1/result");
        }
        let url = Address::parse("http://localhost:9").unwrap().path(&["feed"]);
        assert_eq!(url.as_str(), "http://localhost:9/terminal/v1/feed");
    }
}
