//! The configuration file: companies, their contracts and their terminals, in one TOML file.
//!
//! [`load`] reads the file whole and says everything that is wrong with it at once, each with its line and with what to
//! write instead: the person who reads it stands in a shop, not in front of a debugger. What comes out is
//! [`Configuration`], in which there is nothing left to check. May import `registers`; knows no database and no route.

mod administration;
pub(crate) mod cnpj;
pub(crate) mod company;
mod problem;
pub(crate) mod subscription;
mod table;
pub(crate) mod terminal;

#[cfg(test)]
mod tests;

use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::registers::{KeyHash, Registers};
use company::Seen;
pub use problem::{Errors, Problem};
use problem::{Problems, Source};
use table::Table;

/// Largest configuration file, in bytes: some 10,000 terminals fit.
pub const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Most companies in one file.
pub const COMPANIES_MAX: usize = 1_000;

/// What the file says.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// Companies and terminals.
    pub registers: Registers,
    /// Of the administrator's key; `None`: nobody may make licences.
    pub admin_key: Option<KeyHash>,
    /// The address of this service as a PDV reaches it, when it is another than the listening one.
    pub public_address: Option<String>,
}

/// Reads and checks the configuration file.
pub fn load(path: &Path) -> Result<Configuration, Errors> {
    let name = path.display().to_string();
    let unreadable = |what: String| Errors::unreadable(&name, what);
    let size_bytes = std::fs::metadata(path)
        .map_err(|e| unreadable(format!("não foi possível abrir o arquivo: {e}")))?
        .len();
    if size_bytes > FILE_BYTES_MAX {
        return Err(unreadable(format!("o arquivo tem {size_bytes} bytes; o limite é {FILE_BYTES_MAX}")));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|e| unreadable(format!("não foi possível ler o arquivo como texto UTF-8: {e}")))?;
    parse(&name, &text)
}

/// Checks the text of a configuration file; `name` is how errors call it.
pub fn parse(name: &str, text: &str) -> Result<Configuration, Errors> {
    let mut problems = Problems::new(Source::new(name, text));
    let (document, syntax) = DeTable::parse_recoverable(text);
    for error in &syntax {
        let at = error.span().map_or(0, |span| span.start);
        problems.add(
            at,
            format!(
                "isto não é TOML válido ({}); confira aspas, colchetes e sinais de igual",
                error.message()
            ),
        );
    }
    if !syntax.is_empty() {
        return Err(problems.into_errors());
    }

    let mut seen = Seen::default();
    let (mut companies, mut terminals) = (Vec::new(), Vec::new());
    let root = Table::new("o arquivo", 0, document.get_ref());
    root.refuse_unknown(&["admin_key", "public_address", "company"], &mut problems);
    let admin_key = administration::admin_key(&root, &mut seen, &mut problems);
    let public_address = administration::public_address(&root, &mut problems);
    // With it companies and terminals can be registered while the service runs, so the file may leave them out.
    let administered = root.get("admin_key").is_some();
    match root.get("company").map(toml::Spanned::get_ref) {
        None if administered => {}
        None => problems.add(0, "não há empresa; escreva uma seção [[company]]".to_owned()),
        Some(DeValue::Array(list)) => {
            if list.is_empty() || list.len() > COMPANIES_MAX {
                problems.add(0, format!("deve haver de 1 a {COMPANIES_MAX} seções [[company]]"));
            }
            for entry in list.iter().take(COMPANIES_MAX) {
                if let Some(table) = Table::of("[[company]]", entry, &mut problems) {
                    let (company, its_terminals) =
                        company::read(&table, administered, &mut seen, &mut problems);
                    companies.extend(company);
                    terminals.extend(its_terminals);
                }
            }
        }
        Some(_) => {
            let at = root.at("company");
            problems.add(
                at,
                "\"company\" é uma lista de seções; escreva [[company]], com dois colchetes".to_owned(),
            );
        }
    }
    if !problems.is_empty() {
        return Err(problems.into_errors());
    }
    let registers = Registers::new(companies, terminals).expect("duplicates were looked for while reading");
    Ok(Configuration { registers, admin_key, public_address })
}
