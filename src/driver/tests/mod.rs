//! The driver with everything real around it: agent, journal in a directory, HTTP on loopback. Only the store's answers
//! are fixed, and the acquirer's app is the test.

mod start;
mod store;

use std::path::Path;

use protocol::Serial;
use protocol::attempt::{AttemptEnded, Evidence, Outcome};
use store::{PATIENCE, SERIAL, Store};
use tempfile::TempDir;

use super::*;
use crate::acquirer::stone::{ReturnScheme, Stone};
use crate::acquirer::{Capabilities, PayRequest, PrintTooLarge, ReprintRequest, Return, ReversalRequest};
use crate::flow::{Event, Input, Purpose, Record, Serials, Tap};
use crate::journal::{Journal, JournalError};
use crate::view::Screen;

/// One terminal with its data directory.
struct Terminal {
    handle: Handle,
    outputs: Outputs,
    screen: Arc<Screen>,
    number: u64,
}

fn config(dir: &Path, store: &Store) -> DriverConfig {
    DriverConfig {
        data_dir: dir.to_owned(),
        service_url: Some(store.url()),
        agent: AgentConfig {
            serials: Serials::provisioned(Serial::parse(SERIAL).unwrap()),
            version: "1".into(),
            service: store.url(),
        },
        network: NetworkStatus { connected: true, proxy: None },
        crash_guard: CrashGuard::Off,
    }
}

fn stone() -> Stone {
    Stone::new(ReturnScheme::parse("posconnect").unwrap())
}

impl Terminal {
    async fn switch_on(dir: &Path, store: &Store) -> Self {
        Self::switch_on_with(dir, store, Arc::new(stone())).await
    }

    async fn switch_on_with(dir: &Path, store: &Store, acquirer: Arc<dyn Acquirer>) -> Self {
        let runtime = tokio::runtime::Handle::current();
        let (handle, mut outputs) = start(config(dir, store), acquirer, 7, &runtime).unwrap();
        let Some(Output::Screen { screen, .. }) = next(&mut outputs).await else { panic!("no screen") };
        Self { handle, outputs, screen, number: 1 }
    }

    /// The next thing for the shell but alerts and keeping awake; screens are remembered.
    async fn next(&mut self) -> Option<Output> {
        loop {
            match next(&mut self.outputs).await? {
                Output::Alert(_) | Output::KeepAwake(_) => {}
                Output::Screen { number, screen } => {
                    self.screen = Arc::clone(&screen);
                    self.number = number;
                    return Some(Output::Screen { number, screen });
                }
                alive @ Output::Alive(_) => return Some(alive),
                open @ Output::Open { .. } => return Some(open),
            }
        }
    }

    async fn page(&mut self, page: &str) {
        self.page_with(page, "").await;
    }

    /// Waits for a page that says `text` somewhere.
    async fn page_with(&mut self, page: &str, text: &str) {
        while self.screen.page != page || !format!("{:?}", self.screen).contains(text) {
            match self.next().await {
                Some(Output::Screen { .. }) => {}
                other => panic!("waiting for {page}, on {:?}: {other:?}", self.screen),
            }
        }
    }

    async fn opened(&mut self) -> (String, Purpose) {
        loop {
            match self.next().await {
                Some(Output::Open { uri, purpose }) => return (uri, purpose),
                Some(_) => {}
                None => panic!("ended"),
            }
        }
    }

    fn tap(&self, tap: &Tap) {
        self.handle.dispatch(Event::Input(Input::Tap(tap.id()))).unwrap();
    }

    async fn activate(&mut self) {
        self.page("activation").await;
        self.handle
            .dispatch(Event::Input(Input::Text { id: "code".into(), value: "ABCD1234".into() }))
            .unwrap();
        self.page_with("activation", "ABCD1234").await;
        self.tap(&Tap::Activate);
        self.page_with("list", "Mesa 4").await;
    }

    /// From the list to Stone's app; gives the attempt's id.
    async fn launch(&mut self) -> String {
        self.page_with("list", "Mesa 4").await;
        self.tap(&Tap::Order(store::order_id()));
        self.page("order").await;
        self.tap(&Tap::Method(protocol::Method::Debit));
        let (uri, purpose) = self.opened().await;
        assert_eq!(purpose, Purpose::Pay);
        self.page("paying").await;
        let id = uri.split("order_id=").nth(1).unwrap();
        id.split('&').next().unwrap().to_owned()
    }

    async fn off(self) {
        let handle = self.handle.clone();
        tokio::task::spawn_blocking(move || handle.power_off()).await.unwrap();
    }
}

async fn next(outputs: &mut Outputs) -> Option<Output> {
    tokio::time::timeout(PATIENCE, outputs.next()).await.expect("something happens")
}

fn approval(attempt_id: &str) -> Event {
    Event::Returned(format!(
        "posconnect://pay-response?code=0&amount=5000&type=D%C3%A9bito&order_id={attempt_id}\
         &atk=12345678901234&authorization_code=123456&itk={SERIAL}1&brand=Visa&entry_mode=ICC&success=true"
    ))
}

/// What a power cut at this moment would leave.
fn records_on_disk(dir: &TempDir) -> Vec<Record> {
    let copy = tempfile::tempdir().unwrap();
    for file in ["journal.redb", "journal.created"] {
        std::fs::copy(dir.path().join(file), copy.path().join(file)).unwrap();
    }
    Journal::open(copy.path()).unwrap().1.records
}

fn is_free(dir: &TempDir) -> bool {
    match Journal::open(dir.path()) {
        Ok(_) => true,
        Err(JournalError::InUse) => false,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_order_is_charged_and_reported_and_its_attempt_is_on_disk_before_the_deep_link_leaves() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.activate().await;
    let attempt_id = terminal.launch().await;
    let launched = records_on_disk(&dir)
        .into_iter()
        .any(|r| matches!(r, Record::AttemptLaunched { attempt_id: id, .. } if id.to_string() == attempt_id));
    assert!(launched, "the record is on disk when the shell gets the deep link");

    terminal.handle.dispatch(approval(&attempt_id)).unwrap();
    terminal.page("approved").await;
    let reported: AttemptEnded = serde_json::from_str(&store.wait_for("attempts/outcome").await).unwrap();
    assert_eq!(reported.outcome, Outcome::Approved);
    assert_eq!(reported.attempt.attempt_id.to_string(), attempt_id);
    terminal.off().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn power_off_between_launch_and_return_loses_nothing_and_the_next_process_takes_the_return() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.activate().await;
    let attempt_id = terminal.launch().await;
    terminal.off().await;
    assert!(is_free(&dir), "power_off returns when the directory is free");

    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.page("paying").await;
    terminal.handle.dispatch(approval(&attempt_id)).unwrap();
    terminal.page("approved").await;
    store.wait_for("attempts/outcome").await;
    let starts = store.heard().iter().filter(|path| *path == "attempts").count();
    assert_eq!(starts, 1, "charged once");
    terminal.off().await;
}

#[tokio::test]
async fn a_receipt_is_fetched_prepared_and_printed_part_by_part() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    store.send_receipt();
    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.activate().await;
    store.wait_for("prints/pr_1").await;
    terminal.tap(&Tap::Menu);
    terminal.tap(&Tap::Receipts);
    terminal.page("receipts").await;
    terminal.tap(&Tap::Receipt(store::print_id()));
    while !terminal.screen.actions.iter().any(|action| action.id == Tap::Print.id()) {
        terminal.next().await.unwrap();
    }
    terminal.tap(&Tap::Print);
    let (uri, purpose) = terminal.opened().await;
    assert_eq!(purpose, Purpose::Print);
    assert!(uri.starts_with("printer-app://print"), "{}", &uri[..40]);
    terminal.off().await;
}

#[tokio::test]
async fn a_damaged_journal_blocks_payments_asks_nobody_and_stays_as_it_is() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.activate().await;
    terminal.off().await;
    let calls = store.heard().len();
    let damaged = b"not a journal".repeat(1000);
    std::fs::write(dir.path().join("journal.redb"), &damaged).unwrap();

    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    assert_eq!(terminal.screen.page, "journal");
    assert!(format!("{:?}", terminal.screen).contains("danificados"));
    terminal.tap(&Tap::Order(store::order_id()));
    terminal.tap(&Tap::Diagnostics);
    terminal.page("diagnostics").await;
    terminal.off().await;
    assert_eq!(store.heard().len(), calls, "nothing was asked");
    assert_eq!(std::fs::read(dir.path().join("journal.redb")).unwrap(), damaged);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_return_that_comes_while_the_journal_cannot_be_used_is_read_when_it_can_be() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.activate().await;
    let attempt_id = terminal.launch().await;
    terminal.off().await;
    let journal = dir.path().join("journal.redb");
    let good = std::fs::read(&journal).unwrap();
    std::fs::write(&journal, b"not a journal".repeat(1000)).unwrap();

    for _ in 0..2 {
        let mut terminal = Terminal::switch_on(dir.path(), &store).await;
        assert_eq!(terminal.screen.page, "journal");
        terminal.handle.dispatch(approval(&attempt_id)).unwrap();
        terminal.handle.probe(1).unwrap();
        terminal.alive(1).await;
        terminal.off().await;
    }

    std::fs::write(&journal, good).unwrap();
    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.page("approved").await;
    terminal.off().await;
    let repeated = records_on_disk(&dir).into_iter().filter(|r| matches!(r, Record::Stray(_))).count();
    assert_eq!(repeated, 1, "each was kept once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_return_that_was_taken_and_still_waits_at_the_end_is_read_by_the_next_agent() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.activate().await;
    let attempt_id = terminal.launch().await;
    terminal.off().await;

    let (go_on, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let wait = move || {
        let _ = gate.lock().unwrap().recv();
    };
    let busy = OnReturn(stone(), Box::new(wait));
    let mut terminal = Terminal::switch_on_with(dir.path(), &store, Arc::new(busy)).await;
    terminal.page("paying").await;
    terminal.handle.dispatch(Event::Returned("posconnect://x".into())).unwrap();
    terminal.handle.dispatch(approval(&attempt_id)).unwrap();
    terminal.handle.stop();
    drop(go_on);
    terminal.off().await;

    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.page("approved").await;
    terminal.off().await;
}

#[tokio::test]
async fn a_second_agent_on_the_same_directory_is_blocked() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    let first = Terminal::switch_on(dir.path(), &store).await;
    let second = Terminal::switch_on(dir.path(), &store).await;
    assert_eq!(second.screen.page, "journal");
    assert!(format!("{:?}", second.screen).contains("já está aberto"));
    second.off().await;
    first.off().await;
}

#[tokio::test]
async fn letting_go_of_handle_and_outputs_is_a_power_cut() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    let terminal = Terminal::switch_on(dir.path(), &store).await;
    assert!(!is_free(&dir));
    drop(terminal);
    let free = tokio::task::spawn_blocking(move || {
        // The thread has nobody left to tell when it has ended.
        while !is_free(&dir) {
            std::thread::yield_now();
        }
    });
    tokio::time::timeout(PATIENCE, free).await.expect("the directory is free").unwrap();
}

#[tokio::test]
async fn a_switched_off_agent_takes_nothing_and_its_outputs_end() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.handle.stop();
    assert_eq!(terminal.handle.dispatch(Event::OpenFailed), Err(DispatchError::Off));
    while terminal.next().await.is_some() {}
    assert_eq!(terminal.outputs.next_timeout(PATIENCE), Polled::Ended);
    terminal.off().await;
    assert!(is_free(&dir));
}

#[test]
fn an_address_without_tls_outside_this_machine_is_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let agent = AgentConfig {
        serials: Serials::provisioned(Serial::parse(SERIAL).unwrap()),
        version: String::new(),
        service: String::new(),
    };
    let config = DriverConfig {
        data_dir: dir.path().into(),
        service_url: Some("http://loja.example".into()),
        agent,
        network: NetworkStatus::default(),
        crash_guard: CrashGuard::Off,
    };
    let refused = start(config, Arc::new(stone()), 1, runtime.handle());
    assert!(matches!(refused, Err(StartError::Hub(HubError::Address(_)))));
}

/// Does something else before it reads a return.
struct OnReturn(Stone, Box<dyn Fn() + Send + Sync>);

impl Acquirer for OnReturn {
    fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }
    fn pay_uri(&self, request: &PayRequest) -> String {
        self.0.pay_uri(request)
    }
    fn reversal_uri(&self, request: &ReversalRequest) -> String {
        self.0.reversal_uri(request)
    }
    fn print_uri(&self, pngs: &[Vec<u8>]) -> Result<String, PrintTooLarge> {
        self.0.print_uri(pngs)
    }
    fn reprint_uri(&self, request: &ReprintRequest) -> String {
        self.0.reprint_uri(request)
    }
    fn parse_return(&self, uri: &str) -> Return {
        (self.1)();
        self.0.parse_return(uri)
    }
    fn redact(&self, uri: &str) -> String {
        self.0.redact(uri)
    }
    fn serial_in(&self, evidence: &Evidence) -> Option<Serial> {
        self.0.serial_in(evidence)
    }
}

#[tokio::test]
async fn a_defect_that_panics_leaves_a_last_screen_that_says_so_and_a_free_directory() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    let defect = OnReturn(stone(), Box::new(|| panic!("a defect, on purpose")));
    let mut terminal = Terminal::switch_on_with(dir.path(), &store, Arc::new(defect)).await;
    terminal.handle.dispatch(Event::Returned("posconnect://x".into())).unwrap();
    while terminal.next().await.is_some() {}
    assert_eq!(terminal.screen.page, "journal");
    assert!(format!("{:?}", terminal.screen).contains("erro interno"));
    terminal.off().await;
    assert!(is_free(&dir));
}
