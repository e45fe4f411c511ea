//! The delivery loop of one endpoint: takes the oldest event of each order that is due, sends a few at a time, writes down
//! what came of it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::{Notify, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Duration, sleep};

use super::STORE_PAUSE_MS;
use super::backoff;
use super::sender::{Failure, Sender};
use crate::environment::Environment;
use crate::pdv::shapes::event::envelope;
use crate::registers::{AccountId, Company, Registers, WebhookSettings};
use crate::state::AppState;
use crate::store::Unavailable;
use crate::store::query::Delivery;
use crate::store::webhooks::FailedTry;

/// Most requests in flight to one endpoint: a PDV's little web server answers a few at a time.
const IN_FLIGHT_MAX: usize = 4;
/// How often the rows are looked at when nothing wakes the loop, in milliseconds: finds what a person sent again by hand.
const LOOK_EVERY_MS: u64 = 5_000;

pub(super) struct Endpoint {
    target: Arc<Target>,
    wake: Arc<Notify>,
}

/// Whose events go where: the registers say to which address, at each try.
struct Target {
    account: AccountId,
    name: String,
}

impl Target {
    fn now(&self, registers: &Registers) -> Option<(Company, WebhookSettings)> {
        let company = registers.company(&self.account)?;
        let settings = company.webhooks.iter().find(|webhook| webhook.name == self.name)?;
        Some((company.clone(), settings.clone()))
    }
}

impl Endpoint {
    pub(super) fn new(account: AccountId, name: String, wake: Arc<Notify>) -> Self {
        let target = Arc::new(Target { account, name });
        Self { target, wake }
    }

    pub(super) async fn run(self, state: AppState, sender: Arc<Sender>, mut stop: watch::Receiver<bool>) {
        let mut sending: JoinSet<()> = JoinSet::new();
        let mut lanes: HashMap<Id, String> = HashMap::new();
        while !*stop.borrow() {
            let pause_ms = match self.fill(&state, &sender, &mut sending, &mut lanes).await {
                Ok(pause_ms) => pause_ms,
                Err(Unavailable) => STORE_PAUSE_MS,
            };
            tokio::select! {
                Some(ended) = sending.join_next_with_id() => drop(lanes.remove(&task_of(&ended))),
                () = self.wake.notified() => {}
                () = sleep(Duration::from_millis(pause_ms)) => {}
                gone = stop.changed() => if gone.is_err() { return },
            }
        }
    }

    /// Sends what is due as far as there is room; how long to wait for the next, in milliseconds.
    async fn fill(
        &self,
        state: &AppState,
        sender: &Arc<Sender>,
        sending: &mut JoinSet<()>,
        lanes: &mut HashMap<Id, String>,
    ) -> Result<u64, Unavailable> {
        let room = IN_FLIGHT_MAX.saturating_sub(sending.len());
        // Without an address what waits goes on waiting, and its tries are not used up.
        if room == 0 || self.target.now(&state.registers()).is_none() {
            return Ok(LOOK_EVERY_MS);
        }
        // Those in flight are among the heads.
        let limit = u32::try_from(2 * IN_FLIGHT_MAX).expect("a small constant");
        let heads = state.store.next_deliveries(&self.target.name, limit).await?;
        let busy: HashSet<String> = lanes.values().cloned().collect();
        let now = state.environment.now();
        let mut wait_ms = LOOK_EVERY_MS;
        let (due, waiting): (Vec<_>, Vec<_>) = heads
            .into_iter()
            .filter(|d| !busy.contains(&d.lane))
            .partition(|d| backoff::wait_ms(d.next_try_at, now) == 0);
        for delivery in &waiting {
            wait_ms = wait_ms.min(backoff::wait_ms(delivery.next_try_at, now));
        }
        for delivery in due.into_iter().take(room) {
            let lane = delivery.lane.clone();
            let task = deliver(delivery, state.clone(), Arc::clone(sender), Arc::clone(&self.target));
            lanes.insert(sending.spawn(task).id(), lane);
        }
        Ok(wait_ms)
    }
}

fn task_of(ended: &Result<(Id, ()), JoinError>) -> Id {
    match ended {
        Ok((id, ())) => *id,
        Err(error) => {
            log::error!("sending a webhook ended by itself, it is sent again: {error}");
            error.id()
        }
    }
}

/// One delivery and its row; never ends with an error, so that its order stays busy until the row tells the truth.
async fn deliver(delivery: Delivery, state: AppState, sender: Arc<Sender>, to: Arc<Target>) {
    let result = send(&delivery, &state, &sender, &to).await;
    let name = &to.name;
    let written = match result {
        Ok(()) => state.store.delivery_accepted(name, delivery).await,
        Err(failure) => {
            if delivery.tries == 0 {
                log::warn!("webhook of {name}: {} (event {})", failure.error, delivery.event_id);
            }
            let failed = next_try(&delivery, failure.status, failure.error, &state.environment);
            if failed.give_up {
                log::warn!("webhook of {name}: gave up event {} and those behind it", delivery.event_id);
            }
            state.store.delivery_failed(name, delivery, failed).await
        }
    };
    if written.is_err() {
        // The row is as it was: the event is sent again, which the receiver recognises by its id.
        sleep(Duration::from_millis(STORE_PAUSE_MS)).await;
    }
}

/// What a failed try makes of a delivery: when it is tried again, or that it is given up.
#[must_use]
pub fn next_try(
    delivery: &Delivery,
    status: Option<u16>,
    error: String,
    environment: &Environment,
) -> FailedTry {
    let (now, random) = (environment.now(), u64::from_le_bytes(environment.bytes()));
    let since = delivery.tried_since.unwrap_or(now);
    let tries = delivery.tries.saturating_add(1);
    let pause_ms = i64::try_from(backoff::pause_ms(tries, random)).expect("a quarter of an hour at most");
    FailedTry {
        tries,
        since,
        next_try_at: now.plus_ms(pause_ms),
        status,
        error,
        give_up: now.since_ms(since) >= backoff::GIVE_UP_AFTER_MS,
    }
}

async fn send(delivery: &Delivery, state: &AppState, sender: &Sender, to: &Target) -> Result<(), Failure> {
    let failed = |error: &str| Failure { status: None, error: error.to_owned() };
    let Some((company, settings)) = to.now(&state.registers()) else {
        return Err(failed("a empresa não tem mais webhook"));
    };
    let event = match state.store.event(&to.account, &delivery.event_id).await {
        Ok(Some(event)) => event,
        Ok(None) => return Err(failed("o evento não está mais no banco de dados")),
        Err(Unavailable) => return Err(failed("o banco de dados não respondeu")),
    };
    let body = serde_json::to_vec(&envelope(&company, &event)).expect("an envelope has only text keys");
    let now_s = state.environment.now().0.div_euclid(1_000);
    sender.send(&settings, &event, body, now_s).await
}
