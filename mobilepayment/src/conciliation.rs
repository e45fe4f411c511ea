//! Stone's daily conciliation file (XML, layouts 2.x), read piece by piece into the ledger's words. Source of its shape:
//! Stone's public documentation of the conciliation file.
//!
//! Read are `Header` and `FinancialTransactions`; `FinancialTransactionsAccounts` (what is paid out) repeats the same
//! transactions and must not be counted again. `Events/Cancellations` is a number, `Transaction/Cancellations` the list.
//! A cancellation of a sale in instalments comes once for each instalment, under one `OperationKey`.
//!
//! The file comes from outside: its size, depth, names and texts have ceilings, and DTDs and entities of its own are
//! refused, so that nothing is fetched and nothing grows. A card number in it, even masked, is never looked at.

use protocol::Centavos;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use crate::ledger::calendar::LocalDate;
use crate::ledger::day_file::{AccountKind, Cancellation, DayFile, Transaction};

/// Largest file, in bytes: some 8,000 sales of one day in six instalments.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most transactions of one file.
pub const TRANSACTIONS_MAX: usize = 20_000;
/// Most cancellations of one transaction, each instalment of each counted.
const CANCELLATIONS_MAX: usize = 2_000;
/// Deepest nesting: the real file has seven levels.
const DEPTH_MAX: usize = 16;
/// Longest text of a field that is read, in bytes: the longest real one is a key of 32.
const FIELD_BYTES_MAX: usize = 64;
/// Amounts have six decimals.
const MICROS_PER_CENTAVO: u64 = 10_000;
const DECIMALS: usize = 6;

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Other than UTF-8.
    #[error("o arquivo não está em UTF-8")]
    NotUtf8,
    /// Not XML, or cut off.
    #[error("o arquivo não é XML válido, perto do byte {at}")]
    Malformed {
        /// Where.
        at: u64,
    },
    /// Some other XML.
    #[error("o arquivo não é a conciliação diária da Stone (falta {0})")]
    Foreign(&'static str),
    /// A DTD or an entity of its own.
    #[error("o arquivo tem DTD ou entidades, que não são aceitas")]
    Dtd,
    /// Larger in some way than any real one.
    #[error("o arquivo passa do limite: {0}")]
    TooLarge(&'static str),
    /// A field that holds what it cannot.
    #[error("o campo {field} não pode ser lido, perto do byte {at}")]
    BadField {
        /// Which.
        field: &'static str,
        /// Where.
        at: u64,
    },
}

/// Reads a file.
pub fn read(bytes: &[u8]) -> Result<DayFile, FileError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileError::TooLarge("bytes"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| FileError::NotUtf8)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut reading = Reading::default();
    loop {
        let event = reader.read_event().map_err(|_| FileError::Malformed { at: reader.error_position() })?;
        let at = reader.buffer_position();
        match event {
            Event::Start(tag) => reading.open(tag.local_name().as_ref())?,
            Event::Empty(tag) => {
                reading.open(tag.local_name().as_ref())?;
                reading.close(at)?;
            }
            Event::End(_) => reading.close(at)?,
            Event::Text(text) => reading.take(&text),
            Event::CData(text) => reading.take(&text),
            Event::GeneralRef(reference) => reading.take(predefined(&reference)?),
            Event::DocType(_) => return Err(FileError::Dtd),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if reading.path.is_empty() => return reading.finish(),
            Event::Eof => return Err(FileError::Malformed { at }),
        }
    }
}

/// The text of an entity that every XML has; numbers of characters do not occur in what is read.
fn predefined(reference: &BytesRef<'_>) -> Result<&'static str, FileError> {
    if reference.is_char_ref() {
        return Ok("\u{fffd}");
    }
    match &**reference {
        "amp" => Ok("&"),
        "lt" => Ok("<"),
        "gt" => Ok(">"),
        "quot" => Ok("\""),
        "apos" => Ok("'"),
        _ => Err(FileError::Dtd),
    }
}

#[derive(Default)]
struct Reading {
    /// Names of the open elements.
    path: Vec<String>,
    /// Text of the innermost element; longer than a field may be: cut, and refused if the field is read.
    text: String,
    is_conciliation: bool,
    id: Option<String>,
    store: Option<String>,
    date: Option<LocalDate>,
    transaction: Draft,
    transactions: Vec<Transaction>,
}

/// A transaction being read.
#[derive(Default)]
struct Draft {
    transaction: Transaction,
    captures: Option<u64>,
    cancellation: Piece,
    pieces: Vec<Piece>,
}

/// One `Cancellation`: one instalment of an operation.
#[derive(Default)]
struct Piece {
    key: String,
    date: Option<LocalDate>,
    micros: Option<u64>,
}

impl Reading {
    fn open(&mut self, name: &str) -> Result<(), FileError> {
        if self.path.len() >= DEPTH_MAX {
            return Err(FileError::TooLarge("níveis"));
        }
        if name.len() > FIELD_BYTES_MAX {
            return Err(FileError::TooLarge("nome de elemento"));
        }
        self.path.push(name.to_owned());
        self.text.clear();
        match self.here().as_slice() {
            ["Conciliation"] => self.is_conciliation = true,
            [root] if *root != "Conciliation" => return Err(FileError::Foreign("Conciliation")),
            ["Conciliation", "FinancialTransactions", "Transaction"] => {
                if self.transactions.len() >= TRANSACTIONS_MAX {
                    return Err(FileError::TooLarge("transações"));
                }
                self.transaction = Draft::default();
            }
            [.., "Cancellations", "Cancellation"] => self.transaction.cancellation = Piece::default(),
            _ => {}
        }
        Ok(())
    }

    fn take(&mut self, text: &str) {
        let left = (FIELD_BYTES_MAX + 1).saturating_sub(self.text.len());
        self.text.extend(text.chars().scan(left, |left, c| {
            *left = left.checked_sub(c.len_utf8())?;
            Some(c)
        }));
        if text.len() > left && !self.text.ends_with('…') {
            // What does not fit must not look as if it did.
            self.text.push('…');
        }
    }

    fn close(&mut self, at: u64) -> Result<(), FileError> {
        let text = std::mem::take(&mut self.text);
        let mut path = std::mem::take(&mut self.path);
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["Conciliation", "Header", field] => self.header(field, text.trim(), at)?,
            ["Conciliation", "FinancialTransactions", "Transaction"] => self.end_transaction(at)?,
            ["Conciliation", "FinancialTransactions", "Transaction", rest @ ..] => {
                self.transaction.field(rest, text.trim(), at)?;
            }
            _ => {}
        }
        path.pop();
        self.path = path;
        Ok(())
    }

    fn here(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    fn header(&mut self, field: &str, text: &str, at: u64) -> Result<(), FileError> {
        match field {
            "FileId" => self.id = key("FileId", text, at)?,
            "StoneCode" => self.store = key("StoneCode", text, at)?,
            "ReferenceDate" => {
                let bad = FileError::BadField { field: "ReferenceDate", at };
                self.date = Some(LocalDate::from_compact(text).ok_or(bad)?);
            }
            _ => {}
        }
        Ok(())
    }

    fn end_transaction(&mut self, at: u64) -> Result<(), FileError> {
        let Draft { mut transaction, captures, pieces, .. } = std::mem::take(&mut self.transaction);
        transaction.captured = captures.map_or(transaction.amount.is_some(), |count| count > 0);
        transaction.cancellations = operations(pieces);
        if transaction.atk.is_none() && transaction.itk.is_none() && transaction.authorization_code.is_none()
        {
            return Err(FileError::BadField { field: "AcquirerTransactionKey", at });
        }
        self.transactions.push(transaction);
        Ok(())
    }

    fn finish(self) -> Result<DayFile, FileError> {
        if !self.is_conciliation {
            return Err(FileError::Foreign("Conciliation"));
        }
        Ok(DayFile {
            id: self.id.ok_or(FileError::Foreign("FileId"))?,
            store: self.store,
            date: self.date.ok_or(FileError::Foreign("ReferenceDate"))?,
            transactions: self.transactions,
        })
    }
}

impl Draft {
    /// A field below `Transaction`.
    fn field(&mut self, path: &[&str], text: &str, at: u64) -> Result<(), FileError> {
        let it = &mut self.transaction;
        match path {
            ["AcquirerTransactionKey"] => it.atk = key("AcquirerTransactionKey", text, at)?,
            ["InitiatorTransactionKey"] => it.itk = key("InitiatorTransactionKey", text, at)?,
            ["IssuerAuthorizationCode"] => it.authorization_code = key("IssuerAuthorizationCode", text, at)?,
            ["Poi", "SerialNumber"] => it.serial = key("SerialNumber", text, at)?,
            ["CaptureLocalDateTime"] => it.captured_at = key("CaptureLocalDateTime", text, at)?,
            ["AccountType"] => {
                it.account = match text {
                    "1" => AccountKind::Debit,
                    "2" => AccountKind::Credit,
                    "3" => AccountKind::Prepaid,
                    _ => AccountKind::Unknown,
                };
            }
            ["NumberOfInstallments"] => it.installments = text.parse().ok(),
            ["CapturedAmount"] => it.amount = centavos(micros("CapturedAmount", text, at)?),
            ["Events", "Captures"] => {
                self.captures =
                    Some(text.parse().map_err(|_| FileError::BadField { field: "Captures", at })?);
            }
            ["Cancellations", "Cancellation", "OperationKey"] => {
                self.cancellation.key = key("OperationKey", text, at)?.unwrap_or_default();
            }
            ["Cancellations", "Cancellation", "CancellationDateTime"] => {
                self.cancellation.date = LocalDate::from_compact(text);
            }
            ["Cancellations", "Cancellation", "ReturnedAmount"] => {
                self.cancellation.micros = Some(micros("ReturnedAmount", text, at)?);
            }
            ["Cancellations", "Cancellation"] => {
                if self.pieces.len() >= CANCELLATIONS_MAX {
                    return Err(FileError::TooLarge("cancelamentos"));
                }
                self.pieces.push(std::mem::take(&mut self.cancellation));
            }
            _ => {}
        }
        Ok(())
    }
}

/// A short text; empty is none.
fn key(field: &'static str, text: &str, at: u64) -> Result<Option<String>, FileError> {
    let clean = text.bytes().all(|b| b.is_ascii_graphic());
    if text.len() > FIELD_BYTES_MAX || !clean {
        return Err(FileError::BadField { field, at });
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Millionths of a real of "694.000000".
fn micros(field: &'static str, text: &str, at: u64) -> Result<u64, FileError> {
    let bad = FileError::BadField { field, at };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > DECIMALS || !digits(whole) || !digits(part) {
        return Err(bad);
    }
    format!("{whole}{part:0<DECIMALS$}").parse().map_err(|_| bad)
}

/// An amount, unless there is a fraction of a centavo: money is never rounded here.
fn centavos(micros: u64) -> Option<Centavos> {
    if !micros.is_multiple_of(MICROS_PER_CENTAVO) {
        return None;
    }
    Centavos::new(micros / MICROS_PER_CENTAVO)
}

/// Instalments of one operation put together. Pieces without a key are one operation each.
fn operations(pieces: Vec<Piece>) -> Vec<Cancellation> {
    let mut whole: Vec<Piece> = Vec::new();
    for piece in pieces {
        match whole.iter_mut().find(|known| !known.key.is_empty() && known.key == piece.key) {
            Some(known) => {
                known.micros = known.micros.zip(piece.micros).and_then(|(a, b)| a.checked_add(b));
            }
            None => whole.push(piece),
        }
    }
    let cancellation = |piece: Piece| Cancellation {
        key: piece.key,
        date: piece.date,
        amount: piece.micros.and_then(centavos),
    };
    whole.into_iter().map(cancellation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../tests/fixtures/stone-conciliation.xml");

    fn money(centavos: u64) -> Option<Centavos> {
        Centavos::new(centavos)
    }

    /// A file with nothing but this in `FinancialTransactions`.
    fn file(transactions: &str) -> String {
        format!(
            "<Conciliation><Header><FileId>1</FileId><ReferenceDate>20261123</ReferenceDate></Header>\
             <FinancialTransactions>{transactions}</FinancialTransactions></Conciliation>"
        )
    }

    #[test]
    fn a_real_file_is_read() {
        let file = read(FILE.as_bytes()).unwrap();
        assert_eq!((file.id.as_str(), file.store.as_deref()), ("2511734", Some("181345124")));
        assert_eq!(file.date.to_string(), "2026-11-23");
        let [sale, given_back, undone] = file.transactions.as_slice() else {
            panic!("what is paid out is not counted again: {:#?}", file.transactions);
        };
        assert_eq!(
            *sale,
            Transaction {
                atk: Some("37820073187607".into()),
                itk: Some("L3-0001-1.17.7-2278-0003".into()),
                authorization_code: Some("187607".into()),
                serial: Some("L3-0001".into()),
                captured_at: Some("20261123073617".into()),
                account: AccountKind::Debit,
                installments: Some(1),
                amount: money(69_400),
                captured: true,
                cancellations: vec![],
            }
        );
        assert!(!given_back.captured && given_back.amount.is_none());
        let date = LocalDate::from_compact("20261123");
        let whole = Cancellation { key: "2276000071307928".into(), date, amount: money(109_900) };
        assert_eq!(given_back.cancellations, [whole], "three instalments are one cancellation");
        assert!(undone.captured);
        assert_eq!((undone.account, undone.installments), (AccountKind::Credit, Some(3)));
        assert_eq!(undone.cancellations[0].amount, money(3_985));
        assert!(!format!("{file:?}").contains("******"), "no card number is read");
    }

    #[test]
    fn what_is_no_such_file_is_refused_and_says_why() {
        let long = format!("<AcquirerTransactionKey>{}</AcquirerTransactionKey>", "9".repeat(65));
        let amount = |text: &str| {
            file(&format!(
                "<Transaction><AcquirerTransactionKey>1</AcquirerTransactionKey><CapturedAmount>{text}</CapturedAmount></Transaction>"
            ))
        };
        let bad = |error: &FileError| matches!(error, FileError::BadField { .. });
        type Row = (String, fn(&FileError) -> bool);
        let table: Vec<Row> = vec![
            (String::new(), |e| *e == FileError::Foreign("Conciliation")),
            ("isto não é xml { } < >".into(), |e| *e == FileError::Foreign("Conciliation")),
            ("<Conciliation><".into(), |e| matches!(e, FileError::Malformed { .. })),
            ("<html></html>".into(), |e| *e == FileError::Foreign("Conciliation")),
            (FILE[..FILE.len() / 2].into(), |e| matches!(e, FileError::Malformed { .. })),
            (FILE.replace("</Header>", "</Heador>"), |e| matches!(e, FileError::Malformed { .. })),
            (FILE.replace("<FileId>2511734</FileId>", ""), |e| *e == FileError::Foreign("FileId")),
            (FILE.replace("<ReferenceDate>20261123<", "<ReferenceDate>20261399<"), bad),
            (file(&format!("<Transaction>{long}</Transaction>")), bad),
            (file("<Transaction></Transaction>"), bad),
            (amount("-1.00"), bad),
            (amount("1,00"), bad),
            (amount("1e3"), bad),
            (amount(""), bad),
            (amount("9999999999.00"), bad),
            (format!("<!DOCTYPE c [<!ENTITY x \"y\">]>{FILE}"), |e| *e == FileError::Dtd),
            (format!("<!DOCTYPE c SYSTEM \"file:///etc/passwd\">{FILE}"), |e| *e == FileError::Dtd),
            (FILE.replace("2511734", "&x;"), |e| *e == FileError::Dtd),
            ("<a>".repeat(DEPTH_MAX + 1).replacen("<a>", "<Conciliation>", 1), |e| {
                *e == FileError::TooLarge("níveis")
            }),
            (
                file(
                    &"<Transaction><AcquirerTransactionKey>1</AcquirerTransactionKey></Transaction>"
                        .repeat(TRANSACTIONS_MAX + 1),
                ),
                |e| *e == FileError::TooLarge("transações"),
            ),
        ];
        for (text, is_right) in table {
            let error = read(text.as_bytes()).expect_err(&text.chars().take(200).collect::<String>());
            assert!(is_right(&error), "{error:?}: {}", text.chars().take(200).collect::<String>());
        }
        assert_eq!(read(b"\xff\xfe<\x00"), Err(FileError::NotUtf8));
        assert_eq!(read(&vec![b' '; FILE_BYTES_MAX + 1]), Err(FileError::TooLarge("bytes")));
    }

    #[test]
    fn a_fraction_of_a_centavo_is_never_rounded_into_an_amount() {
        for (text, expected) in [
            ("694.000000", money(69_400)),
            ("0.01", money(1)),
            ("10", money(1_000)),
            ("10.5", money(1_050)),
            ("0.001", None),
            ("33.333333", None),
        ] {
            assert_eq!(centavos(micros("x", text, 0).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn a_file_cut_or_bent_anywhere_never_panics() {
        for end in (0..FILE.len()).step_by(7) {
            let _ = read(&FILE.as_bytes()[..end]);
        }
        for at in (0..FILE.len()).step_by(5) {
            let mut bytes = FILE.as_bytes().to_vec();
            bytes[at] = b'<';
            let _ = read(&bytes);
        }
    }
}
