//! The one thread that writes. It takes the commands that wait, runs them in one transaction, and answers each only
//! after the commit is synced: under load many commands share one sync, and nobody is told what could still be lost.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use log::{debug, error};
use tokio::sync::{mpsc, oneshot, watch};

use super::desk::{Command, Desk, Work};
use super::unit::{Failure, Unit};
use super::{CommandError, Unavailable};

/// Most commands of one transaction: enough to share a sync among all clients of a busy store, few enough that the
/// first of them waits no noticeable time for the last.
const BATCH_MAX: usize = 256;
/// Most commands that wait: beyond it their senders wait in their connections, which are bounded too.
const WAITING_MAX: usize = 1_024;

/// The process's exit code after a bug in the writer (sysexits' EX_SOFTWARE).
const EXIT_WRITER_PANICKED: i32 = 70;

enum Message {
    Run(Box<dyn Job>),
    Stop,
}

trait Job: Work + Send {
    fn answer(self: Box<Self>, committed: bool);
}

struct Waiting<F, T, R> {
    command: Command<F, T, R>,
    reply: oneshot::Sender<Result<T, CommandError<R>>>,
}

impl<F, T, R> Work for Waiting<F, T, R>
where
    F: FnOnce(&mut Unit<'_>) -> Result<T, Failure<R>>,
{
    fn run(&mut self, unit: &mut Unit<'_>) -> bool {
        self.command.run(unit)
    }
}

impl<F, T, R> Job for Waiting<F, T, R>
where
    F: FnOnce(&mut Unit<'_>) -> Result<T, Failure<R>> + Send,
    T: Send,
    R: Send,
{
    fn answer(self: Box<Self>, committed: bool) {
        // Who asked may have hung up; what was done stays done.
        let _ = self.reply.send(self.command.into_answer(committed));
    }
}

/// The way to the writer's thread.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Writer {
    pub(super) fn start(desk: Desk, last_event: watch::Sender<u64>) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
            let worked = catch_unwind(AssertUnwindSafe(|| work(desk, waiting, &last_event)));
            if worked.is_err() {
                // What is committed is safe, what is in memory is doubtful: a fresh start has both right.
                error!("the writer ended in a panic: the service stops, start it again");
                std::process::exit(EXIT_WRITER_PANICKED);
            }
        })?;
        Ok(Self { queue, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    pub(super) async fn run<F, T, R>(&self, command: F) -> Result<T, CommandError<R>>
    where
        F: FnOnce(&mut Unit<'_>) -> Result<T, Failure<R>> + Send + 'static,
        T: Send + 'static,
        R: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Waiting { command: Command::new(command), reply });
        self.queue.send(Message::Run(job)).await.map_err(|_| Unavailable)?;
        answer.await.map_err(|_| Unavailable)?
    }

    /// Lets what waits be done, then ends the thread and closes the database.
    pub(super) async fn stop(&self) {
        // It fails when the thread has ended already.
        let _ = self.queue.send(Message::Stop).await;
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                error!("the writer's thread ended in a panic");
            }
        }
    }
}

fn work(mut desk: Desk, mut waiting: mpsc::Receiver<Message>, last_event: &watch::Sender<u64>) {
    let mut batch: Vec<Box<dyn Job>> = Vec::with_capacity(BATCH_MAX);
    let mut stop = false;
    while !stop {
        let Some(first) = waiting.blocking_recv() else {
            return;
        };
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Run(job) => batch.push(job),
                Message::Stop => stop = true,
            }
            next = (batch.len() < BATCH_MAX && !stop).then(|| waiting.try_recv().ok()).flatten();
        }
        let committed = desk.batch(batch.iter_mut().map(|job| &mut **job as &mut dyn Work));
        debug!("{} commands in one commit", batch.len());
        for job in batch.drain(..) {
            job.answer(committed);
        }
        last_event.send_if_modified(|last| std::mem::replace(last, desk.last_event()) != desk.last_event());
    }
}
