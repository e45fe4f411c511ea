//! Keeps foreign web pages away from the terminals.
//!
//! The port is on loopback, but any page in the same browser can send requests there, by address or by a name that it
//! makes point to loopback. Therefore: only loopback names in `Host`, and no `Origin` but our own.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;

/// Lets through only what is addressed to loopback and comes from our own pages or from no page at all.
pub(super) async fn loopback_only(request: Request, next: Next) -> Response {
    if is_ours(request.headers()) { next.run(request).await } else { refused() }
}

fn is_ours(headers: &HeaderMap) -> bool {
    let header = |name| match headers.get(name).map(HeaderValue::to_str) {
        None => Ok(None),
        Some(Ok(text)) => Ok(Some(text)),
        Some(Err(_)) => Err(()),
    };
    let (Ok(host), Ok(origin)) = (header(header::HOST), header(header::ORIGIN)) else {
        return false;
    };
    let host = host.unwrap_or_default();
    is_loopback(host) && origin.is_none_or(|origin| origin == format!("http://{host}"))
}

fn refused() -> Response {
    ApiError::new(StatusCode::FORBIDDEN, "loopback_only", "use o endereço local, sem vir de outra página")
        .into_response()
}

/// `127.0.0.1`, `localhost` or `[::1]`, with or without port.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !port.is_empty() => name,
        Some(_) | None => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_answered() {
        for host in ["127.0.0.1", "127.0.0.1:80", "localhost:9000", "[::1]", "[::1]:80"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in
            ["", "evil.example:80", "127.0.0.1.evil.example", "localhost:", "127.0.0.1:80:80x", "[::2]:80"]
        {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
