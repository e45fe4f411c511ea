//! The loop itself, on its own thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime;

use super::clock::Clock;
use super::engine::Engine;
use super::mailbox::{Incoming, Mailbox, Taken};
use super::outputs::{Output, OutputQueue};
use super::receipts::Receipts;
use super::worker::Worker;
use crate::acquirer::Acquirer;
use crate::flow::{Agent, AgentConfig, Alert, DeviceStatus, Event, Input};
use crate::hub::Hub;
use crate::journal::{Journal, Shelf};
use crate::view::screen::{Key, Screen};

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
    pub(super) acquirer: Arc<dyn Acquirer>,
    pub(super) seed: u64,
    pub(super) hub: Arc<Hub>,
    pub(super) runtime: runtime::Handle,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) outputs: Arc<OutputQueue>,
}

impl Life {
    /// Until the agent is switched off.
    pub(super) fn live(self) {
        let clock = Clock::start();
        if catch_unwind(AssertUnwindSafe(|| Running::begin(&self, clock).run())).is_err() {
            log::error!("the agent stopped by a defect");
            let mut stopped = self.new_agent();
            stopped.block(STOPPED);
            let screen = crate::view::screen(&stopped, clock.now());
            self.outputs.publish(vec![Output::KeepAwake(false)], Some(Arc::new(screen)));
        }
        self.mailbox.switch_off();
        self.outputs.end();
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
    blocked: bool,
    shown: Option<Arc<Screen>>,
    device: DeviceStatus,
    device_report_due_ms: u64,
}

impl<'a> Running<'a> {
    fn begin(life: &'a Life, clock: Clock) -> Self {
        let opened = Journal::open(&life.data_dir);
        let shelf = opened.as_ref().ok().and_then(|_| match Shelf::open(&life.data_dir) {
            Ok(shelf) => Some(Arc::new(shelf)),
            Err(error) => {
                log::error!("receipts cannot be kept: {error}");
                None
            }
        });
        let receipts = Receipts { hub: Arc::clone(&life.hub), acquirer: Arc::clone(&life.acquirer), shelf };
        Self {
            life,
            clock,
            worker: Worker::new(life.runtime.clone(), receipts, Arc::clone(&life.mailbox)),
            engine: Engine::new(life.new_agent(), opened),
            blocked: false,
            shown: None,
            device: DeviceStatus::default(),
            device_report_due_ms: 0,
        }
    }

    fn run(mut self) {
        self.take(Event::Booted);
        let mut after_deadline = false;
        loop {
            let now_ms = self.clock.now().mono_ms;
            let due_ms = self.engine.next_deadline().map(|due| {
                let earliest = if after_deadline { now_ms + DEADLINE_PAUSE_MS } else { 0 };
                due.max(earliest)
            });
            let until_ms = due_ms.unwrap_or(u64::MAX).min(self.device_report_due_ms);
            after_deadline = false;
            match self.life.mailbox.take(Some(Duration::from_millis(until_ms.saturating_sub(now_ms)))) {
                Taken::Off => return,
                Taken::Incoming(Incoming::Event(event)) => self.take(event),
                Taken::Incoming(Incoming::Key(key, seen)) => {
                    let now = self.shown.as_deref();
                    if let Some(input) = meaning(key, seen.as_deref(), now) {
                        self.take(Event::Input(input));
                    }
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
    let now = now?.input_for(key)?;
    let then = seen?.input_for(key)?;
    let same = match (&now, &then) {
        (Input::Text { id: now, .. }, Input::Text { id: then, .. }) => now == then,
        (Input::Tap(now), Input::Tap(then)) => now == then,
        (Input::Text { .. }, Input::Tap(_)) | (Input::Tap(_), Input::Text { .. }) => false,
    };
    same.then_some(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::screen::{Action, ActionStyle, KeypadKind, Status, Tone, Widget};

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
    fn fast_typing_into_a_field_loses_no_digit() {
        let (seen, now) = (screen(vec![code("1")], None), screen(vec![code("12")], None));
        let typed = Input::Text { id: "code".into(), value: "123".into() };
        assert_eq!(meaning(Key::Digit(3), Some(&seen), Some(&now)), Some(typed));
    }
}
