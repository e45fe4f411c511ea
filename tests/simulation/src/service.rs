//! mobilepayment without its sockets: the real desk on a real SQLite file, called one request at a time, stopped and
//! started, backed up and restored.

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use mobilepayment::db::open::{DataDir, FILE_NAME};
use mobilepayment::db::{Connection, orders, prints};
use mobilepayment::environment::{Clock, Environment, Random};
use mobilepayment::registers::{Registers, Terminal};
use mobilepayment::store::CommandError;
use mobilepayment::store::desk::Desk;
use mobilepayment::store::devices::Bearer;
use mobilepayment::store::unit::{Failure, Unit};
use pos_connect::flow::{HubCall, Reply};
use protocol::feed::Cursor;
use protocol::refusal::{Refusal, RefusalCode};
use protocol::{PrintId, UnixMillis};

use crate::dice::Dice;

/// Orders that one sweep lapses.
const LAPSES: u32 = 100;

/// The service's clock: the world's, plus what somebody has put it off by.
#[derive(Debug, Default)]
pub struct ServiceClock(AtomicI64);

impl ServiceClock {
    /// Sets it.
    pub fn set(&self, now: UnixMillis) {
        self.0.store(now.0, Ordering::Relaxed);
    }
}

impl Clock for ServiceClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::Relaxed))
    }
}

struct SeededRandom(Mutex<Dice>);

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            let roll = dice.roll().to_le_bytes();
            chunk.copy_from_slice(&roll[..chunk.len()]);
        }
    }
}

/// What a request is answered.
#[derive(Debug)]
pub enum Answer {
    /// At once.
    Now(Result<Reply, Refusal>),
    /// A long-poll without news: as soon as there are some.
    Wait(LongPoll),
}

/// A long-poll that waits.
#[derive(Clone, Debug)]
pub struct LongPoll {
    /// Who asks.
    pub terminal: Arc<Terminal>,
    /// From where.
    pub since: Option<Cursor>,
}

struct Running {
    desk: Desk,
    /// Looks at the rows as anybody with the file can.
    reader: Connection,
    /// Released last.
    _data: DataDir,
}

/// The service and its data folder.
pub struct Service {
    folder: PathBuf,
    backup: PathBuf,
    registers: Arc<Registers>,
    environment: Environment,
    clock: Arc<ServiceClock>,
    running: Option<Running>,
}

impl Service {
    /// A service that never ran, below a folder of its own. `template`: a database just made, copied because making one
    /// takes long.
    #[must_use]
    pub fn new(folder: &Path, template: &Path, registers: Arc<Registers>, dice: Dice) -> Self {
        let (data, backup) = (folder.join("service"), folder.join("backup"));
        for made in [&data, &backup] {
            fs::create_dir_all(made).expect("the run's folder can be written");
        }
        fs::copy(template.join(FILE_NAME), data.join(FILE_NAME)).expect("the template is there");
        let clock = Arc::new(ServiceClock::default());
        let environment = Environment {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            random: Arc::new(SeededRandom(Mutex::new(dice))),
        };
        Self { folder: data, backup, registers, environment, clock, running: None }
    }

    /// Makes the database that every run's begins as a copy of.
    pub fn make_template(folder: &Path) {
        drop(DataDir::open(folder).expect("a new database can be made"));
    }

    /// Sets its clock.
    pub fn set_clock(&self, now: UnixMillis) {
        self.clock.set(now);
    }

    /// Clock and randomness.
    #[must_use]
    pub const fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The store's registers.
    #[must_use]
    pub const fn registers(&self) -> &Arc<Registers> {
        &self.registers
    }

    /// Whether it runs.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.running.is_some()
    }

    /// Starts it.
    pub fn start(&mut self) {
        let data = DataDir::open(&self.folder).expect("a database that only lost its process opens");
        let writer = data.writer().expect("the database can be written");
        // The disk under the database is the concern of other tests; here a commit is a commit.
        writer.pragma_update(None, "synchronous", "OFF").expect("SQLite knows it");
        let reader = data.reader().expect("the database can be read");
        let desk = Desk::open(writer, Arc::clone(&self.registers), self.environment.clone());
        self.running = Some(Running { desk: desk.expect("the rows can be read"), reader, _data: data });
    }

    /// It dies.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// Copies the database as it is between two commits.
    pub fn back_up(&self) {
        copy_database(&self.folder, &self.backup);
    }

    /// Puts the last copy in the database's place. It must not run.
    pub fn restore(&self) {
        assert!(self.running.is_none(), "a database in use is not replaced");
        copy_database(&self.backup, &self.folder);
    }

    /// The rows, for those who look at them.
    #[must_use]
    pub fn rows(&self) -> Option<&Connection> {
        self.running.as_ref().map(|running| &running.reader)
    }

    /// The number of the last event.
    #[must_use]
    pub fn last_event(&self) -> u64 {
        self.running.as_ref().map_or(0, |running| running.desk.last_event())
    }

    /// Runs a command of the PDV's side; `None`: it does not run.
    pub fn command<T, R>(
        &mut self,
        command: impl FnOnce(&mut Unit<'_>) -> Result<T, Failure<R>>,
    ) -> Option<Result<T, R>> {
        let desk = &mut self.running.as_mut()?.desk;
        match desk.run(command) {
            Ok(done) => Some(Ok(done)),
            Err(CommandError::Refused(refusal)) => Some(Err(refusal)),
            Err(CommandError::Unavailable(problem)) => panic!("the database failed: {problem}"),
        }
    }

    /// Writes what time alone has changed.
    pub fn sweep(&mut self) {
        let Some(running) = &mut self.running else { return };
        let due = orders::lapsed(&running.reader, self.environment.now(), LAPSES).expect("rows can be read");
        for (account, id) in due {
            let lapsed = running.desk.run(|unit| unit.lapse(&account, &id));
            lapsed.expect("no rule refuses what time does");
        }
    }

    /// Serves a terminal's request.
    pub fn serve(&mut self, token: Option<&str>, call: &HubCall) -> Answer {
        let Some(running) = &mut self.running else {
            return Answer::Now(Err(RefusalCode::Unavailable.into()));
        };
        if let HubCall::Activate(request) = call {
            let activated = running.desk.run(|unit| unit.activate(request));
            return Answer::Now(refusal_of(activated).map(|activated| Reply::Activated(Box::new(activated))));
        }
        let terminal = match bearer(running, &self.registers, token) {
            Ok(terminal) => terminal,
            Err(code) => return Answer::Now(Err(code.into())),
        };
        running.desk.hub().seen(&terminal.serial, self.environment.now());
        let desk = &mut running.desk;
        Answer::Now(match call {
            HubCall::Activate(_) => unreachable!("served above"),
            HubCall::Feed { since, wait_s } => {
                let poll = LongPoll { terminal, since: *since };
                match self.look(&poll, *wait_s == 0) {
                    Some(reply) => reply,
                    None => return Answer::Wait(poll),
                }
            }
            HubCall::Claim(request) => refusal_of(desk.run(|unit| unit.claim(&terminal, request)))
                .map(|grant| Reply::Claimed(Box::new(grant))),
            HubCall::Release(release) => refusal_of(desk.run(|unit| unit.release(&terminal, release)))
                .map(|released| Reply::Released(Box::new(released))),
            HubCall::Start(started) => refusal_of(desk.run(|unit| unit.start_attempt(&terminal, started)))
                .map(|ack| Reply::Attempt(Box::new(ack))),
            HubCall::Outcome(message) => refusal_of(desk.run(|unit| unit.report_attempt(&terminal, message)))
                .map(|ack| Reply::Attempt(Box::new(ack))),
            HubCall::Statement(message) => {
                refusal_of(desk.run(|unit| unit.state_attempt(&terminal, message)))
                    .map(|ack| Reply::Attempt(Box::new(ack)))
            }
            HubCall::Reversal(message) => {
                refusal_of(desk.run(|unit| unit.report_reversal(&terminal, message)))
                    .map(|ack| Reply::Attempt(Box::new(ack)))
            }
            HubCall::ReceiptResult(result) => {
                refusal_of(desk.run(|unit| unit.report_print(&terminal, result))).map(|()| Reply::Noted)
            }
        })
    }

    /// What a long-poll would be answered now; `None`: nothing, and it may wait.
    pub fn look(&self, poll: &LongPoll, even_without_news: bool) -> Option<Result<Reply, Refusal>> {
        let hub = self.running.as_ref()?.desk.hub();
        let mut looking = pin!(hub.poll(&poll.terminal.serial, poll.since, Duration::ZERO));
        let Poll::Ready(page) = looking.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("a poll that may not wait has its answer");
        };
        let page = page.expect("the terminal is registered");
        (even_without_news || page.says_something()).then(|| {
            let settings = || self.registers.settings(&poll.terminal);
            let body = hub.render(&page, settings, self.environment.now());
            let page = serde_json::from_slice(&body).expect("the service's page is what terminals read");
            Ok(Reply::Feed(Box::new(page)))
        })
    }

    /// A receipt's image, as a terminal fetches it.
    #[must_use]
    pub fn receipt(&self, print_id: &PrintId) -> Option<String> {
        let running = self.running.as_ref()?;
        prints::content(&running.reader, print_id).expect("rows can be read")
    }
}

fn bearer(
    running: &Running,
    registers: &Registers,
    token: Option<&str>,
) -> Result<Arc<Terminal>, RefusalCode> {
    match running.desk.devices().bearer(token.unwrap_or_default()) {
        Bearer::Active(device) => {
            registers.terminal(&device.serial).cloned().ok_or(RefusalCode::SerialUnknown)
        }
        Bearer::Revoked => Err(RefusalCode::Revoked),
        Bearer::Unknown => Err(RefusalCode::NotActivated),
    }
}

fn refusal_of<T>(result: Result<T, CommandError<Refusal>>) -> Result<T, Refusal> {
    result.map_err(|error| match error {
        CommandError::Refused(refusal) => refusal,
        CommandError::Unavailable(problem) => panic!("the database failed: {problem}"),
    })
}

fn copy_database(from: &Path, to: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let name = format!("{FILE_NAME}{suffix}");
        match fs::remove_file(to.join(&name)) {
            Ok(()) => {}
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}"),
        }
        // The -shm file is an index that SQLite builds anew.
        if suffix != "-shm" && from.join(&name).exists() {
            fs::copy(from.join(&name), to.join(&name)).expect("the run's folder can be written");
        }
    }
}
