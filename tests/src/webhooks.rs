//! The PDV's ear: a real HTTP server that takes webhooks, checks their signature, and can be told to be out of order.

use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::CEILING;

/// One webhook as it arrived.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Id of the event: the same when it is delivered again.
    pub id: String,
    /// `charge.paid`, `order.paid`, …
    pub kind: String,
    /// The whole envelope.
    pub body: Value,
    /// Exactly the bytes that were signed.
    pub raw: Vec<u8>,
    /// Request headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Whether the receiver said 200 to it.
    pub accepted: bool,
}

impl Delivery {
    /// A header's value; empty when absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The order that the event is about.
    #[must_use]
    pub fn order_id(&self) -> &str {
        let data = &self.body["data"];
        let id = if self.kind.starts_with("order.") { &data["id"] } else { &data["order"]["id"] };
        id.as_str().unwrap_or_default()
    }
}

#[derive(Default)]
struct Heard {
    deliveries: Vec<Delivery>,
    out_of_order: bool,
}

#[derive(Default)]
struct Ear {
    heard: Mutex<Heard>,
    changed: Condvar,
}

/// A running receiver. Dropping it stops it.
pub struct Receiver {
    address: SocketAddr,
    ear: Arc<Ear>,
    stop: Option<oneshot::Sender<()>>,
    server: Option<thread::JoinHandle<()>>,
}

impl Receiver {
    /// Starts a receiver on a free port of the loopback.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn start() -> Self {
        let ear = Arc::new(Ear::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = std::sync::mpsc::channel();
        let state = Arc::clone(&ear);
        let server = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
            runtime.block_on(async move {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
                tell.send(listener.local_addr().expect("a bound socket has an address"))
                    .expect("the starter waits");
                let routes = Router::new().route("/webhooks", post(take)).with_state(state);
                let until = async { stopped.await.unwrap_or(()) };
                axum::serve(listener, routes)
                    .with_graceful_shutdown(until)
                    .await
                    .expect("the server runs until stopped");
            });
        });
        let address = told.recv().expect("the server says where it listens");
        Self { address, ear, stop: Some(stop), server: Some(server) }
    }

    /// Where the service must send webhooks.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/webhooks", self.address)
    }

    /// From now on answers 503, or again 200.
    pub fn be_out_of_order(&self, yes: bool) {
        self.lock().out_of_order = yes;
    }

    /// Everything that arrived and was accepted, repeated deliveries dropped, in order of arrival.
    #[must_use]
    pub fn events(&self) -> Vec<Delivery> {
        accepted_once(&self.lock().deliveries)
    }

    /// Everything that arrived, repeated and refused too.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.lock().deliveries.clone()
    }

    /// Waits until the accepted events that tell money of an order (`charge.…`, `order.paid`), in the order of arrival,
    /// are exactly `kinds`.
    ///
    /// # Panics
    /// When they are not within [`CEILING`].
    #[track_caller]
    pub fn expect_payments(&self, order_id: &str, kinds: &[&str]) -> Vec<Delivery> {
        let of_order = |deliveries: &[Delivery]| -> Vec<Delivery> {
            accepted_once(deliveries)
                .into_iter()
                .filter(|event| event.order_id() == order_id)
                .filter(|event| event.kind.starts_with("charge.") || event.kind == "order.paid")
                .collect()
        };
        let found =
            self.wait(|deliveries| Some(of_order(deliveries)).filter(|events| events.len() >= kinds.len()));
        let Some(events) = found else {
            panic!("order {order_id}: expected {kinds:?}, heard {:#?}", self.summary());
        };
        let heard: Vec<_> = events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(heard, kinds, "events of order {order_id}");
        events
    }

    /// Waits for an accepted event of this kind and returns the first.
    ///
    /// # Panics
    /// When there is none within [`CEILING`].
    #[track_caller]
    pub fn expect(&self, kind: &str) -> Delivery {
        self.wait(|deliveries| deliveries.iter().find(|event| event.accepted && event.kind == kind).cloned())
            .unwrap_or_else(|| panic!("no {kind}; heard {:#?}", self.summary()))
    }

    /// Whether an event of this kind has been accepted.
    #[must_use]
    pub fn has_heard(&self, kind: &str) -> bool {
        self.events().iter().any(|event| event.kind == kind)
    }

    /// Kind and order of every event accepted, for a failed test.
    #[must_use]
    pub fn summary(&self) -> Vec<String> {
        self.events().iter().map(|event| format!("{} {}", event.kind, event.order_id())).collect()
    }

    /// Waits until `look` finds something in what has arrived; `None` after [`CEILING`].
    pub fn wait<T>(&self, look: impl Fn(&[Delivery]) -> Option<T>) -> Option<T> {
        let until = Instant::now() + CEILING;
        let mut heard = self.lock();
        loop {
            if let Some(found) = look(&heard.deliveries) {
                return Some(found);
            }
            let left = until.checked_duration_since(Instant::now())?;
            heard = self
                .ear
                .changed
                .wait_timeout(heard, left)
                .expect("no handler panics while it holds the lock")
                .0;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Heard> {
        self.ear.heard.lock().expect("no handler panics while it holds the lock")
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The server is gone already when nobody hears it.
            let _gone = stop.send(());
        }
        drop(self.server.take());
    }
}

fn accepted_once(deliveries: &[Delivery]) -> Vec<Delivery> {
    let mut once: Vec<Delivery> = vec![];
    for delivery in deliveries.iter().filter(|delivery| delivery.accepted) {
        if once.iter().all(|known| known.id != delivery.id) {
            once.push(delivery.clone());
        }
    }
    once
}

async fn take(State(ear): State<Arc<Ear>>, headers: HeaderMap, raw: Bytes) -> StatusCode {
    let body: Value = serde_json::from_slice(&raw).unwrap_or(Value::Null);
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let headers = headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let mut heard = ear.heard.lock().expect("no handler panics while it holds the lock");
    let accepted = !heard.out_of_order;
    heard.deliveries.push(Delivery {
        id: text("id"),
        kind: text("type"),
        body,
        raw: raw.to_vec(),
        headers,
        accepted,
    });
    drop(heard);
    ear.changed.notify_all();
    if accepted { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
