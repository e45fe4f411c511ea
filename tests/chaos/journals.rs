//! What each terminal remembers: its journal as `scripts/journal-export` tells it, folded here once more and simply.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::crowd::until;
use crate::terminals::{Fleet, SERIALS};

/// An attempt as its terminal remembers it.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    /// Its order.
    pub(crate) order: String,
    /// Centavos.
    pub(crate) amount: u64,
    /// What came of it; empty: nothing yet.
    pub(crate) outcome: String,
    /// What the store decided, or holds, otherwise.
    pub(crate) held: String,
    ends: u64,
    reported: u64,
}

/// Every attempt of every terminal. Each is stopped for it, and none has anything left to tell.
pub(crate) fn read(fleet: &mut Fleet) -> BTreeMap<String, Remembered> {
    let mut all = BTreeMap::new();
    for serial in SERIALS {
        let attempts = until(&format!("{serial} has told everything"), || {
            fleet.kill(serial);
            let attempts = attempts(&exported(&fleet.journal(serial)));
            match attempts.iter().find(|(_, attempt)| attempt.reported < attempt.ends || attempt.ends == 0) {
                None => Ok(attempts),
                Some((id, attempt)) => {
                    let why = format!("attempt {id}: {attempt:?}");
                    fleet.restart(serial);
                    let terminal = fleet.terminal(serial);
                    let version = terminal.state()["version"].to_string();
                    terminal.wait(&[("not_version", &version)]);
                    Err(why)
                }
            }
        });
        for (id, attempt) in attempts {
            let before = all.insert(id.clone(), attempt);
            assert!(before.is_none(), "attempt {id} is in two journals");
        }
    }
    all
}

fn exported(journal: &Path) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/journal-export");
    let done = Command::new(script).arg(journal).output().expect("the script can be run");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = String::from_utf8(done.stdout).expect("text");
    for bad in ["FALTAM", "NÃO PODE", "SOMA ERRADA", "abre: não"] {
        assert!(!text.contains(bad), "a killed terminal's journal is whole: {text}");
    }
    text
}

fn attempts(text: &str) -> BTreeMap<String, Remembered> {
    let mut attempts: BTreeMap<String, Remembered> = BTreeMap::new();
    for line in text.lines() {
        let Some((head, json)) = line.split_once(": ") else { continue };
        let Ok(entry) = serde_json::from_str::<Value>(json) else { continue };
        if head == "resumo" {
            let known = entry["durable"]["attempts"].as_object().cloned().unwrap_or_default();
            attempts = known.into_iter().map(|(id, attempt)| (id, of_summary(&attempt))).collect();
        } else {
            record(&mut attempts, &entry["record"]);
        }
    }
    attempts
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn of_summary(attempt: &Value) -> Remembered {
    let asked = &attempt["start"]["attempt"];
    Remembered {
        order: text(&asked["order_id"]),
        amount: asked["amount"].as_u64().unwrap_or_default(),
        outcome: text(&attempt["ended"]["outcome"]),
        held: text(if attempt["settled"].is_null() { &attempt["held"] } else { &attempt["settled"] }),
        ends: attempt["ends"].as_u64().unwrap_or_default(),
        reported: attempt["reported_end"].as_u64().unwrap_or_default(),
    }
}

fn record(attempts: &mut BTreeMap<String, Remembered>, record: &Value) {
    let of = |id: &Value| text(id);
    if let Some(started) = record.get("attempt_started") {
        let asked = &started["attempt"];
        let remembered = Remembered {
            order: text(&asked["order_id"]),
            amount: asked["amount"].as_u64().unwrap_or_default(),
            ..Remembered::default()
        };
        attempts.insert(of(&asked["attempt_id"]), remembered);
    } else if let Some(end) = record.get("attempt_ended") {
        let id = of(&end["ended"]["attempt"]["attempt_id"]);
        let attempt = attempts.get_mut(&id).expect("it was started before");
        attempt.outcome = text(&end["ended"]["outcome"]);
        attempt.held.clear();
        attempt.ends += 1;
    } else if let Some(told) = record.get("attempt_reported") {
        if let Some(attempt) = attempts.get_mut(&of(&told["attempt_id"])) {
            attempt.reported = told["end"].as_u64().unwrap_or_default();
            attempt.held = text(&told["held"]);
        }
    } else if let Some(settled) = record.get("attempt_settled_by_store")
        && let Some(attempt) = attempts.get_mut(&of(&settled["attempt_id"]))
    {
        attempt.held = text(&settled["outcome"]);
    }
}
