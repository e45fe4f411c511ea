//! The handle to the one database: commands go through the writer, queries through readers.

pub mod command;
pub mod query;

use std::sync::Arc;

use protocol::{AttemptId, Centavos, OrderId, Serial};
use tokio::sync::watch;

use crate::ledger::event::Event;
use crate::ledger::order::{Attempt, Order, Print};
use crate::ledger::refusal::PdvRefusal;
use crate::registers::AccountId;
use command::{ActivationCode, CloseOrder, Created, NewOrder, NewPrint, Resolve};
use query::{DeliveryState, OrderFilter, OrderPage, Orphan, Report, TerminalState};

/// Why a command did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError<R> {
    /// A rule says no; asking the same again does not help.
    #[error("refused")]
    Refused(R),
    /// The service cannot answer now (stopping, storage failing, too busy). Nothing is known to be written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The database cannot be asked now; the cause is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the service cannot answer now")]
pub struct Unavailable;

/// What a command of the PDV's side answers.
pub type PdvResult<T> = Result<T, CommandError<PdvRefusal>>;

/// The database behind its one writer. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    last_event: Arc<watch::Sender<u64>>,
}

/// Commands of the PDV's side. Every one is answered only after its commit is synced.
impl Store {
    /// Creates an order, or finds the one that the same request created before.
    pub async fn create_order(&self, new: NewOrder) -> PdvResult<Created> {
        let _ = new;
        Err(Unavailable.into())
    }

    /// Closes an order: at once, or (`OrderStatus::Closing`) as soon as what is in flight has ended.
    pub async fn close_order(&self, close: CloseOrder) -> PdvResult<Order> {
        let _ = close;
        Err(Unavailable.into())
    }

    /// Decides about an attempt in doubt.
    pub async fn resolve(&self, resolve: Resolve) -> PdvResult<Order> {
        let _ = resolve;
        Err(Unavailable.into())
    }

    /// Ends the claim of a terminal that is lost or broken. Refused while an attempt is open or in doubt.
    pub async fn withdraw_claim(&self, account: &AccountId, order: &OrderId) -> PdvResult<Order> {
        let _ = (account, order);
        Err(Unavailable.into())
    }

    /// Asks for a reversal (`None`: of all that is left) that an operator does on the payment's terminal. The same
    /// amount again is the same request.
    pub async fn want_reversal(
        &self,
        account: &AccountId,
        attempt: AttemptId,
        amount: Option<Centavos>,
    ) -> PdvResult<Order> {
        let _ = (account, attempt, amount);
        Err(Unavailable.into())
    }

    /// Sends a receipt image to the terminal that took the order's last payment.
    pub async fn add_print(&self, new: NewPrint) -> PdvResult<Print> {
        let _ = new;
        Err(Unavailable.into())
    }

    /// Makes a one-use activation code; `replace`: also for a terminal that is active.
    pub async fn create_activation_code(
        &self,
        account: &AccountId,
        serial: &Serial,
        replace: bool,
    ) -> PdvResult<ActivationCode> {
        let _ = (account, serial, replace);
        Err(Unavailable.into())
    }

    /// Blocks a terminal (`true`) or lets it be activated again (`false`). Blocking ends its device token.
    pub async fn set_revoked(&self, account: &AccountId, serial: &Serial, revoked: bool) -> PdvResult<()> {
        let _ = (account, serial, revoked);
        Err(Unavailable.into())
    }

    /// Keeps how far an endpoint's delivery has come.
    pub async fn save_delivery(&self, endpoint: &str, state: DeliveryState) -> Result<(), Unavailable> {
        let _ = (endpoint, state);
        Err(Unavailable)
    }
}

/// Queries. They see what is committed.
impl Store {
    /// One order.
    pub async fn order(&self, account: &AccountId, id: &OrderId) -> Result<Option<Order>, Unavailable> {
        let _ = (account, id);
        Err(Unavailable)
    }

    /// Orders, newest first; `page` counts from 1.
    pub async fn orders(
        &self,
        account: &AccountId,
        filter: OrderFilter,
        page: u32,
        size: u32,
    ) -> Result<OrderPage, Unavailable> {
        let _ = (account, filter, page, size);
        Err(Unavailable)
    }

    /// The order of an attempt (a charge), and the attempt.
    pub async fn charge(
        &self,
        account: &AccountId,
        id: AttemptId,
    ) -> Result<Option<(Order, Attempt)>, Unavailable> {
        let _ = (account, id);
        Err(Unavailable)
    }

    /// Events after a sequence number, oldest first, at most `limit` and at most 1,000.
    pub async fn events_after(
        &self,
        account: &AccountId,
        sequence: u64,
        limit: u32,
    ) -> Result<Vec<Event>, Unavailable> {
        let _ = (account, sequence, limit);
        Err(Unavailable)
    }

    /// One event by its id.
    pub async fn event(&self, account: &AccountId, id: &str) -> Result<Option<Event>, Unavailable> {
        let _ = (account, id);
        Err(Unavailable)
    }

    /// Every distinct report of an attempt, oldest first.
    pub async fn reports(&self, account: &AccountId, id: AttemptId) -> Result<Vec<Report>, Unavailable> {
        let _ = (account, id);
        Err(Unavailable)
    }

    /// Messages that fit no order, newest first, at most 500.
    pub async fn orphans(&self, account: &AccountId) -> Result<Vec<Orphan>, Unavailable> {
        let _ = account;
        Err(Unavailable)
    }

    /// Receipts of an order, oldest first.
    pub async fn prints(&self, account: &AccountId, order: &OrderId) -> Result<Vec<Print>, Unavailable> {
        let _ = (account, order);
        Err(Unavailable)
    }

    /// What is known of a company's terminals, by serial number.
    pub async fn terminals(&self, account: &AccountId) -> Result<Vec<TerminalState>, Unavailable> {
        let _ = account;
        Err(Unavailable)
    }

    /// How far an endpoint's delivery has come; `None`: never delivered to.
    pub async fn delivery(&self, endpoint: &str) -> Result<Option<DeliveryState>, Unavailable> {
        let _ = endpoint;
        Err(Unavailable)
    }

    /// The number of the last committed event; changes wake the webhook worker.
    #[must_use]
    pub fn watch_events(&self) -> watch::Receiver<u64> {
        self.last_event.subscribe()
    }
}
