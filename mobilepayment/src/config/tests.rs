//! Goal: a wrong file is told line by line, all at once, and a right one becomes registers.

use super::{load, parse};
use crate::registers::{AccountId, KeyHash, Model};
use protocol::{Method, Serial};

/// A file in which nothing is wrong; each line is known by its number.
const GOOD: &str = r#"[[company]]
account_id = "acc_um"
store_name = "Loja Um"
secret_key = "sk_0123456789abcdef01234567"
webhook_url = "http://127.0.0.1:9000/eventos"
webhook_secret = "whsec_0123456789"

[[company.method]]
method = "credit"
merchant_installments_max = 6

[[company.method]]
method = "pix"

[[company.terminal]]
serial = "PB0419AL60480"
model = "L3"
acquirer_cnpj = "16.501.555/0001-57"
description = "Balcão 1"

[[company.terminal]]
serial = "P2-0001"
model = "P2"
acquirer_cnpj = "12ABC34501DE35"

[[company]]
account_id = "acc_dois"
store_name = "Loja Dois"
secret_key = "sk_fedcba987654321001234567"
[[company.method]]
method = "debit"
[[company.terminal]]
serial = "A8-0001"
model = "A8"
acquirer_cnpj = "16501555000157"
delivery = false
"#;

#[test]
fn a_right_file_becomes_registers() {
    let registers = parse("pos.toml", GOOD).unwrap().registers;
    let one = registers.company(&AccountId::parse("acc_um").unwrap()).unwrap();
    assert_eq!(one.store_name, "Loja Um");
    assert_eq!(one.methods.len(), 2);
    assert_eq!(one.methods[0].method, Method::Credit);
    assert_eq!((one.methods[0].merchant_installments_max, one.methods[0].issuer_installments_max), (6, 1));
    assert_eq!(one.webhooks.len(), 1);
    assert!(one.webhooks[0].types.contains(&"charge.paid".to_owned()));
    assert!(!format!("{one:?}").contains("sk_"), "a secret in Debug");
    let p2 = registers.terminal(&Serial::parse("P2-0001").unwrap()).unwrap();
    assert_eq!((p2.model, p2.delivery, p2.counter), (Model::P2, true, false));
    let a8 = registers.terminal(&Serial::parse("A8-0001").unwrap()).unwrap();
    assert_eq!((a8.delivery, a8.counter), (false, true));
}

#[test]
fn each_wrong_line_is_named_with_what_to_write_instead() {
    // line replaced, new text, line named, part of the message
    let table: &[(usize, &str, usize, &str)] = &[
        (2, r#"account_id = "loja um""#, 2, "1 a 64 letras"),
        (2, "account_id = 7", 2, "texto entre aspas"),
        (2, "", 1, "falta \"account_id\""),
        (3, r#"store_name = "  ""#, 3, "1 a 64 caracteres"),
        (4, r#"secret_key = "sk_curta""#, 4, "24 a 256"),
        (4, r#"secret_key = "sk_0123456789:abcdef01234567""#, 4, "dois-pontos"),
        (4, "", 1, "falta \"secret_key\""),
        (5, r#"webhook_url = "http://pdv.exemplo.com.br/x""#, 5, "https://"),
        (5, r#"webhook_url = "ftp://127.0.0.1/x""#, 5, "https://"),
        (5, r#"webhook_url = "https://u:s@pdv.exemplo.com.br""#, 5, "usuário e senha"),
        (5, r#"webhook_url = "eventos""#, 5, "não é um endereço"),
        (5, "", 6, "falta \"webhook_url\""),
        (6, "", 5, "falta \"webhook_secret\""),
        (6, r#"webhook_secret = "curta""#, 6, "16 a 256"),
        (7, r#"webhook_events = "tudo""#, 7, "\"default\" ou \"all\""),
        (7, "feed_wait_s = 56", 7, "de 1 a 55"),
        (7, "feed_wait_s = \"25\"", 7, "sem aspas"),
        (7, "answer_timeout_s = 5", 7, "de 60 a 1800"),
        (7, "websocket = true", 7, "chave desconhecida \"websocket\""),
        (9, r#"method = "boleto""#, 9, "\"credit\", \"debit\""),
        (9, "", 8, "falta \"method\""),
        (10, "merchant_installments_max = 19", 10, "de 1 a 18"),
        (10, "merchant_installments_max = -1", 10, "de 1 a 18"),
        (13, "method = \"pix\"\nissuer_installments_max = 2", 14, "só \"credit\" tem parcelas"),
        (13, r#"method = "credit""#, 13, "já está no contrato"),
        (16, r#"serial = "a""#, 16, "3 a 32"),
        (16, "", 15, "falta \"serial\""),
        (16, r#"serial = "p2-0001""#, 22, "já foi usado na linha 16"),
        (16, r#"serial = "A8-0001""#, 33, "já foi usado na linha 16"),
        (17, r#"model = "L300""#, 17, "\"L3\", \"A8\" ou \"P2\""),
        (18, r#"acquirer_cnpj = "16.501.555/0001-58""#, 18, "CNPJ válido"),
        (23, "model = \"P2\"\ncounter = true", 24, "só para delivery"),
        (27, r#"account_id = "acc_um""#, 27, "já foi usado na linha 2"),
        (29, r#"secret_key = "sk_0123456789abcdef01234567""#, 29, "já foi usado na linha 4"),
        (36, "delivery = false\ncounter = false", 36, "não tem uso"),
        (36, "delivery = \"sim\"", 36, "true ou false"),
        (1, "[company]", 26, "TOML válido"),
        (3, "store_name = \"Loja", 3, "TOML válido"),
    ];
    for (line, text, expected_line, expected) in table {
        let file = replaced(*line, text);
        let errors = parse("pos.toml", &file).expect_err(text);
        let found = errors.problems();
        assert!(
            found.iter().any(|p| p.line == *expected_line && p.message.contains(expected)),
            "{text:?}: expected {expected_line}: {expected}\n{errors}"
        );
        if !expected.contains("TOML") {
            assert_eq!(found.len(), 1, "{text:?} is one mistake\n{errors}");
        }
        assert!(!errors.to_string().contains("sk_0123456789"), "a secret in a message");
    }
}

fn replaced(line: usize, text: &str) -> String {
    let lines = GOOD.lines().enumerate();
    lines.map(|(i, old)| if i + 1 == line { format!("{text}\n") } else { format!("{old}\n") }).collect()
}

#[test]
fn everything_wrong_is_told_at_once() {
    let file = GOOD
        .replace("\"L3\"", "\"L4\"")
        .replace("acc_dois", "acc_um")
        .replace("Loja Um", "")
        .replace("16501555000157", "1");
    let lines: Vec<usize> = parse("pos.toml", &file).unwrap_err().problems().iter().map(|p| p.line).collect();
    assert_eq!(lines, [3, 17, 27, 35]);
}

#[test]
fn a_file_that_says_nothing_is_refused() {
    for (text, expected) in [
        ("", "não há empresa"),
        ("company = 1", "dois colchetes"),
        ("company = []", "de 1 a"),
        ("company = [1]", "uma seção [[company]]"),
        ("[[company]]\nmethod = 1", "dois colchetes"),
        ("[[company]]", "não tem terminal"),
    ] {
        let errors = parse("pos.toml", text).unwrap_err().to_string();
        assert!(errors.contains(expected), "{text}: {errors}");
    }
}

#[test]
fn a_message_begins_with_file_and_line() {
    let errors = parse("pos.toml", &replaced(17, r#"model = "X""#)).unwrap_err();
    assert!(errors.to_string().starts_with("pos.toml:17: \"model\" deve ser"), "{errors}");
}

#[test]
fn a_file_that_cannot_be_read_is_told_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("falta.toml");
    assert!(load(&missing).unwrap_err().to_string().contains("falta.toml: não foi possível abrir"));
    let not_text = dir.path().join("binario.toml");
    std::fs::write(&not_text, [0xff, 0xfe]).unwrap();
    assert!(load(&not_text).unwrap_err().to_string().contains("UTF-8"));
    let good = dir.path().join("pos.toml");
    std::fs::write(&good, GOOD).unwrap();
    assert_eq!(load(&good).unwrap().registers.companies().count(), 2);
}

const ADMIN_KEY: &str = "adm_0123456789abcdef01234567";

#[test]
fn with_an_admin_key_companies_and_terminals_may_come_later() {
    let file = format!("admin_key = \"{ADMIN_KEY}\"\npublic_address = \"https://pos.exemplo.com.br/\"\n");
    let read = parse("pos.toml", &file).unwrap();
    assert_eq!(read.admin_key, Some(KeyHash::of(ADMIN_KEY)));
    assert_eq!(read.public_address.as_deref(), Some("https://pos.exemplo.com.br"));
    assert_eq!(read.registers.companies().count(), 0);
    let company = "[[company]]\naccount_id = \"acc_um\"\nstore_name = \"Loja\"\n\
                   secret_key = \"sk_0123456789abcdef01234567\"\n[[company.method]]\nmethod = \"debit\"\n";
    assert_eq!(parse("pos.toml", &format!("{file}{company}")).unwrap().registers.companies().count(), 1);
    assert!(parse("pos.toml", company).is_err(), "without the key a company without terminals is a mistake");
    assert!(parse("pos.toml", GOOD).unwrap().admin_key.is_none());
}

#[test]
fn a_wrong_key_or_address_of_the_administration_is_named() {
    for (lines, expected) in [
        ("admin_key = \"curta\"", "\"admin_key\" deve ter de 24 a 256"),
        ("admin_key = \"adm_0123456789:bcdef01234567\"", "dois-pontos"),
        ("admin_key = \"sk_0123456789abcdef01234567\"", "já foi usado na linha 1"),
        ("public_address = \"pos.exemplo\"", "\"public_address\" deve ser o endereço"),
        ("public_address = \"https://u:s@pos.exemplo.com.br\"", "sem usuário"),
    ] {
        let errors = parse("pos.toml", &format!("{lines}\n{GOOD}")).expect_err(lines).to_string();
        assert!(errors.contains(expected), "{lines}: {errors}");
    }
}
