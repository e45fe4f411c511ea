//! A service on a real port with a real database in a folder of its own, a clock that only tests move, and terminals
//! that speak HTTP to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use mobilepayment::environment::{Clock, Environment};
use mobilepayment::ledger::command::{CloseOrder, NewOrder};
use mobilepayment::ledger::event::Event;
use mobilepayment::ledger::order::{CloseReason, Order};
use mobilepayment::registers::{AccountId, Company, KeyHash, Model, Registers, Terminal};
use mobilepayment::serve;
use mobilepayment::state::AppState;
use mobilepayment::store::{PdvResult, Store};
use protocol::activation::Activated;
use protocol::attempt::{AttemptAck, AttemptEnded, AttemptStarted, Evidence, Outcome};
use protocol::claim::{ClaimGrant, ClaimKind, ClaimRequest};
use protocol::feed::{Cursor, FeedPage};
use protocol::method::ContractedMethod;
use protocol::order::OrderKind;
use protocol::refusal::Refusal;
use protocol::{AttemptId, Centavos, ClaimId, Method, OrderId, PaymentChoice, Serial, UnixMillis};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Longest time that any answer may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn money(centavos: u64) -> Centavos {
    Centavos::new(centavos).unwrap()
}

pub(crate) fn serial(text: &str) -> Serial {
    Serial::parse(text).unwrap()
}

pub(crate) fn account() -> AccountId {
    AccountId::parse("acc_loja").unwrap()
}

pub(crate) fn debit() -> PaymentChoice {
    PaymentChoice::at_once(Method::Debit)
}

pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::SeqCst))
    }
}

/// A running service.
pub(crate) struct Service {
    pub(crate) store: Store,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) address: String,
    pub(crate) http: reqwest::Client,
    folder: TempDir,
    stop: watch::Sender<bool>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Service {
    pub(crate) async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), 1_700_000_000_000).await
    }

    /// Starts it on the data of an earlier one.
    pub(crate) async fn start_again(folder: TempDir) -> Self {
        Self::start_in(folder, 1_700_000_900_000).await
    }

    async fn start_in(folder: TempDir, now: i64) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(now)));
        let environment =
            Environment { clock: Arc::<TestClock>::clone(&clock), random: Environment::system().random };
        let registers = Arc::new(registers());
        let store = Store::open(folder.path(), registers, environment.clone()).unwrap();
        let state = AppState { store: store.clone(), administration: Arc::default(), environment };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(serve::serve(listener, serve::router(state), stopped));
        // reqwest is built for TLS and wants to know with which cryptography, even where none is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        Self { store, clock, address, http, folder, stop, server }
    }

    /// Stops it in good order; gives the folder.
    pub(crate) async fn stop(self) -> TempDir {
        self.store.hub().stop();
        self.stop.send_replace(true);
        drop(self.http);
        self.server.await.unwrap().unwrap();
        self.store.stop().await;
        drop(self.store);
        self.folder
    }

    /// Stops it and starts it again on the same data.
    pub(crate) async fn restart(self) -> Self {
        let now = self.clock.now().0;
        Self::start_in(self.stop().await, now).await
    }

    /// An activated terminal.
    pub(crate) async fn terminal(&self, name: &str) -> Device<'_> {
        let serial = serial(name);
        let code = self.store.create_activation_code(&account(), &serial, true).await.unwrap();
        let body = serde_json::json!({"code": code.code, "serial": serial});
        let activated: Activated = self.send("POST", "/terminal/v1/activate", None, &body).await.unwrap();
        Device { service: self, serial, token: activated.device_token }
    }

    pub(crate) async fn create(&self, new: NewOrder) -> Order {
        self.store.create_order(new).await.unwrap().order
    }

    pub(crate) async fn cancel(&self, order: &OrderId) -> PdvResult<Order> {
        self.store
            .close_order(CloseOrder {
                account: account(),
                order_id: order.clone(),
                reason: CloseReason::Canceled,
            })
            .await
    }

    pub(crate) async fn order(&self, id: &OrderId) -> Order {
        self.store.order(&account(), id).await.unwrap().unwrap()
    }

    pub(crate) async fn events(&self) -> Vec<Event> {
        self.store.events_after(&account(), 0, 1_000).await.unwrap()
    }

    /// The names of all events so far.
    pub(crate) async fn told(&self) -> Vec<&'static str> {
        self.events().await.iter().map(|event| event.kind.as_str()).collect()
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &impl Serialize,
    ) -> Result<T, Refusal> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.address));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if method != reqwest::Method::GET {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        if status.is_success() {
            Ok(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
        } else {
            let refusal: Refusal =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
            assert_eq!(status.as_u16(), refusal.code.http_status(), "{text}");
            Err(refusal)
        }
    }
}

/// An activated terminal that speaks HTTP.
pub(crate) struct Device<'a> {
    service: &'a Service,
    pub(crate) serial: Serial,
    pub(crate) token: String,
}

impl<'a> Device<'a> {
    /// A terminal that was activated before.
    pub(crate) fn known(service: &'a Service, name: &str, token: String) -> Self {
        Self { service, serial: serial(name), token }
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Refusal> {
        let path = format!("/terminal/v1/{path}");
        self.service.send("POST", &path, Some(&self.token), body).await
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refusal> {
        let path = format!("/terminal/v1/{path}");
        self.service.send("GET", &path, Some(&self.token), &()).await
    }

    pub(crate) async fn feed(&self, since: Option<Cursor>, wait_s: u32) -> FeedPage {
        let since = since.map_or_else(String::new, |cursor| cursor.to_string());
        self.get(&format!("feed?since={since}&wait_s={wait_s}")).await.unwrap()
    }

    pub(crate) async fn claim(
        &self,
        order: &OrderId,
        claim_id: u64,
        kind: ClaimKind,
    ) -> Result<ClaimGrant, Refusal> {
        self.post(
            "claims",
            &ClaimRequest { claim_id: ClaimId::from_random(claim_id), order_id: order.clone(), kind },
        )
        .await
    }

    pub(crate) async fn start(&self, attempt: &AttemptStarted) -> Result<AttemptAck, Refusal> {
        self.post("attempts", attempt).await
    }

    pub(crate) async fn report(&self, message: &AttemptEnded) -> AttemptAck {
        self.post("attempts/outcome", message).await.unwrap()
    }

    /// Claims, charges and reports an approval.
    pub(crate) async fn pay(&self, order: &OrderId, id: u64, amount: u64) -> AttemptAck {
        let grant = self.claim(order, id, ClaimKind::Now).await.unwrap();
        let attempt = started(&grant, id, amount);
        self.start(&attempt).await.unwrap();
        self.report(&ended(&attempt, Outcome::Approved)).await
    }
}

pub(crate) fn started(grant: &ClaimGrant, id: u64, amount: u64) -> AttemptStarted {
    AttemptStarted {
        attempt_id: AttemptId::from_random(id),
        order_id: grant.order.id.clone(),
        claim_id: grant.claim_id,
        fence: grant.fence,
        amount: money(amount),
        choice: debit(),
        started_at: UnixMillis(1),
    }
}

pub(crate) fn ended(attempt: &AttemptStarted, outcome: Outcome) -> AttemptEnded {
    let evidence = match outcome {
        Outcome::Approved => Evidence {
            code: Some("0".into()),
            amount: Some(attempt.amount),
            method: Some(attempt.choice.method),
            brand: Some("MASTERCARD".into()),
            last4: Some("1234".into()),
            authorization_code: Some("123456".into()),
            atk: Some(format!("ATK{}", attempt.attempt_id)),
            ..Evidence::default()
        },
        Outcome::Declined | Outcome::Cancelled | Outcome::InDoubt => Evidence::default(),
    };
    AttemptEnded { attempt: attempt.clone(), outcome, reason: None, evidence, ended_at: UnixMillis(2) }
}

/// A listed order for every terminal of the store.
pub(crate) fn listed(total: u64) -> NewOrder {
    NewOrder {
        account: account(),
        idempotency: None,
        code: None,
        display_name: "Mesa 4".into(),
        kind: OrderKind::Listed,
        total: money(total),
        fixed: None,
        terminals: vec![],
        receipt_expected: false,
        expires_at: None,
        pdv: r#"{"items":[]}"#.into(),
    }
}

/// A direct debit order for one terminal.
pub(crate) fn direct(total: u64, name: &str) -> NewOrder {
    NewOrder { kind: OrderKind::Direct, fixed: Some(debit()), terminals: vec![serial(name)], ..listed(total) }
}

pub(crate) const L3: &str = "L3-0001";
pub(crate) const A8: &str = "A8-0001";
pub(crate) const P2: &str = "P2-0001";

fn registers() -> Registers {
    let at_once =
        |method| ContractedMethod { method, merchant_installments_max: 1, issuer_installments_max: 1 };
    let company = |id: &str| Company {
        account_id: AccountId::parse(id).unwrap(),
        store_name: "Loja".into(),
        secret_key: KeyHash::of(&format!("sk_{id}")),
        webhooks: vec![],
        methods: vec![at_once(Method::Credit), at_once(Method::Debit), at_once(Method::Pix)],
        feed_wait_s: 25,
        answer_timeout_s: 180,
    };
    let terminal = |name: &str, id: &str, model| Terminal {
        serial: serial(name),
        account_id: AccountId::parse(id).unwrap(),
        model,
        acquirer_cnpj: "16501555000157".into(),
        delivery: true,
        counter: model != Model::P2,
        description: String::new(),
    };
    Registers::new(
        vec![company("acc_loja"), company("acc_outra")],
        vec![
            terminal(L3, "acc_loja", Model::L3),
            terminal(A8, "acc_loja", Model::A8),
            terminal(P2, "acc_loja", Model::P2),
            terminal("L3-9999", "acc_outra", Model::L3),
        ],
    )
    .unwrap()
}
