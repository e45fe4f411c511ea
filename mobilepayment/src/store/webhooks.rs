//! What the webhooks' room asks of the store.

use super::query::{Delivery, DeliveryStatus};
use super::unit::{Failure, Unit};
use super::{Store, Unavailable};
use crate::db::deliveries;
pub use crate::db::deliveries::{FailedTry, Queued};
use crate::db::events::{self, EventHead};

/// A command that no rule refuses.
type Done<T> = Result<T, Failure<()>>;

impl Unit<'_> {
    /// Queues deliveries; all events up to `upto` were looked at.
    pub fn queue_deliveries(&self, queued: &[Queued], upto: u64) -> Done<()> {
        Ok(deliveries::enqueue(self.db, queued, upto, self.now)?)
    }

    /// The receiver accepted a delivery.
    pub fn delivery_accepted(&self, endpoint: &str, delivery: &Delivery) -> Done<()> {
        Ok(deliveries::accepted(self.db, endpoint, delivery, self.now)?)
    }

    /// A try of a delivery failed.
    pub fn delivery_failed(&self, endpoint: &str, delivery: &Delivery, failed: &FailedTry) -> Done<()> {
        Ok(deliveries::failed(self.db, endpoint, delivery, failed)?)
    }
}

impl Store {
    /// The next events of all accounts after `after` that were not looked at for delivery yet, oldest first.
    pub async fn undispatched_events(&self, after: u64, limit: u32) -> Result<Vec<EventHead>, Unavailable> {
        let readers = &self.shared.readers;
        readers.read(move |db| events::heads_after(db, deliveries::progress(db)?.max(after), limit)).await
    }

    /// Queues deliveries; all events up to `upto` were looked at.
    pub async fn queue_deliveries(&self, queued: Vec<Queued>, upto: u64) -> Result<(), Unavailable> {
        self.write_unrefused(move |unit| unit.queue_deliveries(&queued, upto)).await
    }

    /// The next deliveries of an endpoint, soonest first: of every lane only the oldest event, due or not.
    pub async fn next_deliveries(&self, endpoint: &str, limit: u32) -> Result<Vec<Delivery>, Unavailable> {
        let endpoint = endpoint.to_owned();
        self.shared.readers.read(move |db| deliveries::heads(db, &endpoint, limit)).await
    }

    /// The receiver accepted a delivery.
    pub async fn delivery_accepted(&self, endpoint: &str, delivery: Delivery) -> Result<(), Unavailable> {
        let endpoint = endpoint.to_owned();
        self.write_unrefused(move |unit| unit.delivery_accepted(&endpoint, &delivery)).await
    }

    /// A try of a delivery failed.
    pub async fn delivery_failed(
        &self,
        endpoint: &str,
        delivery: Delivery,
        failed: FailedTry,
    ) -> Result<(), Unavailable> {
        let endpoint = endpoint.to_owned();
        self.write_unrefused(move |unit| unit.delivery_failed(&endpoint, &delivery, &failed)).await
    }

    /// Deliveries of an endpoint in a state (`None`: in any), oldest event first.
    pub async fn deliveries(
        &self,
        endpoint: &str,
        status: Option<DeliveryStatus>,
        limit: u32,
    ) -> Result<Vec<Delivery>, Unavailable> {
        let endpoint = endpoint.to_owned();
        self.shared.readers.read(move |db| deliveries::list(db, &endpoint, status, limit)).await
    }

    /// Has an event and everything that queues with it tried again now; `None` when it does not wait (any more).
    pub async fn retry_delivery(
        &self,
        endpoint: &str,
        event_id: &str,
    ) -> Result<Option<Delivery>, Unavailable> {
        let (endpoint, event_id) = (endpoint.to_owned(), event_id.to_owned());
        self.write_unrefused(move |unit| Ok(deliveries::retry(unit.db, &endpoint, &event_id, unit.now)?))
            .await
    }

    async fn write_unrefused<T, F>(&self, command: F) -> Result<T, Unavailable>
    where
        F: FnOnce(&mut Unit<'_>) -> Done<T> + Send + 'static,
        T: Send + 'static,
    {
        self.write(command).await.map_err(|_| Unavailable)
    }
}
