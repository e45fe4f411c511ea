//! The loop itself, on its own thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime;

use super::clock::Clock;
use super::engine::Engine;
use super::guard::{CrashGuard, Guard};
use super::handle::NetworkStatus;
use super::mailbox::{Incoming, Mailbox, Taken};
use super::outputs::{Output, OutputQueue};
use super::receipts::Receipts;
use super::returns::WaitingReturns;
use super::safe::{SafeEnd, SafeLife};
use super::worker::Worker;
use crate::acquirer::Acquirer;
use crate::flow::{Agent, AgentConfig, Alert, DeviceStatus, Event, Input};
use crate::hub::Hub;
use crate::journal::{Journal, Shelf};
use crate::view::screen::{Key, Screen, Widget};

/// How often the agent learns the size of its journal, in milliseconds: for people who look at diagnostics.
const DEVICE_REPORT_MS: u64 = 10 * 60 * 1000;
/// Shortest time between two deadlines, in milliseconds: a deadline that does not move must not heat the terminal.
const DEADLINE_PAUSE_MS: u64 = 10;

const STOPPED: &str =
    "O aplicativo parou por um erro interno. Feche-o e abra de novo; se continuar, chame o suporte.";

/// What the loop begins with.
pub(super) struct Life {
    pub(super) data_dir: PathBuf,
    pub(super) agent: AgentConfig,
    pub(super) network: NetworkStatus,
    pub(super) device: DeviceStatus,
    pub(super) crash_guard: CrashGuard,
    pub(super) acquirer: Arc<dyn Acquirer>,
    pub(super) seed: u64,
    pub(super) hub: Option<Arc<Hub>>,
    pub(super) runtime: runtime::Handle,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) outputs: Arc<OutputQueue>,
}

impl Life {
    /// Until the agent is switched off.
    pub(super) fn live(mut self) {
        let mut guard = match self.crash_guard {
            CrashGuard::Off => None,
            CrashGuard::On { previous_end } => Some(Guard::begin(&self.data_dir, previous_end)),
        };
        let goes_on = guard.as_mut().is_none_or(|guard| self.pass(guard));
        // Not before: how long a person was waited for is not how long the agent has lived.
        let clock = Clock::start();
        let lived = goes_on
            .then(|| catch_unwind(AssertUnwindSafe(|| Running::begin(&self, clock, guard.as_mut()).run())));
        if let Some(Err(_)) = lived {
            log::error!("the agent stopped by a defect");
            let mut stopped = self.new_agent();
            stopped.block(STOPPED);
            let screen = crate::view::screen(&stopped, clock.now());
            self.outputs.publish(vec![Output::KeepAwake(false)], Some(Arc::new(screen)));
        }
        if let Some(guard) = &mut guard {
            guard.end();
        }
        self.mailbox.switch_off();
        for uri in self.mailbox.returns_left() {
            self.keep(&uri);
        }
        self.outputs.end();
    }

    /// Keeps a return for the next agent.
    fn keep(&self, uri: &str) {
        let kept = WaitingReturns::in_dir(&self.data_dir).keep(&self.acquirer.redact(uri));
        if let Err(error) = kept {
            log::error!("a return could not be kept: {error}");
        }
    }

    /// Whether the agent may run; after too many bad ends, once a person has said so.
    fn pass(&mut self, guard: &mut Guard) -> bool {
        let Some(deaths) = guard.too_many() else { return true };
        guard.wait();
        let safe = SafeLife {
            mailbox: &self.mailbox,
            outputs: &self.outputs,
            acquirer: &*self.acquirer,
            returns: WaitingReturns::in_dir(&self.data_dir),
            network: self.network.clone(),
        };
        match safe.live(deaths, guard.last_defect(), self.agent.version.clone()) {
            SafeEnd::StartAgain { network, device } => {
                guard.forgive();
                self.network = network;
                self.device = device;
                true
            }
            SafeEnd::Off => false,
        }
    }

    fn new_agent(&self) -> Agent {
        Agent::new(self.agent.clone(), Arc::clone(&self.acquirer), self.seed)
    }
}

struct Running<'a> {
    life: &'a Life,
    clock: Clock,
    /// Before the engine: nothing may be under way any more when the journal is closed.
    worker: Worker,
    engine: Engine,
    guard: Option<&'a mut Guard>,
    network: NetworkStatus,
    blocked: bool,
    shown: Option<Arc<Screen>>,
    device: DeviceStatus,
    device_report_due_ms: u64,
}

impl<'a> Running<'a> {
    fn begin(life: &'a Life, clock: Clock, guard: Option<&'a mut Guard>) -> Self {
        let opened = Journal::open(&life.data_dir);
        let shelf = opened.as_ref().ok().and_then(|_| match Shelf::open(&life.data_dir) {
            Ok(shelf) => Some(Arc::new(shelf)),
            Err(error) => {
                log::error!("receipts cannot be kept: {error}");
                None
            }
        });
        if let Some(hub) = &life.hub {
            hub.go_through(life.network.proxy.as_ref());
        }
        let receipts = Receipts { hub: life.hub.clone(), acquirer: Arc::clone(&life.acquirer), shelf };
        Self {
            life,
            guard,
            network: life.network.clone(),
            clock,
            worker: Worker::new(life.runtime.clone(), receipts, Arc::clone(&life.mailbox)),
            engine: Engine::new(life.new_agent(), opened),
            blocked: false,
            shown: None,
            device: life.device.clone(),
            device_report_due_ms: 0,
        }
    }

    fn run(mut self) {
        self.take(Event::Booted);
        self.take(Event::Network { connected: self.network.connected });
        self.take_waiting_returns();
        let mut after_deadline = false;
        loop {
            let now_ms = self.clock.now().mono_ms;
            let due_ms = self.engine.next_deadline().map(|due| {
                let earliest = if after_deadline { now_ms + DEADLINE_PAUSE_MS } else { 0 };
                due.max(earliest)
            });
            let until_ms =
                due_ms.unwrap_or(u64::MAX).min(self.device_report_due_ms).min(self.tend_guard(now_ms));
            after_deadline = false;
            match self.life.mailbox.take(Some(Duration::from_millis(until_ms.saturating_sub(now_ms)))) {
                Taken::Off => return,
                Taken::Incoming(Incoming::Event(Event::Returned(uri))) => self.take_return(uri),
                Taken::Incoming(Incoming::Event(event)) => self.take(event),
                Taken::Incoming(Incoming::Key(key, seen)) => {
                    let now = self.shown.as_deref();
                    if let Some(input) = meaning(key, seen.as_deref(), now) {
                        self.take(Event::Input(input));
                    }
                }
                Taken::Incoming(Incoming::Network(status)) => self.change_network(status),
                Taken::Incoming(Incoming::Probe(number)) => {
                    self.life.outputs.publish(vec![Output::Alive(number)], None);
                }
                Taken::Nothing => {
                    let now_ms = self.clock.now().mono_ms;
                    if now_ms >= self.device_report_due_ms {
                        self.take(Event::Device(self.device.clone()));
                    }
                    if due_ms.is_some_and(|due| now_ms >= due) {
                        after_deadline = true;
                        self.take(Event::Deadline);
                    }
                }
            }
        }
    }

    /// What the journal does not take waits for an agent whose journal can be used.
    fn take_return(&mut self, uri: String) {
        self.take(Event::Returned(uri.clone()));
        if self.engine.is_blocked() {
            self.life.keep(&uri);
        }
    }

    /// What came while no agent ran is an answer like any other.
    fn take_waiting_returns(&mut self) {
        let waiting = WaitingReturns::in_dir(&self.life.data_dir);
        let returns = match waiting.all() {
            Ok(returns) => returns,
            Err(error) => {
                log::error!("returns that wait cannot be read, and stay: {error}");
                return;
            }
        };
        for uri in returns {
            self.take(Event::Returned(uri));
        }
        if !self.engine.is_blocked() {
            waiting.forget();
        }
    }

    /// A call that went out another way will not come back: the feed begins anew.
    fn change_network(&mut self, status: NetworkStatus) {
        if status.proxy != self.network.proxy {
            if let Some(hub) = &self.life.hub {
                hub.go_through(status.proxy.as_ref());
            }
            self.take(Event::Network { connected: false });
        }
        self.take(Event::Network { connected: status.connected });
        self.network = status;
    }

    /// Tells the guard how old this life is; when to come back.
    fn tend_guard(&mut self, now_ms: u64) -> u64 {
        let Some(guard) = &mut self.guard else { return u64::MAX };
        guard.lived(now_ms);
        guard.due_at_age_ms().unwrap_or(u64::MAX)
    }

    /// One event, from the agent's decision to what the shell gets.
    fn take(&mut self, event: Event) {
        if !self.worker.is_awaited(&event) {
            return;
        }
        let event = match event {
            Event::Device(status) => Event::Device(self.completed(status)),
            other @ (Event::Booted
            | Event::Deadline
            | Event::Input(_)
            | Event::Returned(_)
            | Event::OpenFailed
            | Event::Answered { .. }
            | Event::Network { .. }
            | Event::Receipt { .. }) => other,
        };
        let effects = self.engine.handle(event, self.clock.now());
        let outputs = effects.into_iter().filter_map(|effect| self.worker.perform(effect)).collect();
        self.publish(outputs);
        self.engine.tidy();
        self.show_block();
    }

    fn publish(&mut self, outputs: Vec<Output>) {
        let screen = self.engine.screen(self.clock.now());
        let changed = self.shown.as_deref() != Some(&screen);
        if changed {
            self.shown = Some(Arc::new(screen));
        }
        let refused = self.life.outputs.publish(outputs, self.shown.clone().filter(|_| changed));
        for _ in refused {
            log::error!("a deep link was not opened: nobody takes them");
            self.life.mailbox.post_own(Event::OpenFailed);
        }
    }

    /// Once, when the journal cannot be used any more.
    fn show_block(&mut self) {
        if self.engine.is_blocked() && !self.blocked {
            self.blocked = true;
            self.worker.drop_all();
            self.publish(vec![Output::KeepAwake(false), Output::Alert(Alert::Attention)]);
        }
    }

    /// What the shell knows of the device, with what only the driver knows.
    fn completed(&mut self, mut status: DeviceStatus) -> DeviceStatus {
        self.device_report_due_ms = self.clock.now().mono_ms + DEVICE_REPORT_MS;
        status.journal_bytes = self.engine.journal_bytes();
        self.device = status.clone();
        status
    }
}

/// What a key means: the same on the screen that was seen and on the present one, or nothing. In a text field it is typed
/// into the present text, so that fast typing loses no digit.
fn meaning(key: Key, seen: Option<&Screen>, now: Option<&Screen>) -> Option<Input> {
    let (seen, shown) = (seen?, now?);
    let now = shown.input_for(key)?;
    let then = seen.input_for(key)?;
    let same = match (&now, &then) {
        (Input::Text { id: now, .. }, Input::Text { id: then, .. }) => now == then,
        // "Charge" is another thing for another order or another amount.
        (Input::Tap(now), Input::Tap(then)) => now == then && subject(shown).eq(subject(seen)),
        (Input::Text { .. }, Input::Tap(_)) | (Input::Tap(_), Input::Text { .. }) => false,
    };
    same.then_some(now)
}

/// What a screen is about: its page, its heading and its figures. Not what is being typed, and not what moves by itself.
fn subject(screen: &Screen) -> impl Iterator<Item = &str> {
    let figures = screen.widgets.iter().filter_map(|widget| match widget {
        Widget::Amount { label, value, .. } => Some([label.as_str(), value.as_str()]),
        Widget::Message { .. }
        | Widget::List { .. }
        | Widget::Choice { .. }
        | Widget::Keypad { .. }
        | Widget::Progress { .. } => None,
    });
    [screen.page.as_str(), screen.title.as_str()].into_iter().chain(figures.flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::screen::{Action, ActionStyle, KeypadKind, Status, Tone};

    fn screen(widgets: Vec<Widget>, enter: Option<&str>) -> Screen {
        let action = |id: &str| Action {
            id: id.to_owned(),
            label: String::new(),
            style: ActionStyle::Primary,
            key: Some(Key::Enter),
        };
        Screen {
            page: "page".into(),
            title: String::new(),
            status: Status { tone: Tone::Neutral, text: String::new() },
            widgets,
            actions: enter.map(action).into_iter().collect(),
        }
    }

    fn code(value: &str) -> Widget {
        Widget::Keypad {
            id: "code".into(),
            label: String::new(),
            value: value.into(),
            kind: KeypadKind::Code,
            keys: vec![],
        }
    }

    #[test]
    fn a_key_never_confirms_a_screen_that_was_not_seen() {
        let charge = screen(vec![], Some("charge"));
        let reverse = screen(vec![], Some("reverse"));
        let tap = Some(Input::Tap("charge".into()));
        assert_eq!(meaning(Key::Enter, Some(&charge), Some(&charge)), tap);
        assert_eq!(meaning(Key::Enter, Some(&charge), Some(&reverse)), None);
        assert_eq!(meaning(Key::Enter, None, Some(&charge)), None);
        assert_eq!(meaning(Key::Enter, Some(&screen(vec![code("")], None)), Some(&charge)), None);
    }

    #[test]
    fn a_key_never_confirms_another_order_or_another_amount_than_the_one_seen() {
        let charge = |title: &str, value: &str| {
            let amount = Widget::Amount { label: "Saldo a cobrar".into(), value: value.into(), main: true };
            Screen { title: title.into(), ..screen(vec![amount], Some("charge")) }
        };
        let seen = charge("Pedido 1", "R$ 1,00");
        assert!(meaning(Key::Enter, Some(&seen), Some(&charge("Pedido 1", "R$ 1,00"))).is_some());
        assert_eq!(meaning(Key::Enter, Some(&seen), Some(&charge("Pedido 2", "R$ 1,00"))), None);
        assert_eq!(meaning(Key::Enter, Some(&seen), Some(&charge("Pedido 1", "R$ 9,00"))), None);
        let other_page = Screen { page: "other".into(), ..seen.clone() };
        assert_eq!(meaning(Key::Enter, Some(&seen), Some(&other_page)), None);
    }

    #[test]
    fn fast_typing_into_a_field_loses_no_digit() {
        let (seen, now) = (screen(vec![code("1")], None), screen(vec![code("12")], None));
        let typed = Input::Text { id: "code".into(), value: "123".into() };
        assert_eq!(meaning(Key::Digit(3), Some(&seen), Some(&now)), Some(typed));
    }
}
