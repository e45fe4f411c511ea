//! The handle to the one database: commands go through the writer, queries through readers, changes to the feed.
//!
//! [`Store`] is what routes use. Behind it: `writer` (one thread, many commands per commit), [`desk`] (the
//! transaction around them; also what a simulation drives by itself), `unit` (one command at work), `pdv_side` and
//! `terminal_side` (the commands: load, ask the ledger, write). May import everything but routes.

pub mod activation;
pub mod administration;
pub mod conciliations;
pub mod desk;
pub mod devices;
mod pdv_side;
mod readers;
pub mod sweep;
mod terminal_side;
pub mod terminals;
pub mod unit;
pub mod webhooks;
mod writer;

pub use crate::db::query;
pub use crate::ledger::command;
pub use pdv_side::{
    IDEMPOTENCY_KEY_BYTES_MAX, OPEN_ORDERS_MAX, PRINT_BYTES_MAX, PRINTS_MAX, PRINTS_WAITING_MAX,
};

use std::path::Path;
use std::sync::Arc;

use protocol::{AttemptId, Centavos, OrderId, PrintId, Serial};
use tokio::sync::watch;

use crate::db::open::DataDir;
use crate::db::{self, DbError};
use crate::environment::Environment;
use crate::feed::hub::Hub;
use crate::ledger::audit::{Author, Entry};
use crate::ledger::event::Event;
use crate::ledger::order::{Attempt, Order, Print};
use crate::ledger::refusal::PdvRefusal;
use crate::registers::current::Current;
use crate::registers::licence::LicenceId;
use crate::registers::{AccountId, Registers};
use activation::Brake;
use command::{ActivationCode, CloseOrder, Created, NewOrder, NewPrint, Resolve, ResolveReversal};
use desk::Desk;
use devices::Devices;
use query::{ChargeFilter, ChargePage, OrderFilter, OrderPage, Orphan, Report, ReversalPage, TerminalState};
use readers::Readers;
use unit::{Failure, Unit};
use writer::Writer;

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

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The writer's thread.
    #[error("não foi possível iniciar a gravação: {0}")]
    Thread(#[from] std::io::Error),
}

/// The database behind its one writer. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
    author: Author,
}

struct Shared {
    writer: Writer,
    readers: Readers,
    hub: Arc<Hub>,
    devices: Arc<Devices>,
    registers: Current,
    environment: Environment,
    brake: Brake<Serial>,
    licence_brake: Brake<LicenceId>,
    last_event: watch::Sender<u64>,
}

impl Store {
    /// Opens the database of a data folder, or creates it, and starts the writer.
    pub fn open(
        folder: &Path,
        registers: Arc<Registers>,
        environment: Environment,
    ) -> Result<Self, OpenError> {
        let data = DataDir::open(folder)?;
        let desk = data
            .writer()
            .and_then(|writer| Desk::open(writer, registers, environment.clone()))
            .map_err(|error| data.explained(error))?;
        let last_event = watch::Sender::new(desk.last_event());
        let (hub, devices) = (Arc::clone(desk.hub()), Arc::clone(desk.devices()));
        let registers = desk.registers().clone();
        Ok(Self {
            shared: Arc::new(Shared {
                writer: Writer::start(desk, last_event.clone())?,
                readers: Readers::new(data),
                hub,
                devices,
                registers,
                environment,
                brake: Brake::default(),
                licence_brake: Brake::default(),
                last_event,
            }),
            author: Author::default(),
        })
    }

    /// The same store, for the commands of somebody: it is they whom the audit trail names.
    #[must_use]
    pub fn asked_by(&self, author: Author) -> Self {
        Self { shared: Arc::clone(&self.shared), author }
    }

    /// Answers every long-poll now, of terminals and of the PDV, and lets none wait any more.
    pub fn stop_waiting(&self) {
        self.shared.hub.stop();
        self.shared.last_event.send_modify(|_| ());
    }

    /// Whether nobody may wait any more.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.shared.hub.is_stopping()
    }

    /// Does what waits, closes the database. Later commands are answered with [`Unavailable`].
    pub async fn stop(&self) {
        self.stop_waiting();
        self.shared.writer.stop().await;
    }

    /// The terminals' feed.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.shared.hub
    }

    /// The activated terminals.
    #[must_use]
    pub fn devices(&self) -> &Devices {
        &self.shared.devices
    }

    /// Companies and terminals as they are now.
    #[must_use]
    pub fn registers(&self) -> &Current {
        &self.shared.registers
    }

    async fn write<T, R, F>(&self, command: F) -> Result<T, CommandError<R>>
    where
        F: FnOnce(&mut Unit<'_>) -> Result<T, Failure<R>> + Send + 'static,
        T: Send + 'static,
        R: Send + 'static,
    {
        let author = self.author.clone();
        self.shared
            .writer
            .run(move |unit| {
                unit.author = author;
                command(unit)
            })
            .await
    }
}

/// Commands of the PDV's side. Every one is answered only after its commit is synced.
impl Store {
    /// Creates an order, or finds the one that the same request created before.
    pub async fn create_order(&self, new: NewOrder) -> PdvResult<Created> {
        self.write(move |unit| unit.create_order(&new)).await
    }

    /// Closes an order: at once, or (`OrderStatus::Closing`) as soon as what is in flight has ended.
    pub async fn close_order(&self, close: CloseOrder) -> PdvResult<Order> {
        self.write(move |unit| unit.close_order(&close)).await
    }

    /// Decides about an attempt in doubt.
    pub async fn resolve(&self, resolve: Resolve) -> PdvResult<Order> {
        self.write(move |unit| unit.resolve(&resolve)).await
    }

    /// Decides about a reversal in doubt.
    pub async fn resolve_reversal(&self, resolve: ResolveReversal) -> PdvResult<Order> {
        self.write(move |unit| unit.resolve_reversal(&resolve)).await
    }

    /// Ends the claim of a terminal that is lost or broken; `reason` is kept. Refused while an attempt is open or in
    /// doubt.
    pub async fn withdraw_claim(
        &self,
        account: &AccountId,
        order: &OrderId,
        reason: String,
    ) -> PdvResult<Order> {
        let (account, order) = (account.clone(), order.clone());
        self.write(move |unit| unit.withdraw_claim(&account, &order, &reason)).await
    }

    /// Asks for a reversal (`None`: of all that is left) that an operator does on the payment's terminal. The same
    /// amount again is the same request.
    pub async fn want_reversal(
        &self,
        account: &AccountId,
        attempt: AttemptId,
        amount: Option<Centavos>,
    ) -> PdvResult<Order> {
        let account = account.clone();
        self.write(move |unit| unit.want_reversal(&account, attempt, amount)).await
    }

    /// Sends a receipt image to the terminal that took the order's last payment.
    pub async fn add_print(&self, new: NewPrint) -> PdvResult<Print> {
        self.write(move |unit| unit.add_print(&new)).await
    }

    /// Makes a one-use activation code; `replace`: also for a terminal that is active.
    pub async fn create_activation_code(
        &self,
        account: &AccountId,
        serial: &Serial,
        replace: bool,
    ) -> PdvResult<ActivationCode> {
        let (account, serial) = (account.clone(), serial.clone());
        self.write(move |unit| unit.create_activation_code(&account, &serial, replace)).await
    }

    /// Blocks a terminal (`true`) or lets it be activated again (`false`). Blocking ends its device token.
    pub async fn set_revoked(&self, account: &AccountId, serial: &Serial, revoked: bool) -> PdvResult<()> {
        let (account, serial) = (account.clone(), serial.clone());
        self.write(move |unit| unit.set_revoked(&account, &serial, revoked)).await
    }
}

/// Queries. They see what is committed.
impl Store {
    /// One order.
    pub async fn order(&self, account: &AccountId, id: &OrderId) -> Result<Option<Order>, Unavailable> {
        let (account, id) = (account.clone(), id.clone());
        self.shared.readers.read(move |db| db::orders::load(db, &account, &id)).await
    }

    /// Orders, newest first; `page` counts from 1, `size` is at most [`db::search::PAGE_MAX`].
    pub async fn orders(
        &self,
        account: &AccountId,
        filter: OrderFilter,
        page: u32,
        size: u32,
    ) -> Result<OrderPage, Unavailable> {
        let account = account.clone();
        self.shared.readers.read(move |db| db::search::orders(db, &account, &filter, page, size)).await
    }

    /// The order of an attempt (a charge), and the attempt.
    pub async fn charge(
        &self,
        account: &AccountId,
        id: AttemptId,
    ) -> Result<Option<(Order, Attempt)>, Unavailable> {
        let account = account.clone();
        let order = self.shared.readers.read(move |db| db::search::order_of_charge(db, &account, id)).await?;
        Ok(order.and_then(|order| {
            let attempt = order.attempt(id)?.clone();
            Some((order, attempt))
        }))
    }

    /// Charges (approved attempts), newest first; `page` counts from 1, `size` is at most [`db::search::PAGE_MAX`].
    pub async fn charges(
        &self,
        account: &AccountId,
        filter: ChargeFilter,
        page: u32,
        size: u32,
    ) -> Result<ChargePage, Unavailable> {
        let account = account.clone();
        self.shared.readers.read(move |db| db::search::charges(db, &account, &filter, page, size)).await
    }

    /// Reversals in doubt, those of the newest order first; `page` counts from 1, `size` is at most
    /// [`db::search::PAGE_MAX`].
    pub async fn reversals_in_doubt(
        &self,
        account: &AccountId,
        page: u32,
        size: u32,
    ) -> Result<ReversalPage, Unavailable> {
        let account = account.clone();
        self.shared.readers.read(move |db| db::search::reversals_in_doubt(db, &account, page, size)).await
    }

    /// Events after a sequence number, oldest first, at most `limit` and at most [`db::events::PAGE_MAX`].
    pub async fn events_after(
        &self,
        account: &AccountId,
        sequence: u64,
        limit: u32,
    ) -> Result<Vec<Event>, Unavailable> {
        let account = account.clone();
        self.shared.readers.read(move |db| db::events::after(db, &account, sequence, limit)).await
    }

    /// One event by its id.
    pub async fn event(&self, account: &AccountId, id: &str) -> Result<Option<Event>, Unavailable> {
        let (account, id) = (account.clone(), id.to_owned());
        self.shared.readers.read(move |db| db::events::by_id(db, &account, &id)).await
    }

    /// The audit trail after a number, oldest first, at most `limit` and at most [`db::audit::PAGE_MAX`] rows.
    pub async fn audit_after(
        &self,
        account: &AccountId,
        sequence: u64,
        limit: u32,
    ) -> Result<Vec<Entry>, Unavailable> {
        let account = account.clone();
        self.shared.readers.read(move |db| db::audit::after(db, &account, sequence, limit)).await
    }

    /// Every distinct report of an attempt, oldest first.
    pub async fn reports(&self, account: &AccountId, id: AttemptId) -> Result<Vec<Report>, Unavailable> {
        let account = account.clone();
        self.shared.readers.read(move |db| db::reports::of_attempt(db, &account, id)).await
    }

    /// Messages that fit no order, newest first, at most [`db::reports::ORPHANS_SHOWN`].
    pub async fn orphans(&self, account: &AccountId) -> Result<Vec<Orphan>, Unavailable> {
        let account = account.clone();
        self.shared.readers.read(move |db| db::reports::orphans(db, &account)).await
    }

    /// Receipts of an order, oldest first.
    pub async fn prints(&self, account: &AccountId, order: &OrderId) -> Result<Vec<Print>, Unavailable> {
        let (account, order) = (account.clone(), order.clone());
        self.shared.readers.read(move |db| db::prints::of_order(db, &account, &order)).await
    }

    /// One receipt, without its image.
    pub async fn print(&self, account: &AccountId, id: &PrintId) -> Result<Option<Print>, Unavailable> {
        let (account, id) = (account.clone(), id.clone());
        let found = self.shared.readers.read(move |db| db::prints::load(db, &account, &id)).await?;
        Ok(found.map(|(print, _)| print))
    }

    /// What is known of a company's terminals, by serial number.
    #[must_use]
    pub fn terminals(&self, account: &AccountId) -> Vec<TerminalState> {
        let mut states: Vec<TerminalState> = self
            .shared
            .registers
            .get()
            .terminals()
            .filter(|terminal| terminal.account_id == *account)
            .map(|terminal| {
                let device = self.shared.devices.get(&terminal.serial);
                TerminalState {
                    serial: terminal.serial.clone(),
                    activated_at: device.as_ref().and_then(|device| device.activated_at),
                    last_seen_at: self.shared.hub.last_seen(&terminal.serial),
                    revoked: device.is_some_and(|device| device.revoked),
                }
            })
            .collect();
        states.sort_by(|a, b| a.serial.cmp(&b.serial));
        states
    }

    /// The number of the last committed event; changes wake the webhook worker.
    #[must_use]
    pub fn watch_events(&self) -> watch::Receiver<u64> {
        self.shared.last_event.subscribe()
    }
}

#[cfg(test)]
mod tests;
