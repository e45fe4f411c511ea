//! The body of `POST /core/v5/orders`: `reading` makes a [`CreateOrder`] of it, which is checked here into the store's
//! [`NewOrder`].

use axum::http::StatusCode;
use protocol::method::Installments;
use protocol::order::OrderKind;
use protocol::{Centavos, Method, PaymentChoice, Serial, UnixMillis};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::pdv::answer::{ApiError, unknown_terminal};
use crate::pdv::input::fields::Problems;
use crate::pdv::instant::from_iso;
use crate::pdv::shapes::order::{ItemBody, Kept};
use crate::pdv::shapes::words::{InstallmentWord, MethodWord, ModeWord};
use crate::registers::{AccountId, Registers};
use crate::store::command::{Idempotency, NewOrder};

/// Shortest and longest life of an order with an end, in seconds: half a minute to 30 days.
pub(super) const LIFE_S: (u64, u64) = (30, 30 * 24 * 60 * 60);

/// An order to be created.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreateOrder {
    /// The PDV's own reference, at most 52 bytes. Shown on the terminal as the order's number.
    #[schema(example = "PED-1042")]
    pub code: Option<String>,
    /// Required and checked for the original's sake. Never stored, logged or sent back.
    pub customer: CustomerInput,
    /// 1 to 500 items; their sum is the order's total, 1 to 999999999 centavos.
    pub items: Vec<ItemBody>,
    /// Must be `false` (or absent): only an open order reaches a terminal.
    pub closed: bool,
    /// What is asked of the terminals.
    pub poi_payment_settings: PoiSettingsInput,
    /// At most 4 KB of JSON, read back as it is. Do not put a customer's name or a card number here.
    pub metadata: Map<String, Value>,
    /// When the order ends by itself, ISO 8601. Also taken inside `poi_payment_settings`. Not with `expires_in`.
    pub expires_at: Option<String>,
    /// Seconds until the order ends by itself, 30 to 2592000. Also taken inside `poi_payment_settings`.
    pub expires_in: Option<u64>,
}

/// The customer. Never stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerInput {
    /// At most 64 characters.
    pub name: String,
    /// At most 64 characters.
    pub email: Option<String>,
}

/// What is asked of the terminals.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoiSettingsInput {
    /// Must be `true` (or absent).
    pub visible: bool,
    /// What the terminal shows ("Mesa 4"), at most 64 characters. Do not put a customer's name here.
    pub display_name: Option<String>,
    /// The terminal waits for the fiscal receipt after the payment.
    pub print_order_receipt: bool,
    /// Terminals it is for; empty or absent: all of the store.
    pub devices_serial_number: Vec<String>,
    /// The method that binds the terminal; absent, or with an empty `type`: the operator chooses.
    pub payment_setup: Option<PaymentSetupInput>,
    /// Without it, one terminal and a method make a direct order, everything else a listed one.
    pub mode: Option<ModeWord>,
}

/// A method with its instalments.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentSetupInput {
    /// The method, in any case.
    #[serde(rename = "type")]
    pub method: MethodWord,
    /// Required for credit: 1 is paid at once, at most 18.
    pub installments: Option<u64>,
    /// `merchant` unless said otherwise.
    pub installment_type: Option<InstallmentWord>,
}

impl CreateOrder {
    /// Checks it against the store's registers. The customer ends here.
    pub fn check(
        self,
        account: &AccountId,
        registers: &Registers,
        idempotency: Option<Idempotency>,
        now: UnixMillis,
    ) -> Result<NewOrder, ApiError> {
        let mut problems = Problems::default();
        let total = self.total(&mut problems);
        let terminals = self.terminals(account, registers)?;
        let expires_at = self.expiry(now, &mut problems);
        let poi = self.poi_payment_settings;
        let fixed = poi.payment_setup.as_ref().map(|setup| setup.choice(&mut problems));
        let direct_by_shape = terminals.len() == 1 && fixed.is_some();
        let kind = match poi.mode {
            Some(mode) => mode.into(),
            None if direct_by_shape => OrderKind::Direct,
            None => OrderKind::Listed,
        };
        let kept = Kept { items: self.items, metadata: self.metadata };
        let total = problems.finish(StatusCode::UNPROCESSABLE_ENTITY, total)?;
        Ok(NewOrder {
            account: account.clone(),
            idempotency,
            code: self.code,
            display_name: poi.display_name.unwrap_or_default(),
            kind,
            total,
            fixed,
            terminals,
            receipt_expected: poi.print_order_receipt,
            expires_at,
            pdv: serde_json::to_string(&kept).expect("items and metadata have only text keys"),
        })
    }

    fn total(&self, problems: &mut Problems) -> Option<Centavos> {
        let sum = self.items.iter().try_fold(Centavos::ZERO, |sum, item| {
            let line = item.amount.checked_mul(item.quantity).and_then(Centavos::new)?;
            sum.checked_add(line)
        });
        let total = sum.filter(|t| !t.is_zero() && *t <= Centavos::CHARGE_MAX);
        if total.is_none() {
            let max = Centavos::CHARGE_MAX.get();
            problems.add("order.items", format!("a soma dos itens deve ficar entre 1 e {max} centavos"));
        }
        total
    }

    fn terminals(&self, account: &AccountId, registers: &Registers) -> Result<Vec<Serial>, ApiError> {
        let mut terminals = Vec::new();
        for text in &self.poi_payment_settings.devices_serial_number {
            let known = Serial::parse(text).ok().filter(|s| registers.terminal_of(account, s).is_some());
            let Some(serial) = known else {
                let path = "order.poi_payment_settings.devices_serial_number";
                return Err(ApiError::field("terminal_unknown", path, unknown_terminal(text)));
            };
            if !terminals.contains(&serial) {
                terminals.push(serial);
            }
        }
        Ok(terminals)
    }

    fn expiry(&self, now: UnixMillis, problems: &mut Problems) -> Option<UnixMillis> {
        if let Some(seconds) = self.expires_in {
            return Some(now.plus_ms(i64::try_from(seconds).ok()?.saturating_mul(1_000)));
        }
        let at = from_iso(self.expires_at.as_deref()?)?;
        let (_, longest_s) = LIFE_S;
        // Whether it is past already is the ledger's to say: a request repeated under its key is answered even then.
        if at.since_ms(now) > longest_s * 1_000 {
            problems.add("order.expires_at", format!("deve ficar a até {longest_s} segundos de agora"));
        }
        Some(at)
    }
}

impl PaymentSetupInput {
    fn choice(&self, problems: &mut Problems) -> PaymentChoice {
        let path = "order.poi_payment_settings.payment_setup.installments";
        let method = Method::from(self.method);
        let count = match (method, self.installments) {
            (Method::Credit, None) => {
                problems.add(path, "é obrigatório para crédito; 1 é à vista");
                1
            }
            (Method::Credit, Some(count)) => count,
            (Method::Debit | Method::Voucher | Method::Pix, count) => {
                if count.is_some_and(|n| n > 1) {
                    problems.add(path, "só crédito tem parcelas; apague o campo ou envie 1");
                }
                1
            }
        };
        let kind = self.installment_type.unwrap_or(InstallmentWord::Merchant).into();
        PaymentChoice {
            method,
            installments: u8::try_from(count)
                .ok()
                .filter(|n| *n > 1)
                .map(|count| Installments { count, kind }),
        }
    }
}
