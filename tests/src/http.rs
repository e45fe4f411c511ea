//! A plain HTTP client: one call, its status and its body. Knows nothing of what is said.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;

/// Longest wait for an answer: above the longest long-poll that any of our programs grants (120 s).
const TIMEOUT: Duration = Duration::from_secs(130);
/// Largest answer read; the largest we have is a page of orders or a paper roll.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A client that keeps its connections.
#[derive(Clone)]
pub struct Http {
    base: String,
    headers: Vec<(&'static str, String)>,
    agent: Agent,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// Content type, empty when there was none.
    pub content_type: String,
}

impl Answer {
    /// The body as JSON; `null` when it is empty or not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body, when the status is 2xx.
    ///
    /// # Panics
    /// With the whole answer when it is not.
    #[must_use]
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text());
        self.json()
    }
}

impl Http {
    /// A client of `base` ("http://127.0.0.1:8080") that sends `headers` with every call.
    #[must_use]
    pub fn new(base: &str, headers: Vec<(&'static str, String)>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .proxy(None)
            .build();
        Self { base: base.trim_end_matches('/').to_owned(), headers, agent: config.into() }
    }

    /// The base address.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A header that goes with every call.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// `GET`.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.try_send("GET", path, &[], &[]).unwrap_or_else(|error| panic!("GET {path}: {error}"))
    }

    /// `POST` of a JSON body.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, body)
    }

    /// Any method with a JSON body.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let bytes = body.to_string().into_bytes();
        self.try_send(method, path, &[("content-type", "application/json")], &bytes)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Any method, headers and body; fails when no answer comes.
    ///
    /// # Errors
    /// The transport's own words.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.to_vec()).map_err(|error| error.to_string())?;
        // A body with DELETE is unusual but part of the PDV-facing API.
        let request = self.agent.configure_request(request).allow_non_standard_methods(true).build();
        let mut response = self.agent.run(request).map_err(|error| error.to_string())?;
        let content_type = response
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let bytes = response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_vec()
            .map_err(|error| error.to_string())?;
        Ok(Answer { status: response.status().as_u16(), bytes, content_type })
    }
}
