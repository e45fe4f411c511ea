//! Tells the PDV: every event of the ledger goes to the company's webhook, at least once, in order within one order.
//!
//! [`run`] is one dispatcher, which turns new events into rows of deliveries, and one [`endpoint`] loop for each company
//! that has a webhook, from the moment it is registered. All state is in the database, so a restart goes on where it stopped; a row leaves only after the
//! receiver said 2xx. Start reading in [`endpoint`]. May import everything but the terminals' routes.

pub mod backoff;
mod endpoint;
mod sender;
pub mod signature;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Duration, sleep};

use crate::db::events::EventHead;
use crate::registers::{AccountId, Registers, WebhookSettings};
use crate::state::AppState;
use crate::store::Unavailable;
use crate::store::webhooks::Queued;
use endpoint::Endpoint;
pub use endpoint::next_try;
use sender::Sender;

/// Most events turned into deliveries in one transaction.
const DISPATCH_BATCH: u32 = 500;
/// Most events that nobody wants between two notes of how far was looked: a note is a commit, and one per order would
/// halve what the disk can take. After a crash at most this many are looked at again.
const UNNOTED_EVENTS_MAX: u64 = 500;
/// How long events gather before they are looked at, in milliseconds: what one click causes is queued in one commit, and
/// the terminals that wait for it come first.
const GATHER_MS: u64 = 5;
/// Pause after the database could not answer, in milliseconds.
const STORE_PAUSE_MS: u64 = 1_000;

/// Delivers until `stop` turns true (or its sender is gone). A request in flight is then dropped: its event is sent
/// again after the next start.
pub async fn run(state: AppState, stop: watch::Receiver<bool>) {
    let sender = match Sender::new() {
        Ok(sender) => Arc::new(sender),
        Err(error) => {
            log::error!("webhooks are not delivered: the HTTP client cannot be made: {error}");
            return;
        }
    };
    let queues = Queues::default();
    let mut registers = state.store.registers().watch();
    let mut tasks = JoinSet::new();
    tasks.spawn(dispatch(state.clone(), queues.clone(), stop.clone()));
    let mut stopped = stop.clone();
    while !*stopped.borrow() {
        let now = Arc::clone(&registers.borrow_and_update());
        for (account, name) in queues.missing(&now) {
            let endpoint = Endpoint::new(account, name.clone(), queues.add(name));
            tasks.spawn(endpoint.run(state.clone(), Arc::clone(&sender), stop.clone()));
        }
        tokio::select! {
            changed = registers.changed() => if changed.is_err() { break },
            gone = stopped.changed() => if gone.is_err() { break },
            Some(ended) = tasks.join_next() => tell(ended),
        }
    }
    while let Some(ended) = tasks.join_next().await {
        tell(ended);
    }
}

fn tell(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        log::error!("a webhook task ended by itself, its deliveries wait for a restart: {error}");
    }
}

/// How each endpoint's loop is woken, by the endpoint's name. Only grows, with the registers.
#[derive(Clone, Default)]
struct Queues {
    wakes: Arc<Mutex<HashMap<String, Arc<Notify>>>>,
}

impl Queues {
    /// Endpoints that have no loop yet, with their accounts.
    fn missing(&self, registers: &Registers) -> Vec<(AccountId, String)> {
        let wakes = self.lock();
        registers
            .companies()
            .flat_map(|company| company.webhooks.iter().map(move |webhook| (company, webhook)))
            .filter(|(_, webhook)| !wakes.contains_key(&webhook.name))
            .map(|(company, webhook)| (company.account_id.clone(), webhook.name.clone()))
            .collect()
    }

    fn add(&self, name: String) -> Arc<Notify> {
        Arc::clone(self.lock().entry(name).or_default())
    }

    fn wake(&self, name: &str) {
        if let Some(wake) = self.lock().get(name) {
            wake.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.wakes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn dispatch(state: AppState, queues: Queues, mut stop: watch::Receiver<bool>) {
    let mut new_events = state.store.watch_events();
    let mut looked = Looked::default();
    while !*stop.borrow() {
        new_events.borrow_and_update();
        let pause_ms = match dispatch_batch(&state, &queues, &mut looked).await {
            Ok(DISPATCH_BATCH) => Some(0),
            Ok(_) => None,
            Err(Unavailable) => Some(STORE_PAUSE_MS),
        };
        let woken = async {
            match pause_ms {
                Some(ms) => sleep(Duration::from_millis(ms)).await,
                None if new_events.changed().await.is_ok() => {
                    sleep(Duration::from_millis(GATHER_MS)).await;
                }
                // The store is gone; `stop` follows.
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = woken => {}
            gone = stop.changed() => if gone.is_err() { return },
        }
    }
}

/// How far events were looked at, and up to where that is noted in the database.
#[derive(Default)]
struct Looked {
    upto: u64,
    noted: u64,
}

/// Turns the next events into deliveries; how many events were looked at.
async fn dispatch_batch(state: &AppState, queues: &Queues, looked: &mut Looked) -> Result<u32, Unavailable> {
    let events = state.store.undispatched_events(looked.upto, DISPATCH_BATCH).await?;
    let Some(last) = events.last() else { return Ok(0) };
    let registers = state.registers();
    let queued: Vec<Queued> = events.iter().flat_map(|event| for_event(&registers, event)).collect();
    let endpoints: Vec<String> = queued.iter().map(|q| q.endpoint.clone()).collect();
    if !queued.is_empty() || last.sequence - looked.noted >= UNNOTED_EVENTS_MAX {
        state.store.queue_deliveries(queued, last.sequence).await?;
        looked.noted = last.sequence;
    }
    looked.upto = last.sequence;
    for name in &endpoints {
        queues.wake(name);
    }
    Ok(u32::try_from(events.len()).unwrap_or(u32::MAX))
}

/// The deliveries that an event becomes.
pub fn for_event<'e>(registers: &'e Registers, event: &'e EventHead) -> impl Iterator<Item = Queued> + 'e {
    let endpoints = registers.company(&event.account).map(|c| c.webhooks.as_slice());
    endpoints.unwrap_or_default().iter().filter(|e| wants(e, event)).map(|endpoint| Queued {
        endpoint: endpoint.name.clone(),
        event_sequence: event.sequence,
        event_id: event.id.clone(),
        event_type: event.kind,
        lane: event.order_id.clone().unwrap_or_else(|| event.id.clone()),
    })
}

fn wants(endpoint: &WebhookSettings, event: &EventHead) -> bool {
    endpoint.types.is_empty() || endpoint.types.iter().any(|t| t == event.kind.as_str())
}
