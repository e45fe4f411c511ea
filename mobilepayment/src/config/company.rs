//! One `[[company]]`: an establishment with its account, its key, its contract and its terminals.

use std::collections::HashMap;

use protocol::Method;
use protocol::feed::FeedPage;
use protocol::method::{ContractedMethod, Installments};

use super::problem::Problems;
use super::subscription;
use super::table::{Found, Table};
use super::terminal;
use crate::registers::{AccountId, Company, KeyHash, Secret, Terminal, WebhookSettings};

/// Most terminals of one company.
pub(super) const TERMINALS_MAX: usize = 2_000;
/// Shortest secret key: below this a key can be guessed or is a placeholder.
pub(crate) const SECRET_KEY_CHARS_MIN: usize = 24;
/// Shortest webhook secret.
pub(crate) const WEBHOOK_SECRET_CHARS_MIN: usize = 16;
/// Longest secret: what fits any HTTP header.
pub(crate) const SECRET_CHARS_MAX: usize = 256;
/// Longest store name: what fits a terminal's title line.
pub(crate) const STORE_NAME_CHARS_MAX: usize = 64;
/// How long the acquirer's app may stay silent, in seconds: a Pix is waited for up to 5 minutes, and the operator needs
/// a moment to answer.
pub(crate) const ANSWER_TIMEOUT_S_DEFAULT: u32 = 420;
/// Below a minute a slow card would end in doubt; above half an hour an order would be blocked for no reason.
pub(crate) const ANSWER_TIMEOUT_S: (u32, u32) = (60, 1_800);

const KEYS: [&str; 10] = [
    "account_id",
    "store_name",
    "secret_key",
    "webhook_url",
    "webhook_secret",
    "webhook_events",
    "feed_wait_s",
    "answer_timeout_s",
    "method",
    "terminal",
];

/// What may occur only once in the whole file, with the place where it was first seen.
#[derive(Default)]
pub(super) struct Seen {
    accounts: HashMap<String, usize>,
    pub(super) secret_keys: HashMap<String, usize>,
    /// By upper case: two serial numbers that differ only in case are one label read twice.
    pub(super) serials: HashMap<String, usize>,
}

/// `Some` when nothing is wrong with the company itself; its terminals come along only then. `administered`: terminals may
/// be registered later.
pub(super) fn read(
    table: &Table<'_>,
    administered: bool,
    seen: &mut Seen,
    problems: &mut Problems<'_>,
) -> (Option<Company>, Vec<Terminal>) {
    table.refuse_unknown(&KEYS, problems);
    let account_id = account_id(table, seen, problems);
    let store_name = store_name(table, problems);
    let secret_key = secret_key(table, seen, problems);
    let webhook = webhook(table, account_id.as_ref(), problems);
    let methods = methods(table, problems);
    let feed_wait_s =
        table.number("feed_wait_s", (1, FeedPage::WAIT_S_MAX), FeedPage::WAIT_S_DEFAULT, problems);
    let answer_timeout_s =
        table.number("answer_timeout_s", ANSWER_TIMEOUT_S, ANSWER_TIMEOUT_S_DEFAULT, problems);

    let sections = table.list("terminal", "[[company.terminal]]", TERMINALS_MAX, problems);
    if sections.is_empty() && table.get("terminal").is_none() && !administered {
        problems.add(
            table.start(),
            "a empresa não tem terminal; escreva uma seção [[company.terminal]]".to_owned(),
        );
    }
    let terminals =
        sections.iter().filter_map(|t| terminal::read(t, account_id.as_ref(), seen, problems)).collect();
    let (Some(account_id), Some(store_name), Some(secret_key)) = (account_id, store_name, secret_key) else {
        return (None, Vec::new());
    };
    let company = Company {
        account_id,
        store_name,
        secret_key,
        webhooks: webhook.into_iter().collect(),
        methods,
        feed_wait_s,
        answer_timeout_s,
    };
    (Some(company), terminals)
}

fn account_id(table: &Table<'_>, seen: &mut Seen, problems: &mut Problems<'_>) -> Option<AccountId> {
    let found = table.required_text("account_id", "acc_minhaloja", problems)?;
    let Ok(id) = AccountId::parse(found.value) else {
        let message =
            "\"account_id\" deve ter de 1 a 64 letras sem acento, números, _ ou -, como \"acc_minhaloja\"";
        problems.add(found.at, message.to_owned());
        return None;
    };
    once(&mut seen.accounts, found, "este account_id", problems).then_some(id)
}

fn store_name(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<String> {
    let found = table.required_text("store_name", "Loja Exemplo", problems)?;
    let name = found.value.trim();
    let length = name.chars().count();
    if length == 0 || length > STORE_NAME_CHARS_MAX || name.chars().any(char::is_control) {
        problems.add(
            found.at,
            format!("\"store_name\" deve ter de 1 a {STORE_NAME_CHARS_MAX} caracteres em uma linha"),
        );
        return None;
    }
    Some(name.to_owned())
}

fn secret_key(table: &Table<'_>, seen: &mut Seen, problems: &mut Problems<'_>) -> Option<KeyHash> {
    let found = table.required_text("secret_key", "sk_…", problems)?;
    if !is_key(found.value) {
        problems.add(
            found.at,
            format!(
                "\"secret_key\" deve ter de {SECRET_KEY_CHARS_MIN} a {SECRET_CHARS_MAX} caracteres sem espaço, \
                 acento ou dois-pontos; gere uma chave aleatória, como a saída de: openssl rand -hex 24"
            ),
        );
        return None;
    }
    once(&mut seen.secret_keys, found, "esta secret_key", problems).then(|| KeyHash::of(found.value))
}

/// Whether it can be the user of basic auth and nobody guesses it.
pub(crate) fn is_key(text: &str) -> bool {
    let clean = text.bytes().all(|b| b.is_ascii_graphic() && b != b':');
    clean && (SECRET_KEY_CHARS_MIN..=SECRET_CHARS_MAX).contains(&text.len())
}

/// Whether it is seen for the first time. The message does not repeat the value: it may be a secret.
pub(super) fn once(
    seen: &mut HashMap<String, usize>,
    found: Found<&str>,
    what: &str,
    problems: &mut Problems<'_>,
) -> bool {
    if let Some(first) = seen.get(found.value) {
        let message = format!(
            "{what} já foi usado na linha {}; cada um só pode aparecer uma vez",
            problems.line(*first)
        );
        problems.add(found.at, message);
        return false;
    }
    seen.insert(found.value.to_owned(), found.at);
    true
}

fn webhook(
    table: &Table<'_>,
    account_id: Option<&AccountId>,
    problems: &mut Problems<'_>,
) -> Option<WebhookSettings> {
    let url = table.text("webhook_url", problems);
    let secret = table.text("webhook_secret", problems);
    let events = table.text("webhook_events", problems);
    let Some(url) = url else {
        for orphan in [secret, events].into_iter().flatten() {
            problems.add(
                orphan.at,
                "falta \"webhook_url\" nesta empresa; escreva o endereço que recebe os eventos ou apague esta linha"
                    .to_owned(),
            );
        }
        return None;
    };
    let url_is_good = check_url(url, problems);
    let all = match events {
        None => false,
        Some(Found { value: "default", .. }) => false,
        Some(Found { value: "all", .. }) => true,
        Some(other) => {
            problems.add(other.at, "\"webhook_events\" deve ser \"default\" ou \"all\"".to_owned());
            false
        }
    };
    let Some(secret) = secret else {
        problems.add(
            url.at,
            "falta \"webhook_secret\": sem ela o PDV não sabe se o evento veio deste serviço; gere uma com: openssl rand -hex 24"
                .to_owned(),
        );
        return None;
    };
    if !(WEBHOOK_SECRET_CHARS_MIN..=SECRET_CHARS_MAX).contains(&secret.value.len()) {
        problems.add(
            secret.at,
            format!(
                "\"webhook_secret\" deve ter de {WEBHOOK_SECRET_CHARS_MIN} a {SECRET_CHARS_MAX} caracteres"
            ),
        );
        return None;
    }
    (url_is_good).then_some(())?;
    Some(WebhookSettings {
        name: account_id?.to_string(),
        url: url.value.to_owned(),
        secret: Secret::new(secret.value.to_owned()),
        types: if all { Vec::new() } else { subscription::default_types() },
    })
}

fn check_url(found: Found<&str>, problems: &mut Problems<'_>) -> bool {
    let problem = url_problem(found.value);
    if let Some(problem) = problem {
        problems.add(found.at, format!("\"webhook_url\" {problem}"));
    }
    problem.is_none()
}

/// What is wrong with a webhook's address, to be read behind its name.
pub(crate) fn url_problem(text: &str) -> Option<&'static str> {
    let Ok(url) = url::Url::parse(text) else {
        return Some("não é um endereço; escreva como \"https://pdv.exemplo.com.br/eventos\"");
    };
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => {
            return Some("não diz o servidor; escreva como \"https://pdv.exemplo.com.br/eventos\"");
        }
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Some("deve começar com https://; http:// só vale para este mesmo computador (127.0.0.1)");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("não pode levar usuário e senha; a assinatura do evento já o protege");
    }
    None
}

fn methods(table: &Table<'_>, problems: &mut Problems<'_>) -> Vec<ContractedMethod> {
    let sections = table.list("method", "[[company.method]]", Method::ALL.len(), problems);
    if sections.is_empty() && table.get("method").is_none() {
        problems.add(
            table.start(),
            "a empresa não tem forma de pagamento; escreva uma seção [[company.method]] para cada uma do contrato".to_owned(),
        );
    }
    let mut lines: Vec<ContractedMethod> = Vec::new();
    for section in &sections {
        if let Some(line) = method(section, problems) {
            if lines.iter().any(|l| l.method == line.method) {
                problems.add(
                    section.at("method"),
                    "esta forma de pagamento já está no contrato da empresa; deixe uma só seção".to_owned(),
                );
            }
            lines.push(line);
        }
    }
    lines
}

fn method(section: &Table<'_>, problems: &mut Problems<'_>) -> Option<ContractedMethod> {
    section.refuse_unknown(&["method", "merchant_installments_max", "issuer_installments_max"], problems);
    let found = section.required_text("method", "credit", problems)?;
    let method = match found.value {
        "credit" => Method::Credit,
        "debit" => Method::Debit,
        "voucher" => Method::Voucher,
        "pix" => Method::Pix,
        _ => {
            problems.add(
                found.at,
                "\"method\" deve ser \"credit\", \"debit\", \"voucher\" ou \"pix\"".to_owned(),
            );
            return None;
        }
    };
    let most = if method == Method::Credit { Installments::MAX } else { 1 };
    let mut installments = |key| {
        let count = section.number(key, (1, u32::from(Installments::MAX)), 1, problems);
        if count > u32::from(most) {
            problems
                .add(section.at(key), format!("só \"credit\" tem parcelas; apague \"{key}\" ou escreva 1"));
        }
        u8::try_from(count.min(u32::from(most))).expect("at most Installments::MAX")
    };
    Some(ContractedMethod {
        method,
        merchant_installments_max: installments("merchant_installments_max"),
        issuer_installments_max: installments("issuer_installments_max"),
    })
}
