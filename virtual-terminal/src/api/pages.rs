//! The pages and what they are made of. Everything is inside the program; nothing is fetched from elsewhere.

use axum::extract::Path;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::body::At;
use super::error::ApiError;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
/// The pages may use what comes from here and nothing else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'";

const ASSETS: [(&str, &str, &str); 10] = [
    ("style.css", CSS, include_str!("../page/style.css")),
    ("device.css", CSS, include_str!("../page/device.css")),
    ("dom.js", JS, include_str!("../page/dom.js")),
    ("api.js", JS, include_str!("../page/api.js")),
    ("screen.js", JS, include_str!("../page/screen.js")),
    ("overlay.js", JS, include_str!("../page/overlay.js")),
    ("bench.js", JS, include_str!("../page/bench.js")),
    ("terminal.js", JS, include_str!("../page/terminal.js")),
    ("index.js", JS, include_str!("../page/index.js")),
    ("icon.svg", SVG, include_str!("../page/icon.svg")),
];

/// `GET /`
pub(super) async fn index() -> Response {
    content(StatusCode::OK, HTML, include_str!("../page/index.html"))
}

/// `GET /t/{serial}`
pub(super) async fn terminal(at: Result<At, ApiError>) -> Response {
    match at {
        Ok(_) => content(StatusCode::OK, HTML, include_str!("../page/terminal.html")),
        Err(_) => content(StatusCode::NOT_FOUND, HTML, include_str!("../page/unknown.html")),
    }
}

/// `GET /assets/{name}`
pub(super) async fn asset(Path(name): Path<String>, uri: Uri) -> Response {
    match ASSETS.iter().find(|(known, _, _)| *known == name) {
        Some((_, kind, text)) => content(StatusCode::OK, kind, text),
        None => ApiError::no_such_address(&uri).into_response(),
    }
}

fn content(status: StatusCode, kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, text).into_response()
}
