//! Reading the body of a new order: shapes and limits. What the store's registers say to it comes after, in `create`.

use axum::http::StatusCode;
use protocol::method::Installments;
use serde_json::{Map, Value};

use super::create::{CreateOrder, CustomerInput, LIFE_S, PaymentSetupInput, PoiSettingsInput};
use crate::ledger::creating;
use crate::pdv::answer::ApiError;
use crate::pdv::input::fields::{Fields, Problems};
use crate::pdv::instant::from_iso;
use crate::pdv::shapes::order::ItemBody;
use crate::pdv::shapes::words::{InstallmentWord, MethodWord, ModeWord};

/// Most items of an order: a long receipt; what is sold is only read back.
const ITEMS_MAX: usize = 500;
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

impl CreateOrder {
    /// Reads the body; everything wrong with it is in the error.
    pub fn read(body: &Map<String, Value>) -> Result<Self, ApiError> {
        let mut problems = Problems::default();
        let p = &mut problems;
        let root = Fields::new("order", body);
        let poi =
            root.require("poi_payment_settings", p).then(|| root.object("poi_payment_settings", p)).flatten();
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
            p.add("order.closed", "deve ser false: um pedido já fechado não chega a nenhum terminal");
        }
        problems.finish(StatusCode::UNPROCESSABLE_ENTITY, Some(order))
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

fn code(root: &Fields<'_>, p: &mut Problems) -> Option<String> {
    let code = root.text("code", creating::CODE_BYTES_MAX, p)?;
    if code.len() > creating::CODE_BYTES_MAX {
        p.add("order.code", format!("deve ter até {} bytes", creating::CODE_BYTES_MAX));
        return None;
    }
    Some(code)
}

fn customer(root: &Fields<'_>, p: &mut Problems) -> CustomerInput {
    let fields = root.require("customer", p).then(|| root.object("customer", p)).flatten();
    let read = fields.map(|customer| CustomerInput {
        name: customer.required_text("name", CUSTOMER_CHARS_MAX, p).unwrap_or_default(),
        email: customer.text("email", CUSTOMER_CHARS_MAX, p),
    });
    read.unwrap_or(CustomerInput { name: String::new(), email: None })
}

fn items(root: &Fields<'_>, p: &mut Problems) -> Vec<ItemBody> {
    if !root.require("items", p) {
        return Vec::new();
    }
    let list = root.list("items", ITEMS_MAX, p);
    if list.is_empty() && root.get("items").is_some_and(|v| v.as_array().is_some_and(Vec::is_empty)) {
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
            items.push(ItemBody { amount: amount.get(), description, quantity, code });
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
        Some(_) => p.add("order.metadata", format!("deve ter até {METADATA_BYTES_MAX} bytes em JSON")),
    }
    Map::new()
}

fn poi_settings(poi: &Fields<'_>, p: &mut Problems) -> PoiSettingsInput {
    let visible = poi.boolean("visible", p).unwrap_or(true);
    if !visible {
        p.add(&poi.path("visible"), "deve ser true: um pedido invisível não chega a nenhum terminal");
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
        payment_setup: poi.object("payment_setup", p).and_then(|setup| payment_setup(&setup, p)),
        mode: poi.word("mode", &ModeWord::ALL, p),
    }
}

fn payment_setup(setup: &Fields<'_>, p: &mut Problems) -> Option<PaymentSetupInput> {
    if setup.get("split").is_some_and(|split| split.as_array().is_none_or(|list| !list.is_empty())) {
        p.add(
            &setup.path("split"),
            "a divisão entre recebedores não é feita por este serviço; apague o campo",
        );
    }
    // "empty → operator chooses", as in the original.
    let empty = setup.get("type").is_none_or(|t| t.as_str().is_some_and(|t| t.trim().is_empty()));
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
        p.add("order.expires_at", "informe o vencimento uma só vez: expires_at ou expires_in");
    }
    (at, within)
}
