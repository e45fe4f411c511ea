//! What terminal and service say to each other. The first byte chooses the message, the rest is its body.

use std::fmt::Debug;

use protocol::activation::{ActivateRequest, Activated};
use protocol::attempt::{AttemptAck, AttemptEnded, AttemptStarted};
use protocol::claim::{ClaimGrant, ClaimRelease, ClaimReleased, ClaimRequest};
use protocol::feed::FeedPage;
use protocol::order::OrderView;
use protocol::receipt::{ReceiptImage, ReceiptResult};
use protocol::refusal::Refusal;
use protocol::reversal::ReversalEnded;
use protocol::statement::AttemptStatement;
use protocol::{Method, PaymentChoice};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Every message, in the order of the first byte.
const READERS: [fn(&[u8]) -> bool; 15] = [
    stable::<ActivateRequest>,
    stable::<Activated>,
    stable::<FeedPage>,
    stable::<ClaimRequest>,
    stable::<ClaimGrant>,
    stable::<ClaimRelease>,
    stable::<ClaimReleased>,
    stable::<AttemptStarted>,
    stable::<AttemptEnded>,
    stable::<AttemptAck>,
    statement,
    stable::<ReversalEnded>,
    stable::<ReceiptImage>,
    stable::<ReceiptResult>,
    refusal,
];

/// Checks one body.
pub fn check(data: &[u8]) -> bool {
    let Some((choice, body)) = data.split_first() else {
        return false;
    };
    let let_in = READERS[usize::from(*choice) % READERS.len()](body);
    if let Ok(order) = serde_json::from_slice::<OrderView>(body) {
        rules(&order);
    }
    let_in
}

/// What was read and written is read as the same, and written as the same.
fn stable<T: Serialize + DeserializeOwned + PartialEq + Debug>(body: &[u8]) -> bool {
    let Ok(read) = serde_json::from_slice::<T>(body) else {
        return false;
    };
    let written = serde_json::to_vec(&read).expect("a message is written");
    let again: T = serde_json::from_slice(&written).expect("what was written is read");
    assert_eq!(read, again);
    assert_eq!(written, serde_json::to_vec(&again).expect("a message is written"));
    true
}

fn statement(body: &[u8]) -> bool {
    if let Ok(statement) = serde_json::from_slice::<AttemptStatement>(body) {
        let _ = statement.said.is_valid();
    }
    stable::<AttemptStatement>(body)
}

/// A code is always one that has a status and a sentence.
fn refusal(body: &[u8]) -> bool {
    if let Ok(refusal) = serde_json::from_slice::<Refusal>(body) {
        assert!((400..600).contains(&refusal.code.http_status()));
        assert!(!refusal.code.sentence().is_empty());
    }
    stable::<Refusal>(body)
}

/// Nothing that an order says lets more be charged than its total.
fn rules(order: &OrderView) {
    assert!(order.chargeable() <= order.total);
    assert!(order.balance() <= order.total);
    for method in Method::ALL {
        let choice = PaymentChoice::at_once(method);
        if protocol::rules::may_start(order, &[], order.chargeable(), &choice).is_ok() {
            assert!(!order.chargeable().is_zero(), "nothing can be charged of nothing");
        }
    }
}
