//! One poll's answer: [`protocol::feed::FeedPage`], put together from JSON that is already there.

use std::sync::Arc;

use protocol::feed::{Cursor, Settings};
use protocol::{PrintId, UnixMillis};
use serde::Serialize;
use serde_json::value::RawValue;

use super::change::Item;

/// What one poll answers.
#[derive(Clone, Debug)]
pub struct Page {
    /// Ask from here next time.
    pub cursor: Cursor,
    /// Everything there is.
    pub snapshot: bool,
    /// There is more.
    pub more: bool,
    /// The cursor that was asked with is not of this database.
    pub restored: bool,
    /// Settings belong in it.
    pub with_settings: bool,
    items: Vec<Item>,
}

impl Page {
    pub(super) const fn new(
        cursor: Cursor,
        snapshot: bool,
        more: bool,
        restored: bool,
        with_settings: bool,
        items: Vec<Item>,
    ) -> Self {
        Self { cursor, snapshot, more, restored, with_settings, items }
    }

    /// Whether it is worth answering before the wait is over.
    #[must_use]
    pub const fn says_something(&self) -> bool {
        self.snapshot || self.more || self.with_settings || !self.items.is_empty()
    }

    /// The one order that it tells, when it tells nothing else: what a new order for many terminals looks like.
    pub(super) fn sole_order(&self) -> Option<&Arc<RawValue>> {
        let plain = !self.snapshot && !self.more && !self.with_settings;
        match self.items.as_slice() {
            [Item::Order { json, .. }] if plain => Some(json),
            _ => None,
        }
    }

    /// The answer's body; `settings` is asked for only when they belong in it.
    #[must_use]
    pub fn render(&self, settings: impl FnOnce() -> Settings, server_time: UnixMillis) -> String {
        let settings = self.with_settings.then(settings);
        let mut body = Body {
            cursor: self.cursor,
            server_time,
            snapshot: self.snapshot,
            more: self.more,
            restored: self.restored,
            orders: Vec::new(),
            receipts: Vec::new(),
            receipts_gone: Vec::new(),
            reversals_wanted: Vec::new(),
            settings: settings.as_ref(),
        };
        for item in &self.items {
            match item {
                Item::Order { json, .. } => body.orders.push(json),
                Item::Receipt(json) => body.receipts.push(json),
                Item::ReceiptGone(id) => body.receipts_gone.push(id),
                Item::Reversal(json) => body.reversals_wanted.push(json),
                Item::ReversalGone => {}
            }
        }
        serde_json::to_string(&body).expect("our own types always have a JSON form")
    }
}

/// The fields of `FeedPage`, with the parts that many terminals share as JSON.
#[derive(Serialize)]
struct Body<'a> {
    cursor: Cursor,
    server_time: UnixMillis,
    snapshot: bool,
    more: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    restored: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    orders: Vec<&'a RawValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    receipts: Vec<&'a RawValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    receipts_gone: Vec<&'a PrintId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reversals_wanted: Vec<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<&'a Settings>,
}
