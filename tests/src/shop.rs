//! A store of its own for every test: mobilepayment, the virtual terminals, the PDV and its webhook receiver, in a
//! temporary directory and on free ports.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use tempfile::TempDir;

use crate::pdv::Pdv;
use crate::process::Running;
use crate::terminal::Terminal;
use crate::webhooks::Receiver;

/// Serial number of the L3, which has physical keys.
pub const L3: &str = "PB0423L300117";
/// Serial number of the A8.
pub const A8: &str = "6C568971";
/// Serial number of the P2, for delivery only.
pub const P2: &str = "PB09216L80533";
/// Registered, but never a virtual terminal: for a terminal that was tampered with.
pub const MODIFIED: &str = "MODIFIED-0001";
/// CNPJ of the acquirer, digits only.
pub const ACQUIRER_CNPJ: &str = "16501555000157";
/// Secret under which webhooks are signed.
pub const WEBHOOK_SECRET: &str = "whsec_0123456789abcdef";
/// The PDV's key.
pub const SECRET_KEY: &str = "sk_0123456789abcdef0123456789abcdef";

/// A running store. Dropping it ends everything.
pub struct Shop {
    /// The PDV.
    pub pdv: Pdv,
    /// Its ear.
    pub webhooks: Receiver,
    service: Option<Running>,
    service_address: String,
    terminals: Option<Running>,
    directory: Directory,
}

/// What a test may want otherwise.
pub struct Plan {
    /// Serial number and model of each virtual terminal to be activated.
    pub terminals: Vec<(String, String)>,
    /// Registered besides these.
    pub registered: Vec<(String, String)>,
    /// Whether the PDV listens to webhooks.
    pub webhooks: bool,
    /// Where the store's directory is made; the machine's temporary directory unless said.
    pub directory: Option<PathBuf>,
}

impl Default for Plan {
    fn default() -> Self {
        let terminals = [(L3, "L3"), (A8, "A8"), (P2, "P2")];
        Self {
            terminals: terminals.map(|(serial, model)| (serial.to_owned(), model.to_owned())).into(),
            registered: vec![(MODIFIED.to_owned(), "A8".to_owned())],
            webhooks: true,
            directory: None,
        }
    }
}

impl Shop {
    /// A store with an L3, an A8 and a P2, all active and showing the empty list.
    #[must_use]
    pub fn open() -> Self {
        Self::with(&Plan::default())
    }

    /// A store with one terminal.
    #[must_use]
    pub fn with_one(serial: &str, model: &str) -> Self {
        Self::with(&Plan { terminals: vec![(serial.into(), model.into())], ..Plan::default() })
    }

    /// A store without virtual terminals.
    #[must_use]
    pub fn without_terminals() -> Self {
        Self::with(&Plan { terminals: vec![], ..Plan::default() })
    }

    /// A store as planned.
    #[must_use]
    pub fn with(plan: &Plan) -> Self {
        let directory = Directory::new(plan.directory.as_deref());
        let webhooks = Receiver::start();
        fs::write(directory.config(), configuration(plan, &webhooks.url()))
            .expect("a temporary file can be written");
        let service = start_service(&directory, "127.0.0.1:0");
        let service_address = format!("http://{}", service.address());
        let pdv = Pdv::new(&service_address, SECRET_KEY);
        let mut shop =
            Self { pdv, webhooks, service: Some(service), service_address, terminals: None, directory };
        if !plan.terminals.is_empty() {
            shop.start_terminals(plan);
        }
        shop
    }

    fn start_terminals(&mut self, plan: &Plan) {
        let running = Running::start("virtual-terminal", |command| {
            command.args(["--listen", "127.0.0.1:0", "--service", &self.service_address]);
            command.arg("--data").arg(self.directory.path("terminals"));
            for (serial, model) in &plan.terminals {
                command.args(["--terminal", &format!("{serial}:{model}")]);
            }
        });
        self.terminals = Some(running);
        for (serial, _) in &plan.terminals {
            let code = self.activation_code(serial);
            let terminal = self.terminal(serial);
            terminal.on("activation");
            terminal.types("code", &code);
            terminal.tap("activate");
            terminal.on("list");
        }
    }

    /// A one-use code for a registered terminal.
    #[must_use]
    #[track_caller]
    pub fn activation_code(&self, serial: &str) -> String {
        let answer = self
            .pdv
            .http
            .post(&format!("/posconnect/v1/terminals/{serial}/activation-codes"), &json!({}))
            .ok();
        answer["code"].as_str().expect("a code").to_owned()
    }

    /// Remote control of a virtual terminal.
    ///
    /// # Panics
    /// When the store has none.
    #[must_use]
    pub fn terminal(&self, serial: &str) -> Terminal {
        let running = self.terminals.as_ref().expect("this store has virtual terminals");
        Terminal::new(&format!("http://{}", running.address()), serial)
    }

    /// Address of mobilepayment.
    #[must_use]
    pub fn service_address(&self) -> &str {
        &self.service_address
    }

    /// Address of the virtual terminals' pages.
    ///
    /// # Panics
    /// When the store has none.
    #[must_use]
    pub fn terminals_address(&self) -> String {
        format!("http://{}", self.terminals.as_ref().expect("this store has virtual terminals").address())
    }

    /// Process id of mobilepayment.
    ///
    /// # Panics
    /// When it is not running.
    #[must_use]
    pub fn service_pid(&self) -> u32 {
        self.service.as_ref().expect("the service is running").pid()
    }

    /// What mobilepayment has printed so far.
    #[must_use]
    pub fn service_output(&self) -> String {
        self.service.as_ref().map(Running::output).unwrap_or_default()
    }

    /// SIGKILL for mobilepayment. It stays away until [`Shop::restart_service`].
    ///
    /// # Panics
    /// When it is not running.
    pub fn kill_service(&mut self) {
        self.service.take().expect("the service is running").kill();
    }

    /// Starts mobilepayment again, on the same port and the same data.
    pub fn restart_service(&mut self) {
        let address = self.service_address.trim_start_matches("http://").to_owned();
        self.service = Some(start_service(&self.directory, &address));
    }

    /// Every byte that the store has written to disk, file by file.
    #[must_use]
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        files_below(&self.directory.root())
    }
}

fn start_service(directory: &Directory, listen: &str) -> Running {
    Running::start("mobilepayment", |command| {
        command.args(["--listen", listen]);
        command.arg("--config").arg(directory.config());
        command.arg("--data").arg(directory.path("service"));
    })
}

/// The configuration file of a store as planned.
#[must_use]
pub fn configuration(plan: &Plan, webhook_url: &str) -> String {
    let webhook = format!(
        "webhook_url = \"{webhook_url}\"\nwebhook_secret = \"{WEBHOOK_SECRET}\"\nwebhook_events = \"all\"\n"
    );
    let webhook = if plan.webhooks { webhook.as_str() } else { "" };
    let mut text = format!(
        r#"[[company]]
account_id = "acc_teste"
store_name = "Loja Teste"
secret_key = "{SECRET_KEY}"
{webhook}

[[company.method]]
method = "credit"
merchant_installments_max = 6

[[company.method]]
method = "debit"

[[company.method]]
method = "pix"
"#
    );
    for (serial, model) in plan.terminals.iter().chain(&plan.registered) {
        text.push_str(&format!(
            "\n[[company.terminal]]\nserial = \"{serial}\"\nmodel = \"{model}\"\nacquirer_cnpj = \"{ACQUIRER_CNPJ}\"\ndescription = \"{model} {serial}\"\n"
        ));
    }
    text
}

/// The store's directory; kept when `POS_CONNECT_TEST_KEEP` is set.
struct Directory(Option<TempDir>);

impl Directory {
    fn new(parent: Option<&Path>) -> Self {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_owned);
        let directory = tempfile::Builder::new().prefix("pos-connect-").tempdir_in(parent);
        Self(Some(directory.expect("there is room for a temporary directory")))
    }

    fn root(&self) -> PathBuf {
        self.0.as_ref().expect("taken only when dropped").path().to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    fn config(&self) -> PathBuf {
        self.path("mobilepayment.toml")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        static KEPT: AtomicU64 = AtomicU64::new(0);
        if std::env::var_os("POS_CONNECT_TEST_KEEP").is_some()
            && let Some(directory) = self.0.take()
        {
            let kept = KEPT.fetch_add(1, Ordering::Relaxed) + 1;
            eprintln!("directory {kept} kept: {}", directory.keep().display());
        }
    }
}

fn files_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return vec![];
    };
    entries
        .flatten()
        .map(|entry| entry.path())
        .flat_map(|path| {
            if path.is_dir() {
                files_below(&path)
            } else {
                fs::read(&path).map(|bytes| vec![(path, bytes)]).unwrap_or_default()
            }
        })
        .collect()
}
