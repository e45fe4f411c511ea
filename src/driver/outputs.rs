//! What the shell is to do and to show.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::Handle;
use crate::flow::{Alert, Purpose};
use crate::view::Screen;

/// Screens remembered by their number, so that a key counts for the one that was seen: a few more than a slow shell is
/// behind.
const SCREENS_KEPT_MAX: usize = 8;
/// Most deep links that may wait to be opened: the agent has one call to the acquirer's app under way at a time.
const OPENS_MAX: usize = 4;
/// Most alerts that may wait: a shell that does not listen misses the oldest.
const ALERTS_MAX: usize = 16;

/// One thing for the shell.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Show this. Only the latest screen is kept: a slow shell skips those in between.
    Screen {
        /// Grows with every screen, from 1; to be given back with a key ([`Handle::key`]).
        number: u64,
        /// What to draw.
        screen: Arc<Screen>,
    },
    /// Open this deep link; when there is no app for it, say [`crate::flow::Event::OpenFailed`].
    Open {
        /// The request URI.
        uri: String,
        /// What it is for.
        purpose: Purpose,
    },
    /// Make the operator look.
    Alert(Alert),
    /// Keep the screen on, or stop doing so.
    KeepAwake(bool),
    /// The answer to [`Handle::probe`]: the loop is alive.
    Alive(u64),
}

/// What [`Outputs::next_timeout`] found.
#[derive(Clone, Debug, PartialEq)]
pub enum Polled {
    /// Something to do.
    Output(Output),
    /// Nothing yet.
    Nothing,
    /// The agent has ended; nothing will come any more.
    Ended,
}

/// The reader's end. A screen comes before what else is waiting, so that it is drawn when another app covers it.
#[derive(Debug)]
pub struct Outputs {
    queue: Arc<OutputQueue>,
    _handle: Handle,
}

impl Outputs {
    pub(super) const fn new(queue: Arc<OutputQueue>, handle: Handle) -> Self {
        Self { queue, _handle: handle }
    }

    /// Waits for the next one; `None`: the agent has ended. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Output> {
        loop {
            let notified = self.queue.notify.notified();
            let taken = self.queue.state().take();
            match taken {
                Polled::Output(output) => return Some(output),
                Polled::Ended => return None,
                Polled::Nothing => notified.await,
            }
        }
    }

    /// Waits for the next one on this thread.
    pub fn next_timeout(&mut self, timeout: Duration) -> Polled {
        let start = Instant::now();
        let mut state = self.queue.state();
        loop {
            let taken = state.take();
            let left = timeout.saturating_sub(start.elapsed());
            if taken != Polled::Nothing || left.is_zero() {
                return taken;
            }
            state = self.queue.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct OutputQueue {
    state: Mutex<State>,
    changed: Condvar,
    notify: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Number of the newest screen; 0: none yet.
    number: u64,
    /// The newest screens, oldest first. The last one is shown, or will be.
    screens: VecDeque<Arc<Screen>>,
    current_is_new: bool,
    waiting: VecDeque<Output>,
    ended: bool,
}

impl OutputQueue {
    /// Hands over what one step brought, all at once. Gives back the deep links that found no room.
    pub(super) fn publish(&self, outputs: Vec<Output>, screen: Option<Arc<Screen>>) -> Vec<Output> {
        let mut state = self.state();
        if let Some(screen) = screen {
            state.draw(screen);
        }
        let refused = outputs.into_iter().filter_map(|output| state.add(output)).collect();
        self.changed.notify_all();
        self.notify.notify_one();
        refused
    }

    /// Nothing more will come.
    pub(super) fn end(&self) {
        self.state().ended = true;
        self.changed.notify_all();
        self.notify.notify_one();
    }

    /// The screen with this number, if it is one of the newest.
    pub(super) fn screen(&self, number: u64) -> Option<Arc<Screen>> {
        let state = self.state();
        let age = usize::try_from(state.number.checked_sub(number)?).ok()?;
        state.screens.iter().rev().nth(age).cloned()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic happens under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self) -> Polled {
        if core::mem::take(&mut self.current_is_new)
            && let Some(screen) = self.screens.back()
        {
            return Polled::Output(Output::Screen { number: self.number, screen: Arc::clone(screen) });
        }
        match self.waiting.pop_front() {
            Some(output) => Polled::Output(output),
            None if self.ended => Polled::Ended,
            None => Polled::Nothing,
        }
    }

    fn draw(&mut self, screen: Arc<Screen>) {
        self.number += 1;
        if self.screens.len() >= SCREENS_KEPT_MAX {
            self.screens.pop_front();
        }
        self.screens.push_back(screen);
        self.current_is_new = true;
    }

    /// Queues one; gives it back when it must not be queued.
    fn add(&mut self, output: Output) -> Option<Output> {
        match &output {
            Output::Screen { screen, .. } => {
                self.draw(Arc::clone(screen));
                return None;
            }
            Output::Open { .. } => {
                if self.count(|o| matches!(o, Output::Open { .. })) >= OPENS_MAX {
                    return Some(output);
                }
            }
            Output::Alert(_) => {
                if self.count(|o| matches!(o, Output::Alert(_))) >= ALERTS_MAX {
                    let oldest = self.waiting.iter().position(|o| matches!(o, Output::Alert(_)));
                    oldest.and_then(|at| self.waiting.remove(at));
                }
            }
            // Only the latest counts.
            Output::KeepAwake(_) => self.waiting.retain(|o| !matches!(o, Output::KeepAwake(_))),
            Output::Alive(_) => self.waiting.retain(|o| !matches!(o, Output::Alive(_))),
        }
        self.waiting.push_back(output);
        None
    }

    fn count(&self, kind: impl Fn(&Output) -> bool) -> usize {
        self.waiting.iter().filter(|o| kind(o)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::screen::{Status, Tone};

    fn screen(page: &str) -> Option<Arc<Screen>> {
        let status = Status { tone: Tone::Neutral, text: String::new() };
        let screen =
            Screen { page: page.into(), title: String::new(), status, widgets: vec![], actions: vec![] };
        Some(Arc::new(screen))
    }

    fn open(n: usize) -> Output {
        Output::Open { uri: n.to_string(), purpose: Purpose::Pay }
    }

    fn all(queue: &OutputQueue) -> Vec<Output> {
        core::iter::from_fn(|| match queue.state().take() {
            Polled::Output(output) => Some(output),
            Polled::Nothing | Polled::Ended => None,
        })
        .collect()
    }

    #[test]
    fn a_slow_shell_gets_the_latest_screen_first_and_then_everything_else_in_order() {
        let queue = OutputQueue::default();
        queue.publish(vec![Output::KeepAwake(true), open(1)], screen("a"));
        queue.publish(vec![Output::Alert(Alert::Refused), Output::KeepAwake(false)], screen("b"));
        let expected = [
            Output::Screen { number: 2, screen: screen("b").unwrap() },
            open(1),
            Output::Alert(Alert::Refused),
            Output::KeepAwake(false),
        ];
        assert_eq!(all(&queue), expected);
        assert_eq!(all(&queue), []);
        assert_eq!((queue.screen(1), queue.screen(2)), (screen("a"), screen("b")));
    }

    #[test]
    fn a_screen_is_found_by_its_number_as_long_as_it_is_one_of_the_newest() {
        let queue = OutputQueue::default();
        assert_eq!((queue.screen(0), queue.screen(1)), (None, None));
        for number in 1..=20 {
            queue.publish(vec![], screen(&number.to_string()));
        }
        let oldest_kept = 20 - SCREENS_KEPT_MAX as u64 + 1;
        assert_eq!(queue.screen(oldest_kept), screen(&oldest_kept.to_string()));
        assert_eq!((queue.screen(oldest_kept - 1), queue.screen(21)), (None, None));
    }

    #[test]
    fn only_the_latest_sign_of_life_waits() {
        let queue = OutputQueue::default();
        queue.publish(vec![Output::Alive(1), Output::Alert(Alert::Refused), Output::Alive(2)], None);
        assert_eq!(all(&queue), [Output::Alert(Alert::Refused), Output::Alive(2)]);
    }

    #[test]
    fn deep_links_that_nobody_takes_are_given_back_and_alerts_are_bounded() {
        let queue = OutputQueue::default();
        for n in 0..OPENS_MAX {
            assert_eq!(queue.publish(vec![open(n)], None), []);
        }
        assert_eq!(queue.publish(vec![open(99)], None), [open(99)]);
        for _ in 0..ALERTS_MAX {
            queue.publish(vec![Output::Alert(Alert::Attention)], None);
        }
        queue.publish(vec![Output::Alert(Alert::Approved)], None);
        let all = all(&queue);
        assert_eq!(all.len(), OPENS_MAX + ALERTS_MAX);
        assert_eq!(all.last(), Some(&Output::Alert(Alert::Approved)));
    }

    #[tokio::test]
    async fn a_waiting_reader_wakes_for_the_last_output_and_for_the_end() {
        let queue = Arc::new(OutputQueue::default());
        let writer = Arc::clone(&queue);
        let reader = tokio::task::spawn_blocking(move || {
            let mut seen = vec![];
            loop {
                let mut state = queue.state();
                match state.take() {
                    Polled::Output(output) => seen.push(output),
                    Polled::Ended => return seen,
                    Polled::Nothing => drop(queue.changed.wait(state)),
                }
            }
        });
        writer.publish(vec![open(1)], None);
        writer.end();
        assert_eq!(reader.await.unwrap(), [open(1)]);
    }
}
