//! The remote control of a virtual terminal: what it shows, what can be touched, and what can be done to it. Every wait
//! is the virtual terminal's own, for an event, with a ceiling.

use std::time::Instant;

use serde_json::{Value, json};

use crate::CEILING;
use crate::http::{Answer, Http};

/// One virtual terminal, as a test holds it.
#[derive(Clone)]
pub struct Terminal {
    http: Http,
    /// Its serial number.
    pub serial: String,
}

impl Terminal {
    /// The terminal with this serial number at the virtual terminals' address.
    #[must_use]
    pub fn new(base: &str, serial: &str) -> Self {
        Self { http: Http::new(base, vec![]), serial: serial.to_owned() }
    }

    fn path(&self, what: &str) -> String {
        format!("/api/terminals/{}{what}", self.serial)
    }

    /// Everything about it, now.
    #[must_use]
    #[track_caller]
    pub fn state(&self) -> Value {
        self.http.get(&self.path("/state")).ok()
    }

    /// Waits until its state fulfils the criteria (see the virtual terminal's `wait`), and returns that state.
    ///
    /// # Panics
    /// With the screen as it is when they are not fulfilled within [`CEILING`].
    #[track_caller]
    pub fn wait(&self, criteria: &[(&str, &str)]) -> Value {
        self.wait_for(criteria, CEILING.as_secs())
    }

    /// The same with a ceiling of its own, in seconds.
    #[track_caller]
    pub fn wait_for(&self, criteria: &[(&str, &str)], ceiling_s: u64) -> Value {
        let answer = self.try_wait(criteria, ceiling_s);
        assert!(
            answer.status == 200,
            "{}: {criteria:?} did not come; it shows:\n{}",
            self.serial,
            self.describe()
        );
        answer.json()
    }

    fn try_wait(&self, criteria: &[(&str, &str)], ceiling_s: u64) -> Answer {
        let query: Vec<_> =
            criteria.iter().map(|(name, value)| format!("{name}={}&", encode(value))).collect();
        self.http.get(&self.path(&format!("/wait?{}timeout_s={ceiling_s}", query.concat())))
    }

    /// Waits for a page.
    #[track_caller]
    pub fn on(&self, page: &str) -> Value {
        self.wait(&[("page", page)])
    }

    /// Waits for a text anywhere on the screen.
    #[track_caller]
    pub fn sees(&self, text: &str) -> Value {
        self.wait(&[("text", text)])
    }

    /// Waits until a text is nowhere on the screen.
    #[track_caller]
    pub fn sees_no(&self, text: &str) -> Value {
        self.wait(&[("no_text", text)])
    }

    /// Taps what has this id, as soon as it can be tapped.
    #[track_caller]
    pub fn tap(&self, id: &str) {
        self.wait(&[("tap", id)]);
        let answer = self.http.post(&self.path("/tap"), &json!({"id": id}));
        assert!(answer.status < 300, "{}: tap {id}: {}\n{}", self.serial, answer.text(), self.describe());
    }

    /// Taps what carries this label, as soon as it is there.
    #[track_caller]
    pub fn tap_label(&self, label: &str) {
        let state = self.sees(label);
        let id = tap_of(&state["screen"], label)
            .unwrap_or_else(|| panic!("{}: “{label}” cannot be tapped\n{}", self.serial, self.describe()));
        self.tap(&id);
    }

    /// Taps the first thing whose id begins so ("payment:", "receipt:"), as soon as there is one.
    ///
    /// # Panics
    /// When there is none within [`CEILING`].
    #[track_caller]
    pub fn tap_first(&self, prefix: &str) {
        let until = Instant::now() + CEILING;
        loop {
            let state = self.state();
            let screen = state["screen"].to_string();
            let found =
                screen.split(&format!("\"id\":\"{prefix}")).nth(1).and_then(|rest| rest.split('"').next());
            if let Some(rest) = found {
                return self.tap(&format!("{prefix}{rest}"));
            }
            assert!(Instant::now() < until, "{}: no {prefix}…\n{}", self.serial, self.describe());
            self.try_wait(&[("not_version", &state["version"].to_string())], 1);
        }
    }

    /// Types a text into a field, as soon as it is on the screen.
    ///
    /// # Panics
    /// When it is not there within [`CEILING`].
    #[track_caller]
    pub fn types(&self, field: &str, text: &str) {
        let until = Instant::now() + CEILING;
        loop {
            let version = self.state()["version"].to_string();
            let answer = self.http.post(&self.path("/text"), &json!({"id": field, "value": text}));
            if answer.status < 300 {
                return;
            }
            let said = answer.text();
            let to_come = said.contains("not_on_screen") && Instant::now() < until;
            assert!(to_come, "{}: {field}: {said}\n{}", self.serial, self.describe());
            self.try_wait(&[("not_version", &version)], 1);
        }
    }

    /// Presses a physical key ("enter", "back", "clear", "0" to "9").
    #[track_caller]
    pub fn presses(&self, key: &str) {
        let answer = self.http.post(&self.path("/key"), &json!({"key": key}));
        assert!(answer.status < 300, "{}: key {key}: {}", self.serial, answer.text());
    }

    /// Any control, with a body.
    #[track_caller]
    pub fn control(&self, what: &str, body: &Value) -> Value {
        self.http.post(&self.path(what), body).ok()
    }

    /// Waits until the acquirer's app shows a request of this kind ("pay", "cancel", "print", "reprint"), and returns it.
    #[track_caller]
    pub fn acquirer_shows(&self, kind: &str) -> Value {
        self.wait(&[("acquirer", kind)])["acquirer"]["request"].clone()
    }

    /// Makes the acquirer's app answer: "approve", "decline", "cancel", "silent", "late", "now", "twice", "forge", …
    #[track_caller]
    pub fn acquirer(&self, answer: &str, details: &Value) {
        self.control(&format!("/acquirer/{answer}"), details);
    }

    /// Everything that the acquirer's app has approved, oldest first.
    #[must_use]
    #[track_caller]
    pub fn sales(&self) -> Value {
        self.http.get(&self.path("/acquirer/transactions")).ok()
    }

    /// Cuts the network, or lets it work again.
    #[track_caller]
    pub fn network(&self, on: bool) {
        self.control("/network", &json!({"connected": on, "reachable": on}));
    }

    /// Takes the power away at once: the agent is dropped where it stands.
    #[track_caller]
    pub fn power_off(&self) {
        self.control("/power", &json!({"on": false}));
    }

    /// Starts the agent again on what its journal holds.
    #[track_caller]
    pub fn power_on(&self) {
        self.control("/power", &json!({"on": true}));
    }

    /// Changes the printer ("ready", "no_paper", …).
    #[track_caller]
    pub fn printer(&self, condition: &str) {
        self.control("/printer", &json!({"condition": condition}));
    }

    /// The paper that hangs out of the printer, as PNG.
    #[must_use]
    #[track_caller]
    pub fn paper(&self) -> Vec<u8> {
        let answer = self.http.get(&self.path("/paper.png"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.bytes
    }

    /// What happened at the terminal, oldest first: `{n, at, kind, text}`.
    #[must_use]
    #[track_caller]
    pub fn log(&self) -> Vec<Value> {
        let log = self.http.get(&self.path("/events")).ok();
        log["events"].as_array().cloned().expect("a log is a list")
    }

    /// Deep links of the acquirer's payment app that the agent opened.
    #[must_use]
    #[track_caller]
    pub fn payments_opened(&self) -> usize {
        let is_pay = |entry: &&Value| {
            entry["kind"] == "open"
                && entry["text"].as_str().is_some_and(|text| text.starts_with("payment-app://"))
        };
        self.log().iter().filter(is_pay).count()
    }

    /// The screen in words, for a failed test.
    #[must_use]
    pub fn describe(&self) -> String {
        let state = self.http.get(&self.path("/state")).json();
        serde_json::to_string_pretty(
            &json!({"screen": state["screen"], "acquirer": state["acquirer"], "problem": state["problem"]}),
        )
        .unwrap_or_default()
    }
}

/// The id of what carries a label on a screen: a button, an option or key, or a row whose title or detail it is.
fn tap_of(screen: &Value, label: &str) -> Option<String> {
    let is_labelled = |item: &Value| ["label", "title", "detail"].iter().any(|name| item[*name] == label);
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let widgets = list(&screen["widgets"]);
    let inside = widgets.iter().flat_map(|widget| {
        ["rows", "options", "keys"]
            .iter()
            .flat_map(|name| list(&widget[*name]))
            .chain([widget["more"].clone()])
            .collect::<Vec<_>>()
    });
    let item = list(&screen["actions"])
        .into_iter()
        .chain(inside)
        .find(|item| is_labelled(item) && item["id"].is_string())?;
    item["id"].as_str().map(str::to_owned)
}

/// Percent-encodes what is no letter, digit, `-`, `_` or `.`.
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_leads_to_what_can_be_tapped() {
        let screen = json!({
            "widgets": [
                {"type": "message", "title": "Pagar", "text": ""},
                {"type": "list", "rows": [{"id": null, "title": "Só texto"}, {"id": "order:or_1", "title": "Mesa 4"}], "more": null},
                {"type": "choice", "options": [{"id": "method:debit", "label": "Débito"}]},
            ],
            "actions": [{"id": "back", "label": "Voltar"}],
        });
        assert_eq!(tap_of(&screen, "Mesa 4").as_deref(), Some("order:or_1"));
        assert_eq!(tap_of(&screen, "Débito").as_deref(), Some("method:debit"));
        assert_eq!(tap_of(&screen, "Voltar").as_deref(), Some("back"));
        assert_eq!(tap_of(&screen, "Só texto"), None);
        assert_eq!(tap_of(&screen, "Pagar"), None);
    }

    #[test]
    fn a_query_carries_any_text() {
        assert_eq!(encode("R$ 50,00 à vista"), "R%24%2050%2C00%20%C3%A0%20vista");
    }
}
