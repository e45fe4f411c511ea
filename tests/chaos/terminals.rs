//! Three terminals, each a process of its own on its own disk.

use std::path::PathBuf;

use pos_connect_tests::process::Running;
use pos_connect_tests::shop::Shop;
use pos_connect_tests::terminal::Terminal;
use tempfile::TempDir;

/// Their serial numbers.
pub(crate) const SERIALS: [&str; 3] = ["CHAOS-0001", "CHAOS-0002", "CHAOS-0003"];

struct Process {
    serial: &'static str,
    running: Option<Running>,
    address: String,
}

/// The terminals.
pub(crate) struct Fleet {
    processes: Vec<Process>,
    service: String,
    folder: TempDir,
}

impl Fleet {
    /// Starts and activates them.
    pub(crate) fn start(shop: &Shop) -> Self {
        let folder =
            tempfile::Builder::new().prefix("pos-connect-chaos-").tempdir().expect("a temporary directory");
        let mut fleet = Self { processes: vec![], service: shop.service_address().to_owned(), folder };
        for serial in SERIALS {
            let running = fleet.run(serial, "127.0.0.1:0");
            let address = running.address().to_string();
            fleet.processes.push(Process { serial, running: Some(running), address });
            let terminal = fleet.terminal(serial);
            terminal.on("activation");
            terminal.types("code", &shop.activation_code(serial));
            terminal.tap("activate");
            terminal.on("list");
        }
        fleet
    }

    fn run(&self, serial: &str, listen: &str) -> Running {
        Running::start("virtual-terminal", |command| {
            command.args(["--listen", listen, "--service", &self.service]);
            command.arg("--data").arg(self.folder.path().join(serial));
            command.args(["--terminal", &format!("{serial}:A8")]);
        })
    }

    fn process(&mut self, serial: &str) -> &mut Process {
        self.processes.iter_mut().find(|process| process.serial == serial).expect("one of ours")
    }

    /// SIGKILL: agent, journal and the acquirer's apps are gone in the middle of whatever they did.
    pub(crate) fn kill(&mut self, serial: &str) {
        self.process(serial).running.take().expect("it is running").kill();
    }

    /// Starts it again where it was.
    pub(crate) fn restart(&mut self, serial: &str) {
        let address = self.process(serial).address.clone();
        let running = self.run(serial, &address);
        self.process(serial).running = Some(running);
    }

    /// Where a terminal's controls are.
    pub(crate) fn address(&self, serial: &str) -> String {
        let process = self.processes.iter().find(|process| process.serial == serial).expect("one of ours");
        format!("http://{}", process.address)
    }

    /// Its remote control.
    pub(crate) fn terminal(&self, serial: &str) -> Terminal {
        Terminal::new(&self.address(serial), serial)
    }

    /// A terminal's journal.
    pub(crate) fn journal(&self, serial: &str) -> PathBuf {
        find(&self.folder.path().join(serial), "journal.redb").expect("a terminal that was started has it")
    }

    /// What the acquirer keeps of a terminal, on disk.
    pub(crate) fn acquirers_memory(&self, serial: &str) -> PathBuf {
        find(&self.folder.path().join(serial), "acquirer.jsonl").expect("a terminal that was started has it")
    }
}

fn find(folder: &std::path::Path, name: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .find_map(|path| if path.is_dir() { find(&path, name) } else { path.ends_with(name).then_some(path) })
}
