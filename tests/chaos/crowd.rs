//! People at work: an operator at each terminal, who also is the customer before the acquirer's app, and a PDV. When
//! something does not answer they wait until somebody is back.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pos_connect_tests::http::Http;
use pos_connect_tests::pdv::{NewOrder, Pdv, direct, listed};
use serde_json::{Value, json};

use crate::terminals::{Fleet, SERIALS};

/// Longest wait for a step of anybody: people who have nothing to do look again.
const PATIENCE: Duration = Duration::from_millis(400);

/// Numbers that a seed determines.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[derive(Default)]
struct Shared {
    /// What people did so far.
    steps: u64,
    leaving: bool,
    /// Orders that the service acknowledged, with their totals.
    orders: BTreeMap<String, u64>,
}

/// Everybody.
pub(crate) struct Crowd {
    shared: Mutex<Shared>,
    changed: Condvar,
    pdv: Pdv,
    terminals: Vec<(String, Http)>,
}

impl Crowd {
    pub(crate) fn new(pdv: Pdv, fleet: &Fleet) -> Self {
        let terminals = SERIALS
            .map(|serial| (format!("/api/terminals/{serial}"), Http::new(&fleet.address(serial), vec![])));
        Self { shared: Mutex::default(), changed: Condvar::new(), pdv, terminals: terminals.into() }
    }

    /// Orders that the service acknowledged, with their totals.
    pub(crate) fn orders(&self) -> BTreeMap<String, u64> {
        self.lock().orders.clone()
    }

    /// Waits until people have done so many things more, or have nothing left to do.
    pub(crate) fn wait_for_steps(&self, more: u64) {
        let shared = self.lock();
        let until = shared.steps + more;
        drop(self.changed.wait_timeout_while(shared, PATIENCE, |shared| shared.steps < until));
    }

    /// Wakes those who wait for something that was killed.
    pub(crate) fn somebody_is_back(&self) {
        self.changed.notify_all();
    }

    /// People go home.
    pub(crate) fn leave(&self) {
        self.lock().leaving = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_leaving(&self) -> bool {
        self.lock().leaving
    }

    fn did_something(&self) {
        self.lock().steps += 1;
        self.changed.notify_all();
    }

    /// Waits until anything happens.
    fn pause(&self) {
        let shared = self.lock();
        let before = shared.steps;
        drop(
            self.changed
                .wait_timeout_while(shared, PATIENCE, |shared| shared.steps == before && !shared.leaving),
        );
    }

    /// The PDV makes orders and closes some.
    pub(crate) fn pdv(&self, mut dice: Dice) {
        let mut number = 0;
        while !self.is_leaving() {
            number += 1;
            let total = 100 + dice.below(20_000);
            let order = if dice.below(3) == 0 {
                direct(SERIALS[usize::try_from(dice.below(3)).expect("a few")], "debit", total)
            } else {
                listed(&format!("Mesa {number}"), total)
            };
            let Some(id) = self.creates(&order, number) else { return };
            self.lock().orders.insert(id, total);
            self.did_something();
            if dice.below(5) == 0 {
                self.closes(&mut dice);
            }
            // Not faster than people pay.
            for _ in 0..dice.below(12) {
                self.pause();
            }
        }
    }

    /// Sends an order until it is answered; `None`: people go home.
    fn creates(&self, order: &NewOrder, number: u64) -> Option<String> {
        let key = format!("venda-{number}");
        let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
        let body = order.0.to_string();
        loop {
            match self.pdv.http.try_send("POST", "/core/v5/orders", &headers, body.as_bytes()) {
                Ok(answer) if answer.status < 300 => return answer.json()["id"].as_str().map(str::to_owned),
                Ok(answer) => assert!(answer.status >= 500, "{}", answer.text()),
                Err(_) => {}
            }
            if self.is_leaving() {
                return None;
            }
            self.pause();
        }
    }

    fn closes(&self, dice: &mut Dice) {
        let orders: Vec<String> = self.lock().orders.keys().cloned().collect();
        let order = &orders[usize::try_from(dice.below(orders.len() as u64)).expect("a few")];
        let path = format!("/core/v5/orders/{order}/closed");
        let headers = [("content-type", "application/json")];
        // Whether it is heard or refused makes no difference to who only wants to disturb.
        let _ = self.pdv.http.try_send("PATCH", &path, &headers, br#"{"status":"canceled"}"#);
    }

    /// A person at a terminal.
    pub(crate) fn operator(&self, at: usize, mut dice: Dice) {
        let mut version = String::new();
        while !self.is_leaving() {
            match self.look(at, &version) {
                Some(state) if self.acts(at, &state, &mut dice).is_some() => {
                    version.clear();
                    self.did_something();
                }
                Some(state) => version = state["version"].to_string(),
                None => self.pause(),
            }
        }
    }

    /// The state, as soon as it is another one than is known; `None`: nobody answers.
    fn look(&self, at: usize, known: &str) -> Option<Value> {
        let (path, http) = &self.terminals[at];
        let wait = if known.is_empty() { String::new() } else { format!("?after={known}&wait_s=1") };
        let answer = http.try_send("GET", &format!("{path}/state{wait}"), &[], &[]).ok()?;
        (answer.status == 200).then(|| answer.json())
    }

    fn sends(&self, at: usize, what: &str, body: &Value) -> Option<()> {
        let (path, http) = &self.terminals[at];
        let headers = [("content-type", "application/json")];
        let body = body.to_string();
        http.try_send("POST", &format!("{path}{what}"), &headers, body.as_bytes()).ok().map(drop)
    }

    /// Does something that makes sense; `None`: nothing does, or nobody answers.
    fn acts(&self, at: usize, state: &Value, dice: &mut Dice) -> Option<()> {
        if !state["acquirer"]["request"].is_null() {
            let (answer, body) = match dice.below(60) {
                0..40 => ("approve", json!({})),
                40..50 => ("decline", json!({})),
                50..53 => ("cancel", json!({})),
                53 => ("silent", json!({"answer": "approve"})),
                54..57 => ("twice", json!({})),
                _ => ("late", json!({"answer": "approve", "after_ms": 300})),
            };
            return self.sends(at, &format!("/acquirer/{answer}"), &body);
        }
        let screen = &state["screen"];
        if matches!(screen["page"].as_str(), Some("paying")) {
            return self.customer_comes_back(at, state).or_else(|| self.stops_waiting(at, screen));
        }
        let waits = ["claiming", "announcing", "taking_now", "reversing", "printing", "reprinting"];
        let waits = screen["page"].as_str().is_some_and(|page| waits.contains(&page));
        let offered = offered(screen);
        if offered.is_empty() || waits && dice.below(8) > 0 {
            return None;
        }
        let id = &offered[usize::try_from(dice.below(offered.len() as u64)).expect("a few")];
        self.sends(at, "/tap", &json!({ "id": id }))
    }

    /// "Sem resposta": the payment is in doubt.
    fn stops_waiting(&self, at: usize, screen: &Value) -> Option<()> {
        let offered = offered(screen).iter().any(|id| id == "stop-waiting");
        offered.then(|| self.sends(at, "/tap", &json!({"id": "stop-waiting"})))?
    }

    /// The acquirer's app is gone: it was killed with its terminal, or closed without a word. When it has charged nothing it
    /// says so when it is opened again; what it charged is left in doubt.
    fn customer_comes_back(&self, at: usize, state: &Value) -> Option<()> {
        let (path, http) = &self.terminals[at];
        let log = http.try_send("GET", &format!("{path}/acquirer/transactions"), &[], &[]).ok()?.json();
        let attempt = last_attempt(http, path)?;
        let charged = log["transactions"].as_array()?.iter().any(|t| t["order_id"] == attempt.as_str());
        let held = state["acquirer"]["held"].as_array().is_some_and(|held| !held.is_empty());
        if charged || held {
            return None;
        }
        let uri =
            format!("posconnect://pay-response?success=false&message=Operacao&code=-2&order_id={attempt}");
        self.sends(at, "/returned", &json!({ "uri": uri }))
    }
}

/// The attempt of the payment page, from the terminal's own log: the last deep link that it opened.
fn last_attempt(http: &Http, path: &str) -> Option<String> {
    let log = http.try_send("GET", &format!("{path}/events"), &[], &[]).ok()?.json();
    let mut opened = log["events"].as_array()?.iter().rev().filter_map(|entry| entry["text"].as_str());
    let uri = opened.find(|text| text.starts_with("payment-app://"))?.to_owned();
    let id = uri.split("order_id=").nth(1)?.split('&').next()?;
    Some(id.to_owned())
}

/// Ways that lead away from work.
const IDLE: [&str; 8] =
    ["back", "home", "menu", "turn", "more", "diagnostics", "take-orders", "other-amount"];

/// What can be tapped, more often what leads to a payment.
fn offered(screen: &Value) -> Vec<String> {
    let mut ids = vec![];
    let mut add = |list: &Value, times: usize| {
        for one in list.as_array().into_iter().flatten() {
            if let Some(id) = one["id"].as_str() {
                let times = if IDLE.contains(&id) { 1 } else { times };
                ids.extend(std::iter::repeat_n(id.to_owned(), times));
            }
        }
    };
    add(&screen["actions"], 6);
    for widget in screen["widgets"].as_array().into_iter().flatten() {
        add(&widget["rows"], 6);
        add(&widget["options"], 8);
        add(&widget["keys"], 1);
    }
    ids
}

/// Waits until `look` finds something; fails with `what` after a minute and a half, the longest that an agent waits for an
/// answer after its restart, twice.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Result<T, String>) -> T {
    let ceiling = Instant::now() + Duration::from_secs(90);
    let (mutex, never) = (Mutex::new(()), Condvar::new());
    loop {
        match look() {
            Ok(found) => return found,
            Err(why) => assert!(Instant::now() < ceiling, "{what}: {why}"),
        }
        drop(
            never.wait_timeout(
                mutex.lock().unwrap_or_else(PoisonError::into_inner),
                Duration::from_millis(100),
            ),
        );
    }
}
