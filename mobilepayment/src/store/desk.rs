//! The database and the ledger, driven one batch at a time: what the writer's thread runs, and what a simulation can
//! run by itself with its own clock.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use log::{error, info};
use rusqlite::TransactionBehavior;

use super::devices::Devices;
use super::unit::{Counters, Failure, Outbox, Unit};
use super::{CommandError, Unavailable};
use crate::db::events::Epoch;
use crate::db::open::trust;
use crate::db::registers::Registered;
use crate::db::{Connection, DbError, DbResult, devices, events};
use crate::environment::Environment;
use crate::feed::hub::Hub;
use crate::ledger::audit::Author;
use crate::registers::Registers;
use crate::registers::current::Current;

/// Something to be done inside the writer's transaction.
pub(super) trait Work {
    /// Does it; whether its writes stay.
    fn run(&mut self, unit: &mut Unit<'_>) -> bool;
}

/// A command with its answer, which is given out only after the commit.
pub(super) struct Command<F, T, R> {
    work: Option<F>,
    answer: Option<Result<T, CommandError<R>>>,
}

impl<F, T, R> Command<F, T, R> {
    pub(super) const fn new(work: F) -> Self {
        Self { work: Some(work), answer: None }
    }

    /// The answer. A command that panicked, or whose commit failed, has none.
    pub(super) fn into_answer(self, committed: bool) -> Result<T, CommandError<R>> {
        self.answer.filter(|_| committed).unwrap_or(Err(CommandError::Unavailable(Unavailable)))
    }
}

impl<F, T, R> Work for Command<F, T, R>
where
    F: FnOnce(&mut Unit<'_>) -> Result<T, Failure<R>>,
{
    fn run(&mut self, unit: &mut Unit<'_>) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        let answer = work(unit).map_err(|failure| match failure {
            Failure::Refused(refusal) => CommandError::Refused(refusal),
            Failure::Db(error) => {
                error!("a command failed: {error}");
                CommandError::Unavailable(Unavailable)
            }
        });
        let stays = answer.is_ok();
        self.answer = Some(answer);
        stays
    }
}

/// The one place that writes.
pub struct Desk {
    db: Connection,
    environment: Environment,
    /// What the configuration file declares.
    file: Arc<Registers>,
    registers: Current,
    hub: Arc<Hub>,
    devices: Arc<Devices>,
    epoch: u64,
    counters: Counters,
}

impl Desk {
    /// Begins an epoch of the feed and loads what is kept in memory. `db` is the connection that writes.
    pub fn open(db: Connection, registers: Arc<Registers>, environment: Environment) -> DbResult<Self> {
        // All or nothing: a row that cannot be read leaves the database as it was.
        let start = db.unchecked_transaction()?;
        let change = events::last_change(&db)?;
        let epoch = Epoch {
            // 63 bits: what a column of the database holds.
            epoch: u64::from_le_bytes(environment.bytes()) >> 1,
            first_sequence: change + 1,
        };
        events::begin_epoch(&db, epoch, environment.now())?;
        let registered = crate::db::registers::all(&db)?;
        let file = registers;
        let registers = Arc::new(joined(&file, registered)?);
        let hub = Hub::load(&db, &registers, events::epochs(&db)?, change)?;
        let devices = Devices::new(devices::all(&db)?);
        let counters = Counters { change, event: events::last_sequence(&db)? };
        start.commit()?;
        trust(&db)?;
        info!("database open: change {change}, event {}", counters.event);
        Ok(Self {
            db,
            environment,
            file,
            registers: Current::new(registers),
            hub: Arc::new(hub),
            devices: Arc::new(devices),
            epoch: epoch.epoch,
            counters,
        })
    }

    /// The terminals' feed that this desk fills.
    #[must_use]
    pub fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// Companies and terminals as they are now.
    #[must_use]
    pub const fn registers(&self) -> &Current {
        &self.registers
    }

    /// The activated terminals.
    #[must_use]
    pub fn devices(&self) -> &Arc<Devices> {
        &self.devices
    }

    /// The number of the last committed event.
    #[must_use]
    pub const fn last_event(&self) -> u64 {
        self.counters.event
    }

    /// Runs one command in a transaction of its own.
    pub fn run<T, R>(
        &mut self,
        command: impl FnOnce(&mut Unit<'_>) -> Result<T, Failure<R>>,
    ) -> Result<T, CommandError<R>> {
        let mut command = Command::new(command);
        let committed = self.batch([&mut command as &mut dyn Work]);
        command.into_answer(committed)
    }

    /// Runs many commands in one transaction, each in a savepoint of its own; whether it was committed. Only then is
    /// anything told.
    pub(super) fn batch<'w>(&mut self, batch: impl IntoIterator<Item = &'w mut dyn Work>) -> bool {
        match self.transaction(batch) {
            Ok((counters, outbox, registers)) => {
                self.counters = counters;
                self.devices.put(outbox.devices);
                let before = self.registers.get();
                if !Arc::ptr_eq(&before, &registers) {
                    // First the registers: who is woken asks them.
                    self.registers.replace(Arc::clone(&registers));
                    self.hub.follow(&before, &registers, counters.change);
                }
                if !outbox.changes.is_empty() {
                    self.hub.publish(outbox.changes, counters.change);
                }
                true
            }
            Err(error) => {
                error!("a transaction failed, nothing of it was written: {error}");
                false
            }
        }
    }

    fn transaction<'w>(
        &mut self,
        batch: impl IntoIterator<Item = &'w mut dyn Work>,
    ) -> Result<(Counters, Outbox, Arc<Registers>), rusqlite::Error> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut unit = Unit {
            db: &transaction,
            environment: &self.environment,
            file: &self.file,
            registers: self.registers.get(),
            now: self.environment.now(),
            epoch: self.epoch,
            counters: self.counters,
            outbox: Outbox::default(),
            open_orders: self.hub.open_orders(),
            author: Author::default(),
        };
        for work in batch {
            transaction.prepare_cached("SAVEPOINT command")?.execute([])?;
            let (counters, registers) = (unit.counters, Arc::clone(&unit.registers));
            unit.author = Author::default();
            let (changes, devices) = (unit.outbox.changes.len(), unit.outbox.devices.len());
            let stays = catch_unwind(AssertUnwindSafe(|| work.run(&mut unit))).unwrap_or_else(|_| {
                error!("a command panicked; its writes are rolled back");
                false
            });
            if !stays {
                transaction.prepare_cached("ROLLBACK TO command")?.execute([])?;
                unit.counters = counters;
                unit.registers = registers;
                unit.outbox.changes.truncate(changes);
                unit.outbox.devices.truncate(devices);
            }
            transaction.prepare_cached("RELEASE command")?.execute([])?;
        }
        let told = (unit.counters, unit.outbox, unit.registers);
        transaction.commit()?;
        Ok(told)
    }
}

/// What the file declares and what was registered besides.
pub(super) fn joined(file: &Registers, registered: Registered) -> DbResult<Registers> {
    let Registered { licences, companies, terminals } = registered;
    file.and(licences, companies, terminals).map_err(|error| DbError::Contradiction(error.to_string()))
}
