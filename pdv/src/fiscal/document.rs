//! The data of a NFC-e, as far as a shop's sale has it.

use protocol::{Centavos, UnixMillis};

use super::key::AccessKey;

/// Where a document is consulted by its key, in the test environment.
pub const CONSULT_URL: &str = "www.homologacao.nfce.fazenda.sp.gov.br/consulta";
/// Where its QR code leads, in the test environment.
pub const QR_URL: &str = "https://www.homologacao.nfce.fazenda.sp.gov.br/qrcode";

/// Who sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// Razão social.
    pub name: String,
    /// CNPJ, 14 digits.
    pub cnpj: String,
    /// Inscrição estadual.
    pub state_registration: String,
    /// Street, number, district, city.
    pub address: String,
    /// The state's code at IBGE.
    pub state: u8,
}

/// Something sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The shop's code.
    pub code: String,
    /// What it is.
    pub description: String,
    /// `UN`, `KG`, …
    pub unit: String,
    /// How many.
    pub quantity: u32,
    /// Of one.
    pub price: Centavos,
    /// Price times quantity.
    pub total: Centavos,
}

/// One payment: a split sale has several, each with its own card group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pay {
    /// `tPag`: 01 cash, 03 credit, 04 debit, 10 or 11 voucher, 17 Pix.
    pub t_pag: String,
    /// How much.
    pub amount: Centavos,
    /// Of what a terminal took.
    pub card: Option<Card>,
}

/// The group `card` of a payment that an integrated terminal took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// CNPJ of the payment institution, 14 digits.
    pub cnpj: String,
    /// `tBand`; none for a Pix.
    pub t_band: Option<String>,
    /// `cAut`.
    pub authorization: String,
    /// `idTermPag`: the terminal's serial number.
    pub terminal: String,
}

/// A NFC-e.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its access key.
    pub key: AccessKey,
    /// Series.
    pub series: u16,
    /// Number.
    pub number: u32,
    /// When it was issued.
    pub issued_at: UnixMillis,
    /// Who sells.
    pub issuer: Issuer,
    /// What is sold.
    pub items: Vec<Item>,
    /// How it is paid.
    pub payments: Vec<Pay>,
    /// Change (`vTroco`).
    pub change: Centavos,
    /// Taxes in the price, about (Lei 12.741/2012).
    pub taxes: Centavos,
    /// Protocol of the authorization, once there is one.
    pub protocol: Option<String>,
    /// What the shop's software adds.
    pub note: String,
}

impl Document {
    /// What the items cost.
    #[must_use]
    pub fn total(&self) -> Centavos {
        self.items.iter().map(|item| item.total).sum()
    }

    /// What the QR code says: key, version 3, test environment.
    #[must_use]
    pub fn qr_text(&self) -> String {
        format!("{QR_URL}?p={}|3|2", self.key)
    }
}

/// What a `tPag` is called on paper.
#[must_use]
pub fn payment_name(t_pag: &str) -> &'static str {
    match t_pag {
        "01" => "Dinheiro",
        "03" => "Cartão de Crédito",
        "04" => "Cartão de Débito",
        "10" => "Vale Alimentação",
        "11" => "Vale Refeição",
        "17" => "PIX Dinâmico",
        _ => "Outros",
    }
}
