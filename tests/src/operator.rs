//! The person at a terminal: what a courier or a cashier does, in the words of the job. The only place that knows the
//! ids of what is tapped.

use serde_json::{Value, json};

use crate::terminal::Terminal;

/// Names of the agent's pages that tests wait for.
pub mod page {
    /// The list of orders.
    pub const LIST: &str = "list";
    /// One order that is held.
    pub const ORDER: &str = "order";
    /// Entry of an amount.
    pub const AMOUNT: &str = "amount";
    /// Choice of instalments.
    pub const INSTALLMENTS: &str = "installments";
    /// The acquirer's app is open.
    pub const PAYING: &str = "paying";
    /// What came of a payment: approved.
    pub const RESULT: &str = "result";
    /// A payment in doubt.
    pub const IN_DOUBT: &str = "in_doubt";
    /// Something to read.
    pub const NOTICE: &str = "notice";
    /// Stray returns.
    pub const STRAYS: &str = "strays";
    /// A receipt is offered.
    pub const RECEIPT: &str = "receipt";
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

    /// Back to the list, where stray returns are shown until they were seen.
    #[track_caller]
    pub fn goes_to_strays(&self) {
        self.tap("back");
        self.on(page::STRAYS);
        self.tap("saw-strays");
        self.on(page::LIST);
    }

    /// Back to the list, from wherever one may leave.
    #[track_caller]
    pub fn goes_home(&self) {
        self.tap("home");
        self.on(page::LIST);
    }
}
