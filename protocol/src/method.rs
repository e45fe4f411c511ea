//! How a customer pays.

use serde::{Deserialize, Serialize};

/// A payment method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Cartão de crédito.
    Credit,
    /// Cartão de débito.
    Debit,
    /// Vale alimentação or refeição.
    Voucher,
    /// Pix.
    Pix,
}

impl Method {
    /// Every method, in the order in which screens offer them.
    pub const ALL: [Self; 4] = [Self::Credit, Self::Debit, Self::Pix, Self::Voucher];

    /// The payment code of the fiscal document (`tPag`, NF-e layout 4.00). Stone says only "Voucher", so 10 (food) or
    /// 11 (meal) is the PDV's to choose: `None`.
    #[must_use]
    pub const fn t_pag(self) -> Option<&'static str> {
        match self {
            Self::Credit => Some("03"),
            Self::Debit => Some("04"),
            Self::Pix => Some("17"),
            Self::Voucher => None,
        }
    }
}

/// Who finances the instalments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstallmentType {
    /// The shop ("sem juros").
    Merchant,
    /// The card's issuer ("com juros").
    Issuer,
}

/// Instalments of a credit payment: at least 2; paid at once is "no instalments".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Installments {
    /// How many, 2 to [`Installments::MAX`].
    pub count: u8,
    /// Who finances them.
    pub kind: InstallmentType,
}

impl Installments {
    /// The most that an acquirer takes (Stone: 2–18 in its newest document, 12 in older ones; the store's contract
    /// narrows it).
    pub const MAX: u8 = 18;
}

/// A method with its instalments: what the PDV fixed, or what the operator chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PaymentChoice {
    /// The method.
    pub method: Method,
    /// Instalments; `None` is à vista. Only credit has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installments: Option<Installments>,
}

impl PaymentChoice {
    /// The method paid at once.
    #[must_use]
    pub const fn at_once(method: Method) -> Self {
        Self { method, installments: None }
    }

    /// Whether the combination exists: instalments only with credit, and 2 to [`Installments::MAX`] of them.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        match &self.installments {
            None => true,
            Some(i) => matches!(self.method, Method::Credit) && i.count >= 2 && i.count <= Installments::MAX,
        }
    }
}

/// One line of the store's contract with the acquirer: a method it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractedMethod {
    /// The method.
    pub method: Method,
    /// Most instalments financed by the shop; 1 is none.
    pub merchant_installments_max: u8,
    /// Most instalments financed by the issuer; 1 is none.
    pub issuer_installments_max: u8,
}

impl ContractedMethod {
    /// Whether the contract allows this choice.
    #[must_use]
    pub fn allows(&self, choice: &PaymentChoice) -> bool {
        self.method == choice.method
            && choice.is_valid()
            && choice.installments.is_none_or(|i| match i.kind {
                InstallmentType::Merchant => i.count <= self.merchant_installments_max,
                InstallmentType::Issuer => i.count <= self.issuer_installments_max,
            })
    }
}
