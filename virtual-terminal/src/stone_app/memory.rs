//! What the acquirer remembers of a terminal's transactions, over every power cut.
//!
//! One JSON line for each fact, synced before the answer leaves. A last line that was cut off by a power cut is
//! dropped. No card number and no name is kept, only brand and last four digits.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::request::{InstallmentKind, Method};

/// Most transactions that one terminal's file may hold; a day at a counter has a few hundred.
pub(super) const MAX_TRANSACTIONS: usize = 20_000;
/// Largest file that is kept, in bytes: more than [`MAX_TRANSACTIONS`] lines of their longest form.
const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

/// A payment that the acquirer approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// The acquirer's key.
    pub atk: String,
    /// The terminal's key.
    pub itk: String,
    /// Centavos.
    pub amount: u64,
    /// How it was paid.
    pub method: Method,
    /// 1: à vista.
    pub installments: u32,
    /// Who bears the instalments' cost.
    pub installment_kind: Option<InstallmentKind>,
    /// Card brand; none for Pix.
    pub brand: Option<String>,
    /// Last four digits; none for Pix.
    pub last_four: Option<String>,
    /// Issuer's code; none for Pix.
    pub authorization_code: Option<String>,
    /// dd/MM/yyyy HH:mm:ss.
    pub authorized_at: String,
    /// As the request named it.
    pub order_id: Option<String>,
    /// Centavos given back so far.
    #[serde(default)]
    pub reversed: u64,
}

/// Why the memory failed.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The file cannot be read or written.
    #[error("a memória da adquirente simulada não pôde ser lida ou gravada: {0}")]
    File(#[from] std::io::Error),
    /// A line in the middle cannot be read.
    #[error("a linha {0} da memória da adquirente simulada está danificada")]
    Damaged(usize),
    /// It is full.
    #[error("a memória da adquirente simulada está cheia")]
    Full,
}

/// One line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Approved(Transaction),
    Reversed { atk: String, amount: u64 },
}

/// Everything that the acquirer approved for one terminal.
#[derive(Debug)]
pub struct Memory {
    file: File,
    transactions: Vec<Transaction>,
}

impl Memory {
    /// Opens the memory, or begins it.
    pub fn open(path: &Path) -> Result<Self, MemoryError> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        if file.metadata()?.len() > MAX_FILE_BYTES {
            return Err(MemoryError::Full);
        }
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            file.set_len(whole as u64)?;
        }
        let mut memory = Self { file, transactions: Vec::new() };
        for (index, line) in text[..whole].lines().enumerate() {
            let line = serde_json::from_str(line).map_err(|_| MemoryError::Damaged(index + 1))?;
            memory.apply(line);
        }
        Ok(memory)
    }

    /// Everything approved, oldest first.
    #[must_use]
    pub fn transactions(&self) -> &[Transaction] {
        &self.transactions
    }

    /// The payment with this key.
    #[must_use]
    pub fn find(&self, atk: &str) -> Option<&Transaction> {
        self.transactions.iter().find(|transaction| transaction.atk == atk)
    }

    /// Takes down an approval.
    pub fn approve(&mut self, transaction: Transaction) -> Result<(), MemoryError> {
        if self.transactions.len() == MAX_TRANSACTIONS {
            return Err(MemoryError::Full);
        }
        self.write(Line::Approved(transaction))
    }

    /// Takes down that money went back.
    pub fn reverse(&mut self, atk: &str, amount: u64) -> Result<(), MemoryError> {
        self.write(Line::Reversed { atk: atk.to_owned(), amount })
    }

    fn write(&mut self, line: Line) -> Result<(), MemoryError> {
        let mut text = serde_json::to_string(&line).map_err(std::io::Error::other)?;
        text.push('\n');
        if self.file.metadata()?.len() + text.len() as u64 > MAX_FILE_BYTES {
            return Err(MemoryError::Full);
        }
        self.file.write_all(text.as_bytes())?;
        self.file.sync_data()?;
        self.apply(line);
        Ok(())
    }

    fn apply(&mut self, line: Line) {
        match line {
            Line::Approved(transaction) => self.transactions.push(transaction),
            Line::Reversed { atk, amount } => {
                if let Some(known) = self.transactions.iter_mut().find(|t| t.atk == atk) {
                    known.reversed = known.reversed.saturating_add(amount);
                }
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn sample(atk: &str) -> Transaction {
        Transaction {
            atk: atk.to_owned(),
            itk: "PB1-1".to_owned(),
            amount: 5000,
            method: Method::Credit,
            installments: 1,
            installment_kind: None,
            brand: Some("VISA".to_owned()),
            last_four: Some("2166".to_owned()),
            authorization_code: Some("187607".to_owned()),
            authorized_at: "05/10/2022 02:36:17".to_owned(),
            order_id: Some("7".to_owned()),
            reversed: 0,
        }
    }

    #[test]
    fn approvals_and_reversals_survive_a_restart_and_a_torn_last_line_does_not_matter() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("acquirer.jsonl");
        {
            let mut memory = Memory::open(&path).unwrap();
            memory.approve(sample("1")).unwrap();
            memory.approve(sample("2")).unwrap();
            memory.reverse("2", 1500).unwrap();
        }
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"reversed\":{\"atk\":\"1\",").unwrap();
        {
            let mut memory = Memory::open(&path).unwrap();
            assert_eq!(memory.transactions().len(), 2);
            assert_eq!(memory.find("1").unwrap().reversed, 0);
            assert_eq!(memory.find("2").unwrap().reversed, 1500);
            memory.approve(sample("3")).unwrap();
        }
        assert_eq!(Memory::open(&path).unwrap().transactions().len(), 3);
    }

    #[test]
    fn a_damaged_line_in_the_middle_is_not_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("acquirer.jsonl");
        std::fs::write(&path, "nada\n{}\n").unwrap();
        assert!(matches!(Memory::open(&path), Err(MemoryError::Damaged(1))));
    }
}
