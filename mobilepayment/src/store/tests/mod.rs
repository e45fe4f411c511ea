//! The desk and the writer with a real database: what shares a commit, what is rolled back, who is told when.

mod audit;
mod batches;
mod commands;
mod feed;

use std::sync::Arc;

use protocol::order::OrderKind;
use protocol::{Centavos, Method, PaymentChoice, Serial};
use tempfile::TempDir;

use super::desk::Desk;
use crate::db::open::DataDir;
use crate::environment::Environment;
use crate::ledger::command::NewOrder;
use crate::registers::{AccountId, Company, KeyHash, Model, Registers, Terminal};
use protocol::method::ContractedMethod;

/// A desk on a database of its own.
pub(super) struct Office {
    pub(super) desk: Desk,
    data: DataDir,
    folder: TempDir,
}

impl Office {
    pub(super) fn open() -> Self {
        Self::open_in(tempfile::tempdir().unwrap())
    }

    fn open_in(folder: TempDir) -> Self {
        let data = DataDir::open(folder.path()).unwrap();
        let writer = data.writer().unwrap();
        let desk = Desk::open(writer, Arc::new(registers()), Environment::system()).unwrap();
        Self { desk, data, folder }
    }

    pub(super) fn reopen(self) -> Self {
        let Self { desk, data, folder, .. } = self;
        drop((desk, data));
        Self::open_in(folder)
    }

    /// What another connection sees: only what is committed.
    pub(super) fn count(&self, table: &str) -> i64 {
        let db = self.data.reader().unwrap();
        db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }
}

pub(super) fn account() -> AccountId {
    AccountId::parse("acc_loja").unwrap()
}

pub(super) fn serial(text: &str) -> Serial {
    Serial::parse(text).unwrap()
}

pub(super) fn terminal(name: &str) -> Terminal {
    Terminal {
        serial: serial(name),
        account_id: account(),
        model: Model::L3,
        acquirer_cnpj: "16501555000157".into(),
        delivery: true,
        counter: true,
        description: String::new(),
    }
}

fn registers() -> Registers {
    let company = Company {
        account_id: account(),
        store_name: "Loja".into(),
        secret_key: KeyHash::of("sk"),
        webhooks: vec![],
        methods: vec![ContractedMethod {
            method: Method::Debit,
            merchant_installments_max: 1,
            issuer_installments_max: 1,
        }],
        feed_wait_s: 25,
        answer_timeout_s: 180,
    };
    Registers::new(vec![company], vec![terminal("L3-1"), terminal("L3-2")]).unwrap()
}

pub(super) fn listed(total: u64) -> NewOrder {
    NewOrder {
        account: account(),
        idempotency: None,
        code: None,
        display_name: String::new(),
        kind: OrderKind::Listed,
        total: Centavos::new(total).unwrap(),
        fixed: Some(PaymentChoice::at_once(Method::Debit)),
        terminals: vec![],
        receipt_expected: false,
        expires_at: None,
        pdv: String::new(),
    }
}
