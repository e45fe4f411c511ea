//! The two clocks of the agent.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use protocol::UnixMillis;
use rustix::time::{ClockId, clock_gettime};

use crate::flow::Moment;

/// Reads the clocks. The monotonic one goes on while the device sleeps: after a night in the drawer every deadline of the
/// evening is due. (What waits for a deadline sleeps with the device, so it comes late, never early.)
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    start: Duration,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { start: since_boot() }
    }

    pub(super) fn now(&self) -> Moment {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let since_start = since_boot().saturating_sub(self.start);
        Moment {
            wall: UnixMillis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)),
            mono_ms: u64::try_from(since_start.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or_default())
}
