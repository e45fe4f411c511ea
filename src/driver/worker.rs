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
            Effect::Call {
                call,
                request,
                timeout_ms,
            } => self.call(call, request, timeout_ms),
            Effect::Drop(call) => {
                if let Some(task) = self.calls.remove(&call) {
                    task.abort();
                }
            }
            Effect::Authenticate(token) => self.receipts.hub.authenticate(&token),
            Effect::Open { uri, purpose } => return Some(Output::Open { uri, purpose }),
            Effect::FetchReceipt(print_id) => self.fetch(print_id),
            Effect::Print { print_id, part } => match self.receipts.print_uri(&print_id, part) {
                Some(uri) => {
                    return Some(Output::Open {
                        uri,
                        purpose: Purpose::Print,
                    });
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
        let answer = Answer::new(
            &self.mailbox,
            Event::Answered {
                call,
                result: unanswered,
            },
        );
        if self.calls.len() >= CALLS_MAX {
            log::error!("{CALLS_MAX} calls are under way; one more is not sent");
        }
        let hub = Arc::clone(&self.receipts.hub);
        let sent = self.calls.len() < CALLS_MAX;
        let task = self.runtime.spawn(async move {
            if sent {
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
        let unanswered = Err(ReceiptFailure::Fetch(CallFailure::Unreachable(
            Unreachable::NoConnection,
        )));
        let event = Event::Receipt {
            print_id: print_id.clone(),
            result: unanswered,
        };
        let answer = Answer::new(&self.mailbox, event);
        let sent = self.fetches.len() < FETCHES_MAX;
        let (receipts, preparing, id) = (
            self.receipts.clone(),
            Arc::clone(&self.preparing),
            print_id.clone(),
        );
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
        Self {
            mailbox: Arc::clone(mailbox),
            event: Some(unanswered),
        }
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
