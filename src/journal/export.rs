//! A journal's file as text, for support: whole or damaged, without secrets, names and card numbers. It believes nothing and
//! decides nothing; whoever reads it sees what is there, and what could not be read.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use redb::{Database, ReadableDatabase, ReadableTable};
use serde_json::Value;

use super::{META, META_FORMAT, META_LAST_SEQ, RECORDS, SNAPSHOT, SNAPSHOT_CURRENT, builder};

/// What stands in place of what must not be shown.
const HIDDEN: &str = "(oculto)";
/// Fields that are not shown: secrets, what people are called, what is left of a card's number.
const HIDDEN_FIELDS: [&str; 6] =
    ["token", "device_token", "display_name", "order_name", "last4", "cardholder_name"];
/// Bytes of the checksum before each entry's JSON.
const CRC_BYTES: usize = size_of::<u32>();
/// How every entry's JSON begins.
const BEGINS: &[u8] = b"{\"v\":";

/// Everything that can be read of a journal's file. `copy` must be a copy that nobody uses: opening it may write to it.
pub fn export(copy: &Path) -> io::Result<String> {
    let bytes = fs::read(copy)?;
    let mut text = format!("arquivo: {} bytes\n", bytes.len());
    match builder().open(copy) {
        Ok(db) => {
            text.push_str("abre: sim\n");
            if let Err(error) = read_tables(&db, &mut text) {
                line(&mut text, format_args!("daqui em diante não pode ser lido: {error}"));
                carve(&bytes, &mut text);
            }
        }
        Err(error) => {
            line(&mut text, format_args!("abre: não ({error})"));
            carve(&bytes, &mut text);
        }
    }
    Ok(text)
}

fn read_tables(db: &Database, text: &mut String) -> Result<(), redb::Error> {
    let txn = db.begin_read()?;
    let meta = txn.open_table(META)?;
    let number = |key| meta.get(key).map(|value| value.map(|value| value.value()));
    let (format, last) = (number(META_FORMAT)?, number(META_LAST_SEQ)?);
    line(text, format_args!("formato: {}; último registro: {}", shown(format), shown(last)));
    if let Some(entry) = txn.open_table(SNAPSHOT)?.get(SNAPSHOT_CURRENT)? {
        line(text, format_args!("resumo: {}", entry_text(entry.value())));
    }
    let mut expected: Option<u64> = None;
    for entry in txn.open_table(RECORDS)?.iter()? {
        let (key, value) = entry?;
        let seq = key.value();
        if expected.is_some_and(|expected| expected != seq) {
            line(text, format_args!("FALTAM registros antes de {seq}"));
        }
        expected = Some(seq + 1);
        line(text, format_args!("{seq}: {}", entry_text(value.value())));
    }
    if let (Some(last), Some(next)) = (last, expected)
        && next != last + 1
    {
        line(text, format_args!("FALTAM registros no fim: o último deveria ser {last}"));
    }
    Ok(())
}

/// What still looks like an entry, found byte by byte, by its number. Old entries that were not overwritten appear too.
fn carve(bytes: &[u8], text: &mut String) {
    let mut found: BTreeMap<(u64, bool), String> = BTreeMap::new();
    let mut at = 0;
    while let Some(place) = bytes.get(at..).and_then(|rest| position(rest, BEGINS)) {
        let begin = at + place;
        at = begin + 1;
        let mut values = serde_json::Deserializer::from_slice(&bytes[begin..]).into_iter::<Value>();
        let Some(Ok(value)) = values.next() else { continue };
        let json = &bytes[begin..begin + values.byte_offset()];
        let crc = begin.checked_sub(CRC_BYTES).and_then(|from| bytes.get(from..begin));
        let good = crc.is_some_and(|crc| *crc == crc32fast::hash(json).to_le_bytes());
        let seq = value["seq"].as_u64().unwrap_or(0);
        let is_snapshot = value.get("durable").is_some();
        let mark = if good { "" } else { "SOMA ERRADA " };
        found.insert((seq, is_snapshot), format!("{mark}{}", redacted(value)));
    }
    line(text, format_args!("recuperados: {}", found.len()));
    for ((seq, is_snapshot), entry) in found {
        let kind = if is_snapshot { "resumo até " } else { "" };
        line(text, format_args!("{kind}{seq}: {entry}"));
    }
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn entry_text(entry: &[u8]) -> String {
    let Some((crc, json)) = entry.split_first_chunk::<CRC_BYTES>() else {
        return "NÃO PODE SER LIDO: curto demais".to_owned();
    };
    let mark = if *crc == crc32fast::hash(json).to_le_bytes() { "" } else { "SOMA ERRADA " };
    match serde_json::from_slice(json) {
        Ok(value) => format!("{mark}{}", redacted(value)),
        // Only where: the bytes may be part of a secret.
        Err(error) => format!("{mark}NÃO PODE SER LIDO na coluna {}", error.column()),
    }
}

fn redacted(mut value: Value) -> Value {
    hide(&mut value);
    value
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if HIDDEN_FIELDS.contains(&name.as_str()) && !field.is_null() {
                    *field = Value::String(HIDDEN.to_owned());
                } else {
                    hide(field);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(hide),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn shown(number: Option<u64>) -> String {
    number.map_or_else(|| "desconhecido".to_owned(), |number| number.to_string())
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{what}");
}

#[cfg(test)]
mod tests {
    use protocol::feed::Settings;

    use super::*;
    use crate::flow::{DeviceToken, Record};
    use crate::journal::Journal;
    use crate::journal::tests::record;

    const RECORDS_WRITTEN: u64 = 12;

    fn journal() -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(dir.path()).unwrap();
        let settings = Settings {
            store_name: "Loja".into(),
            acquirer_cnpj: "16501555000157".into(),
            methods: vec![],
            delivery: true,
            counter: true,
            feed_wait_s: 25,
            answer_timeout_s: 180,
        };
        let token = DeviceToken::new("dt_very_secret".into());
        journal.append(&[Record::Activated { token, settings, serial: None }]).unwrap();
        for n in 2..=RECORDS_WRITTEN {
            journal.append(&[record(n)]).unwrap();
        }
        drop(journal);
        let file = dir.path().join("journal.redb");
        (dir, file)
    }

    #[test]
    fn a_whole_journal_is_told_record_by_record_and_without_secrets() {
        let (_dir, file) = journal();
        let text = export(&file).unwrap();
        assert!(text.contains("abre: sim") && text.contains("último registro: 12"), "{text}");
        for n in 2..=RECORDS_WRITTEN {
            assert!(text.contains(&format!("{n}: {{")) && text.contains(&format!("answer/{n}")), "{text}");
        }
        assert!(text.contains(HIDDEN) && !text.contains("dt_very_secret"), "{text}");
        assert!(!text.contains("FALTAM") && !text.contains("SOMA"), "{text}");
    }

    #[test]
    fn of_a_damaged_journal_is_told_what_is_still_there() {
        let (_dir, file) = journal();
        let good = fs::read(&file).unwrap();
        for (what, spoil) in [
            ("a head overwritten", (|bytes: &mut Vec<u8>| bytes[..320].fill(0xff)) as fn(&mut Vec<u8>)),
            ("cut to two thirds", |bytes| bytes.truncate(bytes.len() * 2 / 3)),
        ] {
            let mut bytes = good.clone();
            spoil(&mut bytes);
            fs::write(&file, &bytes).unwrap();
            let text = export(&file).unwrap();
            assert!(text.contains("abre: não") && text.contains("recuperados: "), "{what}: {text}");
            assert!(!text.contains("dt_very_secret"), "{what}");
        }
        let mut bytes = good;
        bytes[..320].fill(0xff);
        fs::write(&file, &bytes).unwrap();
        let text = export(&file).unwrap();
        for n in 2..=RECORDS_WRITTEN {
            assert!(text.contains(&format!("answer/{n}")), "{n}: {text}");
        }
    }

    #[test]
    fn an_entry_whose_checksum_is_wrong_is_marked() {
        let entry = [&[0; CRC_BYTES], b"{\"v\":1,\"seq\":3,\"record\":\"strays_seen\"}".as_slice()].concat();
        assert!(entry_text(&entry).starts_with("SOMA ERRADA {"));
        assert!(entry_text(b"abcd{\"token\":\"dt_x").contains("NÃO PODE SER LIDO"));
        assert!(!entry_text(b"abcd{\"token\":\"dt_x").contains("dt_x"));
        assert!(entry_text(b"ab").contains("curto demais"));
    }
}
