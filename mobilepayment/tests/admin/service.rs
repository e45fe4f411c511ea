//! A service whose file declares one company and an administrator, and a client of it.

use std::sync::Arc;

use mobilepayment::environment::Environment;
use mobilepayment::state::{Administration, AppState};
use mobilepayment::store::Store;
use mobilepayment::{config, serve, webhooks};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub(crate) const ADMIN: &str = "adm_teste_0123456789abcdef0123";
pub(crate) const FILE_KEY: &str = "sk_arquivo_0123456789abcdef0123";
pub(crate) const KEY: &str = "sk_viva_0123456789abcdef0123";
pub(crate) const COMPANY: &str = "/admin/v1/companies/acc_viva";
pub(crate) const TERMINAL: &str = "/admin/v1/companies/acc_viva/terminals/L3-0001";
const DECLARED: &str = "[[company]]\naccount_id = \"acc_arquivo\"\nstore_name = \"Loja do Arquivo\"\n\
    secret_key = \"sk_arquivo_0123456789abcdef0123\"\n[[company.method]]\nmethod = \"debit\"\n\
    [[company.terminal]]\nserial = \"L3-FILE\"\nmodel = \"L3\"\nacquirer_cnpj = \"16501555000157\"\n";

/// A running service.
pub(crate) struct Service {
    pub(crate) address: String,
    pub(crate) folder: Arc<TempDir>,
    store: Store,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    file: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of an answer that must be good.
    #[track_caller]
    pub(crate) fn good(self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.body
    }

    /// It must be this refusal, with a sentence.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{self:?}");
        assert!(self.body["message"].as_str().unwrap().len() > 20, "{self:?}");
    }
}

/// A licence as a PDV has it: user and password of the web service.
#[derive(Clone)]
pub(crate) struct Licence {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) password: String,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let file = format!("admin_key = \"{ADMIN}\"\n{DECLARED}");
        Self::on(Arc::new(tempfile::tempdir().unwrap()), file).await
    }

    /// Without an administrator.
    pub(crate) async fn closed() -> Self {
        Self::on(Arc::new(tempfile::tempdir().unwrap()), DECLARED.to_owned()).await
    }

    async fn on(folder: Arc<TempDir>, file: String) -> Self {
        let read = config::parse("teste.toml", &file).unwrap();
        let environment = Environment::system();
        let store = Store::open(folder.path(), Arc::new(read.registers), environment.clone()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let administration = Administration { admin_key: read.admin_key, address: address.clone() };
        let state = AppState { store: store.clone(), administration: Arc::new(administration), environment };
        let (stop, stopped) = watch::channel(false);
        let router = serve::router(state.clone());
        let for_webhooks = stopped.clone();
        let tasks = vec![
            tokio::spawn(webhooks::run(state, for_webhooks)),
            tokio::spawn(async move { serve::serve(listener, router, stopped).await.unwrap() }),
        ];
        Self { address, folder, store, stop, tasks, file }
    }

    /// Stops it and starts another on the same data.
    pub(crate) async fn restart(mut self) -> Self {
        self.store.stop_waiting();
        self.stop.send_replace(true);
        for task in self.tasks.drain(..) {
            task.await.unwrap();
        }
        self.store.stop().await;
        let (folder, file) = (Arc::clone(&self.folder), self.file.clone());
        drop(self);
        Self::on(folder, file).await
    }

    /// One request; `who` is user and password of basic auth.
    pub(crate) async fn ask(&self, who: (&str, &str), method: &str, path: &str, body: &Value) -> Answer {
        let request = request(&self.address, method, path).basic_auth(who.0, Some(who.1));
        send(request, body).await
    }

    pub(crate) async fn admin(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.ask((ADMIN, ""), method, path, body).await
    }

    pub(crate) async fn pdv(&self, licence: &Licence, method: &str, path: &str, body: &Value) -> Answer {
        self.ask((&licence.id, &licence.password), method, path, body).await
    }

    /// With a company's secret key.
    pub(crate) async fn shop(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.ask((KEY, ""), method, path, body).await
    }

    /// A terminal's request.
    pub(crate) async fn device(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        send(request(&self.address, method, path).bearer_auth(token), body).await
    }

    /// A licence that was made and activated.
    pub(crate) async fn licence(&self) -> Licence {
        let made = self.admin("POST", "/admin/v1/licences", &licence_body()).await.good();
        let key = made["key"].as_str().unwrap().to_owned();
        let active = self.admin("POST", "/admin/v1/activations", &json!({ "key": key })).await.good();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Licence { id: text(&made["id"]), key, password: text(&active["web_service"]["password"]) }
    }

    /// A licence with a company and a terminal.
    pub(crate) async fn shop_open(&self) -> Licence {
        let licence = self.licence().await;
        self.pdv(&licence, "PUT", COMPANY, &company()).await.good();
        self.pdv(&licence, "PUT", TERMINAL, &terminal()).await.good();
        licence
    }

    /// The device token of the terminal.
    pub(crate) async fn activated(&self) -> String {
        let path = "/posconnect/v1/terminals/L3-0001/activation-codes";
        let code = self.shop("POST", path, &json!({})).await.good()["code"].clone();
        let body = json!({ "code": code, "serial": "L3-0001" });
        let activated = self.device("-", "POST", "/terminal/v1/activate", &body).await.good();
        activated["device_token"].as_str().unwrap().to_owned()
    }
}

fn request(address: &str, method: &str, path: &str) -> reqwest::RequestBuilder {
    // reqwest is built for TLS and wants to know with which cryptography, even where none is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.request(method, format!("{address}{path}"))
}

async fn send(request: reqwest::RequestBuilder, body: &Value) -> Answer {
    let request = if body.is_null() { request } else { request.json(body) };
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

pub(crate) fn licence_body() -> Value {
    json!({ "description": "Loja Centro", "modules": ["pos_connect"], "by": "Bia", "reason": "contrato 7" })
}

pub(crate) fn company() -> Value {
    json!({ "store_name": "Loja Viva", "secret_key": KEY, "by": "Ana",
        "methods": [{ "method": "credit", "merchant_installments_max": 12 }, { "method": "debit" }] })
}

pub(crate) fn terminal() -> Value {
    json!({ "model": "L3", "acquirer_cnpj": "16.501.555/0001-57", "description": "Balcão", "by": "Ana" })
}

/// A direct order to the terminal.
pub(crate) fn order() -> Value {
    json!({
        "customer": { "name": "Maria" },
        "items": [{ "amount": 1_000, "description": "Pizza", "quantity": 1 }],
        "closed": false,
        "poi_payment_settings": { "visible": true, "display_name": "Mesa 4", "print_order_receipt": false,
            "devices_serial_number": ["L3-0001"], "payment_setup": { "type": "debit" } }
    })
}
