//! What a start has to deal with: an address that is missing, a process that died, a proxy, and a shell that asks whether
//! anybody is alive.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::flow::{Alert, DeviceStatus};
use crate::hub::Proxy;
use crate::view::screen::Key;

const GUARDED: CrashGuard = CrashGuard::On { previous_end: PreviousEnd::Unknown };

impl Terminal {
    async fn with_config(config: DriverConfig) -> Self {
        let runtime = tokio::runtime::Handle::current();
        let (handle, mut outputs) = start(config, Arc::new(stone()), 7, &runtime).unwrap();
        let Some(Output::Screen { number, screen }) = next(&mut outputs).await else { panic!("no screen") };
        Self { handle, outputs, screen, number }
    }

    /// Waits for the sign of life with this number; every screen before it is seen.
    pub(super) async fn alive(&mut self, number: u64) {
        loop {
            match self.next().await {
                Some(Output::Alive(seen)) if seen == number => return,
                Some(_) => {}
                None => panic!("ended"),
            }
        }
    }
}

/// A process that died `times` times by a panic.
fn died(dir: &Path, times: usize) {
    for _ in 0..times {
        record_panic(dir, "panicked at src/flow/paying.rs:12:3: a defect");
        guard::Guard::begin(dir, PreviousEnd::Unknown).wait();
    }
}

#[tokio::test]
async fn without_an_address_the_screen_says_so_and_nothing_is_called() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    let mut config = config(dir.path(), &store);
    config.service_url = None;
    config.agent.service = String::new();
    let mut terminal = Terminal::with_config(config).await;
    assert_eq!(terminal.screen.page, "setup");
    terminal.tap(&Tap::Activate);
    terminal.tap(&Tap::Diagnostics);
    terminal.page("diagnostics").await;
    terminal.tap(&Tap::Back);
    terminal.page("setup").await;
    terminal.off().await;
    assert_eq!(store.heard(), Vec::<String>::new());
}

#[tokio::test]
async fn the_loop_gives_a_sign_of_life_after_what_waits_before_it() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.activate().await;
    terminal.tap(&Tap::Menu);
    terminal.tap(&Tap::Diagnostics);
    terminal.handle.probe(41).unwrap();
    terminal.alive(41).await;
    assert_eq!(terminal.screen.page, "diagnostics");
    terminal.off().await;
}

#[tokio::test]
async fn a_key_counts_for_the_screen_that_was_seen_and_for_no_other() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.activate().await;
    let list = terminal.number;
    terminal.tap(&Tap::Order(store::order_id()));
    terminal.page("order").await;
    // Enter opened the first order of the list; here the digit 1 would charge.
    terminal.handle.key(Key::Enter, list).unwrap();
    terminal.handle.key(Key::Digit(1), list).unwrap();
    terminal.handle.key(Key::Digit(1), 999).unwrap();
    terminal.handle.probe(1).unwrap();
    terminal.alive(1).await;
    assert_eq!(terminal.screen.page, "order");
    terminal.handle.key(Key::Digit(1), terminal.number).unwrap();
    let (_, purpose) = terminal.opened().await;
    assert_eq!(purpose, Purpose::Pay);
    terminal.off().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_three_panics_a_person_is_waited_for_and_a_return_that_comes_meanwhile_still_counts() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.activate().await;
    let attempt_id = terminal.launch().await;
    terminal.off().await;
    died(dir.path(), 3);

    let guarded = DriverConfig { crash_guard: GUARDED, ..config(dir.path(), &store) };
    let mut terminal = Terminal::with_config(guarded.clone()).await;
    assert_eq!(terminal.screen.page, "safe");
    assert!(format!("{:?}", terminal.screen).contains("src/flow/paying.rs:12:3"));
    assert!(is_free(&dir), "the journal is not touched");
    terminal.handle.dispatch(approval(&attempt_id)).unwrap();
    terminal.page_with("safe", "1 resposta de pagamento guardada").await;
    terminal.handle.probe(5).unwrap();
    terminal.alive(5).await;
    terminal.off().await;

    let mut terminal = Terminal::with_config(guarded).await;
    assert_eq!(terminal.screen.page, "safe", "switching it off and on is not what a person says");
    assert!(format!("{:?}", terminal.screen).contains("1 resposta de pagamento guardada"));
    terminal.handle.key(Key::Enter, terminal.number).unwrap();
    terminal.page("approved").await;
    let reported: AttemptEnded = serde_json::from_str(&store.wait_for("attempts/outcome").await).unwrap();
    assert_eq!(reported.outcome, Outcome::Approved);
    assert_eq!(reported.evidence.authorization_code.as_deref(), Some("123456"));
    terminal.off().await;

    let mut terminal = Terminal::switch_on(dir.path(), &store).await;
    terminal.page("list").await;
    let strays = records_on_disk(&dir).into_iter().filter(|r| matches!(r, Record::Stray(_))).count();
    assert_eq!(strays, 0, "a return that was taken is not given to the agent again");
    terminal.off().await;
}

#[tokio::test]
async fn a_return_that_cannot_be_kept_on_the_safe_screen_is_told() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    died(dir.path(), 3);
    std::fs::create_dir(dir.path().join("returns.waiting")).unwrap();
    let guarded = DriverConfig { crash_guard: GUARDED, ..config(dir.path(), &store) };
    let mut terminal = Terminal::with_config(guarded).await;
    terminal.handle.dispatch(approval("x")).unwrap();
    loop {
        match next(&mut terminal.outputs).await {
            Some(Output::Screen { screen, .. }) => terminal.screen = screen,
            Some(Output::Alert(alert)) => break assert_eq!(alert, Alert::Attention),
            Some(_) => {}
            None => panic!("ended"),
        }
    }
    assert!(format!("{:?}", terminal.screen).contains("não pôde ser guardada"));
    terminal.off().await;
}

#[tokio::test]
async fn a_process_that_hung_counts_as_one_that_died() {
    let (store, dir) = (Store::open().await, tempfile::tempdir().unwrap());
    died(dir.path(), 2);
    let hung = CrashGuard::On { previous_end: PreviousEnd::Unresponsive };
    let terminal =
        Terminal::with_config(DriverConfig { crash_guard: hung, ..config(dir.path(), &store) }).await;
    assert_eq!(terminal.screen.page, "safe");
    terminal.off().await;
}

/// A terminal that was activated at a service for which a proxy counts.
fn activated_outside(dir: &TempDir, service: &TcpListener) -> DriverConfig {
    // Not a loopback address by its name, so that the proxy applies; it arrives at this machine all the same.
    let url = format!("https://0.0.0.0:{}", service.local_addr().unwrap().port());
    let activated = Record::Activated {
        token: crate::flow::DeviceToken::new("token".into()),
        settings: store::settings(),
        serial: None,
    };
    let (mut journal, _) = Journal::open(dir.path()).unwrap();
    journal.append(&[activated]).unwrap();
    DriverConfig {
        data_dir: dir.path().to_owned(),
        service_url: Some(url.clone()),
        agent: AgentConfig { serials: Serials::default(), version: "1".into(), service: url },
        network: NetworkStatus { connected: true, proxy: None },
        crash_guard: CrashGuard::Off,
    }
}

#[tokio::test]
async fn what_the_shell_told_while_a_person_was_waited_for_is_not_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let service = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = DriverConfig { crash_guard: GUARDED, ..activated_outside(&dir, &service) };
    died(dir.path(), 3);
    let mut terminal = Terminal::with_config(config).await;
    assert_eq!(terminal.screen.page, "safe");
    let address = proxy.local_addr().unwrap();
    let through = Proxy::new(&address.ip().to_string(), address.port()).unwrap();
    terminal.handle.network(NetworkStatus { connected: true, proxy: Some(through) }).unwrap();
    let device = DeviceStatus { system: Some("Android 7.1".into()), ..DeviceStatus::default() };
    terminal.handle.dispatch(Event::Device(device)).unwrap();
    terminal.tap(&Tap::StartAgain);
    tokio::time::timeout(PATIENCE, proxy.accept()).await.expect("the proxy is asked").unwrap();
    terminal.tap(&Tap::Menu);
    terminal.tap(&Tap::Diagnostics);
    terminal.page_with("diagnostics", "Android 7.1").await;
    terminal.off().await;
}

#[tokio::test]
async fn a_proxy_that_comes_is_used_at_once_although_a_call_waits_on_the_old_way() {
    let dir = tempfile::tempdir().unwrap();
    // Takes connections and says nothing: the way without the proxy.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let terminal = Terminal::with_config(activated_outside(&dir, &silent)).await;
    let (mut waiting, _) = silent.accept().await.unwrap();
    assert_ne!(waiting.read(&mut [0; 64]).await.unwrap(), 0, "the TLS hello of a call that gets no answer");

    let address = proxy.local_addr().unwrap();
    let through = Proxy::new(&address.ip().to_string(), address.port()).unwrap();
    terminal.handle.network(NetworkStatus { connected: true, proxy: Some(through) }).unwrap();
    let (mut asked, _) =
        tokio::time::timeout(PATIENCE, proxy.accept()).await.expect("the proxy is asked").unwrap();
    let mut request = [0; 512];
    let length = asked.read(&mut request).await.unwrap();
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let port = silent.local_addr().unwrap().port();
    assert!(request.starts_with(&format!("CONNECT 0.0.0.0:{port} HTTP/1.1\r\n")), "{request}");
    assert!(!request.contains("token"), "the proxy sees the name and no secret: {request}");
    asked.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").await.unwrap();
    terminal.off().await;
}
