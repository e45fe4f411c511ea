//! What the acquirer really charged: read from its own memory on disk, as a manager reads its portal.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::terminals::{Fleet, SERIALS};

/// One charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Charge {
    /// Centavos.
    pub(crate) amount: u64,
    /// Given back, in centavos.
    pub(crate) reversed: u64,
}

/// Every charge by the attempt that it names.
pub(crate) fn charges(fleet: &Fleet) -> BTreeMap<String, Charge> {
    let mut charges = BTreeMap::new();
    let mut attempt_of = BTreeMap::new();
    for serial in SERIALS {
        let text =
            fs::read_to_string(fleet.acquirers_memory(serial)).expect("the acquirer's memory can be read");
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).expect("one JSON value a line");
            if let Some(approved) = line.get("approved") {
                let attempt =
                    approved["order_id"].as_str().expect("every charge names its attempt").to_owned();
                let amount = approved["amount"].as_u64().expect("centavos");
                attempt_of.insert(approved["atk"].as_str().expect("a key").to_owned(), attempt.clone());
                let before = charges.insert(attempt.clone(), Charge { amount, reversed: 0 });
                assert_eq!(before, None, "attempt {attempt} was charged twice");
            } else if let Some(reversed) = line.get("reversed") {
                let attempt = &attempt_of[reversed["atk"].as_str().expect("a key")];
                let amount = reversed["amount"].as_u64().expect("centavos");
                charges.get_mut(attempt).expect("charged before").reversed += amount;
            }
        }
    }
    charges
}
