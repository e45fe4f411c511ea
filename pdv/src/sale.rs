//! A sale: its items, its payments, and what is still missing. Pure: rows in, figures out.

use protocol::{Centavos, Method, UnixMillis};

use crate::service::order::{Attempt, Charge, Order, OrderStage};

/// Most items of one sale.
pub const ITEMS_MAX: usize = 300;
/// Most of one item.
pub const QUANTITY_MAX: u32 = 9_999;

/// Where a sale is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Being made or paid.
    Open,
    /// Paid whole.
    Finished,
    /// Given up.
    Cancelled,
}

/// A sale with everything that belongs to it.
#[derive(Clone, Debug)]
pub struct Sale {
    /// Its row.
    pub id: i64,
    /// Its company.
    pub company_id: i64,
    /// What people call it.
    pub number: i64,
    /// Where it is.
    pub status: Status,
    /// When it was begun.
    pub created_at: UnixMillis,
    /// When it was finished or given up.
    pub ended_at: Option<UnixMillis>,
    /// What is sold.
    pub items: Vec<Item>,
    /// How it is paid, oldest first.
    pub payments: Vec<Payment>,
}

/// Something sold, at the price that it had then.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its place, from 1.
    pub line: i64,
    /// What it is.
    pub description: String,
    /// `UN`, `KG`, …
    pub unit: String,
    /// Of one.
    pub price: Centavos,
    /// How many.
    pub quantity: u32,
}

impl Item {
    /// Price times quantity.
    #[must_use]
    pub fn total(&self) -> Centavos {
        let total = self.price.get().saturating_mul(u64::from(self.quantity));
        Centavos::new(total).expect("a price below 10^9 and a quantity below 10^4 stay below 2^53")
    }
}

/// A payment of a sale.
#[derive(Clone, Debug)]
pub struct Payment {
    /// Ours; also the key under which it is sent.
    pub id: String,
    /// How much was asked.
    pub amount: Centavos,
    /// When.
    pub created_at: UnixMillis,
    /// How.
    pub form: Form,
}

/// How a payment is made.
#[derive(Clone, Debug)]
pub enum Form {
    /// Notes and coins; what the customer gave.
    Cash {
        /// At least the amount.
        received: Centavos,
    },
    /// By terminal.
    Pos(Box<Pos>),
}

/// A payment by terminal.
#[derive(Clone, Debug)]
pub struct Pos {
    /// The terminal of a direct payment; `None`: listed, on all.
    pub serial: Option<String>,
    /// What binds the terminal.
    pub method: Option<Method>,
    /// Instalments; 1 is at once.
    pub installments: u8,
    /// The order at mobilepayment as it was last told.
    pub order: Option<Order>,
    /// mobilepayment did not take it: its sentence.
    pub refused: Option<String>,
    /// The person left the payment: it is to be closed.
    pub cancel_wanted: bool,
}

/// Where a payment by terminal is, as a person wants to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Written down; mobilepayment has not answered yet.
    Sending,
    /// mobilepayment did not take it.
    Refused(String),
    /// On the terminals; nobody has taken it.
    Waiting,
    /// A terminal has it.
    Taken {
        /// Which.
        serial: String,
        /// It was taken out by a courier.
        delivery: bool,
    },
    /// The acquirer's app is open.
    Charging {
        /// Where.
        serial: String,
    },
    /// The last try was declined or given up.
    NotPaid {
        /// Where.
        serial: String,
        /// Declined by the acquirer; else given up at the terminal.
        declined: bool,
    },
    /// Nobody knows whether the customer was charged.
    InDoubt {
        /// Where.
        serial: String,
    },
    /// Will be closed when what is in flight has ended.
    Closing,
    /// Paid whole.
    Paid,
    /// Closed; part of it may have been paid.
    Closed,
}

impl Pos {
    /// Where it is.
    #[must_use]
    pub fn stage(&self) -> Stage {
        let Some(order) = &self.order else {
            return self.refused.clone().map_or(Stage::Sending, Stage::Refused);
        };
        let serial = |attempt: &Attempt| attempt.terminal_serial_number.clone();
        let with = |outcome: Option<&str>| {
            order.posconnect.attempts.iter().find(|attempt| attempt.outcome.as_deref() == outcome)
        };
        if order.posconnect.stage == OrderStage::Paid {
            return Stage::Paid;
        }
        if let Some(attempt) = with(Some("in_doubt")) {
            return Stage::InDoubt { serial: serial(attempt) };
        }
        match order.posconnect.stage {
            OrderStage::Paid => Stage::Paid,
            OrderStage::Closed => Stage::Closed,
            OrderStage::Closing => Stage::Closing,
            OrderStage::Open => {
                if let Some(attempt) = with(None) {
                    return Stage::Charging { serial: serial(attempt) };
                }
                let last = order.posconnect.attempts.last();
                match (&order.posconnect.claim, last) {
                    // Whoever tried last and still has it reads "declined" on the terminal's screen, too.
                    (Some(claim), last)
                        if last.is_none_or(|a| a.terminal_serial_number != claim.terminal_serial_number) =>
                    {
                        let delivery = claim.kind == "delivery";
                        Stage::Taken { serial: claim.terminal_serial_number.clone(), delivery }
                    }
                    (_, Some(attempt)) => {
                        let declined = attempt.outcome.as_deref() == Some("declined");
                        Stage::NotPaid { serial: serial(attempt), declined }
                    }
                    (_, None) => Stage::Waiting,
                }
            }
        }
    }

    /// Nothing more is to be sent or heard.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.order.as_ref().map_or(self.refused.is_some(), Order::is_ended)
    }

    /// Paid and not given back.
    #[must_use]
    pub fn paid(&self) -> Centavos {
        self.order.as_ref().map_or(Centavos::ZERO, |order| order.posconnect.paid_amount)
    }

    /// Its approved payments.
    #[must_use]
    pub fn charges(&self) -> &[Charge] {
        self.order.as_ref().map_or(&[], |order| &order.charges)
    }
}

impl Payment {
    /// What of it is really paid.
    #[must_use]
    pub fn paid(&self) -> Centavos {
        match &self.form {
            Form::Cash { .. } => self.amount,
            Form::Pos(pos) => pos.paid(),
        }
    }

    /// What of it nobody else may pay meanwhile: all of it until it has ended, then what was paid.
    #[must_use]
    pub fn counts(&self) -> Centavos {
        match &self.form {
            Form::Pos(pos) if !pos.is_ended() => self.amount,
            Form::Cash { .. } | Form::Pos(_) => self.paid(),
        }
    }

    /// Change of a cash payment.
    #[must_use]
    pub fn change(&self) -> Centavos {
        match &self.form {
            Form::Cash { received } => received.saturating_sub(self.amount),
            Form::Pos(_) => Centavos::ZERO,
        }
    }

    /// Something may still come of it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(&self.form, Form::Pos(pos) if !pos.is_ended())
    }
}

impl Sale {
    /// What it costs.
    #[must_use]
    pub fn total(&self) -> Centavos {
        self.items.iter().map(Item::total).sum()
    }

    /// What is paid.
    #[must_use]
    pub fn paid(&self) -> Centavos {
        self.payments.iter().map(Payment::paid).sum()
    }

    /// What no payment stands for yet.
    #[must_use]
    pub fn missing(&self) -> Centavos {
        self.total().saturating_sub(self.payments.iter().map(Payment::counts).sum())
    }

    /// Whether it can end by itself: every centavo is paid and nothing more may come.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        let total = self.total();
        !total.is_zero() && self.paid() >= total && !self.payments.iter().any(Payment::is_live)
    }

    /// Whether nothing was paid and nothing may come, so that it can be changed or given up.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.paid().is_zero() && !self.payments.iter().any(Payment::is_live)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn money(centavos: u64) -> Centavos {
        Centavos::new(centavos).unwrap()
    }

    fn order(stage: &str, paid: u64, attempts: serde_json::Value, claim: serde_json::Value) -> Order {
        let detail = json!({ "stage": stage, "paid_amount": paid, "reserved_amount": 0, "claim": claim, "attempts": attempts });
        serde_json::from_value(json!({ "id": "or_1", "amount": 1_000, "posconnect": detail })).unwrap()
    }

    fn pos(order: Option<Order>) -> Pos {
        Pos { serial: None, method: None, installments: 1, order, refused: None, cancel_wanted: false }
    }

    fn payment(amount: u64, form: Form) -> Payment {
        Payment { id: "p".into(), amount: money(amount), created_at: UnixMillis(0), form }
    }

    fn sale(payments: Vec<Payment>) -> Sale {
        let item =
            Item { line: 1, description: "Café".into(), unit: "UN".into(), price: money(500), quantity: 4 };
        Sale {
            id: 1,
            company_id: 1,
            number: 1,
            status: Status::Open,
            created_at: UnixMillis(0),
            ended_at: None,
            items: vec![item],
            payments,
        }
    }

    #[test]
    fn where_a_payment_is_follows_from_the_order() {
        let none = || json!([]);
        let attempt = |outcome: serde_json::Value| {
            json!([{ "attempt_id": "1", "outcome": outcome, "amount": 1_000, "method": "debit",
                     "terminal_serial_number": "A8X", "brand": null, "authorization_code": null, "nsu": null }])
        };
        let claim = |kind| json!({ "terminal_serial_number": "L3X", "kind": kind });
        let at = || "A8X".to_owned();
        let null = serde_json::Value::Null;
        let table = [
            (order("open", 0, none(), null.clone()), Stage::Waiting),
            (order("open", 0, none(), claim("now")), Stage::Taken { serial: "L3X".into(), delivery: false }),
            (
                order("open", 0, none(), claim("delivery")),
                Stage::Taken { serial: "L3X".into(), delivery: true },
            ),
            (order("open", 0, attempt(null.clone()), claim("now")), Stage::Charging { serial: at() }),
            (
                order("open", 0, attempt(json!("declined")), null.clone()),
                Stage::NotPaid { serial: at(), declined: true },
            ),
            (
                order("open", 0, attempt(json!("cancelled")), null.clone()),
                Stage::NotPaid { serial: at(), declined: false },
            ),
            (order("open", 0, attempt(json!("in_doubt")), claim("now")), Stage::InDoubt { serial: at() }),
            (order("closing", 0, attempt(json!("in_doubt")), null.clone()), Stage::InDoubt { serial: at() }),
            (order("closing", 0, attempt(null.clone()), null.clone()), Stage::Closing),
            (order("paid", 1_000, attempt(json!("declined")), null.clone()), Stage::Paid),
            (order("closed", 0, none(), null.clone()), Stage::Closed),
        ];
        for (order, stage) in table {
            assert_eq!(pos(Some(order)).stage(), stage);
        }
        assert_eq!(pos(None).stage(), Stage::Sending);
    }

    #[test]
    fn nothing_is_paid_twice_and_a_sale_ends_only_with_every_centavo() {
        let null = || serde_json::Value::Null;
        let cash = |amount| payment(amount, Form::Cash { received: money(amount) });
        let by = |order| payment(1_000, Form::Pos(Box::new(pos(order))));
        let open = || Some(order("open", 400, json!([]), null()));
        let table = [
            // payments, paid, missing, paid whole
            (vec![], 0, 2_000, false),
            (vec![cash(500)], 500, 1_500, false),
            (vec![cash(500), by(None)], 500, 500, false),
            (vec![cash(1_000), by(open())], 1_400, 0, false),
            (vec![cash(1_000), by(Some(order("closed", 400, json!([]), null())))], 1_400, 600, false),
            (vec![cash(1_000), by(Some(order("paid", 1_000, json!([]), null())))], 2_000, 0, true),
            (vec![cash(2_000), by(open())], 2_400, 0, false),
        ];
        for (payments, paid, missing, whole) in table {
            let sale = sale(payments);
            assert_eq!((sale.paid().get(), sale.missing().get(), sale.is_paid()), (paid, missing, whole));
        }
    }

    #[test]
    fn a_refused_payment_counts_nothing_and_cash_gives_change() {
        let mut refused = pos(None);
        refused.refused = Some("Terminal desconhecido.".into());
        let sale = sale(vec![payment(1_000, Form::Pos(Box::new(refused)))]);
        assert!(sale.is_untouched());
        assert_eq!(sale.missing().get(), 2_000);
        let given = payment(1_990, Form::Cash { received: money(2_000) });
        assert_eq!(given.change().get(), 10);
    }
}
