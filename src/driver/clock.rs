//! The two clocks of the agent.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use protocol::UnixMillis;

use crate::flow::Moment;

/// Reads the clocks. On Android the monotonic one stands still while the device sleeps, so a deadline may come late by
/// that sleep, never early.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    start: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { start: Instant::now() }
    }

    pub(super) fn now(&self) -> Moment {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment {
            wall: UnixMillis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)),
            mono_ms: u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}
