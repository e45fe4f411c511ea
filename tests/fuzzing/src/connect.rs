//! What a PDV sends, in Stone Connect's shapes. The first byte chooses between an order and a receipt.

use std::sync::OnceLock;

use mobilepayment::config;
use mobilepayment::pdv::answer::ApiError;
use mobilepayment::pdv::orders::create::CreateOrder;
use mobilepayment::pdv::prints::read_image;
use mobilepayment::registers::{AccountId, Registers};
use protocol::{Centavos, UnixMillis};
use serde_json::{Map, Value};

/// Every code that these bodies can be refused with.
const CODES: [&str; 2] = ["invalid_fields", "terminal_unknown"];
const STORE: &str = r#"[[company]]
account_id = "acc_um"
store_name = "Loja Um"
secret_key = "sk_0123456789abcdef01234567"
[[company.method]]
method = "credit"
merchant_installments_max = 6
[[company.terminal]]
serial = "PB0419AL60480"
model = "L3"
acquirer_cnpj = "16.501.555/0001-57"
"#;
const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

/// Checks one body.
pub fn check(data: &[u8]) -> bool {
    let Some((choice, body)) = data.split_first() else {
        return false;
    };
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else {
        return false;
    };
    if choice % 2 == 0 { order(&body) } else { receipt(&body) }
}

fn order(body: &Map<String, Value>) -> bool {
    let read = match CreateOrder::read(body) {
        Ok(read) => read,
        Err(error) => return refused(&error),
    };
    let written = serde_json::to_value(&read).expect("an order is written");
    let again = CreateOrder::read(written.as_object().expect("an object")).expect("what was written is read");
    assert_eq!(written, serde_json::to_value(&again).expect("an order is written"));
    let account = AccountId::parse("acc_um").expect("an account");
    match read.check(&account, registers(), None, NOW) {
        Ok(new) => {
            assert!(!new.total.is_zero() && new.total <= Centavos::CHARGE_MAX);
            assert!(new.fixed.is_none_or(|fixed| fixed.is_valid()), "a method that exists");
            assert!(new.terminals.iter().all(|serial| registers().terminal_of(&account, serial).is_some()));
            let kept: Value = serde_json::from_str(&new.pdv).expect("what is kept is JSON");
            assert!(kept.get("customer").is_none(), "the customer is not kept");
            true
        }
        Err(error) => refused(&error),
    }
}

fn receipt(body: &Map<String, Value>) -> bool {
    match read_image(body) {
        Ok((_, content)) => {
            assert!(!content.is_empty(), "a receipt has an image");
            true
        }
        Err(error) => refused(&error),
    }
}

/// Never lets in.
fn refused(error: &ApiError) -> bool {
    assert!(CODES.contains(&error.code()), "{}", error.code());
    assert!(error.status().is_client_error(), "{}", error.status());
    false
}

fn registers() -> &'static Registers {
    static REGISTERS: OnceLock<Registers> = OnceLock::new();
    REGISTERS.get_or_init(|| config::parse("pos.toml", STORE).expect("registers").registers)
}
