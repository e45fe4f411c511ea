//! Does what the agent wants done, and tells it what came of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use protocol::PrintId;
use tokio::runtime;
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use super::mailbox::Mailbox;
use super::outputs::Output;
use super::receipts::Receipts;
use crate::flow::{CallFailure, CallId, Effect, Event, HubCall, Purpose, ReceiptFailure, Unreachable};

/// Most calls under way: the agent has one feed and a handful of messages. One more is a defect and is not sent.
const CALLS_MAX: usize = 32;
/// Most receipts being fetched or waiting for it: the feed lists more only after days without network.
const FETCHES_MAX: usize = 64;
/// Receipts prepared at a time: each takes tens of MB for a moment, of the 1 GB that a terminal has.
const PREPARED_AT_A_TIME: usize = 1;

/// Dropping it ends everything under way.
pub(super) struct Worker {
    runtime: runtime::Handle,
    receipts: Receipts,
    mailbox: Arc<Mailbox>,
    calls: BTreeMap<CallId, AbortHandle>,
    fetches: BTreeMap<PrintId, AbortHandle>,
    preparing: Arc<Semaphore>,
}

impl Worker {
    pub(super) fn new(runtime: runtime::Handle, receipts: Receipts, mailbox: Arc<Mailbox>) -> Self {
        Self {
            runtime,
            receipts,
            mailbox,
            calls: BTreeMap::new(),
            fetches: BTreeMap::new(),
            preparing: Arc::new(Semaphore::new(PREPARED_AT_A_TIME)),
        }
    }

    /// Begins one effect; what the shell has to do is given back.
    pub(super) fn perform(&mut self, effect: Effect) -> Option<Output> {
        match effect {
            Effect::Call { call, request, timeout_ms } => self.call(call, request, timeout_ms),
            Effect::Drop(call) => {
                if let Some(task) = self.calls.remove(&call) {
                    task.abort();
                }
            }
            Effect::Authenticate(token) => {
                if let Some(hub) = &self.receipts.hub {
                    hub.authenticate(&token);
                }
            }
            Effect::Open { uri, purpose } => return Some(Output::Open { uri, purpose }),
            Effect::FetchReceipt(print_id) => self.fetch(print_id),
            Effect::Print { print_id, part } => match self.receipts.print_uri(&print_id, part) {
                Some(uri) => {
                    return Some(Output::Open { uri, purpose: Purpose::Print });
                }
                None => self.mailbox.post_own(Event::OpenFailed),
            },
            Effect::ForgetReceipt(print_id) => {
                if let Some(task) = self.fetches.remove(&print_id) {
                    task.abort();
                }
                self.receipts.forget(&print_id);
            }
            Effect::Alert(alert) => return Some(Output::Alert(alert)),
            Effect::KeepAwake(on) => return Some(Output::KeepAwake(on)),
        }
        None
    }

    /// Whether the agent still waits for this event: what it has dropped is not told.
    pub(super) fn is_awaited(&mut self, event: &Event) -> bool {
        match event {
            Event::Answered { call, .. } => self.calls.remove(call).is_some(),
            Event::Receipt { print_id, .. } => self.fetches.remove(print_id).is_some(),
            Event::Booted
            | Event::Deadline
            | Event::Input(_)
            | Event::Returned(_)
            | Event::OpenFailed
            | Event::Network { .. }
            | Event::Device(_) => true,
        }
    }

    /// Ends everything under way.
    pub(super) fn drop_all(&mut self) {
        for task in self.calls.values().chain(self.fetches.values()) {
            task.abort();
        }
        self.calls.clear();
        self.fetches.clear();
    }

    fn call(&mut self, call: CallId, request: HubCall, timeout_ms: u64) {
        let unanswered = Err(CallFailure::Unreachable(Unreachable::NoConnection));
        let answer = Answer::new(&self.mailbox, Event::Answered { call, result: unanswered });
        let sent = self.calls.len() < CALLS_MAX;
        if !sent {
            log::error!("{CALLS_MAX} calls are under way; one more is not sent");
        }
        // `answer` goes now when there is no room, and with the task otherwise.
        let answer = Some(answer).filter(|_| sent);
        let hub = self.receipts.hub.clone();
        let task = self.runtime.spawn(async move {
            if let (Some(answer), Some(hub)) = (answer, hub) {
                let result = hub.call(&request, Duration::from_millis(timeout_ms)).await;
                answer.give(Event::Answered { call, result });
            }
        });
        if let Some(earlier) = self.calls.insert(call, task.abort_handle()) {
            log::error!("call {call:?} is made twice");
            earlier.abort();
        }
    }

    fn fetch(&mut self, print_id: PrintId) {
        if self.fetches.contains_key(&print_id) {
            return;
        }
        let unanswered = Err(ReceiptFailure::Fetch(CallFailure::Unreachable(Unreachable::NoConnection)));
        let event = Event::Receipt { print_id: print_id.clone(), result: unanswered };
        let answer = Answer::new(&self.mailbox, event);
        let sent = self.fetches.len() < FETCHES_MAX;
        let (receipts, preparing, id) =
            (self.receipts.clone(), Arc::clone(&self.preparing), print_id.clone());
        let task = self.runtime.spawn(async move {
            if sent && let Ok(_turn) = preparing.acquire().await {
                let result = receipts.prepare(id.clone()).await;
                answer.give(Event::Receipt { print_id: id, result });
            }
        });
        self.fetches.insert(print_id, task.abort_handle());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.drop_all();
        if let Some(shelf) = &self.receipts.shelf {
            shelf.close();
        }
    }
}

/// The one thing that a task will say: what it gives, or, when it ends without (it panicked, or its runtime is gone),
/// that there is no answer.
struct Answer {
    mailbox: Arc<Mailbox>,
    event: Option<Event>,
}

impl Answer {
    fn new(mailbox: &Arc<Mailbox>, unanswered: Event) -> Self {
        Self { mailbox: Arc::clone(mailbox), event: Some(unanswered) }
    }

    fn give(mut self, event: Event) {
        self.event = Some(event);
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(event) = self.event.take() {
            self.mailbox.post_own(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acquirer::stone::{ReturnScheme, Stone};
    use crate::driver::mailbox::{Incoming, Taken};
    use crate::hub::Hub;

    /// Nobody listens there.
    const NOBODY: &str = "http://127.0.0.1:1";
    const PATIENCE: Duration = Duration::from_secs(20);

    fn worker(runtime: &runtime::Runtime) -> Worker {
        let stone = Stone::new(ReturnScheme::parse("posconnect").unwrap());
        let receipts = Receipts {
            hub: Some(Arc::new(Hub::new(NOBODY).unwrap())),
            acquirer: Arc::new(stone),
            shelf: None,
        };
        Worker::new(runtime.handle().clone(), receipts, Arc::default())
    }

    fn runtime() -> runtime::Runtime {
        runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
    }

    fn feed(call: u64) -> Effect {
        let request = HubCall::Feed { since: None, wait_s: 1 };
        Effect::Call { call: CallId(call), request, timeout_ms: 10_000 }
    }

    fn no_connection(call: u64) -> Event {
        let result = Err(CallFailure::Unreachable(Unreachable::NoConnection));
        Event::Answered { call: CallId(call), result }
    }

    fn next(worker: &Worker) -> Event {
        let taken = worker.mailbox.take(Some(PATIENCE));
        let Taken::Incoming(Incoming::Event(event)) = taken else { panic!("{taken:?}") };
        event
    }

    #[test]
    fn every_call_is_answered_once_even_when_nobody_is_there() {
        let runtime = runtime();
        let mut worker = worker(&runtime);
        worker.perform(feed(1));
        let answer = next(&worker);
        assert_eq!(answer, no_connection(1));
        assert!(worker.is_awaited(&answer));
        assert!(!worker.is_awaited(&answer), "once");
    }

    #[test]
    fn a_dropped_call_is_not_told() {
        let runtime = runtime();
        let mut worker = worker(&runtime);
        worker.perform(feed(1));
        worker.perform(Effect::Drop(CallId(1)));
        assert!(!worker.is_awaited(&next(&worker)));
    }

    #[test]
    fn a_call_without_a_runtime_is_answered_too() {
        let runtime = runtime();
        let mut worker = worker(&runtime);
        runtime.shutdown_background();
        worker.perform(feed(1));
        assert_eq!(next(&worker), no_connection(1));
    }

    #[test]
    fn calls_above_the_ceiling_are_answered_without_being_sent() {
        // Nobody drives this runtime: what is sent stays under way.
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut worker = worker(&runtime);
        let ceiling = CALLS_MAX as u64;
        for call in 0..=ceiling {
            worker.perform(feed(call));
        }
        assert_eq!(next(&worker), no_connection(ceiling));
        assert_eq!(worker.mailbox.take(Some(Duration::ZERO)), Taken::Nothing);
    }

    #[test]
    fn a_receipt_that_is_not_there_is_a_print_that_could_not_be_opened() {
        let runtime = runtime();
        let mut worker = worker(&runtime);
        let print_id = PrintId::parse("pr_1").unwrap();
        assert_eq!(worker.perform(Effect::Print { print_id: print_id.clone(), part: 0 }), None);
        assert_eq!(next(&worker), Event::OpenFailed);
        worker.perform(Effect::FetchReceipt(print_id.clone()));
        assert_eq!(next(&worker), Event::Receipt { print_id, result: Err(ReceiptFailure::Storage) });
    }
}
