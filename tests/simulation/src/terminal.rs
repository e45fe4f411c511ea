//! A terminal: the real agent and its real journal on storage that can lose its power, the acquirer's apps beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pos_connect::acquirer::stone::{ReturnScheme, Stone};
use pos_connect::driver::Engine;
use pos_connect::flow::live::{Operation, Page};
use pos_connect::flow::{
    Agent, AgentConfig, CallId, DeviceToken, Effect, Event, Moment, PreparedReceipt, ReceiptFailure, Serials,
};
use pos_connect::journal::Journal;
use pos_connect::receipt;
use pos_connect::view::Screen;
use protocol::{PrintId, Serial, UnixMillis};
use virtual_terminal::printer::Printer;
use virtual_terminal::stone_app::{CARDHOLDER_NAME, Memory, Request, StoneApps};

use crate::dice::Dice;
use crate::disk::Disk;
use crate::operator::Slip;
use crate::{rows, shop};

/// Where the acquirer's apps answer to.
const SCHEME: &str = "posconnect";

/// The PNGs of each part of a receipt.
type Parts = Vec<Vec<Vec<u8>>>;

/// One terminal.
pub struct Terminal {
    /// Its serial number.
    pub serial: Serial,
    /// The process; `None`: it does not run.
    pub engine: Option<Engine>,
    /// Its storage.
    pub disk: Disk,
    /// Counts the processes.
    pub life: u32,
    /// Counts the times that the device was switched on.
    pub boot: u32,
    /// The acquirer's apps.
    pub apps: StoneApps,
    /// Its printer.
    pub printer: Printer,
    /// The token for the service.
    pub token: Option<DeviceToken>,
    /// Calls under way.
    pub calls: BTreeSet<CallId>,
    /// Receipts being fetched.
    pub fetches: BTreeSet<PrintId>,
    /// Whether it has a network.
    pub connected: bool,
    /// How far its wall clock is off, in milliseconds.
    pub clock_off_ms: i64,
    /// The deadline that is noted in the world's calendar.
    pub deadline_at_ms: Option<u64>,
    /// The operator is at it again from this time.
    pub operator_at_ms: u64,
    acquirer: Arc<Stone>,
    shelf: BTreeMap<PrintId, Parts>,
    began_ms: u64,
    memory: PathBuf,
}

impl Terminal {
    /// A new terminal with an empty journal, switched off.
    #[must_use]
    pub fn new(place: usize, folder: &Path) -> Self {
        let serial = shop::serial(place);
        let memory = folder.join(format!("{serial}.jsonl"));
        let disk = Disk::default();
        // On a device this happens under another name, and is not what a power cut can meet.
        drop(Journal::open_with_backend(disk.clone()).expect("an empty journal can be made"));
        let scheme = ReturnScheme::parse(SCHEME).expect("a valid scheme");
        Self {
            engine: None,
            disk: disk.after_process_death(),
            life: 0,
            boot: 0,
            apps: apps(&serial, &memory),
            printer: Printer::default(),
            token: None,
            calls: BTreeSet::new(),
            fetches: BTreeSet::new(),
            connected: true,
            clock_off_ms: 0,
            deadline_at_ms: None,
            operator_at_ms: 0,
            acquirer: Arc::new(Stone::new(scheme)),
            shelf: BTreeMap::new(),
            began_ms: 0,
            memory,
            serial,
        }
    }

    /// Starts the process on what the storage holds. Gives the kind of the last record that was found.
    pub fn start(&mut self, now_ms: u64, dice: &mut Dice) -> Result<String, String> {
        let opened = Journal::open_with_backend(self.disk.clone());
        let last = match &opened {
            Ok((_, opened)) => match opened.records.last() {
                Some(record) => kind_of(record),
                None if opened.snapshot.is_some() => "snapshot".to_owned(),
                None => "nothing".to_owned(),
            },
            Err(error) => return Err(format!("the journal of {} does not open: {error}", self.serial)),
        };
        let config = AgentConfig {
            serials: Serials::provisioned(self.serial.clone()),
            version: "sim".to_owned(),
            service: "https://loja.example".to_owned(),
        };
        self.life += 1;
        self.began_ms = now_ms;
        self.deadline_at_ms = None;
        self.token = None;
        let agent = Agent::new(config, Arc::clone(&self.acquirer) as _, dice.roll());
        self.engine = Some(Engine::new(agent, opened));
        Ok(last)
    }

    /// The process is killed; the acquirer's apps go on.
    pub fn kill(&mut self) {
        self.disk = self.disk.after_process_death();
        self.drop_process();
    }

    /// The battery is pulled: process, apps and what was not synced are gone.
    pub fn cut_power(&mut self, dice: &mut Dice) {
        self.disk = self.disk.after_power_cut(dice);
        self.drop_process();
        self.boot += 1;
        self.apps = apps(&self.serial, &self.memory);
        self.shelf.retain(|_, _| dice.chance(700));
    }

    fn drop_process(&mut self) {
        self.engine = None;
        self.calls.clear();
        self.fetches.clear();
    }

    /// What the clocks of this device say.
    #[must_use]
    pub fn moment(&self, now_ms: u64) -> Moment {
        let wall = i64::try_from(now_ms).expect("this century") + self.clock_off_ms;
        Moment { wall: UnixMillis(wall), mono_ms: now_ms - self.began_ms }
    }

    /// Gives the agent an event; what it wants done comes out.
    pub fn handle(&mut self, event: Event, now_ms: u64) -> Vec<Effect> {
        let moment = self.moment(now_ms);
        let Some(engine) = &mut self.engine else { return vec![] };
        let effects = engine.handle(event, moment);
        engine.tidy();
        effects
    }

    /// The screen.
    #[must_use]
    pub fn screen(&self, now_ms: u64) -> Option<Screen> {
        Some(self.engine.as_ref()?.screen(self.moment(now_ms)))
    }

    /// When the agent wants to be woken, on the world's clock.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        self.engine.as_ref()?.next_deadline().map(|mono_ms| self.began_ms + mono_ms)
    }

    /// Makes a fetched receipt printable and keeps it.
    pub fn prepare(&mut self, print_id: &PrintId, content: &str) -> Result<PreparedReceipt, ReceiptFailure> {
        let acquirer: &dyn pos_connect::acquirer::Acquirer = &*self.acquirer;
        let limits = acquirer.capabilities().print.expect("Stone prints");
        let printable = receipt::prepare(content, &limits).map_err(|problem| ReceiptFailure::Image {
            code: problem.code().to_owned(),
            sentence: problem.sentence().to_owned(),
        })?;
        let parts: Parts = printable
            .requests()
            .iter()
            .map(|slices| slices.iter().map(|slice| slice.png.clone()).collect())
            .collect();
        let prepared = PreparedReceipt {
            parts: u32::try_from(parts.len()).expect("a few parts"),
            height_dots: printable.height_dots,
        };
        self.shelf.insert(print_id.clone(), parts);
        Ok(prepared)
    }

    /// The deep link that prints a part of a kept receipt.
    #[must_use]
    pub fn print_uri(&self, print_id: &PrintId, part: u32) -> Option<String> {
        let acquirer: &dyn pos_connect::acquirer::Acquirer = &*self.acquirer;
        let part = self.shelf.get(print_id)?.get(usize::try_from(part).ok()?)?;
        acquirer.print_uri(part).ok()
    }

    /// A receipt is not needed any more.
    pub fn forget(&mut self, print_id: &PrintId) {
        self.fetches.remove(print_id);
        self.shelf.remove(print_id);
    }

    /// The payment that the acquirer's app is busy with: attempt, amount and method.
    #[must_use]
    pub fn payment_shown(&self) -> Option<(u64, u64, String)> {
        let opened = self.apps.shown()?;
        let Ok(Request::Pay(pay)) = &opened.request else { return None };
        let installments = serde_json::json!({ "count": pay.installments, "kind": pay.installment_kind });
        let mut choice = serde_json::json!({ "method": pay.method });
        if pay.installments > 1 {
            choice["installments"] = installments;
        }
        Some((pay.order_id.as_ref()?.parse().ok()?, pay.amount?, rows::choice(&choice)))
    }

    /// The attempt that the acquirer's app is asked to give back.
    #[must_use]
    pub fn reversal_shown(&self) -> Option<u64> {
        let Ok(Request::Cancel(cancel)) = &self.apps.shown()?.request else { return None };
        let charged = self.apps.transactions().iter().find(|transaction| transaction.atk == cancel.atk)?;
        charged.order_id.as_ref()?.parse().ok()
    }

    /// The slip of the payment in doubt that the screen asks about.
    #[must_use]
    pub fn slip_asked_for(&self) -> Option<Slip> {
        let attempt = self.engine.as_ref()?.agent().live().page.stated_of()?.to_string();
        let sale = self.apps.transactions().iter().find(|sale| sale.order_id.as_ref() == Some(&attempt))?;
        Some(Slip { authorization_code: sale.authorization_code.clone()?, atk: sale.atk.clone() })
    }

    /// Whether the list is shown and a reversal in doubt will be tried again.
    #[must_use]
    pub fn waits_for_another_try(&self) -> bool {
        let Some(agent) = self.engine.as_ref().map(Engine::agent) else { return false };
        let waits = agent.durable().reversals.values().any(|reversal| agent.can_retry(reversal));
        waits && matches!(agent.live().page, Page::List)
    }

    /// Whether the reversal that the agent has launched is one more try.
    #[must_use]
    pub fn tries_again(&self) -> bool {
        let Some(agent) = self.engine.as_ref().map(Engine::agent) else { return false };
        match agent.live().in_flight.as_ref().map(|flight| &flight.what) {
            Some(Operation::Reverse(id)) => agent.durable().reversals[id].retries > 0,
            Some(Operation::Pay(_) | Operation::Print(..) | Operation::Reprint(_)) | None => false,
        }
    }

    /// Whether the journal holds what must never be kept.
    #[must_use]
    pub fn keeps_card_data(&self) -> bool {
        self.disk.contains(CARDHOLDER_NAME)
    }
}

fn apps(serial: &Serial, memory: &Path) -> StoneApps {
    let memory = Memory::open(memory).expect("the acquirer's memory can be opened");
    StoneApps::new(serial.as_str(), SCHEME, memory)
}

fn kind_of(record: &pos_connect::flow::Record) -> String {
    match serde_json::to_value(record) {
        Ok(serde_json::Value::Object(object)) => object.keys().next().cloned().unwrap_or_default(),
        Ok(serde_json::Value::String(name)) => name,
        Ok(_) | Err(_) => "unreadable".to_owned(),
    }
}
