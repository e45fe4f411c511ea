//! The person at a terminal: what a courier or a cashier does, in the words of the job. The only place that knows the
//! ids of what is tapped.

use std::time::Instant;

use serde_json::{Value, json};

use crate::CEILING;
use crate::terminal::Terminal;

/// Names of the agent's pages that tests wait for.
pub mod page {
    /// The list of orders.
    pub const LIST: &str = "list";
    /// One order that is held.
    pub const ORDER: &str = "order";
    /// Entry of an amount.
    pub const AMOUNT: &str = "amount";
    /// The acquirer's app is open.
    pub const PAYING: &str = "paying";
    /// A payment was approved.
    pub const APPROVED: &str = "approved";
    /// A payment was not approved.
    pub const DECLINED: &str = "declined";
    /// A payment in doubt.
    pub const IN_DOUBT: &str = "in_doubt";
    /// Another terminal has the order.
    pub const HELD_BY_OTHER: &str = "held_by_other";
    /// The service cannot be reached.
    pub const UNREACHABLE: &str = "unreachable";
    /// The acquirer's app is not there.
    pub const APP_MISSING: &str = "app_missing";
    /// "Levar pedidos" is done.
    pub const TAKEN: &str = "taken";
    /// Stray returns.
    pub const STRAYS: &str = "strays";
    /// A receipt is offered.
    pub const RECEIPT: &str = "receipt";
    /// A receipt was printed.
    pub const PRINTED: &str = "printed";
    /// The acquirer's slip was printed.
    pub const REPRINTED: &str = "reprinted";
}

impl Terminal {
    /// Waits until an order stands in the list.
    #[track_caller]
    pub fn lists(&self, order_id: &str) {
        self.wait(&[("page", page::LIST), ("tap", &format!("order:{order_id}"))]);
    }

    /// Opens a listed order and waits until it is this terminal's.
    #[track_caller]
    pub fn takes(&self, order_id: &str) {
        self.taps_order(order_id);
        self.on(page::ORDER);
    }

    /// Taps a listed order, whatever comes of it.
    #[track_caller]
    pub fn taps_order(&self, order_id: &str) {
        self.tap(&format!("order:{order_id}"));
    }

    /// The page that an order's claim leads to, once it was answered.
    ///
    /// # Panics
    /// When it is not answered within [`CEILING`].
    #[must_use]
    #[track_caller]
    pub fn page_after_claim(&self) -> String {
        let until = Instant::now() + CEILING;
        let mut state = self.state();
        while matches!(state["screen"]["page"].as_str(), Some("list" | "claiming")) {
            assert!(
                Instant::now() < until,
                "{}: the claim is not answered\n{}",
                self.serial,
                self.describe()
            );
            state = self.wait(&[("not_version", &state["version"].to_string())]);
        }
        state["screen"]["page"].as_str().unwrap_or_default().to_owned()
    }

    /// Enters another amount than the whole balance and confirms it.
    #[track_caller]
    pub fn enters(&self, centavos: u64) {
        self.tap("other-amount");
        self.on(page::AMOUNT);
        for digit in centavos.to_string().chars() {
            self.tap(&format!("digit:{digit}"));
        }
        self.tap("confirm");
    }

    /// Chooses a method, à vista where instalments are offered, and waits for the acquirer's app with its request.
    #[track_caller]
    pub fn charges(&self, method: &str) -> Value {
        self.chooses(method);
        self.acquirer_shows("pay")
    }

    /// Chooses a method, à vista where instalments are offered.
    #[track_caller]
    pub fn chooses(&self, method: &str) {
        self.tap(&format!("method:{method}"));
        if method == "credit" {
            self.tap("installments:merchant:1");
        }
    }

    /// Takes an order, chooses a method and has the customer pay all that is left.
    #[track_caller]
    pub fn takes_and_is_paid(&self, order_id: &str, method: &str) {
        self.takes(order_id);
        self.charges(method);
        self.acquirer_approves();
    }

    /// The acquirer's app approves as asked.
    #[track_caller]
    pub fn acquirer_approves(&self) {
        self.acquirer_shows("pay");
        self.acquirer("approve", &json!({}));
    }

    /// Reads in the status line that an answer was not recognised, and marks it as seen in the diagnostics.
    #[track_caller]
    pub fn is_told_of_a_stray_answer(&self) {
        self.sees("Resposta de pagamento não reconhecida");
        self.goes_back_to_list();
        self.tap("menu");
        self.tap("diagnostics");
        self.tap("saw-strays");
        self.sees_no("Resposta de pagamento não reconhecida");
        self.on(page::LIST);
    }

    /// Takes every free order along ("levar pedidos").
    #[track_caller]
    pub fn takes_all_along(&self) {
        self.tap("take-orders");
        self.tap("take-all");
        self.tap("take-selected");
        self.on(page::TAKEN);
        self.goes_back_to_list();
    }

    /// One step back, which must be the list.
    #[track_caller]
    pub fn goes_back_to_list(&self) {
        self.tap("back");
        self.on(page::LIST);
    }

    /// From the list to the newest payment taken on this terminal.
    #[track_caller]
    pub fn opens_last_payment(&self) {
        self.tap("menu");
        self.tap("payments");
        self.tap_first("payment:");
    }

    /// From the list to the newest receipt on this terminal.
    #[track_caller]
    pub fn opens_last_receipt(&self) {
        self.tap("menu");
        self.tap("receipts");
        self.tap_first("receipt:");
    }
}
