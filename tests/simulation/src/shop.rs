//! The one store of a run: its contract, its terminals, its webhook.

use std::sync::Arc;

use mobilepayment::registers::{
    AccountId, Company, KeyHash, Model, Registers, Secret, Terminal, WebhookSettings,
};
use protocol::method::ContractedMethod;
use protocol::{Method, Serial};

/// Name of the PDV's webhook.
pub const ENDPOINT: &str = "pdv";

/// How long Stone's app may stay silent, in seconds.
pub const ANSWER_TIMEOUT_S: u32 = 120;

/// The store's account.
#[must_use]
pub fn account() -> AccountId {
    AccountId::parse("acc_sim").expect("a valid account id")
}

/// Serial number of a terminal.
#[must_use]
pub fn serial(place: usize) -> Serial {
    Serial::parse(&format!("SIM{place:03}")).expect("a valid serial number")
}

/// A store with so many terminals: the first at the counter, the others carried.
#[must_use]
pub fn registers(terminals: usize) -> Arc<Registers> {
    let method = |method, instalments| ContractedMethod {
        method,
        merchant_installments_max: instalments,
        issuer_installments_max: 1,
    };
    let company = Company {
        account_id: account(),
        store_name: "Loja simulada".to_owned(),
        secret_key: KeyHash::of("sk_simulada_0000000000000000"),
        webhooks: vec![WebhookSettings {
            name: ENDPOINT.to_owned(),
            url: "http://pdv.invalid/".to_owned(),
            secret: Secret::new("whsec_simulada_00000000000000".to_owned()),
            types: vec![],
        }],
        methods: vec![method(Method::Credit, 3), method(Method::Debit, 1), method(Method::Pix, 1)],
        feed_wait_s: 55,
        answer_timeout_s: ANSWER_TIMEOUT_S,
    };
    let terminals = (0..terminals).map(|place| Terminal {
        serial: serial(place),
        account_id: account(),
        model: if place == 0 { Model::L3 } else { Model::A8 },
        acquirer_cnpj: "16501555000157".to_owned(),
        delivery: true,
        counter: true,
        description: format!("terminal {place}"),
    });
    let registers = Registers::new(vec![company], terminals.collect());
    Arc::new(registers.expect("the registers do not contradict themselves"))
}
