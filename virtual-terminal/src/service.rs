//! Where mobilepayment is.

use url::Url;

/// mobilepayment's base address. Plain HTTP, because the relay between agent and service carries bytes under another
/// name and port, which no certificate would allow; the virtual terminal is for a loopback or a test network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAddress {
    url: String,
    host_and_port: String,
}

/// Not an address that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("service address must look like http://127.0.0.1:8080, not {0:?}")]
pub struct InvalidServiceAddress(String);

impl ServiceAddress {
    /// Parses `http://host:port`.
    pub fn parse(text: &str) -> Result<Self, InvalidServiceAddress> {
        let invalid = || InvalidServiceAddress(text.to_owned());
        let url = Url::parse(text).map_err(|_| invalid())?;
        let plain = url.scheme() == "http"
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let (Some(host), Some(port), true) = (url.host_str(), url.port_or_known_default(), plain) else {
            return Err(invalid());
        };
        Ok(Self {
            url: url.as_str().trim_end_matches('/').to_owned(),
            host_and_port: format!("{host}:{port}"),
        })
    }

    /// Without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// To connect to.
    #[must_use]
    pub fn host_and_port(&self) -> &str {
        &self.host_and_port
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_address_is_a_plain_base() {
        let address = ServiceAddress::parse("http://127.0.0.1:8080/").unwrap();
        assert_eq!((address.url(), address.host_and_port()), ("http://127.0.0.1:8080", "127.0.0.1:8080"));
        for bad in ["https://a", "http://a/b", "http://u:p@a", "127.0.0.1:80", "http://", "http://a?x", ""] {
            assert!(ServiceAddress::parse(bad).is_err(), "{bad}");
        }
    }
}
