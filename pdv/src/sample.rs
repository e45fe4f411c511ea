//! A shop to try things with: companies, people and terminals from a file that `scripts/run` writes, and products.

use std::path::Path;

use protocol::Centavos;
use serde::Deserialize;

use crate::db::people::{self, Role};
use crate::db::registers::{self, Terminal};
use crate::db::{Db, DbError};
use crate::password;

/// What can be wrong with the file.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// It cannot be read.
    #[error("o arquivo do exemplo não pôde ser lido: {0}")]
    File(#[from] std::io::Error),
    /// It is not what is expected.
    #[error("o arquivo do exemplo não pôde ser entendido: {0}")]
    Json(#[from] serde_json::Error),
    /// A password is too short.
    #[error("a senha de {0} no arquivo do exemplo é curta demais")]
    Password(String),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

#[derive(Deserialize)]
struct Sample {
    companies: Vec<SampleCompany>,
    people: Vec<SamplePerson>,
}

#[derive(Deserialize)]
struct SampleCompany {
    name: String,
    cnpj: String,
    account_id: String,
    secret_key: String,
    terminals: Vec<SampleTerminal>,
}

#[derive(Deserialize)]
struct SampleTerminal {
    serial: String,
    model: String,
    description: String,
    acquirer_cnpj: String,
}

#[derive(Deserialize)]
struct SamplePerson {
    login: String,
    name: String,
    password: String,
    manager: bool,
}

/// Code, barcode, description, unit, price in centavos.
const PRODUCTS: &[(&str, &str, &str, &str, u64)] = &[
    ("1", "7891000100103", "Café coado 50 ml", "UN", 450),
    ("2", "7891000100110", "Café expresso", "UN", 650),
    ("3", "7891000100127", "Pão de queijo", "UN", 590),
    ("4", "7891000100134", "Misto quente", "UN", 1_490),
    ("5", "7891000100141", "Suco de laranja 300 ml", "UN", 990),
    ("6", "7891000100158", "Água mineral 500 ml", "UN", 400),
    ("7", "7891000100165", "Refrigerante lata", "UN", 690),
    ("8", "7891000100172", "Bolo de cenoura, fatia", "UN", 1_100),
    ("9", "7891000100189", "Açaí 500 ml", "UN", 2_290),
    ("10", "7891000100196", "Prato do dia", "UN", 2_890),
    ("11", "7891000100202", "Pizza grande mussarela", "UN", 5_990),
    ("12", "7891000100219", "Pizza grande calabresa", "UN", 6_490),
    ("13", "7891000100226", "Hambúrguer artesanal", "UN", 3_290),
    ("14", "7891000100233", "Batata frita", "UN", 1_990),
    ("15", "7891000100240", "Cerveja long neck", "UN", 1_190),
];

/// Fills an empty database.
pub async fn fill(db: &Db, file: &Path) -> Result<(), SampleError> {
    let sample: Sample = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let mut people = Vec::new();
    for person in sample.people {
        let hash =
            password::hash(&person.password).ok_or_else(|| SampleError::Password(person.login.clone()))?;
        people.push((person, hash));
    }
    let companies = sample.companies;
    db.write(move |tx| {
        for company in &companies {
            let account = (company.account_id.as_str(), company.secret_key.as_str());
            let id = registers::insert_company(tx, &company.name, &company.cnpj, Some(account))?;
            for terminal in &company.terminals {
                let row = Terminal {
                    serial: terminal.serial.clone(),
                    model: terminal.model.clone(),
                    description: terminal.description.clone(),
                };
                registers::insert_terminal(tx, id, &row, &terminal.acquirer_cnpj)?;
            }
        }
        for (person, hash) in &people {
            let role = if person.manager { Role::Manager } else { Role::Cashier };
            people::insert(tx, &person.login, &person.name, hash, role)?;
        }
        for (code, barcode, description, unit, price) in PRODUCTS {
            let price = Centavos::new(*price).expect("a few reais");
            registers::insert_product(tx, code, Some(barcode), description, unit, price)?;
        }
        Ok(())
    })
    .await?;
    Ok(())
}
