//! Who may come in: the session's cookie, a brake on guessing passwords, requests of our own pages only, and the headers that
//! keep a page to itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Web;
use super::error::PageError;
use crate::db::people::{self, Person};
use crate::environment::{hash_of_token, now};

/// The session's cookie.
const COOKIE: &str = "pdv_sessao";
/// Wrong passwords for one login before it has to rest.
const WRONG_MAX: u32 = 5;
/// How long it rests.
const REST: Duration = Duration::from_secs(60);
/// Logins that are remembered: guessing many names must not cost memory.
const REMEMBERED_MAX: usize = 1_000;

/// What a browser is told with every answer. Scripts and styles come from here alone, and no other page may frame this one.
const HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()"),
];

/// Somebody with a session.
#[derive(Clone, Debug)]
pub(crate) struct LoggedIn {
    pub(crate) person: Person,
    pub(crate) company_id: i64,
}

impl FromRequestParts<Web> for LoggedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, PageError> {
        let token = token(&parts.headers).ok_or(PageError::LoggedOut)?;
        let hash = hash_of_token(token);
        let found = web.desk.db.write(move |tx| people::session(tx, &hash, now())).await?;
        let session = found.ok_or(PageError::LoggedOut)?;
        Ok(Self { person: session.person, company_id: session.company_id })
    }
}

/// The token that came with a request.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

/// The cookie of a session; an empty token ends it.
pub(super) fn cookie(token: &str) -> HeaderValue {
    let age_s = if token.is_empty() { 0 } else { 12 * 60 * 60 };
    let text = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age_s}");
    HeaderValue::from_str(&text).expect("a token is hexadecimal")
}

/// Lets a request that changes something pass only from our own pages.
pub(super) async fn same_origin_only(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || is_same_origin(request.headers()) {
        next.run(request).await
    } else {
        PageError::Foreign.into_response()
    }
}

/// Every browser of today says where a request comes from; one that says neither is no browser, and has no cookie of ours
/// that another site could ride on.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(&HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    match (text(&header::ORIGIN), text(&header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
    }
}

/// Puts [`HEADERS`] on every answer.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // Sales on a shared computer: nothing of them stays in the browser's cache.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Counts wrong passwords by login.
#[derive(Clone, Debug, Default)]
pub(crate) struct LoginBrake {
    wrong: Arc<Mutex<HashMap<String, (u32, Instant)>>>,
}

impl LoginBrake {
    /// Whether a login may be tried now.
    pub(super) fn allows(&self, login: &str) -> bool {
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        !wrong
            .get(&login.to_lowercase())
            .is_some_and(|(count, last)| *count >= WRONG_MAX && last.elapsed() < REST)
    }

    /// Notes how a try ended.
    pub(super) fn tried(&self, login: &str, right: bool) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let login = login.to_lowercase();
        if right {
            wrong.remove(&login);
            return;
        }
        if wrong.len() >= REMEMBERED_MAX {
            wrong.retain(|_, (_, last)| last.elapsed() < REST);
        }
        if wrong.len() < REMEMBERED_MAX || wrong.contains_key(&login) {
            let (count, last) = wrong.entry(login).or_insert((0, Instant::now()));
            *count = if last.elapsed() < REST { *count + 1 } else { 1 };
            *last = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        let table: [(&[(&str, &str)], bool); 7] = [
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("origin", "http://127.0.0.1:8460"), ("host", "127.0.0.1:8460")], true),
            (&[("origin", "http://mau.exemplo"), ("host", "127.0.0.1:8460")], false),
            (&[("origin", "null"), ("host", "127.0.0.1:8460")], false),
        ];
        for (pairs, expected) in table {
            assert_eq!(is_same_origin(&headers(pairs)), expected, "{pairs:?}");
        }
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let found = headers(&[("cookie", "a=1; pdv_sessao=00ff; b=2")]);
        assert_eq!(token(&found), Some("00ff"));
        assert_eq!(token(&headers(&[("cookie", "xpdv_sessao=00ff")])), None);
    }

    #[test]
    fn guessing_is_braked_by_login_and_a_right_password_forgives() {
        let brake = LoginBrake::default();
        for _ in 0..WRONG_MAX {
            assert!(brake.allows("ana"));
            brake.tried("Ana", false);
        }
        assert!(!brake.allows("ANA") && brake.allows("bia"));
        brake.tried("ana", true);
        assert!(brake.allows("ana"));
    }
}
