//! Scripts and styles, built into the program.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::error::PageError;

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const ASSETS: [(&str, &str, &str); 5] = [
    ("app.css", "text/css; charset=utf-8", include_str!("../../assets/app.css")),
    ("app.js", JAVASCRIPT, include_str!("../../assets/app.js")),
    ("htmx.min.js", JAVASCRIPT, include_str!("../../assets/htmx.min.js")),
    ("htmx-sse.min.js", JAVASCRIPT, include_str!("../../assets/htmx-sse.min.js")),
    ("icon.svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
];

pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let found = ASSETS.iter().find(|(known, _, _)| *known == name);
    std::future::ready(match found {
        Some((_, kind, text)) => {
            // A newer program brings newer files under the same names.
            ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "no-cache")], *text).into_response()
        }
        None => PageError::NotFound.into_response(),
    })
    .await
}
