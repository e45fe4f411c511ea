//! Query strings as Android's `Uri` class reads and writes them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// Longest request that is read, in bytes: above this Android's binder has refused the intent anyway.
pub(super) const MAX_REQUEST_BYTES: usize = 1_000_000;
/// Most parameters that a request may have; the longest documented one has eight.
const MAX_PARAMS: usize = 64;

/// What `android.net.Uri.encode` leaves as it is, besides letters and digits.
const LEFT_AS_IS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'-')
    .remove(b'!')
    .remove(b'.')
    .remove(b'~')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*');

/// Why a request cannot be served; the sentence is shown on the simulated app.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestProblem {
    /// Not a URI, or too long.
    #[error("o pedido não é um endereço legível")]
    NotAUri,
    /// No app of the acquirer answers to this scheme and host.
    #[error("nenhum aplicativo da adquirente atende {0}")]
    UnknownApp(String),
    /// A parameter that the app needs is absent.
    #[error("falta o parâmetro {0}")]
    Missing(&'static str),
    /// A parameter appears more than once.
    #[error("o parâmetro {0} aparece mais de uma vez")]
    Repeated(String),
    /// A parameter has a value that the app does not know.
    #[error("o parâmetro {name} tem o valor inválido “{value}”")]
    Invalid {
        /// Which.
        name: &'static str,
        /// The value, cut when long.
        value: String,
    },
}

impl RequestProblem {
    /// A bad value, cut to what fits on a screen.
    pub(super) fn invalid(name: &'static str, value: &str) -> Self {
        /// Characters of a bad value that are shown.
        const SHOWN: usize = 40;
        Self::Invalid { name, value: value.chars().take(SHOWN).collect() }
    }
}

/// A request URI taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// `payment-app`.
    pub(super) scheme: String,
    /// `pay`.
    pub(super) host: String,
    params: Vec<(String, String)>,
}

impl Parts {
    /// Takes a URI apart. Parameter names keep their case, because the acquirer's apps tell them apart by it.
    pub(super) fn read(uri: &str) -> Result<Self, RequestProblem> {
        if uri.len() > MAX_REQUEST_BYTES {
            return Err(RequestProblem::NotAUri);
        }
        let url = Url::parse(uri).map_err(|_| RequestProblem::NotAUri)?;
        let mut params: Vec<(String, String)> = Vec::new();
        for (name, value) in url.query_pairs() {
            if params.len() == MAX_PARAMS {
                return Err(RequestProblem::NotAUri);
            }
            if params.iter().any(|(known, _)| *known == name) {
                return Err(RequestProblem::Repeated(name.into_owned()));
            }
            params.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str().unwrap_or_default().to_owned(),
            params,
        })
    }

    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that must be there.
    pub(super) fn need(&self, name: &'static str) -> Result<&str, RequestProblem> {
        self.get(name).ok_or(RequestProblem::Missing(name))
    }
}

/// Builds a return URI; `None` becomes the text `null`, as `appendQueryParameter` with a null value does.
pub(super) fn build(scheme: &str, host: &str, params: &[(&str, Option<&str>)]) -> String {
    let mut uri = format!("{scheme}://{host}");
    for (index, (name, value)) in params.iter().enumerate() {
        uri.push(if index == 0 { '?' } else { '&' });
        uri.push_str(name);
        uri.push('=');
        uri.extend(utf8_percent_encode(value.unwrap_or("null"), LEFT_AS_IS));
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_with_its_case_and_its_percent_signs() {
        let parts = Parts::read("printer-app://print?SCHEME_RETURN=posconnect&X=a%20b%2Fc+d").unwrap();
        assert_eq!((parts.scheme.as_str(), parts.host.as_str()), ("printer-app", "print"));
        assert_eq!(parts.get("X"), Some("a b/c d"));
        assert_eq!(parts.get("scheme_return"), None);
        assert_eq!(parts.need("x"), Err(RequestProblem::Missing("x")));
    }

    #[test]
    fn a_repeated_parameter_is_a_problem() {
        let read = Parts::read("payment-app://pay?amount=1&amount=2");
        assert_eq!(read, Err(RequestProblem::Repeated("amount".to_owned())));
    }

    #[test]
    fn a_return_is_written_as_android_writes_it() {
        let uri = build(
            "posconnect",
            "pay-response",
            &[("type", Some("Débito à vista")), ("pan", Some("627303****2166")), ("brand", None)],
        );
        assert_eq!(
            uri,
            "posconnect://pay-response?type=D%C3%A9bito%20%C3%A0%20vista&pan=627303****2166&brand=null"
        );
    }
}
