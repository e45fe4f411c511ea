//! The hub between the writer and the long-polls. An idle terminal costs its slot here and its connection: no task,
//! no queue, no database.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use protocol::feed::{Cursor, FeedPage, Settings};
use protocol::{Serial, UnixMillis};
use serde_json::value::RawValue;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::change::{Audience, Change, Item};
pub use super::log::ENDED_KEPT;
use super::log::Logs;
use super::page::Page;
use crate::db::events::Epoch;
use crate::db::{Connection, DbResult, orders, prints};
use crate::registers::{AccountId, Registers};

/// About how many bytes of JSON one page carries at most: a terminal on a bad network gets there in a few seconds.
const PAGE_BYTES_MAX: usize = 512 * 1024;

/// How long terminals share a body, in ms: the time in it is the service's clock, and must stay right.
const SHARED_MS_MAX: u64 = 50;

/// See the module's page.
pub struct Hub {
    state: Mutex<State>,
    shared: Mutex<Option<Shared>>,
    slots: RwLock<Slots>,
    /// Where the long-polls run; `None` without them, as in a simulation.
    runtime: Option<Handle>,
    stopping: AtomicBool,
}

type Slots = Arc<HashMap<Serial, Arc<Slot>>>;

/// What is kept for each registered terminal.
struct Slot {
    account: AccountId,
    wake: Notify,
    /// The service's clock when it last spoke, in ms; 0: never since the start.
    last_seen: AtomicI64,
    /// Number of the last change of its settings since the start; 0: none.
    settings_at: AtomicU64,
}

impl Slot {
    fn new(account: AccountId) -> Self {
        Self { account, wake: Notify::new(), last_seen: AtomicI64::new(0), settings_at: AtomicU64::new(0) }
    }
}

/// The body that was rendered last.
struct Shared {
    cursor: Cursor,
    order: Arc<RawValue>,
    rendered_at: UnixMillis,
    body: Bytes,
}

struct State {
    /// Every epoch of the database, oldest first; the last one is now.
    epochs: Vec<Epoch>,
    /// The last committed change.
    sequence: u64,
    logs: Logs,
    /// Snapshots that go on in a next page: where, and the store's sequence when the snapshot began.
    unfinished: HashMap<Serial, (u64, u64)>,
}

impl Hub {
    /// A hub that knows what the database holds. `epochs` ends with the one that has just begun.
    pub fn load(db: &Connection, registers: &Registers, epochs: Vec<Epoch>, sequence: u64) -> DbResult<Self> {
        let limit = u32::try_from(ENDED_KEPT).expect("a few thousand");
        let mut changes: Vec<Change> = Vec::new();
        let mut logs = Logs::default();

        let ended_orders = orders::ended_last(db, limit)?;
        if ended_orders.len() == ENDED_KEPT {
            logs.raise_floor(ended_orders.last().map_or(0, |order| order.revision - 1));
        }
        let not_ended = orders::not_ended(db)?;
        changes.extend(ended_orders.iter().chain(&not_ended).map(Change::order));

        let ended_prints = prints::ended_last(db, limit)?;
        if ended_prints.len() == ENDED_KEPT {
            logs.raise_floor(ended_prints.last().map_or(0, |(_, print)| print.sequence - 1));
        }
        let all_prints = ended_prints
            .iter()
            .map(|print| (print, false))
            .chain(prints::waiting(db)?.iter().map(|print| (print, true)))
            .filter_map(|((account, print), waiting)| {
                let order = orders::load(db, account, &print.order_id).transpose()?;
                Some(order.map(|order| Change::print(&order, print, waiting)))
            })
            .collect::<DbResult<Vec<Change>>>()?;
        changes.extend(all_prints);
        for order in orders::with_wanted_reversals(db)? {
            changes
                .extend(order.attempts.iter().filter_map(|attempt| Change::reversal_wanted(&order, attempt)));
        }

        changes.sort_by_key(|change| change.sequence);
        for change in changes {
            logs.put(change);
        }
        let slots = registers
            .terminals()
            .map(|terminal| {
                let slot = Slot::new(terminal.account_id.clone());
                (terminal.serial.clone(), Arc::new(slot))
            })
            .collect();
        Ok(Self {
            state: Mutex::new(State { epochs, sequence, logs, unfinished: HashMap::new() }),
            shared: Mutex::new(None),
            slots: RwLock::new(Arc::new(slots)),
            runtime: Handle::try_current().ok(),
            stopping: AtomicBool::new(false),
        })
    }

    /// Tells of committed changes and wakes who is concerned. `sequence` is the last one given.
    pub fn publish(&self, changes: Vec<Change>, sequence: u64) {
        let audiences: Vec<Audience> = changes.iter().map(|change| change.audience.clone()).collect();
        {
            let mut state = self.lock();
            for change in changes {
                state.logs.put(change);
            }
            state.sequence = sequence;
        }
        // Waking a task from outside its runtime costs a system call, from inside next to nothing: the writer wakes one
        // task, and that one wakes the others.
        let slots = self.slots();
        match &self.runtime {
            Some(runtime) => drop(runtime.spawn(async move { wake(&slots, &audiences) })),
            None => wake(&slots, &audiences),
        }
    }

    /// Follows a change of the registers: new terminals may poll, those that are gone are answered at once, and those whose
    /// settings changed are told. `sequence` is the number of the change.
    pub fn follow(&self, before: &Registers, now: &Registers, sequence: u64) {
        let old = self.slots();
        let mut concerned = Vec::new();
        let slots = now
            .terminals()
            .map(|terminal| {
                let settings = now.settings(terminal);
                let was = before.terminal_of(&terminal.account_id, &terminal.serial);
                let kept = old.get(&terminal.serial).filter(|_| was.is_some());
                let slot = kept.map_or_else(|| Arc::new(Slot::new(terminal.account_id.clone())), Arc::clone);
                if was.is_some_and(|was| before.settings(was) != settings) {
                    slot.settings_at.store(sequence, Ordering::SeqCst);
                    concerned.push(Arc::clone(&slot));
                }
                (terminal.serial.clone(), slot)
            })
            .collect::<HashMap<_, _>>();
        concerned.extend(
            old.iter()
                .filter(|(serial, slot)| slots.get(serial).is_none_or(|now| !Arc::ptr_eq(now, slot)))
                .map(|(_, slot)| Arc::clone(slot)),
        );
        *self.slots.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(slots);
        {
            let mut state = self.lock();
            state.sequence = state.sequence.max(sequence);
        }
        for slot in concerned {
            slot.wake.notify_waiters();
        }
    }

    fn slots(&self) -> Slots {
        Arc::clone(&self.slots.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn slot(&self, serial: &Serial) -> Option<Arc<Slot>> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner).get(serial).cloned()
    }

    /// How many orders are not ended.
    #[must_use]
    pub fn open_orders(&self) -> usize {
        self.lock().logs.open_orders()
    }

    /// Notes that a terminal spoke.
    pub fn seen(&self, serial: &Serial, now: UnixMillis) {
        if let Some(slot) = self.slot(serial) {
            slot.last_seen.store(now.0, Ordering::Relaxed);
        }
    }

    /// When a terminal last spoke since the start.
    #[must_use]
    pub fn last_seen(&self, serial: &Serial) -> Option<UnixMillis> {
        let ms = self.slot(serial)?.last_seen.load(Ordering::Relaxed);
        (ms != 0).then_some(UnixMillis(ms))
    }

    /// Answers every waiting poll now and lets none wait any more.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        for slot in self.slots().values() {
            slot.wake.notify_waiters();
        }
    }

    /// Whether [`Hub::stop`] was called.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// What changed for a terminal since `since`, as soon as there is something, else after `wait`. `None`: the
    /// terminal is not registered.
    pub async fn poll(&self, serial: &Serial, since: Option<Cursor>, wait: Duration) -> Option<Page> {
        let deadline = Instant::now() + wait;
        loop {
            // Anew each time: the terminal may have left the register meanwhile.
            let slot = self.slot(serial)?;
            let woken = slot.wake.notified();
            tokio::pin!(woken);
            // Listening begins before looking, so that a change in between is not missed.
            woken.as_mut().enable();
            let page = self.page(serial, &slot, since);
            let stopping = self.is_stopping();
            if page.says_something() || stopping || Instant::now() >= deadline {
                return Some(page);
            }
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep_until(deadline) => {}
            }
        }
    }

    /// The body of a page. Terminals that are told of the same order at the same time share one.
    #[must_use]
    pub fn render(&self, page: &Page, settings: impl FnOnce() -> Settings, now: UnixMillis) -> Bytes {
        let Some(order) = page.sole_order() else {
            return page.render(settings, now).into();
        };
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = &*shared
            && last.cursor == page.cursor
            && Arc::ptr_eq(&last.order, order)
            && now.since_ms(last.rendered_at) <= SHARED_MS_MAX
        {
            return last.body.clone();
        }
        let body = Bytes::from(page.render(settings, now));
        *shared = Some(Shared {
            cursor: page.cursor,
            order: Arc::clone(order),
            rendered_at: now,
            body: body.clone(),
        });
        body
    }

    fn page(&self, serial: &Serial, slot: &Slot, since: Option<Cursor>) -> Page {
        let mut state = self.lock();
        let state = &mut *state;
        let now = *state.epochs.last().expect("`load` is given the present epoch");
        let known = since.filter(|cursor| knows(&state.epochs, state.sequence, *cursor));
        let restored = since.is_some() && known.is_none();
        // The rest of a snapshot begins where its last page ended, which may be long before what is remembered of
        // ended orders; it needs only what ended since the snapshot began.
        let rest_of_snapshot = known.is_some_and(|cursor| {
            state
                .unfinished
                .get(serial)
                .is_some_and(|(next, began)| *next == cursor.sequence && *began >= state.logs.floor())
        });
        let known = known.filter(|cursor| rest_of_snapshot || cursor.sequence >= state.logs.floor());
        let snapshot = known.is_none();

        let mut items = Vec::new();
        let mut bytes = 0;
        let mut more = false;
        let mut last = 0;
        let from = known.map_or(0, |cursor| cursor.sequence);
        for (sequence, item) in state.logs.after(&slot.account, serial, from) {
            let (size, always) = match item {
                Item::Order { json, open } => (json.get().len(), *open),
                Item::Receipt(json) | Item::Reversal(json) => (json.get().len(), true),
                Item::ReceiptGone(_) => (0, false),
                Item::ReversalGone => continue,
            };
            if snapshot && !always {
                continue;
            }
            if items.len() >= FeedPage::ORDERS_MAX || bytes + size > PAGE_BYTES_MAX && !items.is_empty() {
                more = true;
                break;
            }
            bytes += size;
            last = sequence;
            items.push(item.clone());
        }
        let sequence = if more { last } else { state.sequence };
        if more && (snapshot || rest_of_snapshot) {
            let began = match state.unfinished.get(serial) {
                Some((_, began)) if rest_of_snapshot => *began,
                Some(_) | None => state.sequence,
            };
            state.unfinished.insert(serial.clone(), (sequence, began));
        } else if snapshot || rest_of_snapshot {
            state.unfinished.remove(serial);
        }
        let settings_at = slot.settings_at.load(Ordering::SeqCst);
        let with_settings =
            snapshot || since.is_none_or(|cursor| cursor.epoch != now.epoch || cursor.sequence < settings_at);
        let cursor = Cursor { epoch: now.epoch, sequence };
        Page::new(cursor, snapshot, more, restored, with_settings, items)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing between lock and unlock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a cursor was given by this database, and not by one that a backup has since replaced.
fn knows(epochs: &[Epoch], sequence: u64, cursor: Cursor) -> bool {
    let Some(place) = epochs.iter().position(|epoch| epoch.epoch == cursor.epoch) else {
        return false;
    };
    let end = epochs.get(place + 1).map_or(sequence, |next| next.first_sequence - 1);
    cursor.sequence <= end
}

fn wake(slots: &HashMap<Serial, Arc<Slot>>, audiences: &[Audience]) {
    for audience in audiences {
        match audience {
            Audience::Company(account) => {
                for slot in slots.values().filter(|slot| slot.account == *account) {
                    slot.wake.notify_waiters();
                }
            }
            Audience::Terminals(serials) => {
                for slot in serials.iter().filter_map(|serial| slots.get(serial)) {
                    slot.wake.notify_waiters();
                }
            }
        }
    }
}
