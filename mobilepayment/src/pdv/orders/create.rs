//! The body of `POST /core/v5/orders`: read into [`CreateOrder`], then checked into the store's [`NewOrder`].

use axum::http::StatusCode;
use protocol::method::Installments;
use protocol::order::OrderKind;
use protocol::{Centavos, Method, PaymentChoice, Serial, UnixMillis};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::ledger::creating;
use crate::pdv::answer::{ApiError, unknown_terminal};
use crate::pdv::input::fields::{Fields, Problems};
use crate::pdv::instant::from_iso;
use crate::pdv::shapes::order::{ItemBody, Kept};
use crate::pdv::shapes::words::{InstallmentWord, MethodWord, ModeWord};
use crate::registers::{AccountId, Registers};
use crate::store::command::{Idempotency, NewOrder};

/// Most items of an order: a long receipt; what is sold is only read back.
pub const ITEMS_MAX: usize = 500;
/// Longest description of an item, in characters.
const DESCRIPTION_CHARS_MAX: usize = 256;
/// Largest quantity of an item.
const QUANTITY_MAX: u64 = 1_000_000;
/// Longest name or address of a customer, in characters: the original's limit.
const CUSTOMER_CHARS_MAX: usize = 64;
/// Longest display name, in characters: what a terminal's list shows.
const DISPLAY_NAME_CHARS_MAX: usize = 64;
/// Most bytes of metadata, as JSON.
const METADATA_BYTES_MAX: usize = 4 * 1024;
/// Shortest and longest life of an order with an end, in seconds: half a minute to 30 days.
const LIFE_S: (u64, u64) = (30, 30 * 24 * 60 * 60);

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
    /// Reads the body; everything wrong with it is in the error.
    pub fn read(body: &Map<String, Value>) -> Result<Self, ApiError> {
        let mut problems = Problems::default();
        let p = &mut problems;
        let root = Fields::new("order", body);
        let poi = root
            .require("poi_payment_settings", p)
            .then(|| root.object("poi_payment_settings", p))
            .flatten();
        let (expires_at, expires_in) = expiry(&root, poi.as_ref(), p);
        let order = Self {
            code: code(&root, p),
            customer: customer(&root, p),
            items: items(&root, p),
            closed: root.boolean("closed", p).unwrap_or(false),
            metadata: metadata(&root, p),
            poi_payment_settings: poi
                .map(|poi| poi_settings(&poi, p))
                .unwrap_or_else(PoiSettingsInput::nothing),
            expires_at,
            expires_in,
        };
        if order.closed {
            p.add(
                "order.closed",
                "deve ser false: um pedido já fechado não chega a nenhum terminal",
            );
        }
        problems.finish(StatusCode::UNPROCESSABLE_ENTITY, Some(order))
    }

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
        let fixed = poi
            .payment_setup
            .as_ref()
            .map(|setup| setup.choice(&mut problems));
        let direct_by_shape = terminals.len() == 1 && fixed.is_some();
        let kind = match poi.mode {
            Some(mode) => mode.into(),
            None if direct_by_shape => OrderKind::Direct,
            None => OrderKind::Listed,
        };
        let kept = Kept {
            items: self.items,
            metadata: self.metadata,
        };
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
            problems.add(
                "order.items",
                format!("a soma dos itens deve ficar entre 1 e {max} centavos"),
            );
        }
        total
    }

    fn terminals(&self, account: &AccountId, registers: &Registers) -> Result<Vec<Serial>, ApiError> {
        let mut terminals = Vec::new();
        for text in &self.poi_payment_settings.devices_serial_number {
            let known = Serial::parse(text)
                .ok()
                .filter(|s| registers.terminal_of(account, s).is_some());
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
        if at <= now {
            problems.add("order.expires_at", "já passou; informe um instante futuro");
        } else if at.since_ms(now) > longest_s * 1_000 {
            problems.add(
                "order.expires_at",
                format!("deve ficar a até {longest_s} segundos de agora"),
            );
        }
        Some(at)
    }
}

impl PoiSettingsInput {
    const fn nothing() -> Self {
        Self {
            visible: true,
            display_name: None,
            print_order_receipt: false,
            devices_serial_number: Vec::new(),
            payment_setup: None,
            mode: None,
        }
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

fn code(root: &Fields<'_>, p: &mut Problems) -> Option<String> {
    let code = root.text("code", creating::CODE_BYTES_MAX, p)?;
    if code.len() > creating::CODE_BYTES_MAX {
        p.add(
            "order.code",
            format!("deve ter até {} bytes", creating::CODE_BYTES_MAX),
        );
        return None;
    }
    Some(code)
}

fn customer(root: &Fields<'_>, p: &mut Problems) -> CustomerInput {
    let fields = root
        .require("customer", p)
        .then(|| root.object("customer", p))
        .flatten();
    let read = fields.map(|customer| CustomerInput {
        name: customer
            .required_text("name", CUSTOMER_CHARS_MAX, p)
            .unwrap_or_default(),
        email: customer.text("email", CUSTOMER_CHARS_MAX, p),
    });
    read.unwrap_or(CustomerInput {
        name: String::new(),
        email: None,
    })
}

fn items(root: &Fields<'_>, p: &mut Problems) -> Vec<ItemBody> {
    if !root.require("items", p) {
        return Vec::new();
    }
    let list = root.list("items", ITEMS_MAX, p);
    if list.is_empty()
        && root
            .get("items")
            .is_some_and(|v| v.as_array().is_some_and(Vec::is_empty))
    {
        p.add("order.items", "deve ter pelo menos um item");
    }
    let mut items = Vec::new();
    for (path, value) in list {
        let Some(map) = value.as_object() else {
            p.add(&path, "deve ser um objeto {…}");
            continue;
        };
        let item = Fields::new(&path, map);
        item.require("amount", p);
        item.require("quantity", p);
        let amount = item.centavos("amount", 0, p);
        let quantity = item.integer("quantity", (1, QUANTITY_MAX), p);
        let description = item.required_text("description", DESCRIPTION_CHARS_MAX, p);
        let code = item.text("code", DESCRIPTION_CHARS_MAX, p);
        if let (Some(amount), Some(quantity), Some(description)) = (amount, quantity, description) {
            items.push(ItemBody {
                amount: amount.get(),
                description,
                quantity,
                code,
            });
        }
    }
    items
}

fn metadata(root: &Fields<'_>, p: &mut Problems) -> Map<String, Value> {
    let Some(value) = root.get("metadata") else {
        return Map::new();
    };
    match value.as_object() {
        None => p.add("order.metadata", "deve ser um objeto {…}"),
        Some(map) if value.to_string().len() <= METADATA_BYTES_MAX => return map.clone(),
        Some(_) => p.add(
            "order.metadata",
            format!("deve ter até {METADATA_BYTES_MAX} bytes em JSON"),
        ),
    }
    Map::new()
}

fn poi_settings(poi: &Fields<'_>, p: &mut Problems) -> PoiSettingsInput {
    let visible = poi.boolean("visible", p).unwrap_or(true);
    if !visible {
        p.add(
            &poi.path("visible"),
            "deve ser true: um pedido invisível não chega a nenhum terminal",
        );
    }
    let devices = poi.list("devices_serial_number", creating::TERMINALS_MAX, p);
    let devices = devices.into_iter().filter_map(|(path, value)| {
        let text = value.as_str().map(|s| s.trim().to_owned());
        if text.is_none() {
            p.add(&path, "deve ser um número de série entre aspas");
        }
        text
    });
    let devices_serial_number = devices.collect();
    PoiSettingsInput {
        visible,
        display_name: poi.text("display_name", DISPLAY_NAME_CHARS_MAX, p),
        print_order_receipt: poi.boolean("print_order_receipt", p).unwrap_or(false),
        devices_serial_number,
        payment_setup: poi
            .object("payment_setup", p)
            .and_then(|setup| payment_setup(&setup, p)),
        mode: poi.word("mode", &ModeWord::ALL, p),
    }
}

fn payment_setup(setup: &Fields<'_>, p: &mut Problems) -> Option<PaymentSetupInput> {
    if setup
        .get("split")
        .is_some_and(|split| split.as_array().is_none_or(|list| !list.is_empty()))
    {
        p.add(
            &setup.path("split"),
            "a divisão entre recebedores não é feita por este serviço; apague o campo",
        );
    }
    // "empty → operator chooses", as in the original.
    let empty = setup
        .get("type")
        .is_none_or(|t| t.as_str().is_some_and(|t| t.trim().is_empty()));
    if empty {
        for key in ["installments", "installment_type"] {
            if setup.get(key).is_some() {
                p.add(&setup.path("type"), "é obrigatório quando há parcelas");
                break;
            }
        }
        return None;
    }
    let most = u64::from(Installments::MAX);
    Some(PaymentSetupInput {
        method: setup.word("type", &MethodWord::ALL, p)?,
        installments: setup.integer("installments", (1, most), p),
        installment_type: setup.word("installment_type", &InstallmentWord::ALL, p),
    })
}

fn expiry(root: &Fields<'_>, poi: Option<&Fields<'_>>, p: &mut Problems) -> (Option<String>, Option<u64>) {
    let (mut at, mut within) = (None, None);
    let mut said = 0;
    for fields in [Some(root), poi].into_iter().flatten() {
        if fields.get("expires_at").is_some() {
            said += 1;
            at = fields.text("expires_at", 40, p);
            if at.as_deref().is_some_and(|text| from_iso(text).is_none()) {
                p.add(
                    &fields.path("expires_at"),
                    "deve ser uma data e hora ISO 8601, como 2026-11-23T10:00:00Z",
                );
            }
        }
        if fields.get("expires_in").is_some() {
            said += 1;
            within = fields.integer("expires_in", LIFE_S, p);
        }
    }
    if said > 1 {
        p.add(
            "order.expires_at",
            "informe o vencimento uma só vez: expires_at ou expires_in",
        );
    }
    (at, within)
}
