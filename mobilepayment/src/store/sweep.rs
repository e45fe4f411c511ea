//! What time alone changes: leases that run out, orders that expire, data that is kept for a while only.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::{Store, Unavailable};
use crate::db::{devices, orders, prints};
use crate::stop::told;

/// How often to look for orders that time has changed: an expiry is seen by every terminal within two of these.
const LAPSE_EVERY: Duration = Duration::from_millis(500);
/// Most orders per look; the rest follow at the next.
const LAPSES_MAX: u32 = 500;
/// How often to forget what is kept for a while only.
const FORGET_EVERY: Duration = Duration::from_secs(600);
/// How long an idempotency key is kept, in ms: a week, longer than any PDV tries again.
const IDEMPOTENCY_KEPT_MS: i64 = 7 * 24 * 3_600 * 1_000;
/// How long the image of a printed receipt is kept for a reprint, in ms: a week.
const PRINTS_KEPT_MS: i64 = 7 * 24 * 3_600 * 1_000;

impl Store {
    /// Sweeps until `stop` turns true.
    pub async fn sweep(self, mut stop: watch::Receiver<bool>) {
        let mut lapse = tokio::time::interval(LAPSE_EVERY);
        lapse.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut forget = tokio::time::interval(FORGET_EVERY);
        forget.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = told(&mut stop) => return,
                // The next tick tries again; what failed is in the log already.
                _ = lapse.tick() => { let _ = self.lapse().await; }
                _ = forget.tick() => { let _ = self.forget().await; }
            }
        }
    }

    /// Writes what time alone has changed by now; how many orders.
    pub async fn lapse(&self) -> Result<usize, Unavailable> {
        let now = self.shared.environment.now();
        let due = self.shared.readers.read(move |db| orders::lapsed(db, now, LAPSES_MAX)).await?;
        let count = due.len();
        if count > 0 {
            self.write(move |unit| due.iter().try_for_each(|(account, id)| unit.lapse(account, id)))
                .await
                .map_err(|_| Unavailable)?;
        }
        Ok(count)
    }

    async fn forget(&self) -> Result<(), Unavailable> {
        self.write(move |unit| {
            orders::forget_idempotent(unit.db, unit.now.plus_ms(-IDEMPOTENCY_KEPT_MS))?;
            prints::forget_content(unit.db, unit.now.plus_ms(-PRINTS_KEPT_MS))?;
            devices::forget_codes(unit.db, unit.now)?;
            Ok::<(), super::Failure<()>>(())
        })
        .await
        .map_err(|_| Unavailable)
    }
}
