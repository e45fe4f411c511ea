//! The payment app's decisions and return URIs (`pay-response`).

use super::answer::AnswerError;
use super::memory::{Memory, Transaction};
use super::request::{InstallmentKind, Method, Pay};
use super::{calendar, uri};

/// Host of the payment app's answers.
pub(super) const HOST: &str = "pay-response";
/// Code of a payment that was given up, as seen in public integrators' code.
const CODE_CANCELLED: &str = "-2";
/// Code of a payment that was refused, as seen in public integrators' code.
const CODE_DECLINED: &str = "-6";
/// Brands in turn, with the first digits that go into the masked number.
const BRANDS: [(&str, &str); 5] = [
    ("VISA", "455181"),
    ("MASTERCARD", "541555"),
    ("ELO", "627303"),
    ("AMEX", "376411"),
    ("HIPERCARD", "606282"),
];
/// The name on every simulated card. The terminal must drop it: tests look for it.
pub const CARDHOLDER_NAME: &str = "MARIA CLIENTE/SIMULADA";

/// What an approval is to say, where it differs from the request.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    pub(super) amount: Option<u64>,
    pub(super) method: Option<Method>,
    pub(super) brand: Option<String>,
}

/// The next transaction for a request. Depends only on the serial, on how many there were, and on the clock.
pub(super) fn transaction(
    serial: &str,
    memory: &Memory,
    pay: &Pay,
    changes: Changes,
    now_s: i64,
) -> Result<Transaction, AnswerError> {
    let number = memory.transactions().len() as u64 + 1;
    let seed = mixed(serial.bytes().fold(0, |sum, byte| mixed(sum ^ u64::from(byte))));
    let random = mixed(seed ^ number);
    let method = changes.method.or(pay.method).ok_or(AnswerError::MethodNeeded)?;
    let card = method != Method::Pix;
    let brand = changes.brand.unwrap_or_else(|| {
        let (name, _) = BRANDS[usize::try_from(random % BRANDS.len() as u64).unwrap_or(0)];
        name.to_owned()
    });
    let installments = if method == Method::Credit { pay.installments } else { 1 };
    let atk = if card {
        format!("{:08}{number:06}", 10_000_000 + seed % 90_000_000)
    } else {
        format!("PIX{:016x}", mixed(random))
    };
    Ok(Transaction {
        atk,
        itk: format!("{serial}-1.17.7-{:04}-{:04}", number / 10_000 + 1, number % 10_000),
        amount: changes.amount.or(pay.amount).ok_or(AnswerError::AmountNeeded)?,
        method,
        installments,
        installment_kind: pay.installment_kind.filter(|_| installments > 1),
        brand: card.then_some(brand),
        last_four: card.then(|| format!("{:04}", random / 7 % 10_000)),
        authorization_code: card.then(|| format!("{:06}", random / 11 % 1_000_000)),
        authorized_at: calendar::local(now_s),
        order_id: pay.order_id.clone(),
        reversed: 0,
    })
}

/// The answer for an approved payment.
pub(super) fn approved(scheme: &str, transaction: &Transaction, order_id: Option<&str>) -> String {
    let card = transaction.method != Method::Pix;
    let amount = transaction.amount.to_string();
    let installments = match transaction.installments {
        0 | 1 => "0".to_owned(),
        count => count.to_string(),
    };
    let pan = transaction.last_four.as_ref().map(|last_four| {
        let first = BRANDS
            .iter()
            .find(|(name, _)| Some(*name) == transaction.brand.as_deref())
            .map_or("999999", |(_, first)| first);
        format!("{first}****{last_four}")
    });
    let mut params = vec![
        ("code", Some("0")),
        ("amount", Some(amount.as_str())),
        ("cardholder_name", card.then_some(CARDHOLDER_NAME)),
        ("itk", Some(&transaction.itk)),
        ("atk", Some(&transaction.atk)),
        ("authorization_date_time", Some(&transaction.authorized_at)),
        ("brand", transaction.brand.as_deref()),
        ("authorization_code", transaction.authorization_code.as_deref()),
        ("installment_count", Some(&installments)),
        ("pan", pan.as_deref()),
        ("type", Some(transaction.method.display())),
        ("entry_mode", card.then_some("ICC")),
        ("account_id", None),
        ("customer_wallet_provider_id", None),
    ];
    if let Some(order_id) = order_id {
        params.push(("order_id", Some(order_id)));
    }
    uri::build(scheme, HOST, &params)
}

/// The answer for a refused payment.
pub(super) fn declined(scheme: &str, order_id: Option<&str>) -> String {
    failed(scheme, CODE_DECLINED, "Transação não autorizada", order_id)
}

/// The answer for a payment that was given up.
pub(super) fn cancelled(scheme: &str, order_id: Option<&str>) -> String {
    failed(scheme, CODE_CANCELLED, "Operação cancelada", order_id)
}

fn failed(scheme: &str, code: &str, message: &str, order_id: Option<&str>) -> String {
    let mut params = vec![("success", Some("false")), ("message", Some(message)), ("code", Some(code))];
    if let Some(order_id) = order_id {
        params.push(("order_id", Some(order_id)));
    }
    uri::build(scheme, HOST, &params)
}

/// An approval that the acquirer never gave.
pub(super) fn forged(scheme: &str, serial: &str, amount: u64, method: Method, order_id: &str) -> String {
    let transaction = Transaction {
        atk: "99999999000001".to_owned(),
        itk: format!("{serial}-1.17.7-9999-9999"),
        amount,
        method,
        installments: 1,
        installment_kind: None::<InstallmentKind>,
        brand: Some("VISA".to_owned()),
        last_four: Some("0000".to_owned()),
        authorization_code: Some("000000".to_owned()),
        authorized_at: "01/01/2020 00:00:00".to_owned(),
        order_id: Some(order_id.to_owned()),
        reversed: 0,
    };
    approved(scheme, &transaction, Some(order_id))
}

/// SplitMix64's finalizer: spreads a small number over 64 bits.
const fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
