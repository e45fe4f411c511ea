//! Reading the body of a company: the checks are those of the configuration file.

use protocol::Method;
use protocol::feed::FeedPage;
use protocol::method::{ContractedMethod, Installments};
use serde_json::Value;

use crate::config::company::{
    ANSWER_TIMEOUT_S, ANSWER_TIMEOUT_S_DEFAULT, SECRET_CHARS_MAX, SECRET_KEY_CHARS_MIN, STORE_NAME_CHARS_MAX,
    WEBHOOK_SECRET_CHARS_MIN, is_key, url_problem,
};
use crate::config::subscription::default_types;
use crate::pdv::input::fields::{Fields, Problems};
use crate::registers::{AccountId, KeyHash, Secret, WebhookSettings};
use crate::store::administration::NewCompany;

const METHODS: [(&str, Method); 4] = [
    ("credit", Method::Credit),
    ("debit", Method::Debit),
    ("voucher", Method::Voucher),
    ("pix", Method::Pix),
];
/// Longest address of a webhook, in characters.
const URL_CHARS_MAX: usize = 2_048;

/// A company, or what is wrong with it.
pub fn read(account_id: &AccountId, fields: &Fields<'_>, problems: &mut Problems) -> Option<NewCompany> {
    let store_name = fields.required_text("store_name", STORE_NAME_CHARS_MAX, problems);
    let secret_key = secret_key(fields, problems);
    let webhook = webhook(account_id, fields, problems);
    let methods = methods(fields, problems);
    let wait = fields.integer("feed_wait_s", (1, FeedPage::WAIT_S_MAX.into()), problems);
    let timeout =
        fields.integer("answer_timeout_s", (ANSWER_TIMEOUT_S.0.into(), ANSWER_TIMEOUT_S.1.into()), problems);
    let seconds = |value: Option<u64>, default: u32| {
        value.map_or(default, |value| u32::try_from(value).expect("within the limits just checked"))
    };
    Some(NewCompany {
        account_id: account_id.clone(),
        store_name: store_name?,
        secret_key,
        webhook,
        methods,
        feed_wait_s: seconds(wait, FeedPage::WAIT_S_DEFAULT),
        answer_timeout_s: seconds(timeout, ANSWER_TIMEOUT_S_DEFAULT),
    })
}

/// A secret as it was sent: nothing is trimmed, or the other side would send something else.
fn secret<'v>(fields: &Fields<'v>, key: &str, problems: &mut Problems) -> Option<&'v str> {
    let value = fields.get(key)?;
    let text = value.as_str();
    if text.is_none() {
        problems.add(&fields.path(key), "deve ser um texto entre aspas");
    }
    text
}

fn secret_key(fields: &Fields<'_>, problems: &mut Problems) -> Option<KeyHash> {
    let text = secret(fields, "secret_key", problems)?;
    if !is_key(text) {
        problems.add(
            &fields.path("secret_key"),
            format!(
                "deve ter de {SECRET_KEY_CHARS_MIN} a {SECRET_CHARS_MAX} caracteres sem espaço, acento ou dois-pontos; \
                 gere uma chave aleatória, como a saída de: openssl rand -hex 24"
            ),
        );
        return None;
    }
    Some(KeyHash::of(text))
}

fn webhook(account_id: &AccountId, fields: &Fields<'_>, problems: &mut Problems) -> Option<WebhookSettings> {
    let webhook = fields.object("webhook", problems)?;
    let url = webhook.required_text("url", URL_CHARS_MAX, problems);
    if let Some(problem) = url.as_deref().and_then(url_problem) {
        problems.add(&webhook.path("url"), problem);
    }
    webhook.require("secret", problems);
    let secret = secret(&webhook, "secret", problems);
    if secret.is_some_and(|s| !(WEBHOOK_SECRET_CHARS_MIN..=SECRET_CHARS_MAX).contains(&s.len())) {
        problems.add(
            &webhook.path("secret"),
            format!("deve ter de {WEBHOOK_SECRET_CHARS_MIN} a {SECRET_CHARS_MAX} caracteres"),
        );
    }
    let all = webhook.word("events", &[("default", false), ("all", true)], problems).unwrap_or(false);
    Some(WebhookSettings {
        name: account_id.to_string(),
        url: url?,
        secret: Secret::new(secret?.to_owned()),
        types: if all { Vec::new() } else { default_types() },
    })
}

fn methods(fields: &Fields<'_>, problems: &mut Problems) -> Vec<ContractedMethod> {
    let mut lines: Vec<ContractedMethod> = Vec::new();
    if !fields.require("methods", problems) {
        return lines;
    }
    let listed = fields.list("methods", Method::ALL.len(), problems);
    if listed.is_empty() && problems.is_empty() {
        problems.add(&fields.path("methods"), "deve ter ao menos uma forma de pagamento do contrato");
    }
    for (path, value) in listed {
        let Value::Object(map) = value else {
            problems.add(&path, "deve ser um objeto {…}");
            continue;
        };
        let line = Fields::new(&path, map);
        let Some(found) = method(&line, problems) else { continue };
        if lines.iter().any(|l| l.method == found.method) {
            problems.add(&path, "esta forma de pagamento já está na lista; deixe uma só");
        }
        lines.push(found);
    }
    lines
}

fn method(line: &Fields<'_>, problems: &mut Problems) -> Option<ContractedMethod> {
    line.require("method", problems);
    let method = line.word("method", &METHODS, problems)?;
    let mut installments = |key: &str| {
        let count = line.integer(key, (1, Installments::MAX.into()), problems).unwrap_or(1);
        if count > 1 && method != Method::Credit {
            problems.add(&line.path(key), "só \"credit\" tem parcelas; apague ou envie 1");
        }
        u8::try_from(count).expect("within the limits just checked")
    };
    Some(ContractedMethod {
        method,
        merchant_installments_max: installments("merchant_installments_max"),
        issuer_installments_max: installments("issuer_installments_max"),
    })
}
