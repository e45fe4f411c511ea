//! An order as the PDV reads it.

use protocol::claim::ClaimKind;
use protocol::{Centavos, PaymentChoice};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::attempt::AttemptBody;
use super::charge::ChargeBody;
use super::words::{InstallmentWord, MethodWord, ModeWord, StatusWord, close_reason, stage};
use crate::ledger::order::{Attempt, Order};
use crate::pdv::instant::to_iso;

/// An order (ordem de pagamento). The customer's name is never stored and so never comes back.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderBody {
    /// `or_…`
    pub id: String,
    /// The PDV's own reference.
    pub code: Option<String>,
    /// Total, centavos.
    pub amount: u64,
    /// `BRL`
    pub currency: &'static str,
    /// Closed by the PDV or expired.
    pub closed: bool,
    /// Its name is always empty: it is not stored. Here because clients of the original read it.
    pub customer: CustomerBody,
    /// What is sold.
    pub items: Vec<ItemBody>,
    /// Its status in the original's words.
    pub status: StatusWord,
    /// When it was created.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
    /// What the PDV asked of the terminals.
    pub poi_payment_settings: PoiSettingsBody,
    /// As the PDV sent it.
    pub metadata: Map<String, Value>,
    /// Approved payments.
    pub charges: Vec<ChargeBody>,
    /// What the original does not have.
    pub posconnect: OrderDetail,
}

/// A customer of whom nothing is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerBody {
    /// Always empty.
    pub name: &'static str,
}

/// An item of an order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ItemBody {
    /// Price of one, centavos.
    pub amount: u64,
    /// What it is.
    pub description: String,
    /// How many.
    pub quantity: u64,
    /// The PDV's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What the PDV asked of the terminals.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoiSettingsBody {
    /// Always true.
    pub visible: bool,
    /// What the terminal shows.
    pub display_name: Option<String>,
    /// The terminal waits for the fiscal receipt.
    pub print_order_receipt: bool,
    /// The terminals it is for; empty: all.
    pub devices_serial_number: Vec<String>,
    /// The method that binds the terminal.
    pub payment_setup: Option<PaymentSetupBody>,
    /// Direct or listed.
    pub mode: ModeWord,
}

/// A method with its instalments.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentSetupBody {
    /// The method.
    #[serde(rename = "type")]
    pub method: MethodWord,
    /// Instalments; 1 is paid at once.
    pub installments: u8,
    /// Who finances them.
    pub installment_type: Option<InstallmentWord>,
}

/// What the original does not have.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderDetail {
    /// `open`, `closing`, `paid` or `closed`.
    pub stage: &'static str,
    /// What people call it on the terminal.
    pub number: String,
    /// Paid and not given back, centavos.
    pub paid_amount: u64,
    /// Still to be paid, centavos.
    pub balance: u64,
    /// Open on a terminal or in doubt, centavos: it cannot be charged a second time until that ends.
    pub reserved_amount: u64,
    /// Which terminal has it.
    pub claim: Option<ClaimBody>,
    /// Every attempt that is not an approved charge.
    pub attempts: Vec<AttemptBody>,
    /// When it ends by itself.
    pub expires_at: Option<String>,
    /// When it became fully paid.
    pub paid_at: Option<String>,
    /// `paid`, `canceled`, `failed` or `expired`, once closing was asked for.
    pub close_reason: Option<&'static str>,
}

/// A terminal's exclusive right to charge an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimBody {
    /// The terminal.
    pub terminal_serial_number: String,
    /// `now`, or `delivery` when a courier took it out.
    pub kind: &'static str,
    /// Since when.
    pub granted_at: String,
    /// When it ends by itself; null for a delivery.
    pub lease_until: Option<String>,
}

/// An order inside a charge.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderSummary {
    /// `or_…`
    pub id: String,
    /// The PDV's own reference.
    pub code: Option<String>,
    /// Total, centavos.
    pub amount: u64,
    /// Closed by the PDV or expired.
    pub closed: bool,
    /// Its status.
    pub status: StatusWord,
    /// When it was created.
    pub created_at: String,
}

/// What is kept of a creation only for reading it back: the `pdv` text of the ledger's order.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// What is sold.
    pub items: Vec<ItemBody>,
    /// As the PDV sent it.
    pub metadata: Map<String, Value>,
}

impl OrderBody {
    /// Any order.
    #[must_use]
    pub fn new(order: &Order) -> Self {
        // Written by this service itself; an order without it is still an order.
        let kept: Kept = serde_json::from_str(&order.pdv).unwrap_or_default();
        let summary = OrderSummary::new(order);
        Self {
            id: summary.id,
            code: summary.code,
            amount: summary.amount,
            currency: "BRL",
            closed: summary.closed,
            customer: CustomerBody { name: "" },
            items: kept.items,
            status: summary.status,
            created_at: summary.created_at,
            updated_at: to_iso(order.updated_at),
            closed_at: order.close.filter(|_| summary.closed).map(|c| to_iso(c.at)),
            poi_payment_settings: PoiSettingsBody {
                visible: true,
                display_name: (!order.display_name.is_empty()).then(|| order.display_name.clone()),
                print_order_receipt: order.receipt_expected,
                devices_serial_number: order.terminals.iter().map(ToString::to_string).collect(),
                payment_setup: order.fixed.as_ref().map(PaymentSetupBody::new),
                mode: order.kind.into(),
            },
            metadata: kept.metadata,
            charges: order
                .attempts
                .iter()
                .filter(|a| a.is_approved())
                .map(|a| ChargeBody::new(order, a))
                .collect(),
            posconnect: OrderDetail::new(order),
        }
    }
}

impl OrderSummary {
    /// Any order.
    #[must_use]
    pub fn new(order: &Order) -> Self {
        Self {
            id: order.id.to_string(),
            code: order.code.clone(),
            amount: order.total.get(),
            closed: order.close.is_some() && order.status.is_ended(),
            status: StatusWord::of(order),
            created_at: to_iso(order.created_at),
        }
    }
}

impl PaymentSetupBody {
    fn new(choice: &PaymentChoice) -> Self {
        Self {
            method: choice.method.into(),
            installments: choice.installments.map_or(1, |i| i.count),
            installment_type: choice.installments.map(|i| i.kind.into()),
        }
    }
}

impl OrderDetail {
    fn new(order: &Order) -> Self {
        let others = |a: &&Attempt| !a.is_approved();
        Self {
            stage: stage(order.status),
            number: order.number.clone(),
            paid_amount: order.paid().get(),
            balance: order.balance().get(),
            reserved_amount: Centavos::get(order.reserved()),
            claim: order.claim.as_ref().map(|claim| ClaimBody {
                terminal_serial_number: claim.terminal.to_string(),
                kind: match claim.kind {
                    ClaimKind::Now => "now",
                    ClaimKind::Delivery => "delivery",
                },
                granted_at: to_iso(claim.granted_at),
                lease_until: claim.lease_until.map(to_iso),
            }),
            attempts: order.attempts.iter().filter(others).map(AttemptBody::new).collect(),
            expires_at: order.expires_at.map(to_iso),
            paid_at: order.paid_at.map(to_iso),
            close_reason: order.close.map(|c| close_reason(c.reason)),
        }
    }
}
