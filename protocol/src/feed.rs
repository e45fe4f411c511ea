//! How a terminal learns what changed: one long-poll, plain HTTPS, because Stone's terminals forbid WebSocket and MQTT.

use serde::{Deserialize, Serialize};

use crate::method::ContractedMethod;
use crate::order::OrderView;
use crate::receipt::ReceiptNotice;
use crate::reversal::ReversalWanted;
use crate::{PrintId, UnixMillis};

/// A place in the service's sequence of changes. `epoch` names one run of one database: a cursor of an epoch that the
/// database does not know, or from beyond that epoch's end, comes from before a restore and gets a full snapshot.
/// As text: `epoch.sequence`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    /// One run of one database.
    pub epoch: u64,
    /// The last change seen.
    pub sequence: u64,
}

impl TryFrom<String> for Cursor {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl core::str::FromStr for Cursor {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (epoch, sequence) = text.split_once('.').ok_or("a cursor is epoch.sequence")?;
        match (epoch.parse(), sequence.parse()) {
            (Ok(epoch), Ok(sequence)) => Ok(Self { epoch, sequence }),
            _ => Err("a cursor is epoch.sequence"),
        }
    }
}

impl core::fmt::Display for Cursor {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}.{}", self.epoch, self.sequence)
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

/// `GET /terminal/v1/feed?since=CURSOR&wait_s=N`: the answer. It comes at once when there is something to say, else
/// after `wait_s` seconds with empty lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedPage {
    /// Ask from here next time.
    pub cursor: Cursor,
    /// The service's clock.
    pub server_time: UnixMillis,
    /// This is everything there is: orders, receipts and wanted reversals not listed here (or in following pages while
    /// `more`) are gone.
    #[serde(default)]
    pub snapshot: bool,
    /// There is more after `cursor`: ask again without waiting.
    #[serde(default)]
    pub more: bool,
    /// The service does not know the cursor that it was asked with: its database was restored from a backup, and it may
    /// have forgotten what it was told. Whoever told it something tells it again.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub restored: bool,
    /// Orders that changed, each whole, ended ones too (in a snapshot: only those still open).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<OrderView>,
    /// Receipts that wait to be printed on this terminal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<ReceiptNotice>,
    /// Receipts that were withdrawn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts_gone: Vec<PrintId>,
    /// Reversals that the PDV wants from this terminal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reversals_wanted: Vec<ReversalWanted>,
    /// The terminal's settings, when they changed or in a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
}

impl FeedPage {
    /// Most orders in one page; `more` announces the rest.
    pub const ORDERS_MAX: usize = 500;
    /// Longest wait that the service grants, in seconds.
    pub const WAIT_S_MAX: u32 = 55;
    /// The wait a terminal asks for, in seconds, unless its settings say otherwise: below the 30 s at which many
    /// proxies cut an idle answer.
    pub const WAIT_S_DEFAULT: u32 = 25;
}

/// What the store decided for a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The store's name, as people see it.
    pub store_name: String,
    /// CNPJ of the acquirer, digits only.
    pub acquirer_cnpj: String,
    /// Methods of the store's contract with the acquirer.
    pub methods: Vec<ContractedMethod>,
    /// May take orders out for delivery ("levar pedidos").
    pub delivery: bool,
    /// May take payments at the counter.
    pub counter: bool,
    /// Long-poll wait to ask for, in seconds.
    pub feed_wait_s: u32,
    /// How long the acquirer's app may stay silent before an attempt is in doubt, in seconds.
    pub answer_timeout_s: u32,
}
