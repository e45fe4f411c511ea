//! A service on a port, and a client of its PDV-facing API.

use std::net::SocketAddr;
use std::sync::Arc;

use mobilepayment::environment::Environment;
use mobilepayment::state::AppState;
use mobilepayment::store::Store;
use mobilepayment::{config, serve, webhooks};
use reqwest::{Method, StatusCode};
use rusqlite::types::Value as Column;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub(crate) const KEY: &str = "sk_teste_0123456789abcdef0123";
pub(crate) const OTHER_KEY: &str = "sk_outra_0123456789abcdef0123";
pub(crate) const L3: &str = "L3-0001";
pub(crate) const A8: &str = "A8-0001";
pub(crate) const P2: &str = "P2-0001";

/// A running service. Dropping it without [`Service::stop`] is a crash of its tasks, not of its thread.
pub(crate) struct Service {
    pub(crate) client: Client,
    folder: Arc<TempDir>,
    webhook: String,
    store: Store,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Service {
    pub(crate) async fn start() -> Self {
        Self::with_webhook("").await
    }

    /// `webhook`: lines of the first company, `webhook_url` and so on.
    pub(crate) async fn with_webhook(webhook: &str) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Self::on(folder, webhook.to_owned(), Environment::system()).await
    }

    pub(crate) async fn with_environment(webhook: &str, environment: Environment) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Self::on(folder, webhook.to_owned(), environment).await
    }

    /// On a database that an earlier version wrote, given as SQL.
    pub(crate) async fn on_old_database(sql: &str) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let db = Connection::open(folder.path().join("mobilepayment.db")).unwrap();
        db.execute_batch(sql).unwrap();
        db.close().unwrap();
        Self::on(folder, String::new(), Environment::system()).await
    }

    async fn on(folder: Arc<TempDir>, webhook: String, environment: Environment) -> Self {
        let registers = Arc::new(config::parse("teste.toml", &configuration(&webhook)).unwrap().registers);
        let store = Store::open(folder.path(), registers, environment.clone()).unwrap();
        let state = AppState { store: store.clone(), administration: Arc::default(), environment };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let router = serve::router(state.clone());
        let (for_webhooks, for_serve) = (stopped.clone(), stopped);
        let tasks = vec![
            tokio::spawn(webhooks::run(state, for_webhooks)),
            tokio::spawn(async move { serve::serve(listener, router, for_serve).await.unwrap() }),
        ];
        Self { client: Client::new(address), folder, webhook, store, stop, tasks }
    }

    /// Stops the service and starts another on the same folder and another port.
    pub(crate) async fn restart(mut self) -> Self {
        let (folder, webhook) = (Arc::clone(&self.folder), self.webhook.clone());
        self.stop().await;
        drop(self);
        Self::on(folder, webhook, Environment::system()).await
    }

    async fn stop(&mut self) {
        self.store.stop_waiting();
        self.stop.send_replace(true);
        for task in self.tasks.drain(..) {
            task.await.unwrap();
        }
        self.store.stop().await;
    }

    /// The database, as somebody with the file has it.
    pub(crate) fn database(&self) -> Connection {
        Connection::open(self.folder.path().join("mobilepayment.db")).unwrap()
    }

    /// Everything that is stored, as text; without the webhooks' own rows, which change by themselves.
    pub(crate) fn everything_stored(&self) -> String {
        let file = self.folder.path().join("mobilepayment.db");
        let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let mut names = db
            .prepare(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'deliver%' ORDER BY 1",
            )
            .unwrap();
        let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let mut text = String::new();
        for name in names {
            let mut rows = db.prepare(&format!("SELECT * FROM {name} ORDER BY 1, 2")).unwrap();
            let columns = rows.column_count();
            let mut rows = rows.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let row: Vec<Column> = (0..columns).map(|i| row.get(i).unwrap()).collect();
                text.push_str(&format!("{name} {row:?}\n"));
            }
        }
        text
    }
}

fn configuration(webhook: &str) -> String {
    let terminal = |serial: &str, model: &str| {
        format!(
            "[[company.terminal]]\nserial = \"{serial}\"\nmodel = \"{model}\"\nacquirer_cnpj = \"16501555000157\"\n"
        )
    };
    [
        format!("[[company]]\naccount_id = \"acc_um\"\nstore_name = \"Loja Um\"\nsecret_key = \"{KEY}\"\n{webhook}\n"),
        "[[company.method]]\nmethod = \"credit\"\nmerchant_installments_max = 6\n".to_owned(),
        "[[company.method]]\nmethod = \"debit\"\n[[company.method]]\nmethod = \"pix\"\n".to_owned(),
        terminal(L3, "L3"),
        terminal(A8, "A8"),
        terminal(P2, "P2"),
        format!("[[company]]\naccount_id = \"acc_dois\"\nstore_name = \"Loja Dois\"\nsecret_key = \"{OTHER_KEY}\"\n"),
        "[[company.method]]\nmethod = \"debit\"\n".to_owned(),
        terminal("L3-9999", "L3"),
    ]
    .concat()
}

/// A client as an integrator has one: a base address and a secret key.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        Self { http: http(), base: format!("http://{address}"), key: Some(KEY.to_owned()) }
    }

    pub(crate) fn with_key(&self, key: Option<&str>) -> Self {
        Self { key: key.map(ToOwned::to_owned), ..self.clone() }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.key {
            Some(key) => request.basic_auth(key, Some("")),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request("GET", path)).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        send(self.request(method, path).json(body)).await
    }

    /// Creates an order that must be accepted.
    pub(crate) async fn create(&self, body: &Value) -> Value {
        let answer = self.send("POST", "/core/v5/orders", body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, headers, body }
}

/// An HTTP client without TLS roots: tests talk to loopback only.
pub(crate) fn http() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

/// A listed order of so many centavos for all terminals.
pub(crate) fn listed(centavos: u64) -> Value {
    json!({
        "code": "PED-1",
        "customer": {"name": "Maria Segredo"},
        "items": [{"amount": centavos, "description": "Pizza", "quantity": 1}],
        "closed": false,
        "poi_payment_settings": {"visible": true, "display_name": "Mesa 4", "print_order_receipt": false},
        "metadata": {"pedido": "42"}
    })
}

/// A direct order of so many centavos to the L3.
pub(crate) fn direct(centavos: u64) -> Value {
    let mut order = listed(centavos);
    order["poi_payment_settings"]["devices_serial_number"] = json!([L3]);
    order["poi_payment_settings"]["payment_setup"] = json!({"type": "debit"});
    order
}

/// A 1 x 1 PNG.
pub(crate) fn print_body() -> Value {
    let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";
    json!({"type": "NFE", "size_v": 1, "size_h": 1, "format": "png", "content": png})
}
