//! The service on one folder, and what it has acknowledged.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pos_connect_tests::http::Answer;
use pos_connect_tests::pdv::{NewOrder, Pdv, id_of, listed};
use pos_connect_tests::process::{Ended, Running, program};
use pos_connect_tests::shop::{Plan, SECRET_KEY, configuration};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Name of the database in the folder.
pub(crate) const DATABASE: &str = "mobilepayment.db";
/// Name of its log of commits.
pub(crate) const WAL: &str = "mobilepayment.db-wal";
/// What the service says of a damaged database, after the file's name.
pub(crate) const DAMAGED: &str = "está danificado (";

/// A store's folder: the configuration and, below it, the data.
pub(crate) struct Folder {
    root: PathBuf,
    _kept: TempDir,
}

/// The service, running.
pub(crate) struct Service {
    pub(crate) running: Running,
    pub(crate) pdv: Pdv,
}

/// Orders that were acknowledged: their content by id.
pub(crate) type Acknowledged = BTreeMap<String, Value>;

impl Folder {
    pub(crate) fn new() -> Self {
        let kept = tempfile::Builder::new().prefix("pos-connect-db-").tempdir();
        let kept = kept.expect("there is room for a temporary directory");
        let root = kept.path().to_owned();
        let plan = Plan { terminals: vec![], webhooks: false, ..Plan::default() };
        fs::write(root.join("mobilepayment.toml"), configuration(&plan, "")).unwrap();
        fs::create_dir(root.join("data")).unwrap();
        Self { root, _kept: kept }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.data().join(name)
    }

    /// The service's arguments.
    pub(crate) fn arguments(&self, command: &mut Command) {
        command.args(["--listen", "127.0.0.1:0"]);
        command.arg("--config").arg(self.root.join("mobilepayment.toml"));
        command.arg("--data").arg(self.data());
    }

    pub(crate) fn start(&self) -> Service {
        self.try_start().unwrap_or_else(|ended| panic!("it does not start: {ended:?}"))
    }

    pub(crate) fn try_start(&self) -> Result<Service, Ended> {
        self.try_start_below(Command::new(program("mobilepayment")))
    }

    /// Starts it by a command to which the service's arguments are added.
    pub(crate) fn try_start_below(&self, mut command: Command) -> Result<Service, Ended> {
        self.arguments(&mut command);
        let running = Running::start_or_end("mobilepayment", command)?;
        let pdv = Pdv::new(&format!("http://{}", running.address()), SECRET_KEY);
        Ok(Service { running, pdv })
    }

    /// The service refuses this folder with a line that contains all of `words`, and leaves every file as it was.
    #[track_caller]
    pub(crate) fn is_refused(&self, words: &[&str]) {
        let before = contents(&self.data());
        let ended = self.try_start().err().expect("it must not start");
        assert_refusal(&ended, words);
        assert!(contents(&self.data()) == before, "a refused database stays as it is");
    }
}

/// Every file of the database by name; the lock and SQLite's shared memory say nothing.
pub(crate) fn contents(data: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(data).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name != "mobilepayment.lock" && !name.ends_with("-shm") {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    found
}

/// Exit code 1 and one line for a person.
#[track_caller]
pub(crate) fn assert_refusal(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert_eq!(ended.said.lines().count(), 1, "{ended:?}");
    for word in words {
        assert!(ended.said.contains(word), "{word:?} is missing in {:?}", ended.said);
    }
}

/// An order whose content cannot be mistaken for another one's.
pub(crate) fn order(key: &str, amount_centavos: u64) -> NewOrder {
    let mut order = listed(&format!("Mesa {key}"), amount_centavos);
    order.0["items"][0]["description"] = json!(format!("{key} {}", "Suco de laranja ".repeat(10)));
    order
}

impl Service {
    /// Asks for an order under an idempotency key.
    pub(crate) fn ask(&self, key: &str, amount_centavos: u64) -> Result<Answer, String> {
        ask(&self.pdv, key, amount_centavos)
    }

    /// Creates `count` orders, which are all acknowledged.
    #[track_caller]
    pub(crate) fn create(&self, name: &str, count: u64, acknowledged: &mut Acknowledged) {
        for n in 0..count {
            let answer = self.ask(&format!("{name}-{n}"), 1_000 + n).unwrap().ok();
            acknowledged.insert(id_of(&answer), answer);
        }
    }

    /// Every acknowledged order is there, as it was, and no other one.
    #[track_caller]
    pub(crate) fn holds(&self, acknowledged: &Acknowledged) {
        match self.judge(acknowledged) {
            Verdict::Intact => {}
            verdict @ (Verdict::Told | Verdict::Words(_) | Verdict::Silent(_)) => panic!("{verdict:?}"),
        }
        assert_eq!(self.pdv.order_count(), acknowledged.len() as u64);
    }

    /// What a PDV finds when it asks for every order.
    pub(crate) fn judge(&self, acknowledged: &Acknowledged) -> Verdict {
        let mut verdict = Verdict::Intact;
        for (id, order) in acknowledged {
            let answer = self.pdv.http.get(&format!("/core/v5/orders/{id}"));
            if answer.status == 503 {
                verdict = Verdict::Told;
            } else if answer.status != 200 || &answer.json() != order {
                let what = format!("{id}: {} {}, was {order}", answer.status, answer.text());
                let is = answer.json();
                let same = |name: &str| is[name] == order[name];
                let only_words = ["id", "amount", "status", "created_at"].into_iter().all(same);
                if !only_words {
                    return Verdict::Silent(what);
                }
                verdict = Verdict::Words(what);
            }
        }
        verdict
    }
}

/// How a service that started serves what was acknowledged.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// All of it, as it was.
    Intact,
    /// Some requests are answered with an error.
    Told,
    /// A word of the PDV's own is different, and nothing says so; id, amount and state are as they were.
    Words(String),
    /// Something is missing or different, and nothing says so.
    Silent(String),
}

/// Asks for an order under an idempotency key.
pub(crate) fn ask(pdv: &Pdv, key: &str, amount_centavos: u64) -> Result<Answer, String> {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let body = order(key, amount_centavos).0.to_string();
    pdv.http.try_send("POST", "/core/v5/orders", &headers, body.as_bytes())
}
