//! What kept an answer from coming, read from the chain of causes.

use std::error::Error;
use std::io;

use rustls::CertificateError as C;

use crate::flow::{CallFailure, Unreachable};

pub(super) fn classify(error: &reqwest::Error) -> CallFailure {
    let unreachable = if let Some(tls) = find::<rustls::Error>(error) {
        from_tls(tls)
    } else if error.is_timeout() {
        Unreachable::Timeout
    } else if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        Unreachable::NotOurs
    } else {
        Unreachable::NoConnection
    };
    log::debug!("no answer from the service: {unreachable:?}");
    CallFailure::Unreachable(unreachable)
}

fn from_tls(error: &rustls::Error) -> Unreachable {
    // rustls's enums are open; what is not named here speaks something else than TLS, or a TLS that we refuse.
    if let rustls::Error::InvalidCertificate(reason) = error {
        let by_time = matches!(
            reason,
            C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. }
        );
        return if by_time { Unreachable::Clock } else { Unreachable::Certificate };
    }
    if matches!(error, rustls::Error::NoCertificatesPresented) {
        return Unreachable::Certificate;
    }
    Unreachable::NotOurs
}

/// The first cause of type `E`. An `io::Error` hides the error that it wraps from `source`, so it is looked into.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}
