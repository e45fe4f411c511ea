//! Concurrent terminals and the real service over HTTP: what they are answered must look as if it had served them one after
//! another, as `table` does.

use std::sync::{Barrier, Mutex};
use std::thread;

use pos_connect_claims::table::{Answer, Ask, Table};
use pos_connect_tests::http::Http;
use pos_connect_tests::modified_terminal::{ModifiedTerminal, fresh_number};
use pos_connect_tests::pdv::listed;
use pos_connect_tests::shop::{Plan, Shop};
use serde_json::{Value, json};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester};

/// Orders whose history is looked at.
const ORDERS: u64 = 120;
/// Terminals that fight for each.
const TERMINALS: u8 = 3;
/// What each asks of one order.
const ASKS: usize = 6;
/// Centavos of an order.
const TOTAL: u64 = 1_000;

type History = LinearizabilityTester<u8, Table>;

/// A terminal that asks for whatever comes into its mind.
struct Client<'a> {
    name: u8,
    http: &'a Http,
    order: String,
    history: &'a Mutex<History>,
    dice: u64,
    /// The last claim, and its fence when it was granted.
    claim: Option<(u64, u64)>,
    /// The attempt that is open, with the claim and the fence that it was started under.
    attempt: Option<(u64, u64, u64)>,
}

impl Client<'_> {
    fn roll(&mut self, n: u64) -> u64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % n
    }

    fn asks(&mut self) {
        let ask = match (self.roll(8), self.claim, self.attempt) {
            (0 | 1, Some((claim, _)), _) => Ask::Release(self.name, claim),
            (2, Some((claim, _)), _) => Ask::Claim(self.name, claim),
            (3..=5, Some((claim, fence)), None) => Ask::Start(self.name, fresh_number(), claim, fence),
            (3..=5, _, Some((attempt, ..))) => Ask::Declined(self.name, attempt),
            _ => Ask::Claim(self.name, fresh_number()),
        };
        self.note(|history| history.on_invoke(self.name, ask.clone()).map(drop));
        let answer = self.ask(&ask);
        self.note(|history| history.on_return(self.name, answer.clone()).map(drop));
        match (ask, answer) {
            (Ask::Claim(_, claim), Answer::Granted(fence)) => self.claim = Some((claim, fence)),
            (Ask::Start(_, attempt, claim, fence), Answer::Done) => {
                self.attempt = Some((attempt, claim, fence));
            }
            (Ask::Declined(..), Answer::Done) => self.attempt = None,
            _ => {}
        }
    }

    fn note(&self, note: impl FnOnce(&mut History) -> Result<(), String>) {
        note(&mut self.history.lock().expect("no client panics"))
            .expect("a terminal asks one thing at a time");
    }

    fn ask(&self, ask: &Ask) -> Answer {
        let (path, body) = match ask {
            Ask::Claim(_, claim) => {
                ("claims", json!({"claim_id": claim.to_string(), "order_id": self.order, "kind": "now"}))
            }
            Ask::Release(_, claim) => {
                ("claims/release", json!({"claim_id": claim.to_string(), "order_id": self.order}))
            }
            Ask::Start(_, attempt, claim, fence) => ("attempts", self.started(*attempt, *claim, *fence)),
            Ask::Declined(..) => {
                let (attempt, claim, fence) = self.attempt.expect("only an open attempt is reported");
                let started = self.started(attempt, claim, fence);
                let ended =
                    json!({"attempt": started, "outcome": "declined", "ended_at": 1_780_000_005_000_u64});
                ("attempts/outcome", ended)
            }
        };
        let answer = self.http.post(&format!("/terminal/v1/{path}"), &body);
        let said: Value = answer.json();
        match (answer.status, said["fence"].as_u64()) {
            (200, Some(fence)) => Answer::Granted(fence),
            (200, None) => Answer::Done,
            (_, _) => Answer::No(said["code"].as_str().unwrap_or("nothing that is known").to_owned()),
        }
    }

    fn started(&self, attempt: u64, claim: u64, fence: u64) -> Value {
        json!({
            "attempt_id": attempt.to_string(), "order_id": self.order, "claim_id": claim.to_string(),
            "fence": fence, "amount": TOTAL, "choice": {"method": "debit"}, "started_at": 1_780_000_000_000_u64,
        })
    }
}

#[test]
fn what_concurrent_terminals_are_answered_looks_as_if_they_had_been_served_one_after_another() {
    let serial = |n: u8| format!("CLAIMS-{n:04}");
    let registered = (0..TERMINALS).map(|n| (serial(n), "A8".to_owned())).collect();
    let shop = Shop::with(&Plan { terminals: vec![], registered, webhooks: false, ..Plan::default() });
    let activate =
        |n| ModifiedTerminal::activate(shop.service_address(), &shop.activation_code(&serial(n)), &serial(n));
    let terminals: Vec<ModifiedTerminal> = (0..TERMINALS).map(activate).collect();
    let (mut granted, mut refused, mut started) = (0, 0, 0);
    for round in 0..ORDERS {
        let order = shop.pdv.create(&listed(&format!("{round}"), TOTAL));
        let history = Mutex::new(History::new(Table::default()));
        let together = Barrier::new(usize::from(TERMINALS));
        thread::scope(|scope| {
            for (name, terminal) in (0_u8..).zip(&terminals) {
                let mut client = Client {
                    name,
                    http: &terminal.http,
                    order: order.clone(),
                    history: &history,
                    dice: round * 31 + u64::from(name),
                    claim: None,
                    attempt: None,
                };
                let together = &together;
                scope.spawn(move || {
                    together.wait();
                    for _ in 0..ASKS {
                        client.asks();
                    }
                });
            }
        });
        let history = history.into_inner().unwrap();
        let Some(serial) = history.serialized_history() else { panic!("order {round}: {history:#?}") };
        for (ask, answer) in serial {
            match (ask, answer) {
                (Ask::Claim(..), Answer::Granted(_)) => granted += 1,
                (Ask::Start(..), Answer::Done) => started += 1,
                (_, Answer::No(_)) => refused += 1,
                _ => {}
            }
        }
    }
    println!("{ORDERS} orders: {granted} claims granted, {started} attempts started, {refused} refusals");
    assert!(granted > ORDERS && started > ORDERS / 4 && refused > ORDERS, "{granted} {started} {refused}");
}

#[test]
fn a_history_that_no_order_of_service_explains_is_refused() {
    let table = [
        vec![(Ask::Claim(0, 1), Answer::Granted(1)), (Ask::Claim(1, 2), Answer::Granted(2))],
        vec![(Ask::Claim(0, 1), Answer::Granted(2))],
        vec![
            (Ask::Claim(0, 1), Answer::Granted(1)),
            (Ask::Start(0, 7, 1, 1), Answer::Done),
            (Ask::Release(0, 1), Answer::Done),
        ],
        vec![
            (Ask::Claim(0, 1), Answer::Granted(1)),
            (Ask::Release(0, 1), Answer::Done),
            (Ask::Claim(0, 1), Answer::Granted(1)),
        ],
        vec![(Ask::Claim(0, 1), Answer::Granted(1)), (Ask::Start(0, 7, 1, 0), Answer::Done)],
    ];
    for wrong in table {
        let mut history = History::new(Table::default());
        for (ask, answer) in &wrong {
            let (Ask::Claim(name, _) | Ask::Release(name, _) | Ask::Start(name, ..) | Ask::Declined(name, _)) =
                ask;
            history.on_invret(*name, ask.clone(), answer.clone()).unwrap();
        }
        assert!(!history.is_consistent(), "{wrong:?}");
    }
}
