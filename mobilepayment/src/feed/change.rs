//! One committed change, as terminals are told of it.

use std::sync::Arc;

use protocol::receipt::ReceiptNotice;
use protocol::reversal::ReversalWanted;
use protocol::{AttemptId, OrderId, PrintId, Serial};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::ledger::order::{Attempt, Order, Print};
use crate::ledger::view::order_view;
use crate::registers::AccountId;

/// What changed. A later change of the same subject takes the place of the earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An order.
    Order(OrderId),
    /// A receipt.
    Receipt(PrintId),
    /// The wanted reversal of a payment.
    Reversal(AttemptId),
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Every terminal of a company.
    Company(AccountId),
    /// These terminals.
    Terminals(Vec<Serial>),
}

/// What they are told; the JSON is shared by all of them.
#[derive(Clone, Debug)]
pub enum Item {
    /// An order as it is now.
    Order {
        /// `OrderView`.
        json: Arc<RawValue>,
        /// Not ended: part of every snapshot.
        open: bool,
    },
    /// A receipt waits.
    Receipt(Arc<RawValue>),
    /// A receipt was withdrawn.
    ReceiptGone(PrintId),
    /// The PDV wants a reversal.
    Reversal(Arc<RawValue>),
    /// The PDV wants it no longer: nothing to tell, nothing to keep.
    ReversalGone,
}

/// One committed change.
#[derive(Clone, Debug)]
pub struct Change {
    /// What changed.
    pub subject: Subject,
    /// Who is told.
    pub audience: Audience,
    /// Its place in the store-wide sequence.
    pub sequence: u64,
    /// What they are told.
    pub item: Item,
}

impl Change {
    /// An order changed.
    #[must_use]
    pub fn order(order: &Order) -> Self {
        Self {
            subject: Subject::Order(order.id.clone()),
            audience: audience(order),
            sequence: order.revision,
            item: Item::Order { json: shared(&order_view(order)), open: !order.status.is_ended() },
        }
    }

    /// A receipt came, or was withdrawn (`waiting` false).
    #[must_use]
    pub fn print(order: &Order, print: &Print, waiting: bool) -> Self {
        let item = if waiting {
            Item::Receipt(shared(&ReceiptNotice {
                print_id: print.id.clone(),
                order_id: print.order_id.clone(),
                order_number: order.number.clone(),
                kind: print.kind,
                size_bytes: print.size_bytes,
                created_at: print.created_at,
            }))
        } else {
            Item::ReceiptGone(print.id.clone())
        };
        Self {
            subject: Subject::Receipt(print.id.clone()),
            audience: print
                .terminal
                .as_ref()
                .map_or_else(|| audience(order), |serial| Audience::Terminals(vec![serial.clone()])),
            sequence: print.sequence,
            item,
        }
    }

    /// The PDV wants a payment given back; `None`: the payment has no such wish.
    #[must_use]
    pub fn reversal_wanted(order: &Order, attempt: &Attempt) -> Option<Self> {
        let wanted = attempt.reversal_wanted.as_ref()?;
        Some(Self {
            subject: Subject::Reversal(attempt.id),
            audience: Audience::Terminals(vec![attempt.terminal.clone()]),
            sequence: wanted.sequence,
            item: Item::Reversal(shared(&ReversalWanted {
                attempt_id: attempt.id,
                order_id: order.id.clone(),
                amount: wanted.amount,
                wanted_at: wanted.wanted_at,
            })),
        })
    }

    /// The wish has ended.
    #[must_use]
    pub fn reversal_gone(attempt: &Attempt, sequence: u64) -> Self {
        Self {
            subject: Subject::Reversal(attempt.id),
            audience: Audience::Terminals(vec![attempt.terminal.clone()]),
            sequence,
            item: Item::ReversalGone,
        }
    }
}

fn audience(order: &Order) -> Audience {
    if order.terminals.is_empty() {
        Audience::Company(order.account.clone())
    } else {
        Audience::Terminals(order.terminals.clone())
    }
}

fn shared<T: Serialize>(value: &T) -> Arc<RawValue> {
    serde_json::value::to_raw_value(value).expect("our own types always have a JSON form").into()
}
