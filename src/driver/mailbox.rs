//! What waits for the loop.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::handle::NetworkStatus;
use crate::flow::Event;
use crate::view::Screen;
use crate::view::screen::Key;

/// Most inputs of the operator that may wait: nobody types that far ahead of a screen.
pub(super) const INPUTS_MAX: usize = 64;
/// Most events from outside that may wait, inputs among them. Returns of the acquirer's app always find room that
/// inputs cannot take.
pub(super) const EVENTS_MAX: usize = 256;

/// Why an event was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DispatchError {
    /// The agent does not keep up. Nothing was taken; try again.
    #[error("too many events wait")]
    Full,
    /// The agent is switched off.
    #[error("the agent is switched off")]
    Off,
    /// Only the driver itself says this.
    #[error("not an event from outside")]
    NotFromOutside,
}

/// Something that waits.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Incoming {
    Event(Event),
    /// A physical key, and the screen that was shown when it was pressed.
    Key(Key, Option<Arc<Screen>>),
    Network(NetworkStatus),
    Probe(u64),
}

/// What the loop got.
#[derive(Debug, PartialEq)]
pub(super) enum Taken {
    Incoming(Incoming),
    /// Nothing came in time.
    Nothing,
    /// The agent is switched off.
    Off,
}

#[derive(Debug, Default)]
pub(super) struct Mailbox {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<(Source, Incoming)>,
    inputs: usize,
    outside: usize,
    off: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Operator,
    Shell,
    Driver,
}

impl Mailbox {
    /// From the shell or the operator.
    pub(super) fn post(&self, incoming: Incoming) -> Result<(), DispatchError> {
        let source = source_of(&incoming)?;
        let mut queue = self.queue();
        if queue.off {
            return Err(DispatchError::Off);
        }
        let too_many_inputs = source == Source::Operator && queue.inputs >= INPUTS_MAX;
        if too_many_inputs || queue.outside >= EVENTS_MAX {
            return Err(DispatchError::Full);
        }
        queue.inputs += usize::from(source == Source::Operator);
        queue.outside += 1;
        queue.waiting.push_back((source, incoming));
        self.changed.notify_one();
        Ok(())
    }

    /// From the driver's own tasks: never refused, because each task says one thing and their number is bounded.
    pub(super) fn post_own(&self, event: Event) {
        let mut queue = self.queue();
        if !queue.off {
            queue.waiting.push_back((Source::Driver, Incoming::Event(event)));
            self.changed.notify_one();
        }
    }

    /// Waits for the next one; without `timeout` as long as it takes.
    pub(super) fn take(&self, timeout: Option<Duration>) -> Taken {
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut queue = self.queue();
        loop {
            if queue.off {
                return Taken::Off;
            }
            if let Some((source, incoming)) = queue.waiting.pop_front() {
                queue.inputs -= usize::from(source == Source::Operator);
                queue.outside -= usize::from(source != Source::Driver);
                return Taken::Incoming(incoming);
            }
            queue = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                Some(Duration::ZERO) => return Taken::Nothing,
                Some(left) => {
                    self.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// From now on nothing is taken and nothing is given out, but [`Mailbox::returns_left`].
    pub(super) fn switch_off(&self) {
        let mut queue = self.queue();
        queue.off = true;
        queue.waiting.retain(|(_, incoming)| matches!(incoming, Incoming::Event(Event::Returned(_))));
        self.changed.notify_all();
    }

    /// Returns of the acquirer's app that were taken and that no agent has seen, once it is switched off: whoever gave
    /// them will not give them again.
    pub(super) fn returns_left(&self) -> Vec<String> {
        let left = core::mem::take(&mut self.queue().waiting);
        let returned = |incoming| match incoming {
            Incoming::Event(Event::Returned(uri)) => Some(uri),
            Incoming::Event(_) | Incoming::Key(..) | Incoming::Network(_) | Incoming::Probe(_) => None,
        };
        left.into_iter().filter_map(|(_, incoming)| returned(incoming)).collect()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing that can panic happens under the lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn source_of(incoming: &Incoming) -> Result<Source, DispatchError> {
    match incoming {
        Incoming::Key(..) | Incoming::Event(Event::Input(_)) => Ok(Source::Operator),
        Incoming::Network(_)
        | Incoming::Probe(_)
        | Incoming::Event(
            Event::Returned(_) | Event::OpenFailed | Event::Network { .. } | Event::Device(_),
        ) => Ok(Source::Shell),
        Incoming::Event(Event::Booted | Event::Deadline | Event::Answered { .. } | Event::Receipt { .. }) => {
            Err(DispatchError::NotFromOutside)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Input;

    fn tap() -> Incoming {
        Incoming::Event(Event::Input(Input::Tap("x".into())))
    }

    #[test]
    fn a_return_finds_room_when_the_operator_has_typed_too_far_ahead() {
        let mailbox = Mailbox::default();
        for _ in 0..INPUTS_MAX {
            mailbox.post(tap()).unwrap();
        }
        assert_eq!(mailbox.post(tap()), Err(DispatchError::Full));
        assert_eq!(mailbox.post(Incoming::Event(Event::Returned("a://b".into()))), Ok(()));
        assert_eq!(mailbox.take(None), Taken::Incoming(tap()));
        assert_eq!(mailbox.post(tap()), Ok(()));
        while mailbox.post(Incoming::Event(Event::OpenFailed)).is_ok() {}
        for _ in 0..EVENTS_MAX {
            assert_ne!(mailbox.take(None), Taken::Nothing);
        }
        assert_eq!(mailbox.take(Some(Duration::ZERO)), Taken::Nothing);
        assert_eq!(mailbox.post(tap()), Ok(()));
    }

    #[test]
    fn only_the_driver_boots_answers_and_keeps_time() {
        let mailbox = Mailbox::default();
        for event in [Event::Booted, Event::Deadline] {
            assert_eq!(mailbox.post(Incoming::Event(event)), Err(DispatchError::NotFromOutside));
        }
    }

    #[test]
    fn after_switching_off_nothing_goes_in_or_out() {
        let mailbox = Mailbox::default();
        mailbox.post(tap()).unwrap();
        mailbox.switch_off();
        assert_eq!(mailbox.take(None), Taken::Off);
        assert_eq!(mailbox.post(tap()), Err(DispatchError::Off));
        mailbox.post_own(Event::OpenFailed);
        assert_eq!(mailbox.take(None), Taken::Off);
    }
}
